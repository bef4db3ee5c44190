"""Connectors: `/connectors`."""

from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import EarlyResponse, Json, Response, Row, error_response, json_response
from emqxctl.sandbox.schema.integration import (
    CONNECTORS,
    apply_defaults,
    check_name,
    check_new,
    check_url,
    parse_id,
)
from emqxctl.sandbox.schema.refusals import bad_request, refuse_with
from emqxctl.sandbox.schema.secrets import mask, unmask
from emqxctl.sandbox.schema.types import check_boolean, invalid_value
from emqxctl.sandbox.schema.validation import Body, check_parameter
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.integration import Connector, connection_problem, connector_state

ANY_BODY = Body(loose=True)  # the handlers check, because what is right depends on the type
# Words that EMQX knows as atoms are refused with another reason than those it has never seen.
KNOWN_WORDS = ("start", "stop", "restart")
IN_USE = "Cannot delete connector while there are active channels defined for this connector"


def connector_not_found(kind: str, name: str) -> EarlyResponse:
    """Build the 404 of a connector that is not there."""
    message = f"Connector lookup failed: connector named '{name}' of type {kind} does not exist."
    return EarlyResponse(error_response(404, "NOT_FOUND", message))


def find_connector(call: Call, word: str = "connector ID") -> Connector:
    """Find the connector of the path. Raises EarlyResponse (404)."""
    kind, name = parse_id(call.bindings["id"], word)
    connector = call.cluster.integration.connectors.get((kind, name))
    if connector is None:
        raise connector_not_found(kind, name)
    return connector


def connector_status(connector: Connector, nodes: list[str]) -> Row:
    """Return the status of a connector, in total and on each node."""
    status, reason = connector_state(connector)
    state: Row = {"status": status} | ({"status_reason": reason} if reason else {})
    return {**state, "node_status": [{"node": node, **state} for node in nodes]}


def connector_row(cluster: Cluster, connector: Connector, nodes: list[str]) -> Row:
    """Return one connector, without its secrets."""
    integration = cluster.integration
    users = {kind: integration.dependants(kind, connector) for kind in ("actions", "sources")}
    identity = {"type": connector.type, "name": connector.name, **cluster.edition_fields("connector")}
    return {**mask(connector.config), **identity, **users, **connector_status(connector, nodes)}


@route("GET", "/connectors")
def list_connectors(call: Call) -> Response:
    """List the connectors."""
    nodes = call.cluster.running()[::-1]
    connectors = sorted(call.cluster.integration.connectors.items())
    return json_response([connector_row(call.cluster, connector, nodes) for _, connector in connectors])


@route("POST", "/connectors", body=ANY_BODY)
def create_connector(call: Call) -> Response:
    """Create a connector; EMQX waits for its first try to connect."""
    config = check_new(CONNECTORS, call.body, "connector")
    kind, name = config.pop("type"), config.pop("name")
    if (kind, name) in call.cluster.integration.connectors:
        return error_response(400, "ALREADY_EXISTS", "connector already exists")
    check_name(name)
    check_url(config)
    connector = Connector(kind, name, config)
    call.cluster.integration.connectors[kind, name] = connector
    return json_response(connector_row(call.cluster, connector, call.cluster.running()), 201)


@route("GET", "/connectors/{id}")
def show_connector(call: Call) -> Response:
    """Show one connector."""
    return json_response(connector_row(call.cluster, find_connector(call), call.cluster.running()))


@route("PUT", "/connectors/{id}", body=ANY_BODY)
def update_connector(call: Call) -> Response:
    """Replace the configuration of a connector; masked secrets stay what they are."""
    connector = find_connector(call, "connector id")
    config = apply_defaults(CONNECTORS[connector.type].fields, call.body)
    check_url(config)
    connector.config = unmask(config, connector.config)
    return json_response(connector_row(call.cluster, connector, call.cluster.running()))


@route("DELETE", "/connectors/{id}")
def delete_connector(call: Call) -> Response:
    """Delete a connector that no action or source uses."""
    connector, integration = find_connector(call), call.cluster.integration
    users = [name for kind in ("actions", "sources") for name in integration.dependants(kind, connector)]
    if users:
        message = f'{{<<"{IN_USE}">>,[{",".join(users)}]}}'
        return error_response(400, "BAD_REQUEST", message)
    del integration.connectors[connector.type, connector.name]
    return Response(204)


@route("PUT", "/connectors/{id}/enable/{enable}")
def enable_connector(call: Call) -> Response:
    """Enable or disable a connector."""
    enabled = check_parameter(check_boolean, call.bindings["enable"], "enable")
    find_connector(call).config["enable"] = enabled
    return Response(204)


def check_operation(call: Call) -> None:
    """Check the operation of the path, which can only be `start`. Raises EarlyResponse (400)."""
    word = call.bindings["operation"]
    if word != "start":
        reason = "not_a_enum_symbol" if word in KNOWN_WORDS else "unable_to_convert_to_enum_symbol"
        raise bad_request(invalid_value(word, reason, "operation").details)


def check_node(call: Call) -> None:
    """Check the node of the path. Raises EarlyResponse (404) unless it runs."""
    name = call.bindings["node"]
    if name not in call.cluster.running():
        refuse_with(404, "NOT_FOUND", f"Node not found: {name}")


@route("POST", "/connectors/{id}/{operation}")
def start_connector(call: Call) -> Response:
    """Reconnect a connector on all nodes."""
    check_operation(call)
    return start_response(find_connector(call))


@route("POST", "/nodes/{node}/connectors/{id}/{operation}")
def start_connector_on_node(call: Call) -> Response:
    """Reconnect a connector on one node."""
    check_operation(call)
    check_node(call)
    return start_response(find_connector(call))


def start_response(connector: Connector) -> Response:
    """Answer as a start ends: 204 when the connector is connected."""
    if not connector.enabled:
        return error_response(400, "BAD_REQUEST", "Forbidden operation, connector not enabled")
    connector.stopped = False
    _, reason = connector_state(connector)
    return error_response(400, "BAD_REQUEST", reason) if reason else Response(204)


@route("POST", "/connectors_probe", body=ANY_BODY)
def probe_connector(call: Call) -> Response:
    """Try a configuration without keeping it; a masked secret is that of the connector of the same name."""
    config = check_new(CONNECTORS, call.body, "connector")
    check_url(config)
    existing = call.cluster.integration.connectors.get((config["type"], config["name"]))
    return probe_response(
        connection_problem(config["type"], unmask(config, existing.config if existing else None))
    )


def probe_response(reason: Json) -> Response:
    """Answer as a probe ends."""
    return error_response(400, "TEST_FAILED", reason) if reason else Response(204)
