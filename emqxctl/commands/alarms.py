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
    from collections.abc import Iterable, Iterator

    from emqxctl.api.client import Client
    from emqxctl.output.results import Row


def format_message(value: object) -> str:
    """Format the message of an alarm, with Erlang terms as words."""
    from emqxctl.api.error_responses.plain_text import to_plain_text

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

    -o name prints the name of an alarm once, on however many nodes it is active.
    """
    result = list_rows(session, ALARMS, {"activated": not history})
    has_names_only = session.settings.output == "name"
    return result._replace(rows=distinct_by_name(result.rows)) if has_names_only else result


def distinct_by_name(rows: "Iterable[Row]") -> "Iterator[Row]":
    """Yield the first row of each name."""
    names = set()
    for row in rows:
        if row.get("name") not in names:
            names.add(row.get("name"))
            yield row


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
