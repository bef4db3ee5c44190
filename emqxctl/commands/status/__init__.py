"""`emqxctl status`: the cluster on one screen; without an API key, whether EMQX runs there."""

from typing import Annotated

import typer

from emqxctl.api.status import BrokerStatus, fetch_status
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.config.profiles import SANDBOX
from emqxctl.diagnosis.health import strip_version_prefix
from emqxctl.diagnosis.snapshot import PART_CALLS
from emqxctl.errors import EmqxctlError, ExitCode
from emqxctl.output.formatters import color_state
from emqxctl.output.results import Record, Result
from emqxctl.resource import Column

app = new_group("The cluster on one screen, and whether all is well.")

PARTS = (
    "nodes",
    "cluster",
    "topology",
    "rates",
    "stats",
    "listeners",
    "connectors",
    "actions",
    "sources",
    "bridges",
    "rules",
    "alarms",
    "license",
)


@app.command()
@command(
    calls=("GET /status", *(PART_CALLS[name] for name in PARTS)),
    examples=(
        "emqxctl status",
        "emqxctl status --alive --url http://10.0.0.1:18083",
        "emqxctl status -o json --query 'problems[].name'",
    ),
)
def status(
    session: Session,
    alive: Annotated[
        bool, typer.Option("--alive", help="Only whether EMQX runs there; needs no API key.")
    ] = False,
) -> Result:
    """Show the cluster on one screen; exit 8 when all is not well.

    All is well when every node runs, and whatever is enabled (listeners, connectors, actions, sources) works,
    and no alarm is active. Without an API key it tells whether EMQX runs there, and no more.
    """
    has_key = bool(session.settings.api_key) or session.settings.profile == SANDBOX
    api = session.client if has_key and not alive else session.anonymous_client
    url = api.connection.url
    broker = fetch_status(session.anonymous_client.transport)
    if broker is None:
        message = f"what answers at {url} is not EMQX"
        raise EmqxctlError(message, code="NOT_EMQX", hint="check the profile's url, and proxies on the way")
    if alive or not broker.is_running or not has_key:
        return bare(url, broker, told=has_key or alive)
    from emqxctl.commands.status._report import screen
    from emqxctl.diagnosis.snapshot import read_snapshot

    return screen(broker, read_snapshot(api, PARTS, broker), url)


def bare(url: str, broker: BrokerStatus, *, told: bool) -> Record:
    """Tell what needs no key: whether it runs, and which version it is."""
    found: dict[str, object] = {
        "url": url,
        "status": "running" if broker.is_running else "not running",
        "node": broker.node or None,
        "version": strip_version_prefix(broker.version) or None,
        "edition": broker.edition or None,
    }
    columns = (Column("url", "URL"), Column("status", style=color_state), Column("node"))
    notes: list[str] = []
    if not broker.is_running:
        notes.append("EMQX is there, but not (yet) running: try again in a moment")
    elif not told:
        notes.append("with an API key this shows the whole cluster: emqxctl keys add")
    code = ExitCode.OK if broker.is_running else ExitCode.NOT_YET
    return Record(found, columns, key="node", notes=notes, exit_code=code)
