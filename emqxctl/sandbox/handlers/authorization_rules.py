"""The rules of the built-in database: `/authorization/sources/built_in_database/rules`."""

from emqxctl.sandbox.handlers.authorization import find_source
from emqxctl.sandbox.http.paging import PAGES, one_page
from emqxctl.sandbox.http.routing import Call, Handler, route
from emqxctl.sandbox.messages import Answer, AnswerNow, Json, Row, answer_error, answer_json
from emqxctl.sandbox.schema.integration import bad_request
from emqxctl.sandbox.schema.validation import (
    Body,
    Field,
    anything,
    boolean,
    check_struct,
    one_of,
    refuse,
    text,
)

BASE = "/authorization/sources/built_in_database/rules"
NO_CLAUSE = (
    "error, function_clause, [{{emqx_authz_api_mnesia,{},[{}],"
    '[{{file,"emqx_authz_api_mnesia.erl"}},{{line,618}}]}}]'
)
# For each kind of name: the last word of its path, what it is called in refusals, and in a 404.
KINDS = {"username": ("users", "User", "Username"), "clientid": ("clients", "Client", "ClientID")}


def levels(value: Json, path: str) -> Json:
    """Take a QoS or several of them, as an array."""
    given = value if isinstance(value, list) else str(value).split(",")
    if not all(str(each) in ("0", "1", "2") for each in given):
        raise refuse(value, "Unable to parse string", path)
    return [int(each) for each in given]


def retention(value: Json, path: str) -> Json:
    """Take whether retained messages are meant: `all` or a boolean."""
    return value if value == "all" else boolean(value, path)


RULE = (
    Field("topic", text, required=True),
    Field("permission", one_of("allow", "deny"), required=True),
    Field("action", one_of("publish", "subscribe", "all"), required=True),
    Field("qos", levels, default=[0, 1, 2]),
    Field("retain", retention, default="all"),
)


def check_rules(rules: Json, path: str) -> list[Row]:
    """Check the rules of one name and fill in their defaults. Raises AnswerNow (400) with all refusals."""
    refusals: list[Row] = []
    if not isinstance(rules, list):
        raise bad_request(refuse(rules, {"expected": "array()"}, path).details)
    checked = [check_struct(RULE, each, f"{path}.{at}", refusals) for at, each in enumerate(rules, 1)]
    if refusals:
        raise bad_request(refusals if len(refusals) > 1 else refusals[0])
    return checked


def limit_rules(call: Call, rules: list[Row], whose: str) -> None:
    """Raise AnswerNow (400) when there are more rules than the source allows."""
    if len(rules) > find_source(call, "built_in_database")["max_rules"]:
        message = f"The rules length of {whose} exceeds the maximum limit."
        raise AnswerNow(answer_error(400, "BAD_REQUEST", message))


def crash(what: str, cause: str = "") -> Answer:
    """Answer as EMQX does when a handler has no clause for a body."""
    return answer_error(500, "INTERNAL_ERROR", NO_CLAUSE.format(what, cause))


@route("DELETE", BASE)
def purge(call: Call) -> Answer:
    """Remove all rules; the source must be disabled."""
    if find_source(call, "built_in_database")["enable"]:
        message = "'built_in_database' type source must be disabled before purge."
        return answer_error(400, "BAD_REQUEST", message)
    access = call.cluster.access
    access.rules_for_all = []
    access.rules = {kind: {} for kind in KINDS}
    return Answer(204)


@route("GET", f"{BASE}/all")
def show_for_all(call: Call) -> Answer:
    """Show the rules that hold for everybody."""
    find_source(call, "built_in_database")
    return answer_json({"rules": call.cluster.access.rules_for_all})


@route("POST", f"{BASE}/all", body=Body((Field("rules", anything),)))
def replace_for_all(call: Call) -> Answer:
    """Replace the rules that hold for everybody."""
    if call.body["rules"] is None:
        return crash("all", "post")
    rules = check_rules(call.body["rules"], "root.rules")
    limit_rules(call, rules, "All")
    call.cluster.access.rules_for_all = rules
    return Answer(204)


