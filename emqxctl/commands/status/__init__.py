"""`emqxctl status`: show cluster health; without an API key, whether EMQX is running."""

from collections.abc import Sequence
from typing import Annotated

import typer

from emqxctl.api.connection import describe_withheld_key
from emqxctl.api.status import BrokerStatus
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.config.profiles import SANDBOX
from emqxctl.diagnosis.health import strip_version_prefix
from emqxctl.diagnosis.probe import fetch_broker
from emqxctl.diagnosis.snapshot import PART_CALLS
from emqxctl.errors import ExitCode
from emqxctl.output.formatters import color_state
from emqxctl.output.results import Record, Result
from emqxctl.resource import Column

app = new_group("Show cluster health.")

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
        bool, typer.Option("--alive", help="Only check whether EMQX is running; needs no API key.")
    ] = False,
) -> Result:
    """Show cluster health.

    The cluster is healthy if every node is running, every enabled listener, connector, action and source
    works, and no alarm is active. Exits with 8 if it is not, or if the API key may not read one of these.

    Without an API key, only shows whether EMQX is running.
    """
    has_key = bool(session.settings.api_key) or session.settings.profile == SANDBOX
    client = session.client if has_key and not alive else session.anonymous_client
    url = client.connection.url
    broker = fetch_broker(session.anonymous_client)
    if alive or not broker.is_running or not has_key:
        return build_broker_record(url, broker, [] if has_key or alive else suggest_key(session))
    from emqxctl.commands.status._report import build_report
    from emqxctl.diagnosis.snapshot import read_snapshot

    return build_report(broker, read_snapshot(client, PARTS, broker), url)


def suggest_key(session: Session) -> list[str]:
    """Return notes how to show the whole cluster; they say why the key of a profile is not sent."""
    if session.is_key_withheld:
        return list(describe_withheld_key(session.connection))
    return ["add an API key to show the whole cluster: emqxctl keys add"]


def build_broker_record(url: str, broker: BrokerStatus, suggestions: Sequence[str]) -> Record:
    """Return what is known without a key: whether the broker is running, and its version.

    `suggestions` are shown if it is running.
    """
    data: dict[str, object] = {
        "url": url,
        "status": "running" if broker.is_running else "not running",
        "node": broker.node or None,
        "version": strip_version_prefix(broker.version) or None,
        "edition": broker.edition or None,
    }
    columns = (Column("url", "URL"), Column("status", style=color_state), Column("node"))
    notes: list[str] = []
    if not broker.is_running:
        notes.append("EMQX is still starting; wait for the cluster: emqxctl wait --for cluster=healthy")
    else:
        notes += suggestions
    exit_code = ExitCode.OK if broker.is_running else ExitCode.NOT_READY
    return Record(data, columns, key="node", notes=notes, exit_code=exit_code)
