"""The dashboard's tokens, error codes and forms: `/login`, `/logout`, `/error_codes`, `/schemas`."""

import json

from emqxctl.sandbox.data.error_codes import ERROR_CODES
from emqxctl.sandbox.http.auth import issue_token
from emqxctl.sandbox.http.routing import Access, Call, route
from emqxctl.sandbox.messages import Answer, answer_error, answer_json, erlang_json
from emqxctl.sandbox.schema.refusals import refuse_request
from emqxctl.sandbox.schema.validation import Body, Field, InvalidError, one_of, text
from emqxctl.sandbox.state.cluster import VERSION

USERNAME = Field("username", text, required=True)
PASSWORD = Field("password", text, required=True)
NO_CLAUSE = 'error, function_clause, [{emqx_dashboard_api,logout,[post],[{file,"emqx_dashboard_api.erl"}]}]'


@route("POST", "/login", access=Access.OPEN, body=Body((USERNAME, PASSWORD), loose=True))
def login(call: Call) -> Answer:
    """Give a dashboard user a token."""
    user, password = call.body["username"], call.body["password"]
    if call.cluster.users.get(user) != password:
        return answer_error(401, "BAD_USERNAME_OR_PWD", "Auth failed")
    token = issue_token(call.cluster, user)
    return answer_json({"license": {"edition": "ce"}, "token": token, "version": VERSION})


@route("POST", "/logout", access=Access.BEARER, body=Body((USERNAME,), loose=True))
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
    """List EMQX's registered error codes."""
    return answer_json([{"code": code, "description": words} for code, words in ERROR_CODES.items()])


@route("GET", "/error_codes/{code}", access=Access.OPEN)
def get_code(call: Call) -> Answer:
    """Show one registered error code; the schema refuses any other."""
    code = call.bindings["code"]
    try:
        one_of(*ERROR_CODES)(code, "code")
    except InvalidError as invalid:
        return answer_error(400, "BAD_REQUEST", erlang_json(invalid.details))
    return answer_json({"code": code, "description": ERROR_CODES[code]})


@route("GET", "/schemas/{name}", access=Access.OPEN)
def describe_settings(call: Call) -> Answer:
    """Describe settings for the dashboard's forms, in EMQX's own words."""
    from importlib.resources import files

    found = json.loads(files("emqxctl.sandbox.data").joinpath("dashboard_schemas.json").read_text("utf-8"))
    try:
        name = one_of(*found, reason="unable_to_convert_to_enum_symbol")(call.bindings["name"], "name")
    except InvalidError as invalid:
        refuse_request(erlang_json(invalid.details))
    return answer_json(found[name])
