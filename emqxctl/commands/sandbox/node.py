"""`emqxctl sandbox node`: stop, start and configure the nodes of the running sandbox."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from emqxctl.api.request import build_request
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import build_body
from emqxctl.cli.sandbox_process import find_running_sandbox
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import NotFoundError, NotReadyError, UsageError
from emqxctl.output.formatters import color_state, format_duration_ms
from emqxctl.output.results import Done, Rows
from emqxctl.resource import Column

COLUMNS = (
    Column("number", "NO.", align_right=True),
    Column("node"),
    Column("node_status", "STATUS", style=color_state),
    Column("uptime", format=format_duration_ms, align_right=True),
    Column("live_connections", "LIVE", align_right=True),
)

SandboxNodeArgument = Annotated[
    str, typer.Argument(metavar="NODE", help="Node number, name, or name before the @.")
]

NODES = {"node": ("emqx1", "emqx2", "emqx3")}
app = new_group("Stop, start and configure nodes of the running sandbox.")


def send_control(session: Session, method: str, path: str, *arguments: str) -> Any:  # noqa: ANN401  # JSON is Any
    """Send a request to the control API of the running sandbox. Raises NotYetError if none is running."""
    process = find_running_sandbox(session.environ)
    if process is None:
        message = "no sandbox is running"
        raise NotReadyError(message, hint="start one: emqxctl sandbox start")
    connection = session.base_connection(process.url)._replace(
        api_key=process.api_key, api_secret=process.api_secret, dry_run=False
    )
    request = build_request(method, path, *arguments)._replace(prefix="")
    return session.client_for(connection).send(request).json()


def list_nodes(session: Session) -> list[dict[str, object]]:
    """Return the nodes, numbered from 1."""
    rows = send_control(session, "GET", "/sandbox/nodes")
    return [{"number": number, **row} for number, row in enumerate(rows, 1)]


def is_named(row: Mapping[str, object], text: str) -> bool:
    """Return whether a text names a node: its number, its name, or its name before the @."""
    name = str(row.get("node"))
    return text in (str(row.get("number")), name, name.partition("@")[0])


def find_node(session: Session, text: str) -> dict[str, object]:
    """Return the node that a text names. Raises NotFoundError."""
    row = next((row for row in list_nodes(session) if is_named(row, text)), None)
    if row is None:
        message = f"sandbox node {text!r} not found"
        raise NotFoundError(message, hint="list nodes: emqxctl sandbox node list")
    return row


def switch_node(session: Session, text: str, verb: str, target_status: str) -> Done:
    """Stop or start a node. Raises NotFoundError, or UsageError for the node that responds."""
    row = find_node(session, text)
    name = str(row["node"])
    if verb == "stop" and row.get("answers"):
        message = f"cannot stop {name}: it is the node that responds to requests"
        raise UsageError(message, hint="stop another node, or the sandbox: emqxctl sandbox stop")
    if row.get("node_status") == target_status:
        return Done(f"{name} is already {target_status}", row, key="node")
    if session.settings.dry_run:
        return Done(f"dry run: {name} is still {row.get('node_status')}")
    response = send_control(session, "PUT", f"/sandbox/nodes/{{node}}/{verb}", name)
    note = "show the nodes: emqxctl -p sandbox nodes list"
    return Done(
        f"{name} is now {target_status}", {"number": row["number"], **response}, key="node", notes=(note,)
    )


@app.command("list")
@command(examples=("emqxctl sandbox node list", "emqxctl sandbox node list -o json"))
def list_(session: Session) -> Rows:
    """List the simulated nodes."""
    return Rows(list_nodes(session), COLUMNS, key="node", plural_noun="nodes")


@app.command()
@command(
    examples=("emqxctl sandbox node stop 3", "emqxctl sandbox node stop emqx2"),
    effect=Effect.WRITE,
    completes=NODES,
)
def stop(session: Session, node: SandboxNodeArgument) -> Done:
    """Stop a node and discard its sessions."""
    return switch_node(session, node, "stop", "stopped")


@app.command()
@command(examples=("emqxctl sandbox node start 3",), effect=Effect.WRITE, completes=NODES)
def start(session: Session, node: SandboxNodeArgument) -> Done:
    """Start a stopped node."""
    return switch_node(session, node, "start", "running")


@app.command()
@command(
    examples=("emqxctl sandbox node configure 2 mqtt.max_packet_size=2MB",),
    effect=Effect.WRITE,
)
def configure(
    session: Session,
    node: SandboxNodeArgument,
    keys: Annotated[
        list[str],
        typer.Argument(
            metavar="KEY=VALUE...", help="Settings of this node, such as mqtt.max_packet_size=2MB."
        ),
    ],
) -> Done:
    """Change settings of one node, so that it differs."""
    row = find_node(session, node)
    settings = build_body(None, keys, {})
    if not session.settings.dry_run:
        send_control(
            session, "PUT", "/sandbox/nodes/{node}/configs/{settings}", str(row["node"]), json.dumps(settings)
        )
    note = "compare the nodes: emqxctl -p sandbox configs diff"
    return Done(
        f"changed the configuration of {row['node']} only",
        {**row, "settings": settings},
        key="node",
        notes=(note,),
    )
