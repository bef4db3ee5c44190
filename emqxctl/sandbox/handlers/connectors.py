"""The connectors: `/connectors`."""

from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Answer, AnswerNow, Json, Row, answer_error, answer_json
from emqxctl.sandbox.schema.integration import (
    CONNECTORS,
    apply_defaults,
    check_name,
    check_new,
    check_url,
    parse_id,
)
from emqxctl.sandbox.schema.refusals import bad_request
from emqxctl.sandbox.schema.secrets import mask, unmask
from emqxctl.sandbox.schema.types import InvalidError, check_boolean, invalid_value
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.integration import Connector, connection_problem, connector_state

ANY_BODY = Body(loose=True)  # the handlers check, because what is right depends on the type
# Words that EMQX knows as atoms are refused with another reason than those it has never seen.
KNOWN_WORDS = ("start", "stop", "restart")
IN_USE = "Cannot delete connector while there are active channels defined for this connector"


def not_found(kind: str, name: str) -> AnswerNow:
    """Make the 404 of a connector that is not there."""
    message = f"Connector lookup failed: connector named '{name}' of type {kind} does not exist."
    return AnswerNow(answer_error(404, "NOT_FOUND", message))


def find_connector(call: Call, word: str = "connector ID") -> Connector:
    """Find the connector of the path. Raises AnswerNow (404)."""
    kind, name = parse_id(call.bindings["id"], word)
    found = call.cluster.integration.connectors.get((kind, name))
    if found is None:
        raise not_found(kind, name)
    return found


def connector_status(connector: Connector, nodes: list[str]) -> Row:
    """Write how a connector fares, as a whole and on each node."""
    status, reason = connector_state(connector)
    state: Row = {"status": status} | ({"status_reason": reason} if reason else {})
    return {**state, "node_status": [{"node": node, **state} for node in nodes]}


def connector_row(cluster: Cluster, connector: Connector, nodes: list[str]) -> Row:
    """Write one connector, without its secrets."""
    held = cluster.integration
    users = {kind: held.dependants(kind, connector) for kind in ("actions", "sources")}
    identity = {"type": connector.type, "name": connector.name}
    return {**mask(connector.config), **identity, **users, **connector_status(connector, nodes)}


@route("GET", "/connectors")
def list_connectors(call: Call) -> Answer:
    """List the connectors."""
    nodes = call.cluster.running()[::-1]
    found = sorted(call.cluster.integration.connectors.items())
    return answer_json([connector_row(call.cluster, connector, nodes) for _, connector in found])


@route("POST", "/connectors", body=ANY_BODY)
def create_connector(call: Call) -> Answer:
    """Create a connector; EMQX waits for its first try to connect."""
    config = check_new(CONNECTORS, call.body, "connector")
    kind, name = config.pop("type"), config.pop("name")
    if (kind, name) in call.cluster.integration.connectors:
        return answer_error(400, "ALREADY_EXISTS", "connector already exists")
    check_name(name)
    check_url(config)
    made = Connector(kind, name, config)
    call.cluster.integration.connectors[kind, name] = made
    return answer_json(connector_row(call.cluster, made, call.cluster.running()), 201)


@route("GET", "/connectors/{id}")
def get_connector(call: Call) -> Answer:
    """Show one connector."""
    return answer_json(connector_row(call.cluster, find_connector(call), call.cluster.running()))


@route("PUT", "/connectors/{id}", body=ANY_BODY)
def update_connector(call: Call) -> Answer:
    """Replace the configuration of a connector; masked secrets stay what they are."""
    found = find_connector(call, "connector id")
    config = apply_defaults(CONNECTORS[found.type].fields, call.body)
    check_url(config)
    found.config = unmask(config, found.config)
    return answer_json(connector_row(call.cluster, found, call.cluster.running()))


@route("DELETE", "/connectors/{id}")
def delete_connector(call: Call) -> Answer:
    """Delete a connector that no action or source uses."""
    found, held = find_connector(call), call.cluster.integration
    users = [name for kind in ("actions", "sources") for name in held.dependants(kind, found)]
    if users:
        message = f'{{<<"{IN_USE}">>,[{",".join(users)}]}}'
        return answer_error(400, "BAD_REQUEST", message)
    del held.connectors[found.type, found.name]
    return Answer(204)


@route("PUT", "/connectors/{id}/enable/{enable}")
def enable_connector(call: Call) -> Answer:
    """Enable or disable a connector."""
    wanted = check_switch(call)
    find_connector(call).config["enable"] = wanted
    return Answer(204)


def check_switch(call: Call) -> bool:
    """Take the `enable` of the path. Raises AnswerNow (400)."""
    try:
        return check_boolean(call.bindings["enable"], "enable")
    except InvalidError as invalid:
        raise bad_request(invalid.details) from None


def check_operation(call: Call) -> None:
    """Take the operation of the path, which can only be `start`. Raises AnswerNow (400)."""
    word = call.bindings["operation"]
    if word != "start":
        known = "not_a_enum_symbol" if word in KNOWN_WORDS else "unable_to_convert_to_enum_symbol"
        raise bad_request(invalid_value(word, known, "operation").details)


def check_node(call: Call) -> None:
    """Take the node of the path. Raises AnswerNow (404) unless it runs."""
    name = call.bindings["node"]
    if name not in call.cluster.running():
        raise AnswerNow(answer_error(404, "NOT_FOUND", f"Node not found: {name}"))


@route("POST", "/connectors/{id}/{operation}")
def start_connector(call: Call) -> Answer:
    """Let a connector try again to connect, on all nodes."""
    check_operation(call)
    return start_response(find_connector(call))


@route("POST", "/nodes/{node}/connectors/{id}/{operation}")
def start_connector_on_node(call: Call) -> Answer:
    """Let a connector try again to connect, on one node."""
    check_operation(call)
    check_node(call)
    return start_response(find_connector(call))


def start_response(connector: Connector) -> Answer:
    """Answer as a start ends: 204 when the connector is connected."""
    if not connector.enabled:
        return answer_error(400, "BAD_REQUEST", "Forbidden operation, connector not enabled")
    connector.halted = False
    _, reason = connector_state(connector)
    return answer_error(400, "BAD_REQUEST", reason) if reason else Answer(204)


@route("POST", "/connectors_probe", body=ANY_BODY)
def probe_connector(call: Call) -> Answer:
    """Try a configuration without keeping it; a masked secret is that of the connector of the same name."""
    config = check_new(CONNECTORS, call.body, "connector")
    check_url(config)
    known = call.cluster.integration.connectors.get((config["type"], config["name"]))
    return probe_response(connection_problem(config["type"], unmask(config, known.config if known else None)))


def probe_response(reason: Json) -> Answer:
    """Answer as a probe ends."""
    return answer_error(400, "TEST_FAILED", reason) if reason else Answer(204)
