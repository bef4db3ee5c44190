"""The gateways: `/gateways`."""

from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Answer, Json, Row, answer_json, erlang_json
from emqxctl.sandbox.schema.access import check_authenticator
from emqxctl.sandbox.schema.gateways import (
    PROTOCOLS,
    add_gateway_defaults,
    add_listener_defaults,
    check_union,
    gateway_union,
)
from emqxctl.sandbox.schema.refusals import refuse_request, refuse_with
from emqxctl.sandbox.schema.types import InvalidError, check_boolean, enum_of
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.gateways import Gateway

STATUSES = ("running", "stopped", "unloaded")
BAD_STATUS = "Unknown gateway status in query: {}\nValues allowed: running, stopped, unloaded"
NOT_LOADED = "Gateway not loaded"
MISSING = "RESOURCE_NOT_FOUND"


def find_gateway(call: Call) -> Gateway:
    """Take the gateway of the path, loaded or not. Raises AnswerNow (400) for an unknown one."""
    name = call.bindings["name"]
    try:
        enum_of(*PROTOCOLS)(name, "name")
    except InvalidError as invalid:
        refuse_request(erlang_json(invalid.details))
    return call.cluster.gateways.held[name]


def find_loaded(call: Call, message: str = NOT_LOADED) -> Gateway:
    """Take the gateway of the path. Raises AnswerNow (404) while it is not loaded."""
    gateway = find_gateway(call)
    if gateway.config is None:
        refuse_with(404, MISSING, message)
    return gateway


def summary(call: Call, gateway: Gateway) -> Row:
    """Write a gateway as the listing does."""
    if gateway.config is None:
        return {"name": gateway.name, "status": "unloaded"}
    nodes, most = call.cluster.running(), sum_limits(gateway)
    running = gateway.status == "running"
    listeners = [
        {"id": key, "name": each["name"], "running": running, "type": each["type"]}
        for key, each in gateway.listeners.items()
    ]
    shared = {"max_connections": most, "status": gateway.status}
    by_node = [{"current_connections": gateway.on(node), "node": node, **shared} for node in nodes]
    return {
        **gateway.times(),
        "current_connections": len(gateway.clients),
        "listeners": listeners,
        "max_connections": most * len(nodes),
        "name": gateway.name,
        "node_status": by_node,
    }


def sum_limits(gateway: Gateway) -> int:
    """Add up how many connections its listeners take on a node."""
    limits = [each["max_connections"] for each in gateway.listeners.values()]
    return sum(limit for limit in limits if isinstance(limit, int))


@route("GET", "/gateways", query="status")
def list_gateways(call: Call) -> Answer:
    """List all gateways, or those of one status."""
    wanted = call.query["status"]
    if wanted is not None and wanted not in STATUSES:
        refuse_request(BAD_STATUS.format(wanted))
    held = call.cluster.gateways.held.values()
    return answer_json([summary(call, each) for each in held if wanted in (None, each.status)])


@route("GET", "/gateways/{name}")
def show(call: Call) -> Answer:
    """Show one gateway with its settings and listeners."""
    gateway = find_gateway(call)
    if gateway.config is None:
        return answer_json(summary(call, gateway))
    listeners = [{**each, "id": key} for key, each in gateway.listeners.items()]
    row = {**gateway.config, **gateway.times(), "name": gateway.name, "listeners": listeners}
    if gateway.authentication:
        row["authentication"] = check_authenticator(gateway.authentication)
    return answer_json(row)


@route("PUT", "/gateways/{name}", body=Body(loose=True))
def load(call: Call) -> Answer:
    """Load a gateway, or replace its settings; its listeners and authentication stay when none are given."""
    gateway, body, now = find_gateway(call), call.body, call.cluster.now()
    check_union(gateway_union(), body)
    config = add_gateway_defaults(gateway.name, body)
    if gateway.config is None:
        gateway.created = gateway.changed = now
    if "listeners" in body:
        made = [add_listener_defaults(each) for each in body["listeners"]]
        gateway.listeners = {f"{gateway.name}:{each['type']}:{each['name']}": each for each in made}
    gateway.authentication = body.get("authentication", gateway.authentication)
    if gateway.config is None or gateway.config["enable"] == config["enable"]:
        gateway.config = config
        return Answer(204)
    return switch(call, gateway, config)


def switch(call: Call, gateway: Gateway, config: Row) -> Answer:
    """Start or stop a gateway; stopping ends its clients' connections."""
    gateway.config, gateway.changed = config, call.cluster.now()
    if not config["enable"]:
        gateway.clients.clear()
    return Answer(204)


def read_flag(value: Json) -> bool:
    """Read `true` or `false` of a path. Raises AnswerNow (400)."""
    try:
        return check_boolean(value, "enable")
    except InvalidError as invalid:
        refuse_request(erlang_json(invalid.details))


@route("PUT", "/gateways/{name}/enable/{enable}")
def enable(call: Call) -> Answer:
    """Start or stop a gateway."""
    wish = read_flag(call.bindings["enable"])
    gateway = find_loaded(call, "NOT FOUND")
    config = gateway.config or {}
    return Answer(204) if config["enable"] == wish else switch(call, gateway, {**config, "enable": wish})
