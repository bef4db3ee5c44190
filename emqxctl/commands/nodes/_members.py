"""The node that is drained, and the listeners on it."""

from typing import TYPE_CHECKING, Any

from emqxctl.diagnosis.health import dict_rows, is_enabled, is_running
from emqxctl.errors import GuardError, NotFoundError, NotReadyError

if TYPE_CHECKING:
    from emqxctl.api.client import Client


def require_node(client: "Client", name: str) -> dict[str, Any]:
    """Return a running node's row. Raises NotFoundError, NotReadyError."""
    rows = client.get_list("/nodes")
    for row in rows:
        if row.get("node") == name:
            if not is_running(row):
                message = f"node {name!r} is not running"
                raise NotReadyError(message, hint="show the nodes: emqxctl nodes list")
            return row
    message = f"node {name!r} not found"
    raise NotFoundError(message, hint="list nodes: emqxctl nodes list")


def require_other_node(client: "Client", name: str) -> None:
    """Check that the clients of a node can connect to another one. Raises GuardError."""
    rows = client.get_list("/nodes")
    if not any(is_running(row) for row in rows if row.get("node") != name):
        message = f"no other node is running: the clients of {name!r} could not connect anywhere"
        hint = "add a node first; or stop the listeners of the cluster: emqxctl listeners stop TYPE:NAME"
        raise GuardError(message, code="NO_OTHER_NODE", hint=hint)


def list_stopped_listeners(client: "Client", name: str) -> list[str]:
    """Return the enabled listeners that are not running on a node."""
    return [
        str(listener.get("id"))
        for listener in client.get_list("/listeners")
        if is_enabled(listener) and any(not is_on for is_on in read_node_states(listener, name))
    ]


def list_running_listeners(client: "Client", name: str) -> list[str]:
    """Return the listeners that are running on a node."""
    return [
        str(listener.get("id"))
        for listener in client.get_list("/listeners")
        if any(read_node_states(listener, name))
    ]


def read_node_states(listener: dict[str, Any], name: str) -> list[bool]:
    """Return whether a listener is running on a node: one value, none if the node is not mentioned."""
    statuses = [
        row.get("status") for row in dict_rows(listener.get("node_status")) if row.get("node") == name
    ]
    return [isinstance(status, dict) and status.get("running") is True for status in statuses]
