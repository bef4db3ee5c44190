"""`emqxctl cluster invite` and its like: who belongs to the cluster."""

from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.options import NodeArgument
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.output.formatters import format_relative_time
from emqxctl.output.results import Done, Rows
from emqxctl.resource import Column

SHORTEST = 5000  # milliseconds; EMQX refuses less
MARGIN = 2000  # milliseconds that the answer itself may take

COLUMNS = (
    Column("node"),
    Column("state"),
    Column("started_at", "STARTED", format=format_relative_time),
    Column("finished_at", "FINISHED", format=format_relative_time),
    Column("reason"),
)


@command(
    calls=("PUT /cluster/{node}/invite", "PUT /cluster/{node}/invite_async"),
    examples=("emqxctl cluster invite emqx@10.0.0.4", "emqxctl cluster invite emqx@10.0.0.4 --async"),
    effect=Effect.WRITE,
)
def invite(
    session: Session,
    node: NodeArgument,
    asynchronous: Annotated[
        bool, typer.Option("--async", help="Do not wait (EMQX 5.5+): see `cluster invitation`.")
    ] = False,
) -> Done:
    """Let another node join this cluster.

    The node leaves its own and loses its data. It is waited for as long as --timeout says.
    """
    if asynchronous:
        session.client.put("/cluster/{node}/invite_async", node)
        notes = ("whether it came: emqxctl cluster invitation",)
        return Done(f"invited {node}", {"node": node}, key="node", notes=notes)
    wait = max(SHORTEST, int(session.settings.timeout * 1000) - MARGIN)
    session.client.put("/cluster/{node}/invite", node, body={"timeout": wait})
    return Done(f"{node} joined the cluster", {"node": node}, key="node")


@command(calls="GET /cluster/invitation", examples=("emqxctl cluster invitation",))
def invitation(session: Session) -> Rows:
    """List the invitations that were not waited for (5.5+)."""
    found = session.client.get("/cluster/invitation")
    known = found if isinstance(found, dict) else {}
    states = {"in_progress": "in progress", "succeed": "joined", "failed": "failed"}
    rows = [
        {"state": state, **one}
        for name, state in states.items()
        for one in known.get(name) or []
        if isinstance(one, dict)
    ]
    return Rows(rows, COLUMNS, key="node", plural_noun="invitations")


@command(
    calls="DELETE /cluster/{node}/force_leave",
    examples=("emqxctl cluster force-leave emqx@10.0.0.4 --yes",),
    effect=Effect.DESTROY,
)
def force_leave(session: Session, node: NodeArgument) -> Done:
    """Remove a node from the cluster, also one that runs.

    What it has not yet applied of the cluster's configuration stays noted: `emqx ctl cluster force-leave` on
    a node clears that too.
    """
    session.confirm(f"remove {node} from the cluster")
    session.client.delete("/cluster/{node}/force_leave", node)
    return Done(f"removed {node} from the cluster", {"node": node}, key="node")


@command(
    calls="PUT /cluster",
    examples=("emqxctl cluster update --description 'plant 4, production'",),
    effect=Effect.WRITE,
)
def update(
    session: Session,
    description: Annotated[str, typer.Option(metavar="TEXT", help="What the cluster is for.")],
) -> Done:
    """Describe the cluster (EMQX 6.0+)."""
    made = session.client.put("/cluster", body={"description": description})
    return Done("described the cluster", made if isinstance(made, dict) else {"description": description})
