"""`emqxctl sources why`: explain why a source does not work."""

from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.session import Session
from emqxctl.commands._integration_why import COMMON_CALLS, Checks, Network, Over, Test, explain
from emqxctl.commands.sources import SOURCES
from emqxctl.output.results import Report
from emqxctl.verbs.parameters import key_type

Key = Annotated[
    str, typer.Argument(metavar="TYPE:NAME", help="Id of the source.", click_type=key_type(SOURCES))
]


@command(
    calls=("GET /sources/{id}", *COMMON_CALLS),
    examples=(
        "emqxctl sources why mqtt:plant",
        "emqxctl sources why mqtt:plant --over 30s",
        "emqxctl sources why mqtt:plant -o json --query 'causes[0].cause'",
    ),
)
def why(
    session: Session, key: Key, over: Over = 3.0, test: Test = None, network: Network = True
) -> Report:  # Typer needs the default
    """Explain why a source does not work.

    Shows its status and that of its connector on each node with EMQX's reason in words, the rules that use
    it, what it receives, and whether DNS, TCP and TLS of the target work from this computer, which may differ
    from what the nodes see. EMQX tests the stored definition, with the stored secrets, if the source does not
    work. Exits with 8 unless it works.
    """
    return explain(session, "sources", key, Checks(over, test, network))
