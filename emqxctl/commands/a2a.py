"""`emqxctl a2a`: manage the cards of A2A agents."""

import json
from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import read_object
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.output.formatters import color_state
from emqxctl.output.results import Done, Record, Result
from emqxctl.resource import Column, Filter, Resource
from emqxctl.verbs.existence import delete_if_exists
from emqxctl.verbs.get import require_existing
from emqxctl.verbs.list import add_list

CARDS = Resource(
    noun="agent card",
    path="/a2a/cards/list",
    key="id",
    columns=(
        Column("id"),
        Column("name"),
        Column("version"),
        Column("status", style=color_state),
        Column("description"),
        Column("namespace"),
    ),
    filters=(
        Filter("org_id", "Filter by organization."),
        Filter("unit_id", "Filter by unit."),
        Filter("agent_id", "Filter by agent."),
    ),
)
CARD_PATH = "/a2a/cards/card/{org_id}/{unit_id}/{agent_id}"

OrgArgument = Annotated[str, typer.Argument(metavar="ORG", help="Organization.")]
UnitArgument = Annotated[str, typer.Argument(metavar="UNIT", help="Unit of the organization.")]
AgentArgument = Annotated[str, typer.Argument(metavar="AGENT", help="Agent.")]

app = new_group("Manage agent cards of the A2A protocol (EMQX 6.2+).")
add_list(app, CARDS, examples=("emqxctl a2a list", "emqxctl a2a list --org-id acme -o json"))


@app.command()
@command(calls=f"GET {CARD_PATH}", examples=("emqxctl a2a get acme plant welder-7",))
def get(
    session: Session,
    org: OrgArgument,
    unit: UnitArgument,
    agent: AgentArgument,
) -> Record:
    """Show an agent card."""
    card = session.client.get_object(CARD_PATH, org, unit, agent)
    return Record(card, CARDS.columns, key="id")


@app.command()
@command(
    calls=f"POST {CARD_PATH}",
    examples=("emqxctl a2a register acme plant welder-7 -f card.json",),
    effect=Effect.WRITE,
)
def register(
    session: Session,
    org: OrgArgument,
    unit: UnitArgument,
    agent: AgentArgument,
    file: Annotated[
        str,
        typer.Option(
            "--file", "-f", metavar="FILE", help="File that contains the card: JSON or YAML (- for stdin)."
        ),
    ],
) -> Done:
    """Create or replace an agent card."""
    card = json.dumps(read_object(file), ensure_ascii=False)  # EMQX expects the card as text
    session.client.post(CARD_PATH, org, unit, agent, body={"card": card})
    return Done(f"registered agent card {agent!r}", {"id": f"{org}/{unit}/{agent}"}, key="id")


@app.command()
@command(
    calls=(f"GET {CARD_PATH}", f"DELETE {CARD_PATH}"),
    examples=("emqxctl a2a delete acme plant welder-7 --yes",),
    effect=Effect.DESTROY,
)
def delete(
    session: Session,
    org: OrgArgument,
    unit: UnitArgument,
    agent: AgentArgument,
) -> Result:
    """Delete an agent card."""
    session.confirm(f"delete agent card {org}/{unit}/{agent}")
    card = {"id": f"{org}/{unit}/{agent}"}

    def send() -> Done:
        # EMQX answers 204 to the DELETE of an unknown card
        require_existing(session, CARD_PATH, org, unit, agent)
        session.client.delete(CARD_PATH, org, unit, agent)
        return Done(f"deleted agent card {agent!r}", card, key="id")

    return delete_if_exists(session, f"agent card {agent!r}", card, send)
