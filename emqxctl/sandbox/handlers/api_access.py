"""Who may use the API: its keys (`/api_key`) and the users of the dashboard (`/users`)."""

import os
import re
import secrets

from emqxctl.sandbox.handlers._items import Items
from emqxctl.sandbox.http.roles import ADMINISTRATOR, PUBLISHER, VIEWER, default_scopes
from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema.refusals import bad_request, refuse, refuse_request, refuse_with
from emqxctl.sandbox.schema.types import invalid_value
from emqxctl.sandbox.state.access import ApiKey
from emqxctl.sandbox.state.cluster import ENTERPRISE, Cluster
from emqxctl.sandbox.state.records import format_time

MAX_KEYS = 100


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


KEYS = Items("api_keys", key_row)


def create_key(call: Call) -> Json:
    """Build a key; its secret is shown here and never again. Without `desc` or `enable` EMQX crashes."""
    body, keys, now = call.body, call.cluster.access.api_keys, call.cluster.now()
    if body["desc"] is None or body["enable"] is None:
        refuse("api_access.no_match")
    if body["name"] in keys:
        enterprise = call.cluster.edition == ENTERPRISE
        refuse_request("name_already_exists" if enterprise else "name_already_existed")
    if len(keys) >= MAX_KEYS:
        refuse_request('"Maximum number of ApiKeys reached."')
    expires = None if body["expired_at"] == "infinity" else int(body["expired_at"])
    secret = re.sub("[-_]", "0", secrets.token_urlsafe(33))
    key = ApiKey(os.urandom(8).hex(), secret, body["desc"], body["enable"], int(now), expires)
    if call.cluster.edition == ENTERPRISE:
        set_role(call, key)
    keys[body["name"]] = key
    return key_row(call, body["name"], key) | {"api_secret": secret}


def update_key(call: Call) -> Json:
    """Change a key; without `expired_at` it never expires any more."""
    key, body = KEYS.find(call), call.body
    key.expires = None if body["expired_at"] == "infinity" else int(body["expired_at"])
    key.description = key.description if body["desc"] is None else body["desc"]
    key.enabled = key.enabled if body["enable"] is None else body["enable"]
    if call.cluster.edition == ENTERPRISE:
        set_role(call, key)
    return KEYS.show(call)


def user_row(cluster: Cluster, name: str) -> Row:
    """Return one user."""
    row: Row = {"description": cluster.access.descriptions.get(name, ""), "username": name}
    if cluster.edition == ENTERPRISE:
        roles = cluster.access.user_roles.get(name, {})
        role = roles.get("role", ADMINISTRATOR)
        defaults = {"scopes": default_scopes(role, user=True), "namespace": None, "mfa": "none"}
        row |= {"backend": "local", "role": role, **defaults, **roles}
    return row


def check_roles(call: Call) -> Row:
    """Check the role and scopes of a body. Raises EarlyResponse (400)."""
    role, namespace = parse_role(call, call.body.get("role") or ADMINISTRATOR)
    if role not in (ADMINISTRATOR, VIEWER):
        refuse_request("Role does not exist")
    scopes = call.body.get("scopes")
    if scopes is None:
        return {"role": role, "namespace": namespace}
    if unknown := [scope for scope in scopes if scope not in default_scopes(ADMINISTRATOR, user=True)]:
        refuse_request(f"Unknown scope name(s): {', '.join(unknown)}")
    if role != ADMINISTRATOR and (extra := [name for name in scopes if name not in default_scopes(VIEWER)]):
        refuse_request(f"Non-administrator users cannot hold admin-only scopes: {', '.join(extra)}")
    return {"role": role, "namespace": namespace, "scopes": scopes}


USERS = Items("users", lambda call, name, _password: user_row(call.cluster, name))


def check_password(password: str) -> None:
    """Raise EarlyResponse (400) for a password that is too short, too long or of one kind of characters."""
    if not 8 <= len(password) <= 64:
        refuse("api_access.bad_length")
    groups = ("[A-Za-z]", "[0-9]", "[^A-Za-z0-9]")
    if sum(bool(re.search(group, password)) for group in groups) < 2:
        refuse("api_access.weak")


def end_tokens(cluster: Cluster, name: str) -> None:
    """End all tokens of a user."""
    cluster.tokens = {token: entry for token, entry in cluster.tokens.items() if entry[0] != name}


def describe_user(call: Call, name: str) -> Row:
    """Set the description and, in Enterprise, the role of a user; return the user."""
    if call.cluster.edition == ENTERPRISE:
        call.cluster.access.user_roles[name] = check_roles(call)
    call.cluster.access.descriptions[name] = call.body["description"]
    return user_row(call.cluster, name)


def create_user(call: Call) -> Json:
    """Add a user."""
    name, password = call.body["username"], call.body["password"]
    if not re.fullmatch(r"[A-Za-z0-9_]+", name):
        refuse("api_access.bad_name")
    check_password(password)
    if name in call.cluster.users:
        refuse_request("username_already_exists")
    row = describe_user(call, name)
    call.cluster.users[name] = password
    return row


def update_user(call: Call) -> Json:
    """Change the description of a user."""
    USERS.find(call)
    name = call.bindings["username"]
    return describe_user(call, name)


def delete_user(call: Call) -> None:
    """Delete a user, but neither the first one nor oneself."""
    name = call.bindings["username"]
    if name == "admin":
        refuse_with(400, "NOT_ALLOWED", f'Cannot delete user <<"{name}">>')
    if name == call.user:
        refuse_with(400, "NOT_ALLOWED", "Cannot delete self")
    USERS.delete(call)
    call.cluster.access.descriptions.pop(name, None)
    end_tokens(call.cluster, name)


def change_password(call: Call) -> None:
    """Change a password, which ends the user's tokens. An API key may do it too, at 5.8.9."""
    name, password = call.bindings["username"], USERS.find(call, message="User not found")
    if password != call.body["old_pwd"]:
        refuse_with(400, "ERROR_PWD_NOT_MATCH", "Old password not match")
    check_password(call.body["new_pwd"])
    call.cluster.users[name] = call.body["new_pwd"]
    end_tokens(call.cluster, name)


def switch_mfa(call: Call) -> None:
    """Require MFA for a user, or no longer; logging in with a token is not simulated."""
    USERS.find(call)
    mfa = "totp" if call.request.method == "POST" else "disabled"
    call.cluster.access.user_roles.setdefault(call.bindings["username"], {})["mfa"] = mfa
