"""`emqxctl sandbox node`: the simulated nodes, to be stopped and started."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from emqxctl.api.request import build_request
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.sandbox_process import find_running_sandbox
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import NotFoundError, NotYetError, UsageError
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

NodeWord = Annotated[str, typer.Argument(metavar="NODE", help="Its number, name, or name before the @.")]

app = new_group("The nodes of the running sandbox: stop one, see what happens.")


def ask(session: Session, method: str, template: str, *arguments: str) -> Any:  # noqa: ANN401  # JSON is Any
    """Call the control path of the running sandbox. Raises NotYetError when none runs."""
    found = find_running_sandbox(session.environ)
    if found is None:
        message = "no sandbox is running"
        raise NotYetError(message, hint="emqxctl sandbox start")
    connection = session.base_connection(found.url)
    own = connection._replace(api_key=found.api_key, api_secret=found.api_secret, dry_run=False)
    return (
        session.client_for(own).send(build_request(method, template, *arguments)._replace(prefix="")).json()
    )


def numbered(session: Session) -> list[dict[str, object]]:
    """List the nodes, numbered from 1."""
    return [{"number": number, **row} for number, row in enumerate(ask(session, "GET", "/sandbox/nodes"), 1)]


def is_meant(word: str, row: Mapping[str, object]) -> bool:
    """Tell whether a word names a node."""
    name = str(row.get("node"))
    return word in (str(row.get("number")), name, name.partition("@")[0])


def switch(session: Session, word: str, wish: str, wanted: str) -> Done:
    """Stop or start a node. Raises NotFoundError, or UsageError for the node that answers."""
    found = next((row for row in numbered(session) if is_meant(word, row)), None)
    if found is None:
        message = f"the sandbox has no node {word!r}"
        raise NotFoundError(message, hint="emqxctl sandbox node list")
    name = str(found["node"])
    if wish == "stop" and found.get("answers"):
        message = f"{name} is the node that answers you: it cannot be stopped"
        raise UsageError(message, hint="stop another one, or all: emqxctl sandbox stop")
    if found.get("node_status") == wanted:
        return Done(f"{name} is {wanted} already", found, key="node")
    if session.settings.dry_run:
        return Done(f"dry run: {name} is left {found.get('node_status')}")
    made = ask(session, "PUT", f"/sandbox/nodes/{{node}}/{wish}", name)
    note = "see: emqxctl -p sandbox nodes list"
    return Done(f"{name} is {wanted} now", {"number": found["number"], **made}, key="node", notes=(note,))


@app.command("list")
@command(examples=("emqxctl sandbox node list", "emqxctl sandbox node list -o json"))
def list_(session: Session) -> Rows:
    """List the simulated nodes."""
    return Rows(numbered(session), COLUMNS, key="node", plural_noun="nodes")


@app.command()
@command(examples=("emqxctl sandbox node stop 3", "emqxctl sandbox node stop emqx2"), effect=Effect.WRITE)
def stop(session: Session, node: NodeWord) -> Done:
    """Stop a node; its sessions are lost with it."""
    return switch(session, node, "stop", "stopped")


@app.command()
@command(examples=("emqxctl sandbox node start 3",), effect=Effect.WRITE)
def start(session: Session, node: NodeWord) -> Done:
    """Start a stopped node again."""
    return switch(session, node, "start", "running")
