"""`emqxctl alarms`: what is wrong now, and what was."""

from typing import TYPE_CHECKING, Annotated

import typer

from emqxctl.cli.bulk.targets import run_bulk, select_targets
from emqxctl.cli.bulk.task import BulkTask, one_by_one
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import ExitCode
from emqxctl.output.formatters import format_duration_ms, format_relative_time
from emqxctl.output.results import Done, Result, Rows
from emqxctl.resource import Column, Paging, Resource
from emqxctl.verbs import stock

if TYPE_CHECKING:
    from emqxctl.api.client import Client

ALARMS = Resource(
    noun="alarm",
    path="/alarms",
    key="name",
    columns=(
        Column("name"),
        Column("node"),
        Column("activate_at", "SINCE", format=format_relative_time),
        Column("message"),
        Column("duration", format=format_duration_ms, wide=True),
        Column("deactivate_at", "ENDED", wide=True),
        Column("details", wide=True),
    ),
    paging=Paging.PAGES,
)

app = new_group("Alarms: what is wrong now, and what was.")


@app.command("list")
@command(
    calls="GET /alarms",
    examples=("emqxctl alarms list", "emqxctl alarms list --history --where 'duration>60000'"),
)
def list_(
    session: Session,
    history: Annotated[bool, typer.Option("--history", help="Those that are over, instead.")] = False,
) -> Rows:
    """List the alarms that are active, node by node."""
    return stock.listed(session, ALARMS, {"activated": not history})


@app.command()
@command(calls="DELETE /alarms", examples=("emqxctl alarms clear --yes",), effect=Effect.DESTROY)
def clear(session: Session) -> Done:
    """Clear the history; active alarms stay."""
    session.confirm("clear the history of alarms")
    session.client.delete("/alarms")
    return Done("cleared the history of alarms", {"cleared": "alarm history"})


@app.command()
@command(
    calls=("GET /alarms", "POST /alarms/force_deactivate"),
    examples=(
        "emqxctl alarms deactivate high_cpu_usage",
        "emqxctl alarms deactivate --where 'name~^conn_congestion' --yes",
    ),
    effect=Effect.WRITE,
    bulk=True,
)
def deactivate(
    session: Session,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="The alarms, as `list` names them.")
    ] = None,
) -> Result:
    """End alarms that EMQX does not end itself (5.8.8+).

    They end on the node that answers; for another node, name that node's own --url.
    """
    targets = select_targets(session, names or [], "end", ALARMS)
    if len(targets) == 1 and names and not session.settings.report:
        end(session.client, targets[0])
        return Done(f"ended alarm {targets[0]!r}", {"name": targets[0]}, key="name")
    deed = one_by_one(end, skip_exit_code=ExitCode.NOT_FOUND, skip_reason="not active there")
    return run_bulk(session, BulkTask("end", "ended", "alarm", "name", targets, deed))


def end(api: "Client", name: str) -> None:
    """End one alarm. Raises ServerError, of NOT_FOUND where it is not active."""
    api.post("/alarms/force_deactivate", body={"name": name})
