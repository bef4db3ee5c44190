"""The rules of the built-in database: `/authorization/sources/built_in_database/rules`."""

from functools import partial

from emqxctl.sandbox.handlers.authorization import find_source
from emqxctl.sandbox.http.paging import cut_page
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Json, Response, Row, error_response, json_response
from emqxctl.sandbox.schema.fields import Field, check_struct, fields_of
from emqxctl.sandbox.schema.refusals import bad_request, refuse_request
from emqxctl.sandbox.schema.types import check_any, check_text, invalid_value
from emqxctl.sandbox.schema.validation import Body

BASE = "/authorization/sources/built_in_database/rules"
NO_CLAUSE = (
    "error, function_clause, [{{emqx_authz_api_mnesia,{},[{}],"
    '[{{file,"emqx_authz_api_mnesia.erl"}},{{line,618}}]}}]'
)
# For each kind of name: the last word of its path, what it is called in errors, and in a 404.
KINDS = {"username": ("users", "User", "Username"), "clientid": ("clients", "Client", "ClientID")}


def check_rules(rules: Json, path: str) -> list[Row]:
    """Check the rules of one name and fill in their defaults. Raises EarlyResponse (400) with all errors."""
    errors: list[Row] = []
    if not isinstance(rules, list):
        raise bad_request(invalid_value(rules, {"expected": "array()"}, path).details)
    fields = fields_of("authorization_rule")
    checked = [check_struct(fields, rule, f"{path}.{at}", errors) for at, rule in enumerate(rules, 1)]
    if errors:
        raise bad_request(errors if len(errors) > 1 else errors[0])
    return checked


def check_length(call: Call, rules: list[Row], owner: str) -> None:
    """Raise EarlyResponse (400) when there are more rules than the source allows."""
    if len(rules) > find_source(call, "built_in_database")["max_rules"]:
        refuse_request(f"The rules length of {owner} exceeds the maximum limit.")


def answer_crash(what: str, cause: str = "") -> Response:
    """Answer as EMQX does when a handler has no clause for a body."""
    return error_response(500, "INTERNAL_ERROR", NO_CLAUSE.format(what, cause))


@route("DELETE", BASE)
def delete_all_rules(call: Call) -> Response:
    """Delete all rules; the source must be disabled."""
    if find_source(call, "built_in_database")["enable"]:
        refuse_request("'built_in_database' type source must be disabled before purge.")
    access = call.cluster.access
    access.rules_for_all = []
    access.rules = {kind: {} for kind in KINDS}
    return Response(204)


@route("GET", f"{BASE}/all")
def show_for_all(call: Call) -> Response:
    """Show the rules that apply to all clients."""
    find_source(call, "built_in_database")
    return json_response({"rules": call.cluster.access.rules_for_all})


@route("POST", f"{BASE}/all", body=Body("rules"))
def replace_for_all(call: Call) -> Response:
    """Replace the rules that apply to all clients."""
    if call.body["rules"] is None:
        return answer_crash("all", "post")
    rules = check_rules(call.body["rules"], "root.rules")
    check_length(call, rules, "All")
    call.cluster.access.rules_for_all = rules
    return Response(204)


@route("DELETE", f"{BASE}/all")
def delete_for_all(call: Call) -> Response:
    """Delete the rules that apply to all clients."""
    call.cluster.access.rules_for_all = []
    return Response(204)


def list_rules(kind: str, call: Call) -> Response:
    """List the rules of all users or clients, the last name first; a fuzzy filter is not counted."""
    find_source(call, "built_in_database")
    rules, like = call.cluster.access.rules[kind], call.query[f"like_{kind}"]
    names = [name for name in sorted(rules, reverse=True) if like is None or like in name]
    rows = [{kind: name, "rules": rules[name]} for name in names]
    return json_response(cut_page(rows, call.query, counted=like is None))


def add_rules(kind: str, call: Call) -> Response:
    """Add the rules of several names, or of none when one is refused."""
    path, word, _ = KINDS[kind]
    existing, added = call.cluster.access.rules[kind], {}
    for at, row in enumerate(call.body, 1):
        if row["rules"] is None:
            return answer_crash(path, "badmatch")
        added[row[kind]] = check_rules(row["rules"], f"root.{at}.rules")
    for name, rules in added.items():
        check_length(call, rules, f"{word} '{name}'")
        if name in existing:
            return error_response(409, "ALREADY_EXISTS", f"{word} '{name}' already exist")
    existing.update(added)
    return Response(204)


def show_rules(kind: str, call: Call) -> Response:
    """Show the rules of one name."""
    name, rules = call.bindings[kind], call.cluster.access.rules[kind]
    if name not in rules:
        return error_response(404, "NOT_FOUND", "Not Found")
    return json_response({kind: name, "rules": rules[name]})


def update_rules(kind: str, call: Call) -> Response:
    """Replace the rules of one name, which the body must repeat; an unknown one is added."""
    path, word, _ = KINDS[kind]
    name = call.bindings[kind]
    if call.body[kind] != name or call.body["rules"] is None:
        return answer_crash(path.removesuffix("s"), "put")
    rules = check_rules(call.body["rules"], "root.rules")
    check_length(call, rules, f"{word} '{name}'")
    call.cluster.access.rules[kind][name] = rules
    return Response(204)


def delete_rules(kind: str, call: Call) -> Response:
    """Delete the rules of one name."""
    if call.cluster.access.rules[kind].pop(call.bindings[kind], None) is None:
        return error_response(404, "NOT_FOUND", f"{KINDS[kind][2]} Not Found")
    return Response(204)


def serve_rules(kind: str) -> None:
    """Register the operations on the rules of users, or of clients."""
    path = f"{BASE}/{KINDS[kind][0]}"
    item = f"{path}/{{{kind}}}"
    body = (Field(kind, check_text, required=True), Field("rules", check_any))
    route("GET", path, query=("page", Field(f"like_{kind}", check_text)))(partial(list_rules, kind))
    route("POST", path, body=Body(body, array=True))(partial(add_rules, kind))
    route("GET", item)(partial(show_rules, kind))
    route("PUT", item, body=Body(body))(partial(update_rules, kind))
    route("DELETE", item)(partial(delete_rules, kind))


for _kind in KINDS:
    serve_rules(_kind)
