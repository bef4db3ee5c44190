"""The users of the dashboard: `/users`."""

import re

from emqxctl.sandbox.handlers.api_keys import parse_role
from emqxctl.sandbox.http.roles import ADMINISTRATOR, VIEWER, default_scopes
from emqxctl.sandbox.http.routing import Call, Credentials, route
from emqxctl.sandbox.messages import Response, Row, json_response
from emqxctl.sandbox.schema.refusals import refuse_request, refuse_with
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.cluster import ENTERPRISE, Cluster

BAD_NAME = "Bad Username. Only upper and lower case letters, numbers and underscores are supported"
BAD_LENGTH = "The range of password length is 8~64"
WEAK = (
    "Bad password. At least two different kind of characters from groups of letters, numbers, and special "
    "characters. For example, if password is composed from letters, it must contain at least one number or "
    "a special character."
)


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


def find_user(call: Call, message: str = "username_not_found") -> str:
    """Return the user of the path. Raises EarlyResponse (404)."""
    name = call.bindings["username"]
    if name not in call.cluster.users:
        refuse_with(404, "USER_NOT_FOUND", message)
    return name


def check_password(password: str) -> None:
    """Raise EarlyResponse (400) for a password that is too short, too long or of one kind of characters."""
    if not 8 <= len(password) <= 64:
        refuse_request(BAD_LENGTH)
    groups = ("[A-Za-z]", "[0-9]", "[^A-Za-z0-9]")
    if sum(bool(re.search(group, password)) for group in groups) < 2:
        refuse_request(WEAK)


def end_tokens(cluster: Cluster, name: str) -> None:
    """End all tokens of a user."""
    cluster.tokens = {token: entry for token, entry in cluster.tokens.items() if entry[0] != name}


@route("GET", "/users", credentials=Credentials.BEARER)
def list_users(call: Call) -> Response:
    """List the users."""
    return json_response([user_row(call.cluster, name) for name in sorted(call.cluster.users)])


@route("POST", "/users", credentials=Credentials.BEARER, body=Body("new_dashboard_user", loose=True))
def create_user(call: Call) -> Response:
    """Add a user."""
    name, password = call.body["username"], call.body["password"]
    if not re.fullmatch(r"[A-Za-z0-9_]+", name):
        refuse_request(BAD_NAME)
    check_password(password)
    if name in call.cluster.users:
        refuse_request("username_already_exists")
    if call.cluster.edition == ENTERPRISE:
        call.cluster.access.user_roles[name] = check_roles(call)
    call.cluster.users[name] = password
    call.cluster.access.descriptions[name] = call.body["description"]
    return json_response(user_row(call.cluster, name))


@route("PUT", "/users/{username}", credentials=Credentials.BEARER, body=Body("dashboard_user", loose=True))
def update_user(call: Call) -> Response:
    """Change the description of a user."""
    name = find_user(call)
    if call.cluster.edition == ENTERPRISE:
        call.cluster.access.user_roles[name] = check_roles(call)
    call.cluster.access.descriptions[name] = call.body["description"]
    return json_response(user_row(call.cluster, name))


@route("DELETE", "/users/{username}", credentials=Credentials.BEARER)
def delete_user(call: Call) -> Response:
    """Delete a user, but neither the first one nor oneself."""
    name = call.bindings["username"]
    if name == "admin":
        refuse_with(400, "NOT_ALLOWED", f'Cannot delete user <<"{name}">>')
    if name == call.user:
        refuse_with(400, "NOT_ALLOWED", "Cannot delete self")
    del call.cluster.users[find_user(call)]
    call.cluster.access.descriptions.pop(name, None)
    end_tokens(call.cluster, name)
    return Response(204)


@route("POST", "/users/{username}/change_pwd", body=Body("new_password", loose=True))
def change_password(call: Call) -> Response:
    """Change a password, which ends the user's tokens. An API key may do it too, at 5.8.9."""
    name = find_user(call, "User not found")
    if call.cluster.users[name] != call.body["old_pwd"]:
        refuse_with(400, "ERROR_PWD_NOT_MATCH", "Old password not match")
    check_password(call.body["new_pwd"])
    call.cluster.users[name] = call.body["new_pwd"]
    end_tokens(call.cluster, name)
    return Response(204)


@route("POST", "/users/{username}/mfa", credentials=Credentials.BEARER, edition=ENTERPRISE)
@route("DELETE", "/users/{username}/mfa", credentials=Credentials.BEARER, edition=ENTERPRISE)
def switch_mfa(call: Call) -> Response:
    """Require MFA for a user, or no longer; logging in with a token is not simulated."""
    name = find_user(call)
    mfa = "totp" if call.request.method == "POST" else "disabled"
    call.cluster.access.user_roles.setdefault(name, {})["mfa"] = mfa
    return Response(204)
