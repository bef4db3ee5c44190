"""The schemas of gateways and of their listeners: unions, of which every member says why it does not fit."""

import re

from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema.integration import abridge, bad_request, duration, listing, mapping
from emqxctl.sandbox.schema.validation import (
    Check,
    Field,
    InvalidError,
    anything,
    boolean,
    check_struct,
    one_of,
    refuse,
    text,
    whole,
)

Fields = tuple[Field, ...]
COMMON = (
    Field("clientinfo_override", mapping),
    Field("enable", boolean, default=True),
    Field("enable_stats", boolean, default=True),
    Field("idle_timeout", duration, default="30s"),
    Field("mountpoint", text, default=""),
)
QOS = one_of("qos0", "qos1", "qos2", "coap")
SETTINGS: dict[str, Fields] = {
    "stomp": (*COMMON, Field("frame", mapping)),
    "mqttsn": (
        *COMMON,
        Field("broadcast", boolean, default=False),
        Field("enable_qos3", boolean, default=True),
        Field("gateway_id", whole("integer()", 0), default=1),
        Field("predefined", listing, default=[]),
        Field("subs_resume", boolean, default=False),
    ),
    "lwm2m": (
        *COMMON,
        Field("auto_observe", boolean, default=False),
        Field("lifetime_max", duration, default="86400s"),
        Field("lifetime_min", duration, default="15s"),
        Field("qmode_time_window", duration, default="22s"),
        Field("update_msg_publish_condition", one_of("always", "contains_object_list"), default="always"),
        Field("xml_dir", text, required=True),
        Field("translators", mapping, required=True),
    ),
    "exproto": (*COMMON, Field("server", mapping, required=True), Field("handler", mapping, required=True)),
    "coap": (
        *COMMON,
        Field("connection_required", boolean, default=False),
        Field("heartbeat", duration, default="30s"),
        Field("notify_type", one_of("non", "con", "qos"), default="qos"),
        Field("publish_qos", QOS, default="coap"),
        Field("subscribe_qos", QOS, default="coap"),
    ),
}
LISTENER_TYPES = {
    "stomp": ("tcp", "ssl"),
    "mqttsn": ("udp", "dtls"),
    "lwm2m": ("udp", "dtls"),
    "exproto": ("tcp", "ssl", "udp", "dtls"),
    "coap": ("udp", "dtls"),
}
TCP = {
    "active_n": 100,
    "backlog": 1024,
    "buffer": "4KB",
    "high_watermark": "1MB",
    "keepalive": "none",
    "nodelay": True,
    "nolinger": False,
    "reuseaddr": True,
    "send_timeout": "15s",
    "send_timeout_close": True,
}
LIMITS = {
    "access_rules": [],
    "enable": True,
    "enable_authn": True,
    "max_conn_rate": 1000,
    "max_connections": 1024,
}
STREAM = {"acceptors": 16, "proxy_protocol": False, "proxy_protocol_timeout": "3s", "tcp_options": TCP}
DATAGRAM = {"udp_options": {"active_n": 100, "reuseaddr": True}}


def constant(word: str) -> Check:
    """Take one word only, and say which."""

    def check(value: Json, path: str) -> str:
        if value != word:
            raise refuse(value, f"Expected: {word}, got:{value}", path)
        return word

    return check


def address(value: Json, path: str) -> Json:
    """Take a port, or an address with a port."""
    port = str(value).rpartition(":")[2]
    if not re.fullmatch(r"\d{1,5}", port) or int(port) > 65_535:
        raise refuse(value, "bad_port_number", path)
    return value


def connections(value: Json, path: str) -> Json:
    """Take a greatest number of connections, or `infinity`."""
    if value == "infinity":
        return value
    try:
        return whole("pos_integer()", 1)(value, path)
    except InvalidError as invalid:
        endless = refuse(value, f"Expected: infinity, got:{value}", path).details
        mismatches = {"pos_integer()": invalid.details, "infinity": endless}
        raise InvalidError(**mismatched(path, mismatches)) from None


def mismatched(path: str, mismatches: Row) -> Row:
    """Write that no member of a union fits, in EMQX's order."""
    return {
        "reason": "matched_no_union_member",
        "path": path,
        "mismatches": mismatches,
        "kind": "validation_error",
    }


def settle_union(members: dict[str, Fields], body: Row) -> None:
    """Check a body against a union. Raises AnswerNow (400) with what every member has against it."""
    mismatches: Row = {}
    for name, fields in members.items():
        refusals: list[Row] = []
        check_struct(fields, body, "root", refusals)
        if not refusals:
            return
        found = [abridge(each) for each in refusals]
        mismatches[name] = found if len(found) > 1 else found[0]
    raise bad_request(mismatched("root", mismatches))


WHOLE = (Field("authentication", mapping), Field("listeners", listing))
GATEWAYS: dict[str, Fields] = {
    **{f"update_{name}": fields for name, fields in SETTINGS.items()},
    **{
        name: (Field("name", constant(name), required=True), *WHOLE, *fields)
        for name, fields in SETTINGS.items()
    },
}
LISTENER = (
    Field("name", text),
    Field("bind", address),
    Field("max_connections", connections),
    *(Field(name, boolean) for name in ("enable", "enable_authn", "running", "proxy_protocol")),
    *(Field(name, anything) for name in ("id", "mountpoint", "access_rules", "max_conn_rate", "acceptors")),
    *(Field(name, mapping) for name in ("authentication", "tcp_options", "udp_options", "ssl_options")),
    *(Field(name, anything) for name in ("proxy_protocol_timeout", "dtls_options", "websocket")),
)
LISTENERS: dict[str, Fields] = {
    f"{kind}_listener": (Field("type", constant(kind), required=True), *LISTENER)
    for kind in ("wss", "ws", "udp", "tcp", "ssl", "dtls")
}


def complete_gateway(name: str, body: Row) -> Row:
    """Fill in the defaults of a gateway's settings."""
    defaults = {each.name: each.default for each in SETTINGS[name] if each.default is not None}
    kept = {each.name for each in SETTINGS[name]}
    return defaults | {key: value for key, value in body.items() if key in kept}


def complete_listener(body: Row) -> Row:
    """Fill in the defaults of a listener."""
    options = STREAM if body["type"] in ("tcp", "ssl") else DATAGRAM
    return {**LIMITS, **options, **body}
