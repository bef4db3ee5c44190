"""What a path of the REST API is about: the call it makes, the thing it names, the command group it is in."""

import re
from collections.abc import Sequence

MAX_NAME = 80  # characters of an id that a message names

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
# What stands in a path without being the name of a thing.
NON_RESOURCE_SEGMENTS = frozenset({"operation", "action", "enable", "position"})
# The command group that a path's beginning belongs to.
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
    """Write the operation with its arguments in place: `DELETE /clients/dev-1`."""
    waiting = list(arguments)
    if len(waiting) != operation.count("{"):
        return operation
    return re.sub(r"\{[^}]*\}", lambda _: shorten(waiting.pop(0), MAX_NAME), operation)


def subject(operation: str, arguments: Sequence[str]) -> str:
    """Name what a path addresses: `client 'dev-1'`, `user 'ann' of authenticator 'jwt'`.

    Gives nothing when the arguments do not fit the path, as with a literal call.
    """
    parts = operation.partition(" ")[2].strip("/").split("/")
    waiting = list(arguments)
    if len(waiting) != sum(part.startswith("{") for part in parts):
        return ""
    names: list[str] = []
    for before, part in zip(["", *parts], parts, strict=False):
        if not part.startswith("{"):
            continue
        name = f"'{shorten(waiting.pop(0), MAX_NAME)}'"
        if part.strip("{}") in NON_RESOURCE_SEGMENTS:
            continue
        if before.startswith("{") and names:
            names[0] += f" {name}"
        else:
            names.insert(0, f"{noun_for(before)} {name}")
    return " of ".join(names)


def noun_for(part: str) -> str:
    """Give the word for one of what a part of a path lists."""
    return NOUNS.get(part) or part.removesuffix("s").replace("_", " ")


def group_of(operation: str) -> str:
    """Name the command group that an operation belongs to; nothing when there is none."""
    path = re.sub(r"\{[^}]*\}", "{}", operation.partition(" ")[2])
    parts = path.strip("/").split("/")
    beginnings = ("/".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((GROUPS[one] for one in beginnings if one in GROUPS), "")


def shorten(text: str, limit: int) -> str:
    """Cut text that is longer than the limit, and show that it was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
