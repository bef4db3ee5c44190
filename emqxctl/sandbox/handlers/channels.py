"""What `/actions` and `/sources` share: EMQX calls both the channels of a connector."""

from dataclasses import dataclass

from emqxctl.sandbox.handlers.connectors import (
    ANY_BODY,
    answer_probe,
    answer_start,
    check_node,
    check_start,
    check_switch,
)
from emqxctl.sandbox.http.routing import Call, Handler, route
from emqxctl.sandbox.messages import Answer, AnswerNow, Row, answer_error, answer_json
from emqxctl.sandbox.schema.integration import Schema, bad_request, check_name, parse_id, settle, settle_new
from emqxctl.sandbox.schema.validation import Field, boolean
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.integration import Channel, trouble
from emqxctl.sandbox.state.integration_metrics import channel_metrics

IN_USE = "Cannot delete action while active rules are depending on it"  # EMQX says so of sources, too
ALSO = Field("also_delete_dep_actions", boolean, default=False)
SUMMARY = ("created_at", "description", "enable", "last_modified_at", "name", "node_status", "rules")


def not_found(kind: str, name: str) -> AnswerNow:
    """Make the 404 of an action, source or bridge that is not there."""
    message = f"Bridge lookup failed: bridge named '{name}' of type {kind} does not exist."
    return AnswerNow(answer_error(404, "NOT_FOUND", message))


@dataclass(frozen=True)
class Kind:
    """Actions or sources: the root of their paths, their types, and EMQX's word for a bad id in a PUT."""

    root: str
    schemas: dict[str, Schema]
    id_word: str

    def find(self, call: Call, word: str = "bridge ID") -> Channel:
        """Find what the path names. Raises AnswerNow (404)."""
        kind, name = parse_id(call.bindings["id"], word)
        found = call.cluster.integration.channels(self.root).get((kind, name))
        if found is None:
            raise not_found(kind, name)
        return found

    def row(self, cluster: Cluster, channel: Channel, nodes: list[str]) -> Row:
        """Write one of them."""
        status, reason = cluster.integration.channel_state(channel)
        state: Row = {"status": status, "status_reason": reason}
        times = dict.fromkeys(("created_at", "last_modified_at"), int(channel.created * 1000))
        return {
            **channel.config,
            **state,
            **times,
            "error": reason,
            "name": channel.name,
            "node_status": [{"node": node, **state} for node in nodes],
            "rules": cluster.integration.users(self.root, channel),
            "type": channel.type,
        }

    def check_connector(self, call: Call, kind: str, name: str, connector: str) -> None:
        """Refuse a connector that is not there. Raises AnswerNow (400)."""
        if (kind, connector) not in call.cluster.integration.connectors:
            what: Row = {"reason": "connector_not_found_or_wrong_type", "connector_name": connector}
            where: Row = {"conf_root_key": self.root, "bridge_type": kind, "bridge_name": name}
            raise bad_request({**what, **where})


def serve(kind: Kind) -> None:
    """Register all operations of actions or of sources."""
    path, one = f"/{kind.root}", f"/{kind.root}/{{id}}"
    serve_lists(kind)
    for method, where, make in (
        ("POST", path, creating),
        ("GET", one, showing),
        ("PUT", one, updating),
        ("PUT", f"{one}/enable/{{enable}}", switching),
        ("POST", f"{one}/{{operation}}", starting),
        ("POST", f"/nodes/{{node}}{one}/{{operation}}", starting),
        ("GET", f"{one}/metrics", measuring),
        ("PUT", f"{one}/metrics/reset", resetting),
        ("POST", f"{path}_probe", probing),
    ):
        with_body = make in (creating, updating, probing)
        route(method, where, body=ANY_BODY if with_body else None)(make(kind))
    route("DELETE", one, query=[ALSO])(deleting(kind))


def serve_lists(kind: Kind) -> None:
    """Register the three lists: in full, in short, and of the types."""

    def rows(call: Call) -> list[Row]:
        nodes = call.cluster.running()[::-1]
        found = sorted(call.cluster.integration.channels(kind.root).items())
        return [kind.row(call.cluster, channel, nodes) for _, channel in found]

    @route("GET", f"/{kind.root}")
    def list_all(call: Call) -> Answer:
        return answer_json(rows(call))

    @route("GET", f"/{kind.root}_summary")
    def list_short(call: Call) -> Answer:
        names = (*SUMMARY, "status", "status_reason", "type")
        return answer_json([{name: row[name] for name in names} for row in rows(call)])

    @route("GET", f"/{kind.root.removesuffix('s')}_types")
    def list_types(_call: Call) -> Answer:
        return answer_json(sorted(kind.schemas))


