"""The namespace of a request (EMQX 6.0 and later), added where its operation takes one."""

from typing import TYPE_CHECKING

from emqxctl.api.request import Request
from emqxctl.emqx.namespaces import LISTS_WITH_GLOBAL_FILTER, NAMESPACED_OPERATIONS, NAMESPACES_SINCE
from emqxctl.errors import UnsupportedError

if TYPE_CHECKING:
    from emqxctl.api.transport import Transport


def add_namespace(transport: "Transport", request: Request, namespace: str, *, only_global: bool) -> Request:
    """Return a request with a namespace, if its operation takes one and it has none.

    Raises UnsupportedError for an EMQX without namespaces, which would ignore it.
    """
    names = {name for name, _ in request.query}
    pairs: list[tuple[str, str]] = []
    if namespace and request.operation in NAMESPACED_OPERATIONS and "ns" not in names:
        pairs.append(("ns", namespace))
    if only_global and request.operation in LISTS_WITH_GLOBAL_FILTER:
        pairs.append(("only_global", "true"))
    if not pairs:
        return request
    if not is_newer_than_namespaces(request.operation):
        require_namespaces(transport, "--namespace" if namespace else "--only-global")
    return request._replace(query=(*request.query, *pairs))


def is_newer_than_namespaces(operation: str) -> bool:
    """Return whether an operation exists only in versions with namespaces."""
    from emqxctl.emqx.operations import find_availability

    availability = find_availability(operation)
    return availability is not None and availability.spans[0].since >= NAMESPACES_SINCE


def require_namespaces(transport: "Transport", option: str) -> None:
    """Check once that this EMQX has namespaces. Raises UnsupportedError."""
    if transport.has_namespaces:
        return
    from emqxctl.api.availability import fetch_node_version
    from emqxctl.api.status import fetch_status
    from emqxctl.emqx.operations import parse_version

    status = fetch_status(transport)
    version, edition = (status.version, status.edition) if status else ("", "")
    if not version:  # EMQX 6.2 does not report it without a key
        version, edition = fetch_node_version(transport, version, edition)
    release = parse_version(version, edition)
    if release is not None and release.last < NAMESPACES_SINCE:
        message = f"{option} requires EMQX 6.0 or later (this is {release.name})"
        raise UnsupportedError(message, hint="omit it: all objects are global before EMQX 6.0")
    transport.has_namespaces = True
