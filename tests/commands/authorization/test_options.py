"""Typed options of authorization: each is sent as the field that EMQX documents."""

from typing import Any

import pytest

from tests.conftest import Run
from tests.support.sent_options import send_creation, send_update, set_fields

SOURCES: list[tuple[str, str, dict[str, Any]]] = [
    ("built_in_database", "--max-rules 50 --no-enable", {"max_rules": 50, "enable": False}),
    (
        "mysql",
        (
            "--server db:3306 --database 12 --sql 'SELECT 1' --query-timeout 4s --connect-timeout 11s"
            " --pool-size 6 --tls --cacertfile /etc/ca.pem --verify verify_none"
        ),
        {
            "server": "db:3306",
            "database": "12",
            "query": "SELECT 1",
            "query_timeout": "4s",
            "connect_timeout": "11s",
            "pool_size": 6,
            "ssl": {"enable": True, "cacertfile": "/etc/ca.pem", "verify": "verify_none"},
        },
    ),
    (
        "redis",
        "--redis-type sentinel --servers r1:1,r2:1 --sentinel main --database 4 --cmd 'HGETALL a'",
        {
            "redis_type": "sentinel",
            "servers": "r1:1,r2:1",
            "sentinel": "main",
            "database": 4,
            "cmd": "HGETALL a",
        },
    ),
    (
        "mongodb",
        (
            "--mongo-type rs --replica-set rs0 --servers m1:1,m2:1 --collection acl --database mqtt"
            """ --filter '{"username": "${username}"}'"""
        ),
        {
            "mongo_type": "rs",
            "replica_set_name": "rs0",
            "servers": "m1:1,m2:1",
            "collection": "acl",
            "database": "mqtt",
            "filter": {"username": "${username}"},
        },
    ),
    (
        "ldap",
        (
            "--server l:389 --base-dn dc=e --username cn=a --filter '(uid=${username})' --query-timeout 3s"
            " --request-timeout 2s"
        ),
        {
            "server": "l:389",
            "base_dn": "dc=e",
            "username": "cn=a",
            "filter": "(uid=${username})",
            "query_timeout": "3s",
            "request_timeout": "2s",
        },
    ),
    (
        "http",
        "--http-url http://a/z --method post --request-timeout 6s --connect-timeout 8s --pool-size 3",
        {
            "url": "http://a/z",
            "method": "post",
            "request_timeout": "6s",
            "connect_timeout": "8s",
            "pool_size": 3,
        },
    ),
]


@pytest.mark.parametrize(("key", "options", "fields"), SOURCES, ids=[row[0] for row in SOURCES])
def test_options_of_sources_are_sent_as_fields(
    run: Run, key: str, options: str, fields: dict[str, Any]
) -> None:
    path = "/authorization/sources"
    body = send_creation(run, f"authorization sources create {key} {options}", f"POST {path}")
    assert body == {"type": key, **fields}
    before = {"type": key, "enable": True}
    body = send_update(run, f"authorization sources update {key} {options}", before, f"{path}/{key}")
    assert body == {**before, **fields}


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        ("--no-match deny", {"no_match": "deny"}),
        ("--deny-action disconnect", {"deny_action": "disconnect"}),
        ("--cache-max-size 64", {"cache.max_size": 64}),
        ("--no-cache-enable --cache-ttl 90s", {"cache.enable": False, "cache.ttl": "90s"}),
        ("--ignore-backend-failures", {"ignore_backend_failures": True}),
        ("--include-mountpoint", {"include_mountpoint": True}),
    ],
)
def test_options_of_authorization_settings_are_sent_as_fields(
    run: Run, options: str, fields: dict[str, Any]
) -> None:
    before = {
        "no_match": "allow",
        "deny_action": "ignore",
        "cache": {"enable": True, "ttl": "1m", "max_size": 32},
    }
    body = send_update(run, f"authorization settings update {options}", before, "/authorization/settings")
    assert body == set_fields(before, fields)


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        ("--max-memory 64MB", {"max_memory": "64MB"}),
        ("--max-count 7 --cache-ttl 2m --enable", {"max_count": 7, "cache_ttl": "2m", "enable": True}),
    ],
)
def test_options_of_the_node_cache_are_sent_as_fields(run: Run, options: str, fields: dict[str, Any]) -> None:
    before = {"enable": False, "cache_ttl": "1m", "max_memory": "100MB"}
    body = send_update(run, f"authorization node-cache update {options}", before, "/authorization/node_cache")
    assert body == {**before, **fields}
