"""Counters and gauges of the cluster or of nodes: shared by metrics, stats and monitor."""

from collections.abc import Sequence
from typing import Annotated

import typer

from emqxctl.cli.session import Session
from emqxctl.errors import UsageError
from emqxctl.output.results import Record, Result, Rows
from emqxctl.resource import Column

NodeOption = Annotated[str | None, typer.Option("--node", metavar="NODE", help="Show one node only.")]
PerNodeOption = Annotated[
    bool, typer.Option("--per-node", help="Show a row per node instead of the cluster's sum.")
]


def read_counters(
    session: Session, path: str, node: str | None, *, per_node: bool, columns: Sequence[Column] = ()
) -> Result:
    """Return the counters of `/metrics` or `/stats`: the cluster's sum, one node's, or a row per node."""
    if node is not None and per_node:
        message = "--node and --per-node cannot be used together"
        raise UsageError(message)
    if node is not None:
        return Record(session.client.get_object(f"/nodes/{{node}}{path}", node))
    query = {"aggregate": not per_node}
    if per_node:
        rows = session.client.get_list(path, query=query)
        return Rows(rows, columns, key="node", plural_noun="nodes")
    return Record(session.client.get_object(path, query=query))
