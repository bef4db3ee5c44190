"""What EMQX would report home: `/telemetry`."""

import hashlib
from collections.abc import Sized

from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema.refusals import refuse, refuse_request, refuse_with
from emqxctl.sandbox.state.cluster import Cluster


def update_status(call: Call) -> Json:
    """Switch the reports on or off; EMQX refuses to do what is done already."""
    if not isinstance(call.body, dict) or "enable" not in call.body:
        refuse("telemetry.bad_key")
    enabled = call.body["enable"] in (True, "true")
    if enabled == call.cluster.settings["telemetry"]["enable"]:
        refuse_request(f"Telemetry status is already {'enabled' if enabled else 'disabled'}")
    call.cluster.settings["telemetry"] = {"enable": enabled}
    return {"enable": enabled}


def stable_uuid(*parts: str) -> str:
    """Build an id that stays the same for the same parts."""
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest().upper()
    return "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))


def describe_features(cluster: Cluster) -> Row:
    """Describe what is in use."""
    access, features, rules = cluster.access, cluster.features, cluster.integration.rules
    linked = sum(any(str(action).startswith("http:") for action in rule.actions) for rule in rules.values())
    actions = sum(kind == "http" for kind, _ in cluster.integration.actions)
    bridges = {"num": actions, "num_linked_by_rules": linked}
    in_use: dict[str, Sized] = {"auto_subscribe": features.auto_subscribe, "delayed": features.delayed}
    in_use |= {"retained": cluster.retained, "topic_rewrite": features.rewrites}
    return {
        "active_plugins": [],
        "advanced_mqtt_features": {name: len(things) for name, things in in_use.items()},
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


def show_data(call: Call) -> Json:
    """Show what would be reported."""
    cluster = call.cluster
    if not cluster.settings["telemetry"]["enable"]:
        refuse_with(404, "NOT_FOUND", "Telemetry is not enabled")
    counts, node = cluster.counts[cluster.self_node], cluster.self_node
    sent, received = counts.get("messages.delivered", 0), counts.get("messages.publish", 0)
    up_time = int(cluster.now() - cluster.nodes[node].started)
    insights = {"messages_received_rate": received / up_time, "messages_sent_rate": sent / up_time}
    own = {
        "cluster_uuid": stable_uuid(cluster.name),
        "messages_received": received,
        "messages_sent": sent,
        "mqtt_runtime_insights": {**insights, "num_topics": len(cluster.topics())},
        "nodes_uuid": [stable_uuid(name) for name in cluster.running() if name != node],
        "num_clients": sum(client.node == node for client in cluster.clients.values()),
        "num_cluster_sessions": len(cluster.clients),
        "up_time": up_time * 1000,
        "uuid": stable_uuid(node),
    }
    return {**read_table("rows")["telemetry"], **describe_features(cluster), **own}
