"""How the sources of authorization do: `emqxctl authorization sources status` and `reset-metrics`."""

from typing import Annotated, Any

import typer

from emqxctl.api.pagination import page_rows
from emqxctl.cli.bulk.each import run_each
from emqxctl.cli.command import command
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.output.formatters import color_state
from emqxctl.output.results import Result, Rows
from emqxctl.resource import Column

Row = dict[str, Any]

STATUS = (
    Column("node"),
    Column("status", style=color_state),
    Column("metrics.allow", "ALLOWED", align_right=True),
    Column("metrics.deny", "DENIED", align_right=True),
    Column("metrics.nomatch", "NO MATCH", align_right=True),
    Column("metrics.ignore", "IGNORED", align_right=True),
    Column("metrics.rate", "RATE", align_right=True),
    Column("resource_metrics.success", "ANSWERED", align_right=True, wide=True),
    Column("resource_metrics.failed", "FAILED", align_right=True, wide=True),
    Column("error", wide=True),
)

Type = Annotated[str, typer.Argument(metavar="TYPE", help="The source.")]
Kinds = Annotated[list[str], typer.Argument(metavar="TYPE...", help="The sources.")]


@command(
    calls="GET /authorization/sources/{type}/status",
    examples=(
        "emqxctl authorization sources status http",
        "emqxctl authorization sources status http -o wide",
    ),
)
def status(session: Session, kind: Type) -> Rows:
    """List how a source does, node by node."""
    return Rows(
        by_node(session.client.get("/authorization/sources/{type}/status", kind)),
        STATUS,
        key="node",
        plural_noun="nodes",
    )


def by_node(found: object) -> list[Row]:
    """Put together what a status tells of each node: its state, error and metrics."""
    told = found if isinstance(found, dict) else {}
    rows: dict[str, Row] = {}
    for field, name in (("node_status", "status"), ("node_error", "error")):
        for one in parts(told, field):
            rows.setdefault(str(one.get("node")), {"node": one.get("node")})[name] = one.get(name)
    for field, name in (("node_metrics", "metrics"), ("node_resource_metrics", "resource_metrics")):
        for one in parts(told, field):
            rows.setdefault(str(one.get("node")), {"node": one.get("node")})[name] = numbers(one)
    return list(rows.values())


def parts(told: Row, field: str) -> list[Row]:
    """Take what a status tells of each node in one respect; nothing where it does not."""
    found = told.get(field)
    return page_rows(found) if isinstance(found, list) else []


def numbers(one: Row) -> Row:
    """Take the metrics of one node."""
    found = one.get("metrics")
    return found if isinstance(found, dict) else {}


@command(
    calls="POST /authorization/sources/{type}/metrics/reset",
    examples=("emqxctl authorization sources reset-metrics http --yes",),
    effect=Effect.DESTROY,
)
def reset_metrics(session: Session, kinds: Kinds) -> Result:
    """Set the metrics of sources to zero (EMQX 6.2+)."""
    session.confirm(f"reset the metrics of {', '.join(map(repr, kinds))}")
    path = "/authorization/sources/{type}/metrics/reset"
    return run_each(
        kinds, "type", "reset the metrics of source", lambda kind: session.client.post(path, kind)
    )
