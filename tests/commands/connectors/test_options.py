"""Typed options of connectors: each is sent as the field that EMQX documents for the type."""

from typing import Any

import pytest

from tests.conftest import Run
from tests.support.sent_options import send_creation, send_update, set_fields

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
