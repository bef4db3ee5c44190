"""The configuration roots that the state keeps as objects, as configuration."""

from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.integration import Rule


def current_roots(cluster: Cluster) -> Row:
    """Return all of them."""
    integration = cluster.integration
    roots: Row = {"listeners": {}, "connectors": {}, "bridges": {}, "banned": {}}
    for listener in cluster.listeners.values():
        roots["listeners"].setdefault(listener.type, {})[listener.name] = listener.config
    for connector in integration.connectors.values():
        roots["connectors"].setdefault(connector.type, {})[connector.name] = connector.config
    for root in ("actions", "sources"):
        roots[root] = {}
        for channel in integration.channels(root).values():
            times = dict.fromkeys(("created_at", "last_modified_at"), int(channel.created * 1000))
            roots[root].setdefault(channel.type, {})[channel.name] = {**channel.config, **times}
    engine = cluster.settings["rule_engine"]
    timeout = f"{engine['jq_function_default_timeout'] // 1000}s"
    roots["rule_engine"] = {
        **engine,
        "jq_function_default_timeout": timeout,
        "rules": {rule.id: rule_config(rule) for rule in integration.rules.values()},
    }
    return {**roots, "prometheus": cluster.settings["prometheus"], **feature_roots(cluster)}


def rule_config(rule: Rule) -> Row:
    """Return one rule."""
    times = {"created_at": int(rule.created * 1000), "last_modified_at": int(rule.modified * 1000)}
    names = ("actions", "description", "enable", "name", "sql")
    return {**{name: getattr(rule, name) for name in names}, "metadata": times}


def feature_roots(cluster: Cluster) -> Row:
    """Return the MQTT features, and who may connect and do what."""
    features, access, settings = cluster.features, cluster.access, cluster.settings
    watched: Json = [{"topic": topic} for topic in features.topic_metrics]
    return {
        "authentication": list(access.authenticators.values()),
        "authorization": {**settings["authorization"], "sources": list(access.sources.values())},
        "auto_subscribe": {"topics": features.auto_subscribe},
        "delayed": settings["delayed"],
        "retainer": settings["retainer"],
        "rewrite": features.rewrites,
        "slow_subs": settings["slow_subs"],
        "telemetry": settings["telemetry"],
        "topic_metrics": watched,
    }