def creating(kind: Kind) -> Handler:
    """Make the handler that creates one."""

    def create(call: Call) -> Answer:
        config = settle_new(kind.schemas, call.body, "bridge")
        key = config.pop("type"), config.pop("name")
        held = call.cluster.integration.channels(kind.root)
        if key in held:
            return answer_error(400, "ALREADY_EXISTS", "bridge already exists")
        check_name(key[1])
        kind.check_connector(call, *key, config["connector"])
        now = call.cluster.now()
        held[key] = Channel(*key, config, now, now)
        return answer_json(kind.row(call.cluster, held[key], call.cluster.running()), 201)

    return create


def showing(kind: Kind) -> Handler:
    """Make the handler that shows one."""

    def show(call: Call) -> Answer:
        return answer_json(kind.row(call.cluster, kind.find(call), call.cluster.running()))

    return show


def updating(kind: Kind) -> Handler:
    """Make the handler that replaces the configuration of one; EMQX makes it anew then."""

    def update(call: Call) -> Answer:
        found = kind.find(call, kind.id_word)
        config = settle(kind.schemas[found.type].fields, call.body)
        kind.check_connector(call, found.type, found.name, config["connector"])
        found.config = config
        found.created = found.since = call.cluster.now()
        found.seen.clear()
        return answer_json(kind.row(call.cluster, found, call.cluster.running()))

    return update


def deleting(kind: Kind) -> Handler:
    """Make the handler that deletes one, and on request takes an action out of the rules that use it."""

    def delete(call: Call) -> Answer:
        found, held = kind.find(call), call.cluster.integration
        users = held.users(kind.root, found)
        if users and not call.query["also_delete_dep_actions"]:
            refusal: Row = {"code": "BAD_REQUEST", "message": IN_USE, "rules": users}
            return answer_json(refusal, 400)
        for name in users:
            rule = held.rules[name]
            rule.actions = [action for action in rule.actions if action != found.id]
        del held.channels(kind.root)[found.type, found.name]
        return Answer(204)

    return delete


def switching(kind: Kind) -> Handler:
    """Make the handler that enables or disables one."""

    def switch(call: Call) -> Answer:
        wanted = check_switch(call)
        kind.find(call).config["enable"] = wanted
        return Answer(204)

    return switch


def starting(kind: Kind) -> Handler:
    """Make the handler that starts one, on one node or on all: in truth its connector is started."""

    def start(call: Call) -> Answer:
        check_start(call)
        if "node" in call.bindings:
            check_node(call)
        found = kind.find(call)
        connector = call.cluster.integration.connector_of(found)
        if not found.enabled or connector is None:
            return answer_error(400, "BAD_REQUEST", "Forbidden operation, bridge not enabled")
        return answer_start(connector)

    return start


def measuring(kind: Kind) -> Handler:
    """Make the handler that shows the counters of one; of one that is not there, zeros."""

    def measure(call: Call) -> Answer:
        key = parse_id(call.bindings["id"])
        return answer_json(
            channel_metrics(call.cluster, call.cluster.integration.channels(kind.root).get(key))
        )

    return measure


def resetting(kind: Kind) -> Handler:
    """Make the handler that sets the counters of one to zero; it crashes if there is none, as in EMQX."""

    def reset(call: Call) -> Answer:
        found = call.cluster.integration.channels(kind.root).get(parse_id(call.bindings["id"]))
        if found is None:
            crash = "error, {badmatch,{error,not_found}}, [{emqx_bridge_v2_api,handle_reset_metrics,2,...}]"
            return answer_error(500, "INTERNAL_ERROR", crash)
        found.since = call.cluster.now()
        found.seen.clear()
        return Answer(204)

    return reset


def probing(kind: Kind) -> Handler:
    """Make the handler that tries a configuration without keeping it."""

    def probe(call: Call) -> Answer:
        config = settle_new(kind.schemas, call.body, "bridge")
        name = config["connector"]
        connector = call.cluster.integration.connectors.get((config["type"], name))
        if connector is None:
            return answer_error(400, "TEST_FAILED", f'Connector <<"{name}">> not found')
        return answer_probe(trouble(connector.type, connector.config))

    return probe
