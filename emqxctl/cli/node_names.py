"""Short names of nodes: `emqx1` for `emqx1@10.0.0.1`, `10.0.0.1` for `emqx@10.0.0.1`, if unique."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from emqxctl.cli.spec import NODE_PARAMETERS
from emqxctl.errors import EmqxctlError, UsageError

if TYPE_CHECKING:
    from emqxctl.cli.session import Session


def has_short_names(arguments: Mapping[str, Any]) -> bool:
    """Return whether a command has an argument with a node's name without its host."""
    return any(
        is_short(name) for parameter in NODE_PARAMETERS for name in list_node_names(arguments.get(parameter))
    )


def is_short(name: object) -> bool:
    """Return whether a text may be a part of a node's name."""
    return isinstance(name, str) and "@" not in name and name not in {"", ".", ".."}


def list_node_names(value: object) -> Sequence[object]:
    """Return the value of an argument as a list."""
    return value if isinstance(value, list | tuple) else [value]


def complete_node_names(session: "Session", arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a command's arguments with the whole names of nodes; unknown ones are left to the server.

    Raises UsageError for a name that fits several nodes.
    """
    try:
        nodes = [str(row.get("node")) for row in session.client.get_list("/nodes")]
    except EmqxctlError:
        return arguments

    def complete(name: object) -> object:
        return complete_name(str(name), nodes) if is_short(name) else name

    completed = dict(arguments)
    for parameter in NODE_PARAMETERS:
        value = arguments.get(parameter)
        if isinstance(value, list | tuple):
            completed[parameter] = [complete(name) for name in value]
        elif value is not None:
            completed[parameter] = complete(value)
    return completed


def complete_name(name: str, nodes: Sequence[str]) -> str:
    """Return the only node with this name or host, or the name as it is. Raises UsageError for several."""
    matches = sorted({node for node in nodes if name in list_name_parts(node)})
    if len(matches) > 1:
        message = f"node {name!r} is ambiguous: {', '.join(matches)}"
        raise UsageError(message, code="AMBIGUOUS", hint="use the whole name: emqxctl nodes list")
    return matches[0] if matches else name


def list_name_parts(node: str) -> set[str]:
    """Return the words that name a node: its name, its host, the first label of a host name."""
    name, _, host = node.partition("@")
    label = host.partition(".")[0]
    return {name, host} | ({label} if not label.isdigit() else set())
