"""The API keys, which only a dashboard user may see: `/api_key`."""

import os
import re
import secrets

from emqxctl.sandbox.http.routing import Access, Call, route
from emqxctl.sandbox.messages import Answer, Row, answer_json
from emqxctl.sandbox.schema.refusals import refuse_request, refuse_with
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.access import ApiKey
from emqxctl.sandbox.state.records import format_time

MAX_KEYS = 100
NO_MATCH = "error, {badmatch,#{}}, [{emqx_mgmt_api_api_keys,api_key,2,[]}]"


def key_row(name: str, key: ApiKey, now: float) -> Row:
    """Write a key, without its secret."""
    return {
        "api_key": key.key,
        "created_at": format_time(key.created, "seconds"),
        "desc": key.description,
        "enable": key.enabled,
        "expired": key.is_expired(now),
        "expired_at": "infinity" if key.expires is None else format_time(key.expires, "seconds"),
        "name": name,
    }


def find(call: Call) -> ApiKey:
    """Take the key of the path. Raises AnswerNow (404)."""
    found = call.cluster.access.api_keys.get(call.bindings["name"])
    if found is None:
        refuse_with(404, "NOT_FOUND", "Name NOT FOUND")
    return found


def read_expiry(wish: Row) -> int | None:
    """Read when a key ends; None for never."""
    return None if wish["expired_at"] == "infinity" else int(wish["expired_at"])


@route("GET", "/api_key", access=Access.BEARER)
def list_keys(call: Call) -> Answer:
    """List the keys, without their secrets."""
    now = call.cluster.now()
    return answer_json([key_row(name, key, now) for name, key in call.cluster.access.api_keys.items()])


@route("POST", "/api_key", access=Access.BEARER, body=Body("new_api_key", loose=True))
def create(call: Call) -> Answer:
    """Make a key; its secret is shown here and never again. Without `desc` or `enable` EMQX crashes."""
    wish, keys, now = call.body, call.cluster.access.api_keys, call.cluster.now()
    if wish["desc"] is None or wish["enable"] is None:
        refuse_with(500, "INTERNAL_ERROR", NO_MATCH)
    if wish["name"] in keys:
        refuse_request("name_already_existed")
    if len(keys) >= MAX_KEYS:
        refuse_request('"Maximum number of ApiKeys reached."')
    secret = re.sub("[-_]", "0", secrets.token_urlsafe(33))
    made = ApiKey(os.urandom(8).hex(), secret, wish["desc"], wish["enable"], int(now), read_expiry(wish))
    keys[wish["name"]] = made
    return answer_json(key_row(wish["name"], made, now) | {"api_secret": secret})


@route("GET", "/api_key/{name}", access=Access.BEARER)
def show(call: Call) -> Answer:
    """Show one key, without its secret."""
    return answer_json(key_row(call.bindings["name"], find(call), call.cluster.now()))


@route("PUT", "/api_key/{name}", access=Access.BEARER, body=Body("api_key", loose=True))
def change(call: Call) -> Answer:
    """Change a key; without `expired_at` it never expires any more."""
    key, wish = find(call), call.body
    key.expires = read_expiry(wish)
    key.description = key.description if wish["desc"] is None else wish["desc"]
    key.enabled = key.enabled if wish["enable"] is None else wish["enable"]
    return show(call)


@route("DELETE", "/api_key/{name}", access=Access.BEARER)
def delete(call: Call) -> Answer:
    """Delete a key."""
    find(call)
    del call.cluster.access.api_keys[call.bindings["name"]]
    return Answer(204)
