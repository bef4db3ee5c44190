"""The API keys, which only a dashboard user may see: `/api_key`."""

import os
import re
import secrets

from emqxctl.sandbox.http.routing import Call, Credentials, route
from emqxctl.sandbox.messages import Response, Row, json_response
from emqxctl.sandbox.schema.refusals import refuse_request, refuse_with
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.access import ApiKey
from emqxctl.sandbox.state.records import format_time

MAX_KEYS = 100
NO_MATCH = "error, {badmatch,#{}}, [{emqx_mgmt_api_api_keys,api_key,2,[]}]"


def key_row(name: str, key: ApiKey, now: float) -> Row:
    """Return a key, without its secret."""
    return {
        "api_key": key.key,
        "created_at": format_time(key.created, "seconds"),
        "desc": key.description,
        "enable": key.enabled,
        "expired": key.is_expired(now),
        "expired_at": "infinity" if key.expires is None else format_time(key.expires, "seconds"),
        "name": name,
    }


def find_key(call: Call) -> ApiKey:
    """Return the key of the path. Raises EarlyResponse (404)."""
    key = call.cluster.access.api_keys.get(call.bindings["name"])
    if key is None:
        refuse_with(404, "NOT_FOUND", "Name NOT FOUND")
    return key


def read_expiry(body: Row) -> int | None:
    """Read when a key ends; None for never."""
    return None if body["expired_at"] == "infinity" else int(body["expired_at"])


@route("GET", "/api_key", credentials=Credentials.BEARER)
def list_keys(call: Call) -> Response:
    """List the keys, without their secrets."""
    now = call.cluster.now()
    return json_response([key_row(name, key, now) for name, key in call.cluster.access.api_keys.items()])


@route("POST", "/api_key", credentials=Credentials.BEARER, body=Body("new_api_key", loose=True))
def create_key(call: Call) -> Response:
    """Build a key; its secret is shown here and never again. Without `desc` or `enable` EMQX crashes."""
    body, keys, now = call.body, call.cluster.access.api_keys, call.cluster.now()
    if body["desc"] is None or body["enable"] is None:
        refuse_with(500, "INTERNAL_ERROR", NO_MATCH)
    if body["name"] in keys:
        refuse_request("name_already_existed")
    if len(keys) >= MAX_KEYS:
        refuse_request('"Maximum number of ApiKeys reached."')
    secret = re.sub("[-_]", "0", secrets.token_urlsafe(33))
    key = ApiKey(os.urandom(8).hex(), secret, body["desc"], body["enable"], int(now), read_expiry(body))
    keys[body["name"]] = key
    return json_response(key_row(body["name"], key, now) | {"api_secret": secret})


@route("GET", "/api_key/{name}", credentials=Credentials.BEARER)
def show_key(call: Call) -> Response:
    """Show one key, without its secret."""
    return json_response(key_row(call.bindings["name"], find_key(call), call.cluster.now()))


@route("PUT", "/api_key/{name}", credentials=Credentials.BEARER, body=Body("api_key", loose=True))
def update_key(call: Call) -> Response:
    """Change a key; without `expired_at` it never expires any more."""
    key, body = find_key(call), call.body
    key.expires = read_expiry(body)
    key.description = key.description if body["desc"] is None else body["desc"]
    key.enabled = key.enabled if body["enable"] is None else body["enable"]
    return show_key(call)


@route("DELETE", "/api_key/{name}", credentials=Credentials.BEARER)
def delete_key(call: Call) -> Response:
    """Delete a key."""
    find_key(call)
    del call.cluster.access.api_keys[call.bindings["name"]]
    return Response(204)
