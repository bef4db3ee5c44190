"""Schemas and defaults of MQTT listeners, and of gateways and their listeners."""

from collections.abc import Iterable

from emqxctl.sandbox.data import default_settings, read_table
from emqxctl.sandbox.messages import Row
from emqxctl.sandbox.schema.factories import constant
from emqxctl.sandbox.schema.fields import Field, abridge, check_struct, fields_of
from emqxctl.sandbox.schema.refusals import bad_request
from emqxctl.sandbox.schema.types import check_any, check_array, check_object, union_mismatch

Fields = tuple[Field, ...]
PROTOCOLS = ("coap", "exproto", "lwm2m", "mqttsn", "stomp")
UNION_ORDER = ("stomp", "mqttsn", "lwm2m", "exproto", "coap")
NESTED = (Field("authentication", check_object), Field("listeners", check_array))
TYPES = ("tcp", "ssl", "ws", "wss", "quic")
READ_ONLY = ("current_connections", "running")
STREAM_ONLY = {"access_rules", "proxy_protocol", "proxy_protocol_timeout", "tcp_options"}


def gateway_union() -> dict[str, Fields]:
    """Return the schemas of a gateway's body: an update of each, and each with its name."""
    settings = {name: fields_of(f"gateway:{name}") for name in UNION_ORDER}
    updates = {f"update_{name}": fields for name, fields in settings.items()}
    return updates | {
        name: (Field("name", constant(name), required=True), *NESTED, *fields)
        for name, fields in settings.items()
    }


def listener_union() -> dict[str, Fields]:
    """Return the schemas of a gateway listener's body, one for each type."""
    return {
        f"{kind}_listener": (Field("type", constant(kind), required=True), *fields_of("gateway_listener"))
        for kind in ("wss", "ws", "udp", "tcp", "ssl", "dtls")
    }


def check_union(members: dict[str, Fields], body: Row) -> Row:
    """Check a body against a union; return it as the first member that fits has it.

    Raises EarlyResponse (400) with what every member has against it.
    """
    mismatches: Row = {}
    for name, fields in members.items():
        errors: list[Row] = []
        checked = check_struct(fields, body, "root", errors)
        if not errors:
            return checked
        details = [abridge(error) for error in errors]
        mismatches[name] = details if len(details) > 1 else details[0]
    raise bad_request(union_mismatch("root", mismatches))


def add_gateway_defaults(name: str, body: Row) -> Row:
    """Fill in the defaults of a gateway's settings."""
    fields = fields_of(f"gateway:{name}")
    defaults = {field.name: field.default for field in fields if field.default is not None}
    names = {field.name for field in fields}
    return defaults | {key: value for key, value in body.items() if key in names}


def add_listener_defaults(body: Row) -> Row:
    """Fill in the defaults of a gateway's listener."""
    if body["type"] in ("tcp", "ssl"):
        options = {**default_settings("stream_listener"), "tcp_options": default_settings("tcp_options")}
    else:
        options = {"udp_options": default_settings("udp_options")}
    return {**default_settings("gateway_listener"), **options, **body}


def add_defaults(kind: str, settings: Row) -> Row:
    """Fill in the defaults of a type of listener."""
    config = default_settings("listener")
    for name in read_table("rows")["listener_options"][kind]:
        config[name] = default_settings(name)
    if kind == "ssl":
        config["ssl_options"] |= default_settings("ocsp_stapling")
    for name, value in settings.items():
        config[name] = config[name] | value if isinstance(config.get(name), dict) else value
    return config


def listener_fields(schema: str, kind: str, identity: Iterable[Field]) -> tuple[Field, ...]:
    """Return the schema of a type, after the fields that name the listener."""
    absent = {"ssl_options", "websocket"} - set(read_table("rows")["listener_options"][kind])
    absent |= STREAM_ONLY if kind == "quic" else set()
    own = (field for field in fields_of(schema) if field.name not in absent)
    return (*identity, *own, *(Field(name, check_any) for name in READ_ONLY))
