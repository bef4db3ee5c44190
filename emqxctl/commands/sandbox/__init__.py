"""`emqxctl sandbox`: a simulated cluster on this machine, to try things on."""

from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.sandbox_process import SandboxProcess, find_running_sandbox, start_sandbox, stop_sandbox
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.sandbox import node
from emqxctl.errors import NotYetError
from emqxctl.output.results import Done, Record

app = new_group("A simulated cluster on this machine, to try things on.")
app.add_typer(node.app, name="node")


@app.command("start")
@command(
    examples=("emqxctl sandbox start", "emqxctl sandbox start --port 18083", "emqxctl sandbox start --still"),
    effect=Effect.WRITE,
    local=True,
)
def start_(
    session: Session,
    port: Annotated[int, typer.Option(metavar="N", min=0, max=65535, help="The port; 0: a free one.")] = 0,
    still: Annotated[bool, typer.Option("--still", help="Nothing happens by itself.")] = False,
) -> Done:
    """Start a sandbox that stays; -p sandbox then finds it."""
    found = find_running_sandbox(session.environ)
    if found is not None:
        return Done(f"a sandbox already runs at {found.url}", shown(found), key="url")
    if session.settings.dry_run:
        return Done("dry run: no sandbox was started")
    found = start_sandbox(session.environ, port, still=still)
    note = "simulated, on the loopback only; use it with: emqxctl -p sandbox nodes list"
    return Done(f"sandbox started at {found.url}", shown(found), key="url", notes=(note,))


@app.command("stop")
@command(examples=("emqxctl sandbox stop",), effect=Effect.WRITE, local=True)
def stop_(session: Session) -> Done:
    """Stop the sandbox; what was changed in it is gone."""
    found = find_running_sandbox(session.environ)
    if found is None:
        return Done("no sandbox is running", {"running": False})
    if not session.settings.dry_run:
        stop_sandbox(session.environ, found)
    return Done(f"sandbox at {found.url} stopped", {"running": False, "url": found.url}, key="url")


@app.command("status")
@command(examples=("emqxctl sandbox status", "emqxctl sandbox status -o json"))
def status_(session: Session) -> Record:
    """Tell where the sandbox runs; exit 8 when it does not."""
    found = find_running_sandbox(session.environ)
    if found is None:
        message = "no sandbox is running"
        raise NotYetError(message, hint="emqxctl sandbox start")
    return Record({"running": True, **shown(found)}, key="url")


def shown(found: SandboxProcess) -> dict[str, object]:
    """Write the running sandbox as a row; its key and secret protect nothing: it is simulated."""
    return {"url": found.url, "api_key": found.api_key, "api_secret": found.api_secret, "pid": found.pid}
