"""`emqxctl alarms`: what is wrong now, and what was."""

from typing import Annotated

import typer

from emqxctl.cli import stock
from emqxctl.cli.command import Effect, command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.output.results import Done, Rows
from emqxctl.resource import Column, Paging, Resource
from emqxctl.writers import in_milliseconds, since

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
    calls="POST /alarms/force_deactivate",
    examples=("emqxctl alarms deactivate high_cpu_usage",),
    effect=Effect.WRITE,
)
def deactivate(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The alarm, as `list` names it.")],
) -> Done:
    """End an alarm that EMQX does not end itself (5.8.8+).

    It ends on the node that answers; for another node, name that node's own --url.
    """
    session.api.post("/alarms/force_deactivate", body={"name": name})
    return Done(f"ended alarm {name!r}", {"name": name}, key="name")
