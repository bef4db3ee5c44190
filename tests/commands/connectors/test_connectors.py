"""`emqxctl connectors`: the table, the typed options, what EMQX says against a body."""

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import replay
from tests.support.sent_options import send_creation, send_update, set_fields

REFUSED = ("Connection", "refused")


def test_the_table_shows_what_works_and_who_needs_it(run: Run) -> None:
    outcome = replay(run, [find_exchange("GET /connectors", "plain")], "connectors", "list")
    lines = outcome.result.out.splitlines()
    assert lines[0].split() == ["ID", "ENABLED", "STATUS", "ACTIONS", "SOURCES", "REASON"]
    row = next(line for line in lines if line.startswith("mqtt:dead-broker"))
    assert row.split() == ["mqtt:dead-broker", "true", "disconnected", "forward-dead", "from-dead", *REFUSED]


def test_a_long_reason_is_one_sentence_in_a_table_and_whole_in_json(run: Run) -> None:
    exchange = find_exchange("GET /connectors", "plain")
    reason = next(row["status_reason"] for row in exchange.body if row["name"] == "dead-broker")
    assert ". " in reason
    outcome = replay(run, [exchange], "connectors", "list", "--json")
    assert reason in {row.get("status_reason") for row in outcome.result.json}


def test_secrets_come_from_files(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "secret.toml"
    file.write_text('password = "wrong"\n')
    answer = find_exchange("POST /connectors", "mqtt with bad credentials")
    words = (
        *(
            "connectors",
            "create",
            "mqtt:rec-badpw",
            "--server",
            "127.0.0.1:2883",
            "--username",
            "bridge-user",
        ),
        *("--pool-size", "1", "-f", str(file)),
    )
    outcome = replay(run, [answer], *words)
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.bodies == [answer.request["body"]]
    assert "its status is disconnected: Bad username or password" in outcome.result.err


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("already exists", "already exists"),
        ("enterprise type", "unknown connector type"),
        ("bad name", "must begin with a letter or number"),
        ("no url", "url: required field is missing"),
        ("bad url", "Missing scheme in URL"),
        ("several errors", "unknown field"),
    ],
)
def test_what_emqx_refuses_is_exit_7_in_plain_words(run: Run, title: str, text: str) -> None:
    outcome = replay(
        run, [find_exchange("POST /connectors", title)], "connectors", "create", "http:x", "--target-url", "u"
    )
    assert (outcome.result.code, outcome.result.out) == (7, "")
    assert text in outcome.result.err
    assert '\\"' not in outcome.result.err


def test_verify_is_one_of_two(run: Run) -> None:
    outcome = replay(run, [], "connectors", "create", "http:x", "--verify", "perhaps")
    assert (outcome.result.code, outcome.calls) == (2, [])


def test_tls_is_nested(run: Run) -> None:
    outcome = replay(
        run,
        [find_exchange("POST /connectors", "http, reachable")],
        *("connectors", "create", "http:x", "--target-url", "https://a", "--tls", "--verify", "verify_peer"),
    )
    assert outcome.bodies[0]["ssl"] == {"enable": True, "verify": "verify_peer"}


def test_the_url_of_the_cluster_is_not_taken_for_that_of_a_connector(run: Run) -> None:
    replayed = replay(run, [], "connectors", "create", "http:w", "--url", "http://wh:8080")
    assert (replayed.result.code, replayed.calls) == (2, [])
    assert "did you mean --target-url http://wh:8080?" in replayed.result.err
    replayed = replay(run, [], "exhooks", "create", "audit", "--url", "http://10.0.0.9:9000")
    assert (replayed.result.code, replayed.calls) == (2, [])
    assert "did you mean --server http://10.0.0.9:9000?" in replayed.result.err