@route("DELETE", f"{BASE}/all")
def delete_for_all(call: Call) -> Answer:
    """Remove the rules that hold for everybody."""
    call.cluster.access.rules_for_all = []
    return Answer(204)


def list_rules(kind: str) -> Handler:
    """Make the handler that lists the rules of all users or clients, the last name first."""

    def answer(call: Call) -> Answer:
        """List the rules by name; a fuzzy filter is not counted."""
        find_source(call, "built_in_database")
        rules, like = call.cluster.access.rules[kind], call.query[f"like_{kind}"]
        names = [name for name in sorted(rules, reverse=True) if like is None or like in name]
        rows = [{kind: name, "rules": rules[name]} for name in names]
        return answer_json(one_page(rows, call.query, counted=like is None))

    return answer


def add_rules(kind: str) -> Handler:
    """Make the handler that adds the rules of users or clients that have none yet."""
    path, word, _ = KINDS[kind]

    def answer(call: Call) -> Answer:
        """Add the rules of several names, or of none when one is refused."""
        known, made = call.cluster.access.rules[kind], {}
        for at, each in enumerate(call.body, 1):
            if each["rules"] is None:
                return crash(path, "badmatch")
            made[each[kind]] = check_rules(each["rules"], f"root.{at}.rules")
        for name, rules in made.items():
            limit_rules(call, rules, f"{word} '{name}'")
            if name in known:
                return answer_error(409, "ALREADY_EXISTS", f"{word} '{name}' already exist")
        known.update(made)
        return Answer(204)

    return answer


def show_rules(kind: str) -> Handler:
    """Make the handler that shows the rules of one user or client."""

    def answer(call: Call) -> Answer:
        """Show the rules of one name."""
        name, rules = call.bindings[kind], call.cluster.access.rules[kind]
        if name not in rules:
            return answer_error(404, "NOT_FOUND", "Not Found")
        return answer_json({kind: name, "rules": rules[name]})

    return answer


def change_rules(kind: str) -> Handler:
    """Make the handler that replaces the rules of one user or client."""
    path, word, _ = KINDS[kind]

    def answer(call: Call) -> Answer:
        """Replace the rules of one name, which the body must repeat; an unknown one is added."""
        name = call.bindings[kind]
        if call.body[kind] != name or call.body["rules"] is None:
            return crash(path.removesuffix("s"), "put")
        rules = check_rules(call.body["rules"], "root.rules")
        limit_rules(call, rules, f"{word} '{name}'")
        call.cluster.access.rules[kind][name] = rules
        return Answer(204)

    return answer


def delete_rules(kind: str) -> Handler:
    """Make the handler that removes the rules of one user or client."""
    title = KINDS[kind][2]

    def answer(call: Call) -> Answer:
        """Remove the rules of one name."""
        if call.cluster.access.rules[kind].pop(call.bindings[kind], None) is None:
            return answer_error(404, "NOT_FOUND", f"{title} Not Found")
        return Answer(204)

    return answer


def register(kind: str) -> None:
    """Register the operations on the rules of users, or of clients."""
    path = f"{BASE}/{KINDS[kind][0]}"
    body = (Field(kind, text, required=True), Field("rules", anything))
    route("GET", path, query=[*PAGES, Field(f"like_{kind}", text)])(list_rules(kind))
    route("POST", path, body=Body(body, array=True))(add_rules(kind))
    route("GET", f"{path}/{{{kind}}}")(show_rules(kind))
    route("PUT", f"{path}/{{{kind}}}", body=Body(body))(change_rules(kind))
    route("DELETE", f"{path}/{{{kind}}}")(delete_rules(kind))


for each_kind in KINDS:
    register(each_kind)
