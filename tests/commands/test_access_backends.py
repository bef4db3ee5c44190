"""Typed options of authenticators and authorization sources: each is sent as the field EMQX documents."""

from typing import Any

import pytest

from tests.conftest import Run
from tests.support.sent_options import send_creation, send_update, set_fields

TLS = "--tls --cacertfile /etc/ca.pem --verify verify_peer"
TLS_FIELDS = {"ssl.enable": True, "ssl.cacertfile": "/etc/ca.pem", "ssl.verify": "verify_peer"}
BACKENDS: list[tuple[str, str, dict[str, Any]]] = [
    (
        "password_based:built_in_database",
        "--user-id-type clientid --hash sha512 --salt-position prefix",
        {
            "user_id_type": "clientid",
            "password_hash_algorithm": {"name": "sha512", "salt_position": "prefix"},
        },
    ),
    (
        "password_based:mysql",
        (
            "--server db:3306 --database mqtt --sql 'SELECT 1' --query-timeout 7s --connect-timeout 15s"
            f" --pool-size 4 --username emqx {TLS}"
        ),
        {
            "server": "db:3306",
            "database": "mqtt",
            "query": "SELECT 1",
            "query_timeout": "7s",
            "connect_timeout": "15s",
            "pool_size": 4,
            "username": "emqx",
            **TLS_FIELDS,
        },
    ),
    (
        "password_based:postgresql",
        "--server db:5432 --database 5 --sql 'SELECT 1' --username emqx --no-tls",
        {
            "server": "db:5432",
            "database": "5",
            "query": "SELECT 1",
            "username": "emqx",
            "ssl.enable": False,
        },
    ),
    (
        "password_based:redis",
        "--redis-type single --server r:6379 --database 3 --cmd 'HMGET u:${username} password_hash'",
        {
            "redis_type": "single",
            "server": "r:6379",
            "database": 3,
            "cmd": "HMGET u:${username} password_hash",
        },
    ),
    (
        "password_based:redis",
        "--redis-type sentinel --servers r1:26379,r2:26379 --sentinel main --cmd 'HMGET u password_hash'",
        {
            "redis_type": "sentinel",
            "servers": "r1:26379,r2:26379",
            "sentinel": "main",
            "cmd": "HMGET u password_hash",
        },
    ),
    (
        "password_based:mongodb",
        (
            "--mongo-type rs --servers m1:27017,m2:27017 --replica-set rs0 --collection users --database mqtt"
            """ --filter '{"username": "${username}"}' --username emqx"""
        ),
        {
            "mongo_type": "rs",
            "servers": "m1:27017,m2:27017",
            "replica_set_name": "rs0",
            "collection": "users",
            "database": "mqtt",
            "filter": {"username": "${username}"},
            "username": "emqx",
        },
    ),
    (
        "password_based:ldap",
        (
            "--server l:389 --base-dn dc=e --filter '(uid=${username})' --username cn=admin"
            " --query-timeout 6s --request-timeout 8s --ldap-method hash --precondition is_username"
        ),
        {
            "server": "l:389",
            "base_dn": "dc=e",
            "filter": "(uid=${username})",
            "username": "cn=admin",
            "query_timeout": "6s",
            "request_timeout": "8s",
            "method.type": "hash",
            "precondition": "is_username",
        },
    ),
    (
        "password_based:http",
        "--http-url http://a/b --method get --request-timeout 5s --connect-timeout 9s --pool-size 2",
        {
            "url": "http://a/b",
            "method": "get",
            "request_timeout": "5s",
            "connect_timeout": "9s",
            "pool_size": 2,
        },
    ),
    (
        "jwt",
        (
            "--from username --algorithm hmac-based --secret-file - --secret-base64-encoded --no-use-jwks"
            " --acl-claim-name acl --no-disconnect-after-expire --on-missing-jwt deny"
        ),
        {
            "from": "username",
            "algorithm": "hmac-based",
            "secret": "c2VjcmV0",
            "secret_base64_encoded": True,
            "use_jwks": False,
            "acl_claim_name": "acl",
            "disconnect_after_expire": False,
            "on_missing_jwt": "deny",
        },
    ),
    (
        "jwt",
        "--algorithm public-key --no-use-jwks --public-key /etc/jwt.pem --disconnect-after-expire",
        {
            "algorithm": "public-key",
            "use_jwks": False,
            "public_key": "/etc/jwt.pem",
            "disconnect_after_expire": True,
        },
    ),
    (
        "jwt",
        "--use-jwks --endpoint https://id/jwks --refresh-interval 300 --pool-size 3",
        {"use_jwks": True, "endpoint": "https://id/jwks", "refresh_interval": 300, "pool_size": 3},
    ),
    (
        "scram:built_in_database",
        "--algorithm sha512 --iteration-count 8192",
        {"algorithm": "sha512", "iteration_count": 8192},
    ),
]
BACKEND_IDS = [f"{key} {options.split()[1]}" for key, options, _ in BACKENDS]
SCRAM = "scram:built_in_database"


def split_id(key: str) -> dict[str, str]:
    """Return the fields that an authenticator's id consists of."""
    return dict(zip(("mechanism", "backend"), key.split(":"), strict=False))


@pytest.mark.parametrize(("key", "options", "fields"), BACKENDS, ids=BACKEND_IDS)
def test_options_of_authenticators_are_sent_as_fields(
    run: Run, key: str, options: str, fields: dict[str, Any]
) -> None:
    secret = b"c2VjcmV0\n"
    body = send_creation(run, f"authentication create {key} {options}", "POST /authentication", stdin=secret)
    assert body == set_fields(split_id(key), fields)
    # An update has the fields on top of the others.
    before = {"enable": False, **split_id(key)}
    body = send_update(
        run,
        f"authentication update {key} {options}",
        {"id": key, **before},
        f"/authentication/{key.replace(':', '%3A')}",
        stdin=secret,
    )
    assert body == set_fields(before, fields)


@pytest.mark.parametrize(("key", "options", "fields"), [row for row in BACKENDS if row[0] != SCRAM])
def test_options_of_gateway_authentication_are_sent_as_fields(
    run: Run, key: str, options: str, fields: dict[str, Any]
) -> None:
    identity = split_id(key)
    names = " ".join(f"--{name} {value}" for name, value in identity.items())
    path, secret = "/gateways/stomp/authentication", b"c2VjcmV0\n"
    body = send_creation(
        run, f"gateways authentication create stomp {names} {options}", f"POST {path}", stdin=secret
    )
    assert body == set_fields(identity, fields)
    before = {"enable": False, **identity}
    body = send_update(run, f"gateways authentication update stomp {options}", before, path, stdin=secret)
    assert body == set_fields(before, fields)


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("authentication update password_based:ldap", "/authentication/password_based%3Aldap"),
        ("gateways authentication update stomp", "/gateways/stomp/authentication"),
    ],
)
def test_another_ldap_method_drops_the_fields_of_the_former(run: Run, command: str, path: str) -> None:
    before = {
        **split_id("password_based:ldap"),
        "server": "l:389",
        "username": "cn=admin",
        "base_dn": "dc=e",
        "method": {"type": "hash", "password_attribute": "userPassword"},
    }
    assert send_update(run, f"{command} --ldap-method bind", before, path) == {
        **before,
        "method": {"type": "bind"},
    }
    # The same method keeps them.
    assert send_update(run, f"{command} --ldap-method hash", before, path) == before


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
