"""The schemas of connectors, actions and sources, of the two types that the community edition has."""

import copy
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from emqxctl.sandbox.messages import AnswerNow, Json, Row, answer_error, erlang_json
from emqxctl.sandbox.schema.validation import (
    Check,
    Field,
    InvalidError,
    boolean,
    check_struct,
    one_of,
    quality,
    refuse,
    text,
    whole,
)

NAME = r"[0-9a-zA-Z][-0-9a-zA-Z_]*"
BAD_NAME = (
    "Invalid name format. The name must begin with a letter or number (0-9, a-z, A-Z) and can only include "
    "underscores and hyphens as non-initial characters. Got: "
)
DURATION = r"(?:\d+(?:\.\d+)?(?:ms|d|h|m|s))+"
HEADERS = {
    "accept": "application/json",
    "cache-control": "no-cache",
    "connection": "keep-alive",
    "content-type": "application/json",
    "keep-alive": "timeout=5",
}
TLS = {
    "ciphers": [],
    "depth": 10,
    "enable": False,
    "hibernate_after": "5s",
    "log_level": "notice",
    "reuse_sessions": True,
    "secure_renegotiate": True,
    "verify": "verify_none",
    "versions": ["tlsv1.3", "tlsv1.2"],
}


def duration(value: Json, path: str) -> Json:
    """Take a duration such as `15s`, and keep it as it was written."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and re.fullmatch(DURATION, value):
        return value
    raise refuse(value, "Not a valid duration", path)


def mapping(value: Json, path: str) -> Row:
    """Take any object."""
    if not isinstance(value, dict):
        raise refuse(value, {"expected": "map()"}, path)
    return value


def listing(value: Json, path: str) -> list[Json]:
    """Take any array."""
    if not isinstance(value, list):
        raise refuse(value, {"expected": "array()"}, path)
    return value


def template(low: Check) -> Check:
    """Take what `low` takes, or a placeholder such as `${qos}`."""

    def check(value: Json, path: str) -> Json:
        return value if isinstance(value, str) and value.startswith("${") else low(value, path)

    return check


def over(defaults: Row) -> Check:
    """Take an object laid over its defaults; what is in it is not looked at."""

    def check(value: Json, path: str) -> Row:
        return copy.deepcopy(defaults) | mapping(value, path)

    return check


def struct(*fields: Field) -> Check:
    """Take an object of these fields."""

    def check(value: Json, path: str) -> Row:
        refusals: list[Row] = []
        checked = check_struct(fields, value, path, refusals)
        if refusals:
            raise InvalidError(**abridge(refusals[0]))
        return {name: child for name, child in checked.items() if child is not None}

    return check


def abridge(details: Row) -> Row:
    """Name only the first two of many unknown fields, as EMQX does."""
    unknown = details.get("unknown", "").split(",")
    if len(unknown) > 2:
        return details | {"unknown": ",".join(sorted(unknown)[:2]) + ",..."}
    return details


POSITIVE = whole("pos_integer()", 1)
COMMON = (
    Field("description", text, default=""),
    Field("enable", boolean, default=True),
    Field("tags", listing),
)
IDENTITY = (Field("type", text, required=True), Field("name", text, required=True))
CONNECTOR_OPTIONS = Field(
    "resource_opts",
    over({"health_check_interval": "15s", "start_after_created": True, "start_timeout": "5s"}),
    default={"health_check_interval": "15s", "start_after_created": True, "start_timeout": "5s"},
)
BUFFERING = {
    "health_check_interval": "15s",
    "inflight_window": 100,
    "max_buffer_bytes": "256MB",
    "query_mode": "async",
    "request_ttl": "45s",
    "worker_pool_size": 16,
}
SECURE = Field("ssl", over(TLS), default=TLS)
HTTP_CONNECTOR = (
    Field("url", text, required=True),
    Field("connect_timeout", duration, default="15s"),
    *COMMON,
    Field("enable_pipelining", POSITIVE, default=100),
    Field("headers", mapping, default=HEADERS),
    Field("pool_size", POSITIVE, default=8),
    Field("pool_type", one_of("random", "hash"), default="random"),
    Field("request", mapping),
    CONNECTOR_OPTIONS,
    Field("retry_interval", duration),
    SECURE,
)
MQTT_CONNECTOR = (
    Field("server", text, required=True),
    Field("bridge_mode", boolean, default=False),
    Field("clean_start", boolean, default=True),
    Field("clientid_prefix", text),
    Field("connect_timeout", duration, default="10s"),
    *COMMON,
    Field("keepalive", duration, default="160s"),
    Field("max_inflight", POSITIVE, default=32),
    Field("password", text),
    Field("pool_size", POSITIVE, default=8),
    Field("proto_ver", one_of("v3", "v4", "v5"), default="v4"),
    CONNECTOR_OPTIONS,
    Field("retry_interval", duration, default="15s"),
    SECURE,
    Field("static_clientids", listing, default=[]),
    Field("username", text),
)
HTTP_PARAMETERS = (
    Field("body", text),
    Field("headers", mapping, default=HEADERS),
    Field("max_retries", whole("non_neg_integer()", 0), default=2),
    Field("method", one_of("post", "put", "get", "delete"), default="post"),
    Field("path", text),
)
MQTT_PARAMETERS = (
    Field("topic", text, required=True),
    Field("payload", text),
    Field("qos", template(quality), default=0),
    Field("retain", template(boolean), default=False),
)
SOURCE_PARAMETERS = (
    Field("topic", text, required=True),
    Field("no_local", boolean, default=False),
    Field("qos", quality, default=0),
)
CONNECTOR = Field("connector", text, required=True)
HTTP_ACTION = (
    CONNECTOR,
    Field("parameters", struct(*HTTP_PARAMETERS), required=True),
    *COMMON,
    Field("resource_opts", over(BUFFERING), default=BUFFERING),
)
MQTT_ACTION = (
    CONNECTOR,
    Field("parameters", struct(*MQTT_PARAMETERS), required=True),
    *COMMON,
    Field("resource_opts", over(BUFFERING), default=BUFFERING),
)
HEALTH = {"health_check_interval": "15s"}
MQTT_SOURCE = (
    Field("parameters", struct(*SOURCE_PARAMETERS), required=True),
    CONNECTOR,
    *COMMON,
    Field("resource_opts", over(HEALTH), default=HEALTH),
)


@dataclass(frozen=True)
class Schema:
    """The schema of one type: its fields, and what EMQX calls its creation."""

    fields: tuple[Field, ...]
    created_as: str


CONNECTORS = {
    "mqtt": Schema(MQTT_CONNECTOR, "connector_mqtt:post_connector"),
    "http": Schema(HTTP_CONNECTOR, "bridge_http:post_connector"),
}
ACTIONS = {
    "http": Schema(HTTP_ACTION, "bridge_http:post_bridge_v2"),
    "mqtt": Schema(MQTT_ACTION, "bridge_mqtt_publisher:post_bridge_v2"),
}
SOURCES = {"mqtt": Schema(MQTT_SOURCE, "bridge_mqtt_publisher:post_source")}


def bad_request(details: Json) -> AnswerNow:
    """Make the 400 whose message is a JSON document."""
    return AnswerNow(answer_error(400, "BAD_REQUEST", erlang_json(details)))


def settle(fields: Iterable[Field], body: Json, matched: str = "") -> Row:
    """Check a body against its schema and fill in the defaults. Raises AnswerNow (400) with all refusals.

    `matched` is the type that a union was narrowed to; EMQX words refusals otherwise then.
    """
    refusals: list[Row] = []
    checked = check_struct(tuple(fields), body, "root", refusals)
    if not refusals:
        return {name: copy.deepcopy(value) for name, value in checked.items() if value is not None}
    found: list[Row] = [abridge(each) for each in refusals]
    if matched and len(found) > 1:
        shared: Row = {"path": "root", "matched_type": matched, "kind": "validation_error"}
        raise bad_request({**shared, "errors": found})
    if matched:
        last = found[0].pop("kind")
        raise bad_request({**found[0], "matched_type": matched, "kind": last})
    raise bad_request(found[0] if len(found) == 1 else found)


def settle_new(schemas: dict[str, Schema], body: Json, word: str) -> Row:
    """Check the body of a creation, whose `type` names its schema; `word` is "connector" or "bridge".

    Raises AnswerNow (400).
    """
    given = body if isinstance(body, dict) else {}
    kind = given.get("type")
    if kind is None:
        found = {schema.created_as: mismatch(schema, given) for schema in schemas.values()}
        union: Row = {"reason": "matched_no_union_member", "path": "root", "mismatches": found}
        raise bad_request({**union, "kind": "validation_error"})
    if kind not in schemas:
        unknown: Row = {"value": kind, "reason": f"unknown {word} type", "path": "root"}
        raise bad_request({**unknown, "kind": "validation_error", "field_name": "type"})
    return settle((*IDENTITY, *schemas[kind].fields), body, schemas[kind].created_as)


def mismatch(schema: Schema, body: Row) -> Json:
    """Say why a body is not of one type: one refusal, or the list of them."""
    refusals: list[Row] = []
    check_struct((*IDENTITY, *schema.fields), body, "root", refusals)
    return refusals[0] if len(refusals) == 1 else [abridge(each) for each in refusals]


def check_name(name: str) -> None:
    """Refuse a name that would make a bad id. Raises AnswerNow (400)."""
    if not re.fullmatch(NAME, name):
        raise bad_request({"reason": BAD_NAME + name, "kind": "validation_error"})


def check_url(config: Row) -> None:
    """Refuse a URL that names no scheme. Raises AnswerNow (400)."""
    url = config.get("url")
    if url is not None and not urlsplit(url).scheme:
        raise bad_request({"reason": f"Missing scheme in URL: {url}", "kind": "validation_error"})


def parse_id(identifier: str, word: str = "bridge ID") -> tuple[str, str]:
    """Split an id into type and name; EMQX calls it differently in places. Raises AnswerNow (404)."""
    kind, *names = identifier.split(":")
    reason = ""
    if len(names) != 1:
        reason = f"should be of pattern {{type}}:{{name}}, but got: {identifier}"
    elif not re.fullmatch(NAME, names[0]):
        reason = BAD_NAME + names[0]
    if reason:
        raise AnswerNow(answer_error(404, "NOT_FOUND", f"Invalid {word}, {reason}"))
    return kind, names[0]
