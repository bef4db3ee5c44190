"""`emqxctl dashboard-schemas`: show the schemas that EMQX sends to the dashboard."""

from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.output.results import Value

app = new_group("Show the configuration schemas of the dashboard.")


@app.command()
@command(
    calls="GET /schemas/{name}",
    examples=(
        "emqxctl dashboard-schemas get actions -o json",
        "emqxctl dashboard-schemas get hotconf -o yaml",
    ),
    completes={"name": ("hotconf", "actions", "connectors", "bridges")},
)
def get(
    session: Session,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Schema name: hotconf, actions, connectors or bridges.")
    ],
) -> Value:
    """Show a schema: fields, types and defaults."""
    return Value(session.client.get("/schemas/{name}", name))
