"""Why a broker lacks an operation: its version, its edition, or because it is still booting."""

from typing import TYPE_CHECKING

from emqxctl.api.other_ports import mqtt_port_hint
from emqxctl.api.request import Request, build_request
from emqxctl.api.status import BrokerStatus, fetch_status
from emqxctl.errors import EmqxctlError, NotReadyError, UnsupportedError

if TYPE_CHECKING:
    from emqxctl.api.transport import Transport


def explain_missing_operation(transport: "Transport", request: Request, error: EmqxctlError) -> EmqxctlError:
    """Return the error for a path that the server does not know: still booting, or not in this version.

    EMQX 5.7.1+ returns 404 for every path while it boots (api.md §0.6), so `/status` is fetched first. The
    given error is returned if the server is not EMQX, or should have the operation.
    """
    try:
        broker = fetch_status(transport)
    except EmqxctlError:
        return error
    if broker is None:
        error.hint = mqtt_port_hint(transport.connection.url) or error.hint
        return error
    if not broker.is_running:
        message = f"EMQX at {transport.connection.url} is still starting"
        return NotReadyError(
            message, code="BOOTING", hint="retry in a moment; check the state: emqxctl status"
        )
    reason = find_missing_reason(transport, request.operation, broker)
    if reason:
        hint = "show the version: emqxctl status"
        return UnsupportedError(f"{request.operation} {reason}", hint=hint, details=error.details)
    return error


def find_missing_reason(transport: "Transport", operation: str, broker: BrokerStatus) -> str:
    """Return why this broker does not have an operation, empty if it should."""
    from emqxctl.emqx.operations import unavailable_reason

    version, edition = broker.version, broker.edition
    if not version or not edition:
        version, edition = fetch_node_version(transport, version, edition)
    return (unavailable_reason(operation, version, edition) or "") if version else ""


def fetch_node_version(transport: "Transport", version: str, edition: str) -> tuple[str, str]:
    """Return version and edition, from `/nodes` what `/status` does not report."""
    try:
        response = transport.send(build_request("GET", "/nodes"))
        nodes = response.json() if response.status == 200 else []
    except EmqxctlError:
        return version, edition
    rows: list[object] = nodes if isinstance(nodes, list) else []
    node = next((row for row in rows if isinstance(row, dict)), {})
    return version or str(node.get("version", "")), edition or str(node.get("edition", ""))
