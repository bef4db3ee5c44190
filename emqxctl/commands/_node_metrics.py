"""Metrics of one thing, summed over the cluster or node by node, and set to zero."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from emqxctl.cli.bulk.each import run_each
from emqxctl.cli.command import command
from emqxctl.cli.group import Group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.output.results import Record, Result, Rows
from emqxctl.resource import Column, Resource
from emqxctl.verbs.parameters import arguments, keyword, set_signature

PerNode = Annotated[bool, typer.Option("--per-node", help="Each node for itself, not the sum.")]


def add_metrics(app: Group, resource: Resource, *, columns: Sequence[Column], line: str, method: str) -> None:
    """Add `metrics` and `reset-metrics`; `line` is a command line without its verb: `emqxctl x {} name`."""
    path = f"{resource.item_path}/metrics"

    def metrics(session: Session, **values: Any) -> Result:  # noqa: ANN401  # the path's placeholder
        found = session.client.get(path, values["at_name"])
        counted = found if isinstance(found, dict) else {}
        if values["per_node"]:
            return Rows(per_node(counted.get("node_metrics")), columns, key="node", plural_noun="nodes")
        total = counted.get("metrics")
        return Record(total if isinstance(total, dict) else counted)

    metrics.__doc__ = f"Show the metrics of a {resource.noun}."
    set_signature(
        metrics, [*arguments(resource.item_path, resource.noun), keyword("per_node", PerNode, False)], Result
    )
    examples = (line.format("metrics"), line.format("metrics") + " --per-node")
    app.command("metrics")(command(calls=f"GET {path}", examples=examples)(metrics))
    add_reset(app, resource, f"{method} {path}/reset", line.format("reset-metrics") + " --yes")


def per_node(found: object) -> list[dict[str, object]]:
    """Give each node's metrics as a flat row; some stand in a field of their own, some beside the node."""
    rows = found if isinstance(found, list) else [found]
    known = [one for one in rows if isinstance(one, dict)]
    return [{"node": one.get("node"), **(one.get("metrics") or one)} for one in known]


def add_reset(app: Group, resource: Resource, operation: str, example: str) -> None:
    """Add `reset-metrics`."""
    method, _, path = operation.partition(" ")

    def reset(session: Session, **values: Any) -> Result:  # noqa: ANN401  # the path's placeholder
        keys = values["at_name"]
        session.confirm(f"reset the metrics of {', '.join(map(repr, keys))}")
        send = session.client.put if method == "PUT" else session.client.post
        return run_each(
            keys, resource.key, f"reset the metrics of {resource.noun}", lambda key: send(path, key)
        )

    reset.__doc__ = f"Set the metrics of {resource.plural_noun} to zero."
    set_signature(reset, arguments(resource.item_path, resource.noun, many=True), Result)
    app.command("reset-metrics")(command(calls=operation, examples=(example,), effect=Effect.DESTROY)(reset))
