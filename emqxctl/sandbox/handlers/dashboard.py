"""The dashboard's tokens, error codes and forms: `/login`, `/logout`, `/error_codes`, `/schemas`."""

from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.http.auth import issue_token
from emqxctl.sandbox.http.roles import ADMINISTRATOR
from emqxctl.sandbox.http.routing import Call, Credentials, route
from emqxctl.sandbox.messages import Response, Row, error_response, json_response
from emqxctl.sandbox.schema.factories import enum_of
from emqxctl.sandbox.schema.validation import Body, check_parameter
from emqxctl.sandbox.state.cluster import ENTERPRISE

NO_CLAUSE = 'error, function_clause, [{emqx_dashboard_api,logout,[post],[{file,"emqx_dashboard_api.erl"}]}]'


@route("POST", "/login", credentials=Credentials.OPEN, body=Body("login", loose=True))
def create_token(call: Call) -> Response:
    """Return a dashboard user a token."""
    user, password = call.body["username"], call.body["password"]
    if call.cluster.users.get(user) != password:
        return error_response(401, "BAD_USERNAME_OR_PWD", "Auth failed")
    token = issue_token(call.cluster, user)
    row: Row = {"license": {"edition": "ce"}, "token": token, "version": call.cluster.version}
    if call.cluster.edition == ENTERPRISE:
        roles = call.cluster.access.user_roles.get(user, {})
        own = {"role": roles.get("role", ADMINISTRATOR), "namespace": roles.get("namespace")}
        row |= {"license": {"edition": "ee"}, **own}
    return json_response(row)


@route("POST", "/logout", credentials=Credentials.BEARER, body=Body("username", loose=True))
def delete_token(call: Call) -> Response:
    """Revoke a token; EMQX accepts only `Bearer` with a capital letter here."""
    header = call.request.headers["authorization"]
    if not header.startswith("Bearer "):
        return error_response(500, "INTERNAL_ERROR", NO_CLAUSE)
    if call.body["username"] != call.user:
        return error_response(401, "WRONG_TOKEN_OR_USERNAME", "Ensure your token & username")
    del call.cluster.tokens[header.removeprefix("Bearer ").strip()]
    return Response(204)


@route("GET", "/error_codes", credentials=Credentials.OPEN)
def list_codes(_: Call) -> Response:
    """List EMQX's registered error codes, in its spelling."""
    codes = read_table("error_codes")
    return json_response([{"code": code, "description": text} for code, text in codes.items()])


@route("GET", "/error_codes/{code}", credentials=Credentials.OPEN)
def show_code(call: Call) -> Response:
    """Show one registered error code; the schema refuses any other."""
    codes = read_table("error_codes")
    code = check_parameter(enum_of(*codes), call.bindings["code"], "code")
    return json_response({"code": code, "description": codes[code]})


@route("GET", "/schemas/{name}", credentials=Credentials.OPEN)
def describe_settings(call: Call) -> Response:
    """Return the description of settings for the dashboard's forms, in EMQX's own words."""
    schemas = read_table("dashboard_schemas")
    check = enum_of(*schemas, reason="unable_to_convert_to_enum_symbol")
    return json_response(schemas[check_parameter(check, call.bindings["name"], "name")])
