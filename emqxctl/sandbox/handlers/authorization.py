"""The sources of permissions: `/authorization/sources` and `/authorization/settings`."""

from emqxctl.sandbox.handlers._settings import replace_all, serve_settings
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Answer, AnswerNow, Row, answer_error, answer_json, erlang_json
from emqxctl.sandbox.schema.access import SOURCE_TYPES, check_source
from emqxctl.sandbox.schema.secrets import mask, unmask
from emqxctl.sandbox.schema.types import InvalidError, enum_of
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.access import Access, count_calls, is_reachable, write_status
from emqxctl.sandbox.state.positions import UnknownAnchorError, UnknownPositionError, place, reorder

RESULTS = ("allow", "nomatch", "deny", "ignore")
LOCAL = ("file", "built_in_database", "client_info")
UNKNOWN_ANCHOR = (
    'throw, {{unknown_authz_source_type,<<"{}">>}}, '
    '[{{emqx_authz_source_registry,get,1,[{{file,"emqx_authz_source_registry.erl"}},{{line,58}}]}}]'
)
BAD_POSITION = '<<"Invalid parameter. Unknow position">>'


def find_source(call: Call, name: str = "") -> Row:
    """Take the source of the path, or the named one. Raises AnswerNow (400 or 404)."""
    kind = name or call.bindings["type"]
    try:
        enum_of(*SOURCE_TYPES)(kind, "type")
    except InvalidError as invalid:
        raise AnswerNow(answer_error(400, "BAD_REQUEST", erlang_json(invalid.details))) from None
    if kind not in call.cluster.access.sources:
        raise AnswerNow(answer_error(404, "NOT_FOUND", f"Not found: {kind}"))
    return call.cluster.access.sources[kind]


serve_settings("/authorization/settings", "authorization", Body("authorization", loose=True), replace_all)


@route("GET", "/authorization/sources")
def list_sources(call: Call) -> Answer:
    """List the sources in the order in which they are asked."""
    return answer_json({"sources": [mask(config) for config in call.cluster.access.sources.values()]})


@route("POST", "/authorization/sources", body=Body(loose=True))
def create(call: Call) -> Answer:
    """Add a source in front of all others; a body without a type crashes EMQX."""
    if "type" not in call.body:
        return Answer(500)
    config, access = check_source(call.body), call.cluster.access
    if config["type"] in access.sources:
        term = f"{{duplicated_authz_source_type,{config['type']}}}"
        return answer_error(400, "BAD_REQUEST", term)
    access.sources = {config["type"]: config, **access.sources}
    return Answer(204)


@route("GET", "/authorization/sources/{type}")
def show(call: Call) -> Answer:
    """Show one source."""
    return answer_json(mask(find_source(call)))


@route("PUT", "/authorization/sources/{type}", body=Body(loose=True))
def update(call: Call) -> Answer:
    """Replace the configuration of a source; a masked secret stays what it was."""
    kind = call.bindings["type"]
    config = check_source({"type": kind, **call.body})
    old = find_source(call)
    if config["type"] != kind:
        return answer_error(400, "BAD_REQUEST", "Type mismatch")
    call.cluster.access.sources[kind] = unmask(config, old)
    return Answer(204)


@route("DELETE", "/authorization/sources/{type}")
def delete(call: Call) -> Answer:
    """Remove a source."""
    find_source(call)
    del call.cluster.access.sources[call.bindings["type"]]
    return Answer(204)


@route("GET", "/authorization/sources/{type}/status")
def show_status(call: Call) -> Answer:
    """Show how a source fares on each node."""
    config, name, nodes = find_source(call), call.bindings["type"], call.cluster.running()
    reachable = is_reachable(config)
    working = reachable and config["enable"]
    counted = {
        node: count_calls(call.cluster.seed, f"authz:{name}", node, RESULTS, working=working)
        for node in nodes
    }
    return answer_json(write_status(nodes, counted, remote=name not in LOCAL, reachable=reachable))


def arrange(access: Access, names: list[str]) -> None:
    """Put the sources into another order."""
    access.sources = {name: access.sources[name] for name in names}


@route("POST", "/authorization/sources/{type}/move", body=Body("position"))
def move(call: Call) -> Answer:
    """Put a source elsewhere in the order."""
    find_source(call)
    access = call.cluster.access
    try:
        arrange(access, place(list(access.sources), call.bindings["type"], call.body["position"]))
    except UnknownAnchorError as unknown:
        return answer_error(500, "INTERNAL_ERROR", UNKNOWN_ANCHOR.format(unknown))
    except UnknownPositionError:
        return answer_error(400, "BAD_REQUEST", BAD_POSITION)
    return Answer(204)


@route("PUT", "/authorization/sources/order", body=Body("type", array=True))
def put_in_order(call: Call) -> Answer:
    """Put all sources into a new order."""
    access = call.cluster.access
    wanted = [each["type"] for each in call.body]
    if wrong := reorder(wanted, list(access.sources), "Authorization sources", "authorization sources"):
        return answer_error(400, "BAD_REQUEST", wrong)
    arrange(access, wanted)
    return Answer(204)
