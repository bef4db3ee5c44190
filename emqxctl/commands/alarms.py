"""`emqxctl alarms`: what is wrong now, and what was."""

from typing import TYPE_CHECKING, Annotated

import typer

from emqxctl.cli.bulk.targets import carry_out, chosen
from emqxctl.cli.bulk.task import Job, singly
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import ExitCode
from emqxctl.output.formatters import in_milliseconds, since
from emqxctl.output.results import Done, Result, Rows
from emqxctl.resource import Column, Paging, Resource
from emqxctl.verbs import stock

if TYPE_CHECKING:
    from emqxctl.api.client import Api

ALARMS = Resource(
    noun="alarm",
    path="/alarms",
    key="name",
    columns=(
        Column("name"),
        Column("node"),
        Column("activate_at", "SINCE", write=since),
        Column("message"),
        Column("duration", write=in_milliseconds, wide=True),
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
    session.api.delete("/alarms")
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
    targets = chosen(session, names or [], "end", ALARMS)
    if len(targets) == 1 and names and not session.settings.report:
        end(session.api, targets[0])
        return Done(f"ended alarm {targets[0]!r}", {"name": targets[0]}, key="name")
    deed = singly(end, settled=ExitCode.NOT_FOUND, said="not active there")
    return carry_out(session, Job("end", "ended", "alarm", "name", targets, deed))


def end(api: "Api", name: str) -> None:
    """End one alarm. Raises ServerError, of NOT_FOUND where it is not active."""
    api.post("/alarms/force_deactivate", body={"name": name})
