"""Shared by authenticators and authorization sources: the settings of the backends that they look up."""

import json

from emqxctl.cli.input.body import Body
from emqxctl.errors import UsageError
from emqxctl.resource import Setting, ValueType

BACKEND_SETTINGS = (
    Setting("server", "Database server, HOST:PORT."),
    Setting("servers", "Database servers, HOST:PORT, comma-separated (MongoDB, Redis)."),
    Setting("redis_type", "Redis deployment.", ValueType.CHOICE, ("single", "cluster", "sentinel")),
    Setting("sentinel", "Name of the Redis sentinel group."),
    Setting("mongo_type", "MongoDB deployment.", ValueType.CHOICE, ("single", "rs", "sharded")),
    Setting("replica_set_name", "Replica set (MongoDB).", option="replica-set"),
    Setting("collection", "Collection (MongoDB)."),
    Setting("database", "Database name, or number (Redis)."),
    Setting("username", "Username for the database."),
    Setting(
        "password",
        "File with the password for the database (- for stdin).",
        ValueType.FIRST_LINE,
        option="password-file",
    ),
    Setting("query", "SQL query.", option="sql"),  # --query is for the output
    Setting("filter", "Search filter: (uid=${username}) (LDAP) or a JSON object (MongoDB)."),
    Setting("method", "HTTP request method.", ValueType.CHOICE, ("get", "post")),
    Setting("request_timeout", "Timeout of requests, such as 5s (HTTP, LDAP)."),
    Setting("query_timeout", "Timeout of queries, such as 5s (MySQL, LDAP)."),
    Setting("connect_timeout", "Timeout of the connection, such as 15s."),
    Setting("pool_size", "Connection pool size per node.", ValueType.INTEGER),
    Setting("ssl.enable", "Enable or disable TLS to the server.", ValueType.BOOLEAN, option="tls"),
    Setting("ssl.cacertfile", "CA certificate of the server, a file on the nodes.", option="cacertfile"),
    Setting(
        "ssl.verify",
        "Server certificate verification.",
        ValueType.CHOICE,
        ("verify_none", "verify_peer"),
        option="verify",
    ),
)


def parse_redis_database(body: Body) -> Body:
    """Return a body for Redis with its database as a number, which it is there; in others it is a name."""
    database = body.get("database")
    is_redis = "redis" in (body.get("backend"), body.get("type"))
    is_number = isinstance(database, str) and database.isascii() and database.isdigit()
    return {**body, "database": int(database)} if is_redis and is_number else body  # type: ignore[arg-type]


def parse_mongodb_filter(body: Body) -> Body:
    """Return a body whose filter is an object if it was typed as JSON. Raises UsageError for invalid JSON."""
    text = body.get("filter")
    if not (isinstance(text, str) and text.lstrip().startswith("{")):
        return body
    try:
        return {**body, "filter": json.loads(text)}
    except ValueError as error:
        message = f"invalid filter {text!r}: {error}"
        raise UsageError(message, hint="""such as --filter '{"username": "${username}"}'""") from None
