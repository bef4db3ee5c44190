"""The stock verb `status`, made from a Resource: the state on each node; and how states read in a table."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from emqxctl.cli.command import command
from emqxctl.cli.group import Group
from emqxctl.cli.session import Session
from emqxctl.output.formatters import color_state, format_plain
from emqxctl.output.results import Rows
from emqxctl.resource import Column, Resource
from emqxctl.verbs.parameters import item_parameters, path_values, set_signature

JsonObject = dict[str, Any]


def add_status(app: Group, resource: Resource, *, columns: Sequence[Column], line: str) -> None:
    """Add `status`; `line` is an example."""
    path = f"{resource.item_path}/status"

    def status(session: Session, **values: Any) -> Rows:  # noqa: ANN401  # the path's placeholders
        response = session.client.get(path, *path_values(resource.item_path, values))
        return Rows(status_by_node(response), columns, key="node", plural_noun="nodes")

    status.__doc__ = f"Show the status of {resource.noun_with_article} on each node."
    set_signature(status, item_parameters(resource), Rows)
    app.command("status")(command(calls=f"GET {path}", examples=(line, f"{line} -o wide"))(status))


def status_by_node(response: object) -> list[JsonObject]:
    """Return one row for each node: its state, error and metrics, which EMQX lists separately."""
    parts = response if isinstance(response, dict) else {}
    rows: dict[str, JsonObject] = {}
    for part, field in (("node_status", "status"), ("node_error", "error")):
        for node in list_objects(parts.get(part)):
            rows.setdefault(str(node.get("node")), {"node": node.get("node")})[field] = node.get(field)
    for part, field in (("node_metrics", "metrics"), ("node_resource_metrics", "resource_metrics")):
        for node in list_objects(parts.get(part)):
            rows.setdefault(str(node.get("node")), {"node": node.get("node")})[field] = node_metrics(node)
    return list(rows.values())


def list_objects(value: object) -> list[JsonObject]:
    """Return the objects of a list; none if it is not a list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def node_metrics(node: JsonObject) -> JsonObject:
    """Return the metrics in one node's part of a response; none if they are missing."""
    metrics = node.get("metrics")
    return metrics if isinstance(metrics, dict) else {}


def format_node_states(value: object) -> str:
    """Format the states on all nodes: one word if they agree, else each state with its number of nodes."""
    if not isinstance(value, list):
        return format_plain(value)
    counts = Counter(str(node.get("status")) for node in list_objects(value))
    if len(counts) == 1:
        return next(iter(counts))
    return ", ".join(f"{count} {state}" for state, count in counts.most_common()) or "-"


def color_node_states(value: object) -> str:
    """Return the color of the states on all nodes: yellow if they differ."""
    text = format_node_states(value)
    return "yellow" if "," in text else color_state(text)
