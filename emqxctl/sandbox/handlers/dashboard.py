"""The dashboard's tokens, error codes and forms: `/login`, `/logout`, `/error_codes`, `/schemas`."""

from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.http.auth import issue_token
from emqxctl.sandbox.http.routing import Access, Call, route
from emqxctl.sandbox.messages import Answer, answer_error, answer_json
from emqxctl.sandbox.schema.types import enum_of
from emqxctl.sandbox.schema.validation import Body, check_parameter
from emqxctl.sandbox.state.cluster import VERSION

NO_CLAUSE = 'error, function_clause, [{emqx_dashboard_api,logout,[post],[{file,"emqx_dashboard_api.erl"}]}]'


@route("POST", "/login", access=Access.OPEN, body=Body("login", loose=True))
def login(call: Call) -> Answer:
    """Give a dashboard user a token."""
    user, password = call.body["username"], call.body["password"]
    if call.cluster.users.get(user) != password:
        return answer_error(401, "BAD_USERNAME_OR_PWD", "Auth failed")
    token = issue_token(call.cluster, user)
    return answer_json({"license": {"edition": "ce"}, "token": token, "version": VERSION})


@route("POST", "/logout", access=Access.BEARER, body=Body("username", loose=True))
def logout(call: Call) -> Answer:
    """End a token; EMQX knows only `Bearer` with a capital letter here."""
    header = call.request.headers["authorization"]
    if not header.startswith("Bearer "):
        return answer_error(500, "INTERNAL_ERROR", NO_CLAUSE)
    if call.body["username"] != call.user:
        return answer_error(401, "WRONG_TOKEN_OR_USERNAME", "Ensure your token & username")
    del call.cluster.tokens[header.removeprefix("Bearer ").strip()]
    return Answer(204)


@route("GET", "/error_codes", access=Access.OPEN)
def list_codes(_: Call) -> Answer:
    """List EMQX's registered error codes, in its spelling."""
    codes = read_table("error_codes")
    return answer_json([{"code": code, "description": text} for code, text in codes.items()])


@route("GET", "/error_codes/{code}", access=Access.OPEN)
def get_code(call: Call) -> Answer:
    """Show one registered error code; the schema refuses any other."""
    codes = read_table("error_codes")
    code = check_parameter(enum_of(*codes), call.bindings["code"], "code")
    return answer_json({"code": code, "description": codes[code]})


@route("GET", "/schemas/{name}", access=Access.OPEN)
def describe_settings(call: Call) -> Answer:
    """Return the description of settings for the dashboard's forms, in EMQX's own words."""
    schemas = read_table("dashboard_schemas")
    check = enum_of(*schemas, reason="unable_to_convert_to_enum_symbol")
    return answer_json(schemas[check_parameter(check, call.bindings["name"], "name")])
