"""The subject of a REST API path: the request, the object that it names, its command group."""

import re
from collections.abc import Sequence

MAX_NAME = 80  # characters of an id in a message

NOUNS = {
    "api_key": "API key",
    "authentication": "authenticator",
    "banned": "ban",
    "bridges": "bridge",
    "message": "retained message",
    "messages": "delayed message",
    "status": "node",
    "topic_metrics": "metrics of topic",
    "trace": "trace",
}
# Placeholders that are not the name of an object.
NON_RESOURCE_SEGMENTS = frozenset({"operation", "action", "enable", "position"})
# Beginning of a path → command group.
GROUPS = {
    "actions": "actions",
    "alarms": "alarms",
    "api_key": "api-keys",
    "authentication": "authentication",
    "authentication/settings": "authentication settings",
    "authentication/{}/users/{}": "authentication users",
    "authorization": "authorization",
    "authorization/node_cache": "authorization node-cache",
    "authorization/settings": "authorization settings",
    "authorization/sources": "authorization sources",
    "authorization/sources/built_in_database": "authorization rules",
    "authorization/sources/built_in_database/rules/clients": "authorization rules clients",
    "authorization/sources/built_in_database/rules/users": "authorization rules users",
    "banned": "banned",
    "clients": "clients",
    "cluster": "cluster",
    "configs": "configs",
    "connectors": "connectors",
    "exhooks": "exhooks",
    "gateways": "gateways",
    "gateways/{}/authentication/users/{}": "gateways users",
    "gateways/{}/clients": "gateways clients",
    "gateways/{}/listeners": "gateways listeners",
    "gateways/{}/listeners/{}/authentication/users/{}": "gateways users",
    "listeners": "listeners",
    "metrics": "metrics",
    "monitor": "monitor",
    "nodes": "nodes",
    "opentelemetry": "opentelemetry",
    "plugins": "plugins",
    "prometheus": "prometheus",
    "publish": "publish",
    "rules": "rules",
    "sources": "sources",
    "stats": "stats",
    "status": "status",
    "subscriptions": "subscriptions",
    "telemetry": "telemetry",
    "topics": "topics",
    "users": "users",
    "actions_probe": "actions",
    "connectors_probe": "connectors",
    "configs_reset": "configs",
    "clients_v2": "clients",
    "data": "backups",
    "monitor_current": "monitor",
    "mqtt/delayed": "delayed",
    "mqtt/retainer": "retained",
    "rule_test": "rules",
    "sources_probe": "sources",
    "trace": "traces",
    "action_types": "actions",
    "actions_summary": "actions",
    "bridges": "bridges",
    "bridges_probe": "bridges",
    "mqtt/auto_subscribe": "auto-subscribe",
    "mqtt/topic_metrics": "topic-metrics",
    "mqtt/topic_rewrite": "topic-rewrite",
    "rule_engine": "rules",
    "rule_events": "rules",
    "slow_subscriptions": "slow-subscriptions",
    "source_types": "sources",
    "sources_summary": "sources",
}


def format_operation(operation: str, arguments: Sequence[str]) -> str:
    """Format an operation with its arguments: `DELETE /clients/dev-1`."""
    remaining = list(arguments)
    if len(remaining) != operation.count("{"):
        return operation
    return re.sub(r"\{[^}]*\}", lambda _: shorten(remaining.pop(0), MAX_NAME), operation)


def subject(operation: str, arguments: Sequence[str]) -> str:
    """Return the name of the object of a path: `client 'dev-1'`, `user 'ann' of authenticator 'jwt'`.

    Empty if the arguments do not fit the path, as for a literal request.
    """
    parts = operation.partition(" ")[2].strip("/").split("/")
    remaining = list(arguments)
    if len(remaining) != sum(part.startswith("{") for part in parts):
        return ""
    names: list[str] = []
    for previous_part, part in zip(["", *parts], parts, strict=False):
        if not part.startswith("{"):
            continue
        name = f"'{shorten(remaining.pop(0), MAX_NAME)}'"
        if part.strip("{}") in NON_RESOURCE_SEGMENTS:
            continue
        if previous_part.startswith("{") and names:
            names[0] += f" {name}"
        else:
            names.insert(0, f"{noun_for(previous_part)} {name}")
    return " of ".join(names)


def noun_for(part: str) -> str:
    """Return the noun for one object of a list, by its part of the path."""
    return NOUNS.get(part) or part.removesuffix("s").replace("_", " ")


def group_of(operation: str) -> str:
    """Return the command group of an operation, empty if it has none."""
    path = re.sub(r"\{[^}]*\}", "{}", operation.partition(" ")[2])
    parts = path.strip("/").split("/")
    beginnings = ("/".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((GROUPS[beginning] for beginning in beginnings if beginning in GROUPS), "")


def shorten(text: str, limit: int) -> str:
    """Return text of at most `limit` characters; `…` marks what was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
