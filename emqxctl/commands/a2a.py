"""`emqxctl a2a`: cards of agents, as the A2A protocol has them."""

import json
from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import read_object
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.output.formatters import color_state
from emqxctl.output.results import Done, Record
from emqxctl.resource import Column, Filter, Resource, ValueType
from emqxctl.verbs.list import add_list

CARDS = Resource(
    noun="card",
    path="/a2a/cards/list",
    key="id",
    columns=(
        Column("id"),
        Column("name"),
        Column("version"),
        Column("status", style=color_state),
        Column("description"),
        Column("namespace", wide=True),
    ),
    filters=(
        Filter("org_id", "Only those of this organisation."),
        Filter("unit_id", "Only those of this unit."),
        Filter("agent_id", "Only this agent."),
        Filter("ns", "Only those of this namespace.", option="namespace"),
        Filter("only_global", "Only those of no namespace.", ValueType.BOOLEAN),
    ),
)
CARD = "/a2a/cards/card/{org_id}/{unit_id}/{agent_id}"

Org = Annotated[str, typer.Argument(metavar="ORG", help="The organisation.")]
Unit = Annotated[str, typer.Argument(metavar="UNIT", help="The unit in it.")]
Agent = Annotated[str, typer.Argument(metavar="AGENT", help="The agent.")]
Namespace = Annotated[str | None, typer.Option(metavar="NAME", help="Of this namespace.")]

app = new_group("A2A: cards of agents (EMQX 6.2+).")
add_list(app, CARDS, examples=("emqxctl a2a list", "emqxctl a2a list --org-id acme -o json"))


@app.command()
@command(calls=f"GET {CARD}", examples=("emqxctl a2a get acme plant welder-7",))
def get(session: Session, org: Org, unit: Unit, agent: Agent, namespace: Namespace = None) -> Record:
    """Show the card of an agent."""
    found = session.client.get(CARD, org, unit, agent, query={"ns": namespace})
    return Record(found if isinstance(found, dict) else {}, CARDS.columns, key="id")


@app.command()
@command(
    calls=f"POST {CARD}",
    examples=("emqxctl a2a register acme plant welder-7 -f card.json",),
    effect=Effect.WRITE,
)
def register(
    session: Session,
    org: Org,
    unit: Unit,
    agent: Agent,
    file: Annotated[
        str, typer.Option("--file", "-f", metavar="FILE", help="The card, JSON or YAML; - for stdin.")
    ],
    namespace: Namespace = None,
) -> Done:
    """Register the card of an agent, or replace it."""
    card = json.dumps(read_object(file), ensure_ascii=False)  # EMQX takes it as a text
    session.client.post(CARD, org, unit, agent, query={"ns": namespace}, body={"card": card})
    return Done(f"registered the card of {agent!r}", {"id": f"{org}/{unit}/{agent}"}, key="id")


@app.command()
@command(
    calls=f"DELETE {CARD}",
    examples=("emqxctl a2a delete acme plant welder-7 --yes",),
    effect=Effect.DESTROY,
)
def delete(session: Session, org: Org, unit: Unit, agent: Agent, namespace: Namespace = None) -> Done:
    """Delete the card of an agent."""
    session.confirm(f"delete the card of {org}/{unit}/{agent}")
    session.client.delete(CARD, org, unit, agent, query={"ns": namespace})
    return Done(f"deleted the card of {agent!r}", {"id": f"{org}/{unit}/{agent}"}, key="id")
