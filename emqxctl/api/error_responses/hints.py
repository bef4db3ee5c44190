"""What to do about a refusal, by the server's own words."""

import re

from emqxctl.api.error_responses.body import ErrorBody
from emqxctl.api.error_responses.subject import group_of
from emqxctl.api.response import Response

# How EMQX says that a name is taken, whatever its code.
ALREADY_EXISTS = re.compile(
    r"already[ _](?:exist|registered)|exists already|^duplicated_|has occupied", re.IGNORECASE
)
# What to do, by the server's own words; {group} is the command group.
HINTS = {
    "connector_not_found": "List the connectors with `emqxctl connectors list`.",
    "Forbidden operation, ": "Enable it first: `emqxctl {group} enable`.",
    "Telemetry is not enabled": "Enable it first: `emqxctl telemetry enable`.",
    "eaddrinuse": "Give another address or port with --bind.",
    "Config key": "`emqxctl configs get` shows every root there is.",
    "nodedown": "List the nodes with `emqxctl nodes list`, and start the one that is down.",
}
# Groups whose things can be looked at and changed.
EDITABLE_GROUPS = frozenset(
    {
        "actions",
        "api-keys",
        "authentication",
        "authentication users",
        "authorization rules clients",
        "authorization rules users",
        "authorization sources",
        "bridges",
        "connectors",
        "exhooks",
        "gateways listeners",
        "gateways users",
        "listeners",
        "rules",
        "sources",
        "users",
    }
)
# How EMQX says, with 400 and BAD_REQUEST, that the authenticator whose user is meant does not exist.
AUTHENTICATOR_NOT_FOUND = "User error: not_found: authenticator"
# ... and that it keeps no users.
USERS_NOT_SUPPORTED = (
    "User error: unsupported_operation",
    "Operation not supported in this authentication type",
)
BUILT_IN_DATABASES_HINT = (
    "Only built-in databases keep users: password_based:built_in_database, scram:built_in_database."
)

# How EMQX says that a gateway, or one of its listeners, has no authentication and so keeps no users.
GATEWAY_WITHOUT_AUTHENTICATION = re.compile(r"path: gateway\.\S*\.authentication$")

# Groups without a `list`, and no group.
GROUPS_WITHOUT_LIST = frozenset(
    {
        "",
        "authentication settings",
        "authorization",
        "authorization rules",
        "cluster",
        "configs",
        "metrics",
        "monitor",
        "opentelemetry",
        "prometheus",
        "publish",
        "stats",
        "status",
        "telemetry",
    }
)


def hint_for(answer: Response, body: ErrorBody) -> str:
    """Give the advice for what the server said; nothing when its words are not known."""
    if body.text.startswith(AUTHENTICATOR_NOT_FOUND):
        return "List what there is with `emqxctl authentication list`."
    if body.text in USERS_NOT_SUPPORTED:
        return BUILT_IN_DATABASES_HINT
    if GATEWAY_WITHOUT_AUTHENTICATION.search(body.text):
        return "All clients are let in; `emqxctl gateways authentication create` changes that."
    if ALREADY_EXISTS.search(body.text) or body.code == "ALREADY_EXISTS":
        return already_exists_hint(answer)
    advices = (advice for words, advice in HINTS.items() if words in body.text)
    return next(advices, "").format(group=group_of(answer.operation))


def already_exists_hint(answer: Response) -> str:
    """Say what to do about a name that is taken: the group is that of the thing, not of the list."""
    group = group_of(answer.operation + "/{}")
    if group not in EDITABLE_GROUPS:
        return (
            f"List what there is with `emqxctl {group} list`."
            if group and group not in GROUPS_WITHOUT_LIST
            else ""
        )
    return f"See it with `emqxctl {group} get`; change it with `emqxctl {group} update`."
