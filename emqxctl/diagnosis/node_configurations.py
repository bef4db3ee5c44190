"""The same configuration, read from every node of a cluster."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from emqxctl.api.parallel import fetch_all
from emqxctl.api.request import build_request
from emqxctl.diagnosis.health import is_running
from emqxctl.emqx.hocon import HoconError, parse_hocon
from emqxctl.errors import ExitCode, ServerError

if TYPE_CHECKING:
    from emqxctl.api.client import Client

Row = dict[str, Any]
JSON_ONLY_ROOT = "broker"  # which EMQX leaves out of HOCON; it has no secrets


class Configuration(NamedTuple):
    """The configuration roots of a node, with secrets in plain text; `version` is that of its EMQX."""

    roots: Row
    node: str = ""
    version: str = ""


class NodeConfigurations(NamedTuple):
    """The configurations by node, the reason for each node that could not be read, and the stopped nodes."""

    by_node: Mapping[str, Configuration]
    unread: Mapping[str, str]
    stopped: Sequence[str] = ()


def read_configuration(client: "Client", node: str = "", root: str = "") -> Row:
    """Return the configuration roots of a node, or one of them, with secrets in plain text.

    Without a node, those of the node that responds. Before EMQX 5.1.1 the server sends JSON, and fewer roots.
    Raises ServerError for HOCON that cannot be parsed.
    """
    if root == JSON_ONLY_ROOT:
        return read_json_only_root(client, node)
    request = build_request("GET", "/configs", query={"key": root or None, "node": node or None})
    response = client.send(request._replace(accept="text/plain"))
    try:
        return parse_hocon(response.text)
    except HoconError as error:
        message = f"cannot parse the configuration of {node or 'the cluster'}: line {error.line}"
        hint = "show it as HOCON: emqxctl configs get"
        raise ServerError(message, code="NOT_HOCON", hint=hint, exit_code=ExitCode.SERVER) from error


def read_node_configurations(
    client: "Client", nodes: Sequence[Mapping[str, object]], root: str = ""
) -> NodeConfigurations:
    """Read the configuration of every node in parallel; `nodes` are the rows of GET /nodes.

    Raises the first error if no node could be read.
    """
    running = {str(row.get("node")): row for row in nodes if is_running(row)}
    fetched = fetch_all(client, {name: partial(fetch_roots, node=name, root=root) for name in running})
    errors = {name: result.error for name, result in fetched.items() if result.error is not None}
    if errors and len(errors) == len(fetched):
        raise next(iter(errors.values()))
    by_node = {
        name: Configuration(result.value, name, str(running[name].get("version", "")))
        for name, result in fetched.items()
        if result.error is None
    }
    stopped = [str(row.get("node")) for row in nodes if not is_running(row)]
    return NodeConfigurations(by_node, {name: error.message for name, error in errors.items()}, stopped)


def fetch_roots(client: "Client", node: str, root: str) -> Row:
    """Return all configuration roots of a node, or one of them; those of any node without a name."""
    roots = read_configuration(client, node, root)
    return roots if root else {**roots, **read_json_only_root(client, node)}


def read_json_only_root(client: "Client", node: str) -> Row:
    """Return the root that is not part of the HOCON, if this EMQX has it."""
    roots = client.get_object("/configs", query={"node": node or None})
    return {JSON_ONLY_ROOT: roots[JSON_ONLY_ROOT]} if JSON_ONLY_ROOT in roots else {}
