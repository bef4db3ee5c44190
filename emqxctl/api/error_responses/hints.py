"""Hints for an error response, by the text of the server."""

import re
import shlex

from emqxctl.api.command_groups import EDITABLE_GROUPS, KeyInBody, group_of, list_command_hint
from emqxctl.api.error_responses.body import ErrorBody
from emqxctl.api.error_responses.body_hints import parse_body
from emqxctl.api.response import Response

# How EMQX reports that a name is in use, whatever the code.
ALREADY_EXISTS = re.compile(
    r"already[ _](?:exist|registered)|exists already|^duplicated?[_ ]|has occupied", re.IGNORECASE
)
# How EMQX reports an error in the SQL of a rule: its position, then the reason.
SQL_ERROR = re.compile(r"\b\d+: (?:syntax error before|(illegal characters))")
SQL_HINT = 'form of the SQL: SELECT payload.t AS t FROM "sensors/#" WHERE t > 30'
TOPIC_HINT = 'put topics in double quotes: SELECT * FROM "sensors/#"'
# Text of the server → hint; {group} is the command group.
HINTS = {
    "action_function_not_supported": (
        "an action is TYPE:NAME, console or republish; list actions: emqxctl actions list"
    ),
    "Not a valid bytesize": "a size is a number with KB, MB or GB, such as 64KB or 2MB",
    "Not a valid duration": "a duration is a number with ms, s, m, h or d, such as 30s or 2h",
    "bad peerhost": (
        "peerhost takes one IP address; ban a network with peerhost_net: "
        "emqxctl banned add peerhost_net 10.1.0.0/16"
    ),
    "invalid_listener_id": "an id is TYPE:NAME, such as tcp:default; list listeners: emqxctl listeners list",
    "Invalid connector ID": "an id is TYPE:NAME; list connectors: emqxctl connectors list",
    "unknown connector type": ("list the types and their editions: emqxctl connectors types"),
    "Reason invalid node": "list nodes: emqxctl nodes list; a name looks like emqx@10.0.0.1",
    "must be under <backup name> directory": (
        "use the name that the backup was created with: --name emqx-export-....tar.gz"
    ),
    "User error: not_found: authenticator": "list existing ones: emqxctl authentication list",
    "connector_not_found": "list connectors: emqxctl connectors list",
    "Forbidden operation, ": "enable it first: emqxctl {group} enable",
    "Telemetry is not enabled": "enable it first: emqxctl telemetry enable",
    "unknown field 'fallback_actions'": "fallback actions require EMQX 5.9.0 or later: emqxctl nodes list",
    "unknown field 'tags'": "tags require EMQX 5.5.0 or later: emqxctl nodes list",
    "eaddrinuse": "use another address or port: --bind",
    "Config key": "list all roots: emqxctl configs get",
    "not_started": "show the running ones: emqxctl rebalance global-status",
    "still_referenced": "update or delete what uses it first: emqxctl schema-validations list",
    "in_use": "delete what uses it first",
    "anaged namespace not found": "list namespaces: emqxctl namespaces list",
    "Unknown sites": "list sites: emqxctl durable-storage sites list",
    "Node not found": "EMQX finds only running nodes; list all with their status: emqxctl nodes list",
    "Trace is empty": "events are logged only while the trace runs; list traces: emqxctl traces list",
    "nodedown": "list nodes: emqxctl nodes list; start the one that is down",
}
# How EMQX reports, with 500, that the node of a filter does not exist; a stopped one is `nodedown`.
UNKNOWN_NODE = re.compile(r"bad rpc call '?([^',]+)'?, Reason invalid node")
# The fields with which EMQX reports an order that does not name each object once.
ORDER_FIELDS = frozenset({"duplicated", "not_found", "not_reordered"})
# How EMQX reports that the authenticator does not store users.
USERS_NOT_SUPPORTED = (
    "User error: unsupported_operation",
    "Operation not supported in this authentication type",
)
BUILT_IN_DATABASES_HINT = (
    "only built-in databases store users: password_based:built_in_database, scram:built_in_database"
)

# How EMQX reports that a gateway, or one of its listeners, has no authentication.
GATEWAY_WITHOUT_AUTHENTICATION = re.compile(r"path: gateway\.\S*\.authentication$")


def hint_for(response: Response, body: ErrorBody, content: bytes | None = None) -> str:
    """Return the hint for the server's text; empty if the text is unknown. `content` is the body sent."""
    if body.text in USERS_NOT_SUPPORTED:
        return BUILT_IN_DATABASES_HINT
    if GATEWAY_WITHOUT_AUTHENTICATION.search(body.text):
        return "all clients are accepted; add authentication: emqxctl gateways authentication create"
    group = group_of(response.operation)
    if ORDER_FIELDS & body.details.keys():
        return f"name each one exactly once: emqxctl {group} list"
    if ALREADY_EXISTS.search(body.text) or body.code == "ALREADY_EXISTS":
        return already_exists_hint(response, content)
    sql_error = SQL_ERROR.search(body.text)
    if sql_error:
        return TOPIC_HINT if sql_error[1] else SQL_HINT
    hints = (hint for server_text, hint in HINTS.items() if server_text in body.text)
    return next(hints, "").format(group=group)


def find_new_name(key_in_body: KeyInBody, content: bytes | None) -> str:
    """Return the key in the body of a new object as a word of a command, `NAME` if the body has none."""
    body = parse_body(content)
    if key_in_body is KeyInBody.TYPE_AND_NAME and {"type", "name"} <= body.keys():
        return shlex.quote(f"{body['type']}:{body['name']}")
    key = next((body[field] for field in key_in_body.value if field in body), None)
    return shlex.quote(key) if isinstance(key, str) else "NAME"


def already_exists_hint(response: Response, content: bytes | None = None) -> str:
    """Return the hint for a name in use; the group is that of the object, not of the list."""
    group = group_of(response.operation + "/{}")
    if group in EDITABLE_GROUPS:
        name = find_new_name(EDITABLE_GROUPS[group], content)
        return f"show it: emqxctl {group} get {name}; change it: emqxctl {group} update {name}"
    return list_command_hint(group, response.arguments)
