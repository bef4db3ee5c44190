"""`emqxctl cluster compat`: the operations that this version and edition of EMQX does not support."""

from collections.abc import Iterator

from emqxctl.cli.command import command
from emqxctl.cli.session import Session
from emqxctl.errors import NotReadyError
from emqxctl.output.results import Row, Rows
from emqxctl.resource import Column

COLUMNS = (Column("operation"), Column("reason"))


@command(
    calls=("GET /status", "GET /nodes"),
    examples=("emqxctl cluster compat", "emqxctl cluster compat --where 'operation~/ai/' -o json"),
)
def compat(session: Session) -> Rows:
    """List the operations that this EMQX does not support.

    The list comes from EMQX's source, versions 5.0 to 6.3; no operation is tried.
    """
    from emqxctl.api.availability import fetch_node_version
    from emqxctl.api.status import fetch_status
    from emqxctl.emqx.operations import parse_version

    status = fetch_status(session.client.transport)
    version, edition = (status.version, status.edition) if status else ("", "")
    if not version or not edition:
        version, edition = fetch_node_version(session.client.transport, version, edition)
    if not version:
        message = "cannot detect the version of EMQX"
        raise NotReadyError(message, code="NO_VERSION", hint="show whether it is running: emqxctl status")
    version_range = parse_version(version, edition)
    name = version_range.name if version_range else version
    return Rows(
        list_unsupported(version, edition),
        COLUMNS,
        key="operation",
        plural_noun="unsupported operations",
        notes=(f"this is EMQX {name} ({edition or 'unknown edition'})",),
    )


def list_unsupported(version: str, edition: str) -> Iterator[Row]:
    """Yield each operation that a version does not support, with the reason."""
    from emqxctl.emqx.operations import unavailable_reason
    from emqxctl.emqx.operations_data import LIFETIMES

    for operation in LIFETIMES:
        reason = unavailable_reason(operation, version, edition)
        if reason:
            yield {"operation": operation, "reason": reason}
