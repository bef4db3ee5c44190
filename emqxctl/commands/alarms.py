"""`emqxctl alarms`: manage alarms."""

from typing import TYPE_CHECKING, Annotated

import typer

from emqxctl.cli.bulk.targets import run_bulk, select_targets
from emqxctl.cli.bulk.task import BulkTask, one_by_one
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import ExitCode
from emqxctl.output.formatters import format_duration_ms, format_plain, format_relative_time
from emqxctl.output.results import Done, Result, Rows
from emqxctl.resource import Column, Paging, Resource
from emqxctl.verbs.list import list_rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emqxctl.api.client import Client
    from emqxctl.output.results import Row


def format_message(value: object) -> str:
    """Format the message of an alarm, with Erlang terms as words."""
    from emqxctl.emqx.error_text import to_plain_text

    return to_plain_text(format_plain(value))


ALARMS = Resource(
    noun="alarm",
    path="/alarms",
    key="name",
    columns=(
        Column("name"),
        Column("node"),
        Column("activate_at", "SINCE", format=format_relative_time),
        Column("message", format=format_message),
        Column("duration", format=format_duration_ms, wide=True),
        Column("deactivate_at", "ENDED", wide=True),
        Column("details", wide=True),
    ),
    paging=Paging.PAGES,
)

GROUPED_OUTPUTS = frozenset({"", "table", "wide", "md", "name"})

app = new_group("Manage alarms.")


@app.command("list")
@command(
    calls="GET /alarms",
    examples=("emqxctl alarms list", "emqxctl alarms list --history --where 'duration>60000'"),
)
def list_alarms(
    session: Session,
    history: Annotated[
        bool, typer.Option("--history", help="List past alarms instead of active ones.")
    ] = False,
) -> Rows:
    """List active alarms.

    Tables and -o name show an active alarm once, with all its nodes and the time since it is active on the
    first of them. Other formats have a row for each node.
    """
    query = {"activated": not history}
    if history or session.settings.output not in GROUPED_OUTPUTS:
        return list_rows(session, ALARMS, query)
    return Rows(
        group_by_name(session.rows(ALARMS, query, limited=False)),
        GROUPED_COLUMNS,
        key="name",
        plural_noun="alarms",
        path=ALARMS.path,
    )


def group_by_name(rows: "Iterable[Row]") -> "list[Row]":
    """Return one row for each name: its nodes as a list, the earliest time, the different messages."""
    groups: dict[object, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.get("name"), []).append(row)
    return [merge_alarm(group) for group in groups.values()]


def merge_alarm(rows: "list[Row]") -> "Row":
    """Return the rows of an alarm on several nodes as one."""
    first = min(rows, key=lambda row: str(row.get("activate_at")))
    messages = list(dict.fromkeys(str(row["message"]) for row in rows if row.get("message")))
    return {**first, "node": [row.get("node") for row in rows], "message": "; ".join(messages)}


def format_nodes(value: object) -> str:
    """Format the nodes of an alarm by the part of their names that differs: `emqx1, emqx2`."""
    if not isinstance(value, list) or not value:
        return format_plain(value or None)
    parts = [str(node).partition("@") for node in value]
    names = [name for name, _, _ in parts]
    short = names if len(set(names)) == len(names) > 1 else [host or name for name, _, host in parts]
    return ", ".join(short if len(value) > 1 else map(str, value))


GROUPED_COLUMNS = tuple(
    column._replace(title="NODES", format=format_nodes, wrap=True)
    if column.field == "node"
    else column._replace(wrap=column.field == "message")
    for column in ALARMS.columns
)


@app.command()
@command(calls="DELETE /alarms", examples=("emqxctl alarms clear --yes",), effect=Effect.DESTROY)
def clear(session: Session) -> Done:
    """Delete the history of alarms.

    Active alarms are kept.
    """
    session.confirm("delete the history of alarms")
    session.client.delete("/alarms")
    return Done("deleted the history of alarms", {"cleared": "alarm history"})


@app.command()
@command(
    calls=("GET /alarms", "POST /alarms/force_deactivate"),
    examples=(
        "emqxctl alarms deactivate high_cpu_usage",
        "emqxctl alarms deactivate --where 'name~^conn_congestion' --yes",
    ),
    effect=Effect.WRITE,
    bulk=True,
    completes={"names": "/alarms/{name}"},
)
def deactivate(
    session: Session,
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME", help="Alarm names.")] = None,
) -> Result:
    """Deactivate alarms that EMQX does not clear (EMQX 5.8.8+).

    An alarm is deactivated on the node that responds; for another node, use its own --url.
    """
    targets = select_targets(session, names or [], "deactivate", ALARMS)
    if len(targets) == 1 and names and not session.settings.report:
        deactivate_one(session.client, targets[0])
        return Done(f"deactivated alarm {targets[0]!r}", {"name": targets[0]}, key="name")
    action = one_by_one(
        deactivate_one, skip_exit_code=ExitCode.NOT_FOUND, skip_reason="not active on this node"
    )
    return run_bulk(session, BulkTask("deactivate", "deactivated", "alarm", "name", targets, action))


def deactivate_one(client: "Client", name: str) -> None:
    """Deactivate one alarm. Raises ServerError, with NOT_FOUND if it is not active."""
    client.post("/alarms/force_deactivate", body={"name": name})
