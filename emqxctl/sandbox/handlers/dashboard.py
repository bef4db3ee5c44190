"""The dashboard's tokens, error codes and forms: `/login`, `/logout`, `/error_codes`, `/schemas`."""

from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.http.auth import issue_token
from emqxctl.sandbox.http.roles import ADMINISTRATOR
from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema.factories import enum_of
from emqxctl.sandbox.schema.refusals import refuse, refuse_with
from emqxctl.sandbox.schema.validation import check_parameter
from emqxctl.sandbox.state.cluster import ENTERPRISE


def create_token(call: Call) -> Json:
    """Return a dashboard user a token."""
    user, password = call.body["username"], call.body["password"]
    if call.cluster.users.get(user) != password:
        refuse_with(401, "BAD_USERNAME_OR_PWD", "Auth failed")
    token = issue_token(call.cluster, user)
    row: Row = {"license": {"edition": "ce"}, "token": token, "version": call.cluster.version}
    if call.cluster.edition == ENTERPRISE:
        roles = call.cluster.access.user_roles.get(user, {})
        own = {"role": roles.get("role", ADMINISTRATOR), "namespace": roles.get("namespace")}
        row |= {"license": {"edition": "ee"}, **own}
    return row


def delete_token(call: Call) -> None:
    """Revoke a token; EMQX accepts only `Bearer` with a capital letter here."""
    header = call.request.headers["authorization"]
    if not header.startswith("Bearer "):
        refuse("dashboard.no_clause")
    if call.body["username"] != call.user:
        refuse_with(401, "WRONG_TOKEN_OR_USERNAME", "Ensure your token & username")
    del call.cluster.tokens[header.removeprefix("Bearer ").strip()]


def list_codes(_: Call) -> Json:
    """List EMQX's registered error codes, in its spelling."""
    codes = read_table("error_codes")
    return [{"code": code, "description": text} for code, text in codes.items()]


def show_code(call: Call) -> Json:
    """Show one registered error code; the schema refuses any other."""
    codes = read_table("error_codes")
    code = check_parameter(enum_of(*codes), call.bindings["code"], "code")
    return {"code": code, "description": codes[code]}


def describe_settings(call: Call) -> Json:
    """Return the description of settings for the dashboard's forms, in EMQX's own words."""
    schemas = read_table("dashboard_schemas")
    check = enum_of(*schemas, reason="unable_to_convert_to_enum_symbol")
    return schemas[check_parameter(check, call.bindings["name"], "name")]
