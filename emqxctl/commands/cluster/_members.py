"""`emqxctl cluster invite`, `invitation`, `force-leave` and `update`: change the cluster and its members."""

from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.options import NodeArgument
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.diagnosis.health import dict_rows
from emqxctl.output.formatters import format_relative_time
from emqxctl.output.results import Done, Rows
from emqxctl.resource import Column

MIN_INVITE_TIMEOUT = 5000  # milliseconds; EMQX refuses less
RESPONSE_MARGIN = 2000  # milliseconds that remain for the response itself

INVITATION_COLUMNS = (
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
        bool, typer.Option("--async", help="Return without waiting; see `cluster invitation` (EMQX 5.5+).")
    ] = False,
) -> Done:
    """Invite another node to join this cluster.

    The node leaves its own cluster and loses its data. The command waits up to --timeout for it to join.
    """
    if asynchronous:
        session.client.put("/cluster/{node}/invite_async", node)
        notes = ("show whether it joined: emqxctl cluster invitation",)
        return Done(f"invited {node}", {"node": node}, key="node", notes=notes)
    timeout = max(MIN_INVITE_TIMEOUT, int(session.settings.timeout * 1000) - RESPONSE_MARGIN)
    session.client.put("/cluster/{node}/invite", node, body={"timeout": timeout})
    return Done(f"{node} joined the cluster", {"node": node}, key="node")


@command(calls="GET /cluster/invitation", examples=("emqxctl cluster invitation",))
def invitation(session: Session) -> Rows:
    """List asynchronous invitations (EMQX 5.5+)."""
    response = session.client.get_object("/cluster/invitation")
    states = {"in_progress": "in progress", "succeed": "joined", "failed": "failed"}
    rows = [
        {"state": state, **invitation_row}
        for name, state in states.items()
        for invitation_row in dict_rows(response.get(name))
    ]
    return Rows(rows, INVITATION_COLUMNS, key="node", plural_noun="invitations")


@command(
    calls="DELETE /cluster/{node}/force_leave",
    examples=("emqxctl cluster force-leave emqx@10.0.0.4 --yes",),
    effect=Effect.DESTROY,
)
def force_leave(session: Session, node: NodeArgument) -> Done:
    """Remove a node from the cluster, even if it is running.

    The configuration changes that the node has not applied remain in the cluster; `emqx ctl cluster
    force-leave` on a node clears them too.
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
    description: Annotated[str, typer.Option(metavar="TEXT", help="Description of the cluster.")],
) -> Done:
    """Set the cluster description (EMQX 6.0+)."""
    body = {"description": description}
    response = session.client.put_object("/cluster", body=body)
    return Done("set the cluster description", response or body)
