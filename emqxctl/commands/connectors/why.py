"""`emqxctl connectors why`: explain why a connector does not work."""

from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.session import Session
from emqxctl.commands._integration_why import COMMON_CALLS, Checks, Network, Over, Test, explain
from emqxctl.commands.connectors import CONNECTORS
from emqxctl.output.results import Report
from emqxctl.verbs.parameters import key_type

Key = Annotated[
    str, typer.Argument(metavar="TYPE:NAME", help="Id of the connector.", click_type=key_type(CONNECTORS))
]


@command(
    calls=("GET /connectors/{id}", *COMMON_CALLS),
    examples=(
        "emqxctl connectors why http:warehouse",
        "emqxctl connectors why http:warehouse --over 30s",
        "emqxctl connectors why http:warehouse -o json --query 'causes[0].cause'",
    ),
)
def why(
    session: Session, key: Key, over: Over = 3.0, test: Test = None, network: Network = True
) -> Report:  # Typer needs the default
    """Explain why a connector does not work.

    Shows its status on each node with EMQX's reason in words, the rules and actions that use it, how their
    counters move, and whether DNS, TCP and TLS of the target work from this computer, which may differ from
    what the nodes see. EMQX tests the stored definition, with the stored secrets, if the connector does not
    work. Exits with 8 unless it works.
    """
    return explain(session, "connectors", key, Checks(over, test, network))
