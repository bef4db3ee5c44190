"""Typed options of objects: each is sent as the field that EMQX documents, by create and by update."""

from typing import Any

import pytest

from tests.conftest import Run
from tests.support.sent_options import send_creation, send_update, set_fields

IDENTITY = frozenset({"id", "name", "type", "topic_filter"})
Options = dict[str, dict[str, Any]]
RATES = ("messages", "bytes", "delivery_messages", "delivery_bytes")
LISTENER_OPTIONS: Options = {
    "--max-conn-rate 500/s": {"max_conn_rate": "500/s"},
    "--max-conn-burst 100/1m": {"max_conn_burst": "100/1m"},
    **{f"--{name.replace('_', '-')}-rate 5MB/1s": {f"{name}_rate": "5MB/1s"} for name in RATES},
    **{f"--{name.replace('_', '-')}-burst 6MB/1m": {f"{name}_burst": "6MB/1m"} for name in RATES},
    "--tcp-backend socket": {"tcp_backend": "socket"},
    "--enable-authn quick_deny_anonymous": {"enable_authn": "quick_deny_anonymous"},
    "--enable-authn false": {"enable_authn": False},
    "--acceptors 8": {"acceptors": 8},
    "--mountpoint a/": {"mountpoint": "a/"},
    "--zone z": {"zone": "z"},
    "--proxy-protocol --proxy-protocol-timeout 4s": {
        "proxy_protocol": True,
        "proxy_protocol_timeout": "4s",
    },
}
# The object of a group: its creation, its update, the path, and what is sent without options.
OBJECTS: list[tuple[str, str, str, dict[str, Any], Options]] = [
    (
        "listeners {} tcp:a --bind 1884",
        "POST /listeners",
        "/listeners/tcp%3Aa",
        {"type": "tcp", "name": "a", "bind": "1884"},
        LISTENER_OPTIONS,
    ),
    (
        "listeners {} ssl:a --bind 1884",
        "POST /listeners",
        "/listeners/ssl%3Aa",
        {"type": "ssl", "name": "a", "bind": "1884"},
        {
            "--certfile c.pem --keyfile k.pem --cacertfile a.pem --verify verify_peer": {
                "ssl_options.certfile": "c.pem",
                "ssl_options.keyfile": "k.pem",
                "ssl_options.cacertfile": "a.pem",
                "ssl_options.verify": "verify_peer",
            },
        },
    ),
    (
        "gateways listeners {} stomp tcp:a --bind 61613",
        "POST /gateways/stomp/listeners",
        "/gateways/stomp/listeners/stomp%3Atcp%3Aa",
        {"type": "tcp", "name": "a", "bind": "61613"},
        {
            "--max-conn-rate 50": {"max_conn_rate": 50},
            "--no-enable-authn": {"enable_authn": False},
            "--acceptors 4": {"acceptors": 4},
            "--access-rules 'allow all' --access-rules 'deny 10.0.0.1'": {
                "access_rules": ["allow all", "deny 10.0.0.1"]
            },
            "--proxy-protocol --proxy-protocol-timeout 4s": {
                "proxy_protocol": True,
                "proxy_protocol_timeout": "4s",
            },
        },
    ),
    (
        "bridges {} mqtt:a --server a:1883",
        "POST /bridges",
        "/bridges/mqtt%3Aa",
        {"type": "mqtt", "name": "a", "server": "a:1883"},
        {"--no-enable": {"enable": False}},
    ),
    (
        "rules {} a --sql 'SELECT 1'",
        "POST /rules",
        "/rules/a",
        {"id": "a", "sql": "SELECT 1"},
        {
            "--name n --description d": {"name": "n", "description": "d"},
            "--no-enable": {"enable": False},
        },
    ),
    (
        "exhooks {} a --server http://h:9000",
        "POST /exhooks",
        "/exhooks/a",
        {"name": "a", "url": "http://h:9000"},
        {
            "--auto-reconnect 30s": {"auto_reconnect": "30s"},
            "--auto-reconnect false": {"auto_reconnect": False},
            "--request-timeout 3s --pool-size 2": {"request_timeout": "3s", "pool_size": 2},
        },
    ),
    (
        "message-queues {} a",
        "POST /queues",
        "/queue/a",
        {"name": "a", "topic_filter": "a"},
        {
            "--lastvalue --key-expression message.from": {
                "is_lastvalue": True,
                "key_expression": "message.from",
            },
            "--retention 2d": {"data_retention_period": "2d"},
            "--max-shard-messages 500": {"limits.max_shard_message_count": 500},
            "--max-shard-messages infinity": {"limits.max_shard_message_count": "infinity"},
            "--max-shard-bytes 32MB": {"limits.max_shard_message_bytes": "32MB"},
            "--dispatch-strategy random": {"dispatch_strategy": "random"},
        },
    ),
    (
        "streams {} a",
        "POST /streams",
        "/stream/a",
        {"name": "a", "topic_filter": "a"},
        {
            "--lastvalue --key-expression message.from": {
                "is_lastvalue": True,
                "key_expression": "message.from",
            },
            "--retention 2d": {"data_retention_period": "2d"},
            "--max-shard-messages 500": {"limits.max_shard_message_count": 500},
            "--max-shard-bytes 32MB": {"limits.max_shard_message_bytes": "32MB"},
        },
    ),
    (
        "cluster-links {} a --server b:1883 --topic t/#",
        "POST /cluster/links",
        "/cluster/links/link/a",
        {"name": "a", "server": "b:1883", "topics": ["t/#"]},
        {
            "--max-inflight 20 --pool-size 4": {"max_inflight": 20, "pool_size": 4},
            "--retry-interval 20s": {"retry_interval": "20s"},
            "--tls --clientid p": {"ssl.enable": True, "clientid": "p"},
            "--username u --password-file -": {"username": "u", "password": "pw"},
        },
    ),
    (
        "ai providers {} a --type anthropic --key-file -",
        "POST /ai/providers",
        "/ai/providers/a",
        {"name": "a", "type": "anthropic", "api_key": "pw"},
        {
            "--anthropic-version 2023-06-01": {"anthropic_version": "2023-06-01"},
            "--base-url http://llm": {"base_url": "http://llm"},
        },
    ),
    (
        "ai profiles {} a --type anthropic --provider p",
        "POST /ai/completion_profiles",
        "/ai/completion_profiles/a",
        {"name": "a", "type": "anthropic", "provider_name": "p"},
        {"--system-prompt 'Be brief' --max-tokens 50": {"system_prompt": "Be brief", "max_tokens": 50}},
    ),
    (
        "actions {} http:a --connector c",
        "POST /actions",
        "/actions/http%3Aa",
        {"type": "http", "name": "a", "connector": "c"},
        {
            "--method put --path /x --body '{}' --description d --tag x --tag y --request-ttl 30s": {
                "parameters": {"method": "put", "path": "/x", "body": "{}"},
                "description": "d",
                "tags": ["x", "y"],
                "resource_opts.request_ttl": "30s",
            },
        },
    ),
    (
        "actions {} mqtt:a --connector c",
        "POST /actions",
        "/actions/mqtt%3Aa",
        {"type": "mqtt", "name": "a", "connector": "c"},
        {
            "--topic t/1 --qos 1 --payload '${payload}' --request-ttl infinity": {
                "parameters": {"topic": "t/1", "qos": 1, "payload": "${payload}"},
                "resource_opts.request_ttl": "infinity",
            },
        },
    ),
    (
        "sources {} mqtt:a --connector c --topic t/1",
        "POST /sources",
        "/sources/mqtt%3Aa",
        {"type": "mqtt", "name": "a", "connector": "c", "parameters": {"topic": "t/1"}},
        {"--qos 2 --description d --tag x": {"parameters.qos": 2, "description": "d", "tags": ["x"]}},
    ),
]


@pytest.mark.parametrize(
    ("command", "creation", "path", "body", "options", "fields"),
    [
        (command, creation, path, body, options, fields)
        for command, creation, path, body, rows in OBJECTS
        for options, fields in rows.items()
    ],
    ids=[f"{command.partition(' {}')[0]} {options}" for command, *_, rows in OBJECTS for options in rows],
)
def test_an_option_is_sent_as_its_field(
    run: Run,
    command: str,
    creation: str,
    path: str,
    body: dict[str, Any],
    options: str,
    fields: dict[str, Any],
) -> None:
    only_creation = " --topic-filter a" if "topic_filter" in body else ""
    line = f"{command.format('create')}{only_creation} {options}"
    sent = send_creation(run, line, creation, stdin=b"pw\n")
    assert sent == set_fields(body, fields)
    line = f"{command.format('update')} {options}"
    sent = send_update(run, line, body, path, stdin=b"pw\n")
    assert without_identity(sent) == without_identity(set_fields(body, fields))


def without_identity(body: dict[str, Any]) -> dict[str, Any]:
    """Return a body without what the path of a PUT names, which only some objects repeat."""
    return {name: value for name, value in body.items() if name not in IDENTITY}
