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
    from emqxctl.api.availability import fetch_node_version
    from emqxctl.api.status import fetch_status
    from emqxctl.emqx.operations import parse_version

    broker = fetch_status(session.client.transport)
    version, edition = (broker.version, broker.edition) if broker else ("", "")
    if not version or not edition:
        version, edition = fetch_node_version(session.client.transport, version, edition)
    if not version:
        message = "the version of EMQX is not known"
        raise NotYetError(message, code="NO_VERSION", hint="emqxctl status tells whether it runs")
    known = parse_version(version, edition)
    named = f"{known.name if known else version} ({edition or 'of no known edition'})"
    return Rows(
        missing(version, edition),
        COLUMNS,
        key="operation",
        plural_noun="operations that it lacks",
        notes=(f"this is EMQX {named}",),
    )


def missing(version: str, edition: str) -> Iterator[Row]:
    """Give each operation that a version lacks, with the reason."""
    from emqxctl.emqx.operations import unavailable_reason
    from emqxctl.emqx.operations_data import LIFETIMES

    for operation in LIFETIMES:
        reason = unavailable_reason(operation, version, edition)
        if reason:
            yield {"operation": operation, "reason": reason}
