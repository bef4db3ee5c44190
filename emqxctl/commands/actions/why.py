"""`emqxctl actions why`: explain why an action does not work."""

from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.session import Session
from emqxctl.commands._integration_why import COMMON_CALLS, Checks, Network, Over, Test, explain
from emqxctl.commands.actions import ACTIONS
from emqxctl.output.results import Report
from emqxctl.verbs.parameters import key_type

Key = Annotated[
    str, typer.Argument(metavar="TYPE:NAME", help="Id of the action.", click_type=key_type(ACTIONS))
]


@command(
    calls=("GET /actions/{id}", *COMMON_CALLS),
    examples=(
        "emqxctl actions why http:archive",
        "emqxctl actions why http:archive --over 30s",
        "emqxctl actions why http:archive -o json --query 'causes[0].cause'",
    ),
)
def why(
    session: Session, key: Key, over: Over = 3.0, test: Test = None, network: Network = True
) -> Report:  # Typer needs the default
    """Explain why an action does not work.

    Shows its status and that of its connector on each node with EMQX's reason in words, the rules that use
    it, how its counters move, and whether DNS, TCP and TLS of the target work from this computer, which may
    differ from what the nodes see. EMQX tests the stored definition, with the stored secrets, if the action
    does not work. Exits with 8 unless it works.
    """
    return explain(session, "actions", key, Checks(over, test, network))
