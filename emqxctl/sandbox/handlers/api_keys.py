"""The API keys, which only a dashboard user may see: `/api_key`."""

import os
import re
import secrets

from emqxctl.sandbox.handlers._items import Items
from emqxctl.sandbox.http.roles import ADMINISTRATOR, PUBLISHER, default_scopes
from emqxctl.sandbox.http.routing import Call, Credentials, route
from emqxctl.sandbox.messages import Response, Row, json_response
from emqxctl.sandbox.schema.refusals import bad_request, refuse_request, refuse_with
from emqxctl.sandbox.schema.types import invalid_value
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.access import ApiKey
from emqxctl.sandbox.state.cluster import ENTERPRISE
from emqxctl.sandbox.state.records import format_time

MAX_KEYS = 100
NO_MATCH = "error, {badmatch,#{}}, [{emqx_mgmt_api_api_keys,api_key,2,[]}]"


def key_row(call: Call, name: str, key: ApiKey) -> Row:
    """Return a key, without its secret."""
    row = {
        "api_key": key.key,
        "created_at": format_time(key.created, "seconds"),
        "desc": key.description,
        "enable": key.enabled,
        "expired": key.is_expired(call.cluster.now()),
        "expired_at": "infinity" if key.expires is None else format_time(key.expires, "seconds"),
        "name": name,
    }
    if call.cluster.edition == ENTERPRISE:
        scopes = default_scopes(key.role) if key.scopes is None else key.scopes
        row |= {"role": key.role, "scopes": list(scopes), "namespace": key.namespace}
    return row


def set_role(call: Call, key: ApiKey) -> None:
    """Set the role, namespace and scopes of a key as the body says; without a role it is an administrator's.

    Raises EarlyResponse (400).
    """
    key.role, key.namespace = parse_role(call, call.body.get("role") or ADMINISTRATOR)
    scopes = call.body.get("scopes")
    if scopes is not None:
        check_scopes(scopes, key.role)
        key.scopes = tuple(scopes)


def parse_role(call: Call, text: str) -> tuple[str, str | None]:
    """Parse a role such as `viewer` or `ns:NAMESPACE::viewer`. Raises EarlyResponse (400)."""
    namespace, separator, role = text.removeprefix("ns:").rpartition("::")
    if not text.startswith("ns:"):
        return text, None
    if not separator or not namespace:
        raise bad_request(invalid_value(text, "Invalid namespace tag", "role").details)
    if namespace not in call.cluster.collections["namespaces"]:
        refuse_request({"namespace": namespace, "reason": "unknown_namespace"})
    return role, namespace


def check_scopes(scopes: list[str], role: str) -> None:
    """Refuse scopes that a key cannot have. Raises EarlyResponse (400)."""
    if unknown := [scope for scope in scopes if scope not in default_scopes(ADMINISTRATOR, user=True)]:
        refuse_request(f"Unknown scopes: {', '.join(unknown)}")
    if login_only := [scope for scope in scopes if scope not in default_scopes(ADMINISTRATOR)]:
        refuse_request(f"API keys cannot hold login-only scopes: {', '.join(login_only)}")
    if role == PUBLISHER and list(scopes) != ["publish"]:
        refuse_request("Publisher API keys can only hold the 'publish' scope")


KEYS = Items(
    "/api_key",
    "name",
    lambda call: call.cluster.access.api_keys,
    key_row,
    (404, "NOT_FOUND", "Name NOT FOUND"),
    Credentials.BEARER,
)
KEYS.serve("list", "get", "delete")


def read_expiry(body: Row) -> int | None:
    """Read when a key ends; None for never."""
    return None if body["expired_at"] == "infinity" else int(body["expired_at"])


@route("POST", "/api_key", credentials=Credentials.BEARER, body=Body("new_api_key", loose=True))
def create_key(call: Call) -> Response:
    """Build a key; its secret is shown here and never again. Without `desc` or `enable` EMQX crashes."""
    body, keys, now = call.body, call.cluster.access.api_keys, call.cluster.now()
    if body["desc"] is None or body["enable"] is None:
        refuse_with(500, "INTERNAL_ERROR", NO_MATCH)
    if body["name"] in keys:
        enterprise = call.cluster.edition == ENTERPRISE
        refuse_request("name_already_exists" if enterprise else "name_already_existed")
    if len(keys) >= MAX_KEYS:
        refuse_request('"Maximum number of ApiKeys reached."')
    secret = re.sub("[-_]", "0", secrets.token_urlsafe(33))
    key = ApiKey(os.urandom(8).hex(), secret, body["desc"], body["enable"], int(now), read_expiry(body))
    if call.cluster.edition == ENTERPRISE:
        set_role(call, key)
    keys[body["name"]] = key
    return json_response(key_row(call, body["name"], key) | {"api_secret": secret})


@route("PUT", "/api_key/{name}", credentials=Credentials.BEARER, body=Body("api_key", loose=True))
def update_key(call: Call) -> Response:
    """Change a key; without `expired_at` it never expires any more."""
    key, body = KEYS.find(call), call.body
    key.expires = read_expiry(body)
    key.description = key.description if body["desc"] is None else body["desc"]
    key.enabled = key.enabled if body["enable"] is None else body["enable"]
    if call.cluster.edition == ENTERPRISE:
        set_role(call, key)
    return KEYS.get(call)
