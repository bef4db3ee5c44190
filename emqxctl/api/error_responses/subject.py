"""The subject of a REST API path: the request, the object that it names, its command group."""

import re
from collections.abc import Sequence

from emqxctl.text.shortening import shorten

MAX_NAME = 80  # characters of an id in a message

NOUNS = {
    "api_key": "API key",
    "authentication": "authenticator",
    "banned": "ban",
    "bridges": "bridge",
    "card": "agent card",
    "completion_profiles": "completion profile",
    "gcp_devices": "device",
    "link": "cluster link",
    "load_rebalance": "node",
    "message": "retained message",
    "messages": "delayed message",
    "name": "certificate bundle",
    "ns": "namespace",
    "providers": "AI provider",
    "queue": "message queue",
    "registry": "external registry",
    "replicas": "site",
    "schema_registry": "schema",
    "sso": "SSO backend",
    "status": "node",
    "stream": "message stream",
    "topic_metrics": "metrics of topic",
    "trace": "trace",
    "transformation": "message transformation",
    "validation": "schema validation",
}
# Placeholders that are not the name of an object.
NON_RESOURCE_SEGMENTS = frozenset({"operation", "action", "enable", "position"})


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
