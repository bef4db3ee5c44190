"""`emqxctl dashboard-schemas`: how EMQX describes its configuration to the dashboard."""

from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.output.results import Value

app = new_group("Descriptions of settings, as the dashboard gets them.")


@app.command()
@command(
    calls="GET /schemas/{name}",
    examples=(
        "emqxctl dashboard-schemas get actions -o json",
        "emqxctl dashboard-schemas get hotconf -o yaml",
    ),
)
def get(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="NAME", help="hotconf, actions, connectors or bridges.")],
) -> Value:
    """Show the fields, types and defaults of a kind of settings."""
    return Value(session.client.get("/schemas/{name}", name))
