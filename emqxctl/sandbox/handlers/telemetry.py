"""What EMQX would report home: `/telemetry`."""

import hashlib

from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Answer, Row, answer_json
from emqxctl.sandbox.schema.refusals import refuse_request, refuse_with
from emqxctl.sandbox.state.cluster import VERSION, Cluster

BAD_KEY = 'error, {badkey,<<"enable">>}, [{erlang,map_get,[<<"enable">>,#{}],[]}]'


@route("GET", "/telemetry/status")
def show_status(call: Call) -> Answer:
    """Tell whether reports are sent."""
    return answer_json(call.cluster.settings["telemetry"])


@route("PUT", "/telemetry/status")
def change_status(call: Call) -> Answer:
    """Switch the reports on or off; EMQX refuses to do what is done already."""
    if not isinstance(call.body, dict) or "enable" not in call.body:
        refuse_with(500, "INTERNAL_ERROR", BAD_KEY)
    wish = call.body["enable"] in (True, "true")
    if wish == call.cluster.settings["telemetry"]["enable"]:
        refuse_request(f"Telemetry status is already {'enabled' if wish else 'disabled'}")
    call.cluster.settings["telemetry"] = {"enable": wish}
    return answer_json({"enable": wish})


def uuid(*parts: str) -> str:
    """Make an id that stays the same for the same parts."""
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest().upper()
    return "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))


def describe_machine() -> Row:
    """Describe the machine that the answering node would run on."""
    build = {"arch": "x86_64-pc-linux-gnu", "elixir": "none", "erlang": "26.2.5", "os": "debian12"}
    return {
        "build_info": {**build, "relform": "tgz", "wordsize": 64},
        "emqx_version": VERSION,
        "license": {"edition": "opensource"},
        "os_name": "Debian GNU/Linux",
        "os_version": "12 (bookworm)",
        "otp_version": "26",
        "vm_specs": {"num_cpus": 8, "total_memory": 16_757_555_200},
    }


def describe_use(cluster: Cluster) -> Row:
    """Describe what is in use."""
    access, features, rules = cluster.access, cluster.features, cluster.integration.rules
    linked = sum(any(str(action).startswith("http:") for action in rule.actions) for rule in rules.values())
    actions = sum(kind == "http" for kind, _ in cluster.integration.actions)
    bridges = {"num": actions, "num_linked_by_rules": linked}
    return {
        "active_plugins": [],
        "advanced_mqtt_features": {
            "auto_subscribe": len(features.auto_subscribe),
            "delayed": len(features.delayed),
            "retained": len(cluster.retained),
            "topic_rewrite": len(features.rewrites),
        },
        "authn_authz": {
            "authn": sorted(access.authenticators),
            "authn_listener": {"password_based:built_in_database": 1},
            "authz": sorted(access.sources),
        },
        "bridge": {"data_bridge": {"http": bridges}, "num_data_bridges": actions},
        "exhook": {"num_servers": 0, "servers": []},
        "gateway": cluster.gateways.telemetry(),
        "rule_engine": {"num_rules": len(rules)},
    }


@route("GET", "/telemetry/data")
def show_data(call: Call) -> Answer:
    """Show what would be reported."""
    cluster = call.cluster
    if not cluster.settings["telemetry"]["enable"]:
        refuse_with(404, "NOT_FOUND", "Telemetry is not enabled")
    counts, node = cluster.counts[cluster.self_node], cluster.self_node
    sent, received = counts.get("messages.delivered", 0), counts.get("messages.publish", 0)
    up_time = int(cluster.now() - cluster.nodes[node].started)
    insights = {"messages_received_rate": received / up_time, "messages_sent_rate": sent / up_time}
    own = {
        "cluster_uuid": uuid(cluster.name),
        "messages_received": received,
        "messages_sent": sent,
        "mqtt_runtime_insights": {**insights, "num_topics": len(cluster.topics())},
        "nodes_uuid": [uuid(each) for each in cluster.running() if each != node],
        "num_clients": sum(client.node == node for client in cluster.clients.values()),
        "num_cluster_sessions": len(cluster.clients),
        "up_time": up_time * 1000,
        "uuid": uuid(node),
    }
    return answer_json({**describe_machine(), **describe_use(cluster), **own})