TYPES: list[tuple[str, str, dict[str, Any]]] = [
    (
        "mqtt",
        (
            "--server a:1883 --clientid-prefix p --proto-ver v5 --keepalive 90s --no-clean-start"
            " --connect-timeout 12s --pool-size 3 --description d --tag x --tag y"
        ),
        {
            "server": "a:1883",
            "clientid_prefix": "p",
            "proto_ver": "v5",
            "keepalive": "90s",
            "clean_start": False,
            "connect_timeout": "12s",
            "pool_size": 3,
            "description": "d",
            "tags": ["x", "y"],
        },
    ),
    (
        "http",
        (
            "--target-url https://a --connect-timeout 12s --tls --cacertfile /c --certfile /d --keyfile /k"
            " --verify verify_peer"
        ),
        {
            "url": "https://a",
            "connect_timeout": "12s",
            "ssl.enable": True,
            "ssl.cacertfile": "/c",
            "ssl.certfile": "/d",
            "ssl.keyfile": "/k",
            "ssl.verify": "verify_peer",
        },
    ),
    (
        "mysql",
        "--server a:3306 --database 7 --username u --password-file -",
        {"server": "a:3306", "database": "7", "username": "u", "password": "pw"},
    ),
    (
        "redis",
        (
            "--set parameters.redis_type=single --server r:6379 --database 3 --username u --password-file -"
            " --pool-size 4"
        ),
        {
            "parameters": {
                "redis_type": "single",
                "server": "r:6379",
                "database": 3,
                "username": "u",
                "password": "pw",
                "pool_size": 4,
            }
        },
    ),
    (
        "redis",
        "--set parameters.redis_type=cluster --servers r1:6379,r2:6379",
        {"parameters": {"redis_type": "cluster", "servers": "r1:6379,r2:6379"}},
    ),
    (
        "mongodb",
        "--set parameters.mongo_type=sharded --servers m1:1,m2:1 --database d --username u",
        {
            "parameters": {"mongo_type": "sharded", "servers": "m1:1,m2:1"},
            "database": "d",
            "username": "u",
        },
    ),
    (
        "mongodb",
        "--set parameters.mongo_type=single --server m1:1 --database d",
        {"parameters": {"mongo_type": "single", "server": "m1:1"}, "database": "d"},
    ),
    (
        "influxdb",
        (
            "--set parameters.influxdb_type=influxdb_api_v1 --server i:8086 --database d --username u"
            " --password-file - --pool-size 2"
        ),
        {
            "parameters": {
                "influxdb_type": "influxdb_api_v1",
                "database": "d",
                "username": "u",
                "password": "pw",
            },
            "server": "i:8086",
            "pool_size": 2,
        },
    ),
    (
        "kafka_producer",
        (
            "--bootstrap-hosts k1:9092,k2:9092 --set authentication.mechanism=scram_sha_256 --username u"
            " --password-file - --connect-timeout 5s"
        ),
        {
            "bootstrap_hosts": "k1:9092,k2:9092",
            "connect_timeout": "5s",
            "authentication": {"mechanism": "scram_sha_256", "username": "u", "password": "pw"},
        },
    ),
    (
        "pulsar",
        "--servers pulsar://p1:6650 --username u --password-file -",
        {"servers": "pulsar://p1:6650", "authentication": {"username": "u", "password": "pw"}},
    ),
    (
        "elasticsearch",
        "--server e:9200 --username u --password-file -",
        {"server": "e:9200", "authentication": {"username": "u", "password": "pw"}},
    ),
]
OTHERS: dict[str, dict[str, Any]] = {
    "pulsar": {"authentication": "none"},
    "redis": {"parameters": {"redis_type": "single"}},
}


@pytest.mark.parametrize(
    ("kind", "options", "fields"), TYPES, ids=[f"{kind} {options[:30]}" for kind, options, _ in TYPES]
)
def test_options_of_connectors_are_sent_as_fields(
    run: Run, kind: str, options: str, fields: dict[str, Any]
) -> None:
    identity = {"type": kind, "name": "a"}
    body = send_creation(run, f"connectors create {kind}:a {options}", "POST /connectors", stdin=b"pw\n")
    assert body == set_fields(identity, fields)
    # Changes are merged into the existing connector; PUT names it in its path alone.
    before = {**identity, "resource_opts": {"health_check_interval": "15s"}, **OTHERS.get(kind, {})}
    after = {**before, **set_fields({}, fields)}
    path = f"/connectors/{kind}%3Aa"
    body = send_update(run, f"connectors update {kind}:a {options}", before, path, stdin=b"pw\n")
    assert {**identity, **body} == after
    body = send_update(
        run, f"connectors test {kind}:a {options}", before, path, "POST /connectors_probe", stdin=b"pw\n"
    )
    assert body == after
