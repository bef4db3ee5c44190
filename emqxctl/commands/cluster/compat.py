"""`emqxctl cluster compat`: what this broker lacks, by its version and edition."""

from collections.abc import Iterator

from emqxctl.cli.command import command
from emqxctl.cli.session import Session
from emqxctl.errors import NotYetError
from emqxctl.output.results import Row, Rows
from emqxctl.resource import Column

COLUMNS = (Column("operation"), Column("reason"))


@command(
    calls=("GET /status", "GET /nodes"),
    examples=("emqxctl cluster compat", "emqxctl cluster compat --where 'operation~/ai/' -o json"),
)
def compat(session: Session) -> Rows:
    """List the operations that this EMQX lacks, and why.

    Known from EMQX's source, 5.0 to 6.3; nothing is tried out.
    """
    from emqxctl.api.availability import version_of_nodes
    from emqxctl.api.status import ask_status
    from emqxctl.emqx.operations import read_broker

    broker = ask_status(session.api)
    version, edition = (broker.version, broker.edition) if broker else ("", "")
    if not version or not edition:
        version, edition = version_of_nodes(session.api, version, edition)
    if not version:
        message = "the version of EMQX is not known"
        raise NotYetError(message, code="NO_VERSION", hint="emqxctl status tells whether it runs")
    known = read_broker(version, edition)
    named = f"{known.name if known else version} ({edition or 'of no known edition'})"
    return Rows(
        missing(version, edition),
        COLUMNS,
        key="operation",
        nouns="operations that it lacks",
        notes=(f"this is EMQX {named}",),
    )


def missing(version: str, edition: str) -> Iterator[Row]:
    """Give each operation that a version lacks, with the reason."""
    from emqxctl.emqx.operations import missing_on
    from emqxctl.emqx.operations_data import LIVES

    for operation in LIVES:
        reason = missing_on(operation, version, edition)
        if reason:
            yield {"operation": operation, "reason": reason}
