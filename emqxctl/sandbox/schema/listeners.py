"""Schemas and defaults of MQTT listeners."""

from collections.abc import Iterable

from emqxctl.sandbox.data import default_settings
from emqxctl.sandbox.messages import Row
from emqxctl.sandbox.schema.fields import Field, fields_of
from emqxctl.sandbox.schema.types import check_any

TYPES = ("tcp", "ssl", "ws", "wss", "quic")
OPTIONS = {
    "tcp": ("tcp_options",),
    "ssl": ("tcp_options", "ssl_options"),
    "ws": ("tcp_options", "websocket"),
    "wss": ("tcp_options", "ssl_options", "websocket"),
    "quic": ("ssl_options",),
}
READ_ONLY = ("current_connections", "running")
STREAM_ONLY = {"access_rules", "proxy_protocol", "proxy_protocol_timeout", "tcp_options"}


def add_defaults(kind: str, settings: Row) -> Row:
    """Fill in the defaults of a type of listener."""
    config = default_settings("listener")
    for name in OPTIONS[kind]:
        config[name] = default_settings(name)
    if kind == "ssl":
        config["ssl_options"] |= default_settings("ocsp_stapling")
    for name, value in settings.items():
        config[name] = config[name] | value if isinstance(config.get(name), dict) else value
    return config


def listener_fields(kind: str, identity: Iterable[Field]) -> tuple[Field, ...]:
    """Return the schema of a type, after the fields that name the listener."""
    absent = {"ssl_options", "websocket"} - set(OPTIONS[kind])
    absent |= STREAM_ONLY if kind == "quic" else set()
    own = (field for field in fields_of("listener") if field.name not in absent)
    return (*identity, *own, *(Field(name, check_any) for name in READ_ONLY))
