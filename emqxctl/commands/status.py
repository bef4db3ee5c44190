"""`emqxctl status`: whether EMQX runs there, without an API key."""

from emqxctl.api.cluster import ask_status
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.errors import EmqxctlError, ExitCode
from emqxctl.output.results import Record
from emqxctl.resource import Column
from emqxctl.writers import state

app = new_group("Whether EMQX runs there; needs no API key.")


@app.command()
@command(
    calls="GET /status", examples=("emqxctl status", "emqxctl status --url http://10.0.0.1:18083 -o json")
)
def status(session: Session) -> Record:
    """Tell whether EMQX runs there; exit 8 when not yet."""
    api = session.stranger
    broker = ask_status(api)
    if broker is None:
        message = f"what answers at {api.connection.url} is not EMQX"
        raise EmqxctlError(message, code="NOT_EMQX", hint="check the profile's url, and proxies on the way")
    found: dict[str, object] = {
        "url": api.connection.url,
        "status": "running" if broker.running else "not running",
        "node": broker.node or None,
        "version": broker.version.lstrip("ve") or None,
        "edition": broker.edition or None,
    }
    columns = (Column("url", "URL"), Column("status", style=state), Column("node"))
    notes = () if broker.running else ("EMQX is there, but not (yet) running: try again in a moment",)
    return Record(
        found, columns, key="node", notes=notes, exit_code=ExitCode.OK if broker.running else ExitCode.NOT_YET
    )
