"""`emqxctl sandbox`: run a simulated cluster on this machine."""

from enum import StrEnum
from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.sandbox_process import SandboxProcess, find_running_sandbox, start_sandbox, stop_sandbox
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import NotReadyError
from emqxctl.output.results import Done, Record

DASHBOARD_USERNAME, DASHBOARD_PASSWORD = "admin", "public"  # as in a new EMQX
DEFAULT_CLIENTS = 24
OPTIONS_NOT_APPLIED = (
    "the options do not change the running sandbox; stop it and start another: emqxctl sandbox stop"
)

app = new_group("Run a simulated cluster on this machine.")
app.lazy("node", "Stop, start and configure nodes of the running sandbox.")


class Edition(StrEnum):
    """An edition that the sandbox simulates."""

    COMMUNITY = "community"
    ENTERPRISE = "enterprise"


@app.command("start")
@command(
    examples=(
        "emqxctl sandbox start",
        "emqxctl sandbox start --port 18083 --still",
        "emqxctl sandbox start --edition enterprise --clients 500",
    ),
    effect=Effect.WRITE,
    local=True,
)
def start(
    session: Session,
    port: Annotated[
        int, typer.Option(metavar="N", min=0, max=65535, help="Port to listen on (0: any free port).")
    ] = 0,
    edition: Annotated[
        Edition,
        typer.Option(metavar="EDITION", help="community (5.8.9) or enterprise (6.2.2)."),
    ] = Edition.COMMUNITY,
    clients: Annotated[
        int, typer.Option(metavar="N", min=0, max=100_000, help="Number of simulated clients.")
    ] = DEFAULT_CLIENTS,
    still: Annotated[bool, typer.Option("--still", help="Disable simulated activity.")] = False,
) -> Done:
    """Start a sandbox in the background.

    The profile `sandbox` then connects to it: emqxctl -p sandbox nodes list.
    """
    process = find_running_sandbox(session.environ)
    if process is not None:
        has_options = still or (port, edition, clients) != (0, Edition.COMMUNITY, DEFAULT_CLIENTS)
        notes = (OPTIONS_NOT_APPLIED,) if has_options else ()
        message = f"a sandbox is already running at {process.url}"
        return Done(message, describe_process(process), key="url", notes=notes)
    if session.settings.dry_run:
        return Done("dry run: no sandbox was started")
    process = start_sandbox(session.environ, port, still=still, edition=edition, clients=clients)
    note = "simulated, on the loopback interface only; use it: emqxctl -p sandbox nodes list"
    return Done(f"started a sandbox at {process.url}", describe_process(process), key="url", notes=(note,))


@app.command("stop")
@command(examples=("emqxctl sandbox stop",), effect=Effect.WRITE, local=True)
def stop(session: Session) -> Done:
    """Stop the sandbox and discard its changes."""
    process = find_running_sandbox(session.environ)
    if process is None:
        return Done("no sandbox is running", {"running": False})
    if not session.settings.dry_run:
        stop_sandbox(session.environ, process)
    return Done(f"stopped the sandbox at {process.url}", {"running": False, "url": process.url}, key="url")


@app.command("status")
@command(examples=("emqxctl sandbox status", "emqxctl sandbox status -o json"))
def status(session: Session) -> Record:
    """Show the address of the running sandbox.

    Exits with 8 if no sandbox is running.
    """
    process = find_running_sandbox(session.environ)
    if process is None:
        message = "no sandbox is running"
        raise NotReadyError(message, hint="start one: emqxctl sandbox start")
    return Record({"running": True, **describe_process(process)}, key="url")


def describe_process(process: SandboxProcess) -> dict[str, object]:
    """Return the running sandbox as a row; its credentials protect only simulated data."""
    return {
        "url": process.url,
        "api_key": process.api_key,
        "api_secret": process.api_secret,
        "dashboard_username": DASHBOARD_USERNAME,
        "dashboard_password": DASHBOARD_PASSWORD,
        "pid": process.pid,
    }
