"""`emqxctl rules why`: explain why a rule does not work."""

from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.session import Session
from emqxctl.commands._integration_why import COMMON_CALLS, Checks, Network, Over, Test, explain
from emqxctl.output.results import Report

Key = Annotated[str, typer.Argument(metavar="ID", help="Rule id.")]


@command(
    calls=("GET /rules/{id}", "GET /rule_events", *COMMON_CALLS),
    examples=(
        "emqxctl rules why hot",
        "emqxctl rules why hot --over 30s",
        "emqxctl rules why hot -o json --query 'chain[?broken]'",
    ),
)
def why(
    session: Session, key: Key, over: Over = 3.0, test: Test = None, network: Network = True
) -> Report:  # Typer needs the default
    """Explain why a rule does not work.

    Follows the rule to its sources, its actions and their connectors, and marks the broken link: a missing or
    misspelt action, a disabled or disconnected one, a target that refuses messages. Shows how the counters
    move, and whether DNS, TCP and TLS of the targets work from this computer, which may differ from what the
    nodes see. EMQX tests the stored definitions of what does not work. Exits with 8 unless the rule works.
    """
    return explain(session, "rules", key, Checks(over, test, network))
