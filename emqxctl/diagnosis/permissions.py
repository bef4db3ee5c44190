"""What an API key may do, found out by small requests: its role, its scopes, its namespace."""

from typing import TYPE_CHECKING, NamedTuple

from emqxctl.api.request import build_request
from emqxctl.errors import EmqxctlError

if TYPE_CHECKING:
    from emqxctl.api.client import Client

ROLES_IN_ALL_EDITIONS = (5, 9, 0)  # the first release without editions; the community edition had one role
SCOPES_SINCE = (5, 10, 4)
NAMESPACES_SINCE = (6, 0, 0)
NEWEST = (99, 0, 0)
UNKNOWN_NAMESPACE = "emqxctl-unknown-namespace"  # of no cluster: 400 for a global key, 403 for others
# A small read of each scope; publishing has none.
SCOPE_PATHS = {
    "connections": "/banned",
    "data_integration": "/rule_events",
    "access_control": "/authorization/settings",
    "gateways": "/gateways",
    "monitoring": "/alarms",
    "cluster_operations": "/cluster",
    "system": "/listeners_status",
    "audit": "/audit",
    "license": "/license",
}


PERMISSION_CALLS = (
    "GET /status",
    "GET /nodes",
    "POST /rule_test",
    "POST /publish",
    "GET /rules",
    "GET /trace",
    "GET /connectors",
    "GET /actions",
    *(f"GET {path}" for path in SCOPE_PATHS.values()),
)


class KeyPermissions(NamedTuple):
    """What a key may do: None for an unknown role, for all scopes, for no namespace.

    An empty `namespace` is one whose name no response showed.
    """

    role: str | None = None
    scopes: tuple[str, ...] | None = None
    namespace: str | None = None

    @property
    def description(self) -> str:
        """The permissions in words: `administrator of namespace ns1; only scopes license, audit`."""
        words = {"viewer": "viewer: read-only", "publisher": "publisher: only publishing is permitted"}
        text = words.get(self.role or "", self.role or "unknown role")
        if self.namespace is not None:
            text += f"; only in namespace {self.namespace}" if self.namespace else "; only in one namespace"
        if self.scopes is not None:
            text += f"; only scopes {', '.join(self.scopes)}" if self.scopes else "; without scopes"
        return text


def read_permissions(client: "Client", release: tuple[int, int, int], edition: str) -> KeyPermissions:
    """Find out what a key may do; the requests change nothing, and a read-only profile sends only reads.

    EMQX checks a role before it parses a body, and a role before the scopes (recorded 6.2.2).
    """
    if find_denial(client, "/nodes") == "role":
        return KeyPermissions("publisher")
    if edition == "Opensource" and release < ROLES_IN_ALL_EDITIONS:
        return KeyPermissions("administrator: the only role in the community edition")
    release = release if any(release) else NEWEST  # EMQX 6 shows its version only to keys that see the nodes
    can_write = not (client.connection.readonly or client.connection.dry_run)
    role = find_role(client) if can_write else None
    namespace = find_namespace(client) if release >= NAMESPACES_SINCE else None
    scopes = find_scopes(client, role, namespace) if release >= SCOPES_SINCE else None
    return KeyPermissions(role, scopes, namespace)


def find_denial(client: "Client", path: str, **query: object) -> str:
    """Return what denies a read: `role`, `scope`, `namespace`; empty if it is permitted."""
    try:
        client.get(path, query=query)
    except EmqxctlError as error:
        return str(error.details.get("denied_by") or "")
    return ""


def find_role(client: "Client") -> str:
    """Return whether a key that can read is an administrator's or a viewer's."""
    answer = send_unreadable_body(client, "/rule_test")
    roles = {"400": "administrator", "scope": "administrator", "role": "viewer"}
    return roles.get(answer, f"unknown: the test request returned {answer}")


def send_unreadable_body(client: "Client", path: str) -> str:
    """Return what denies a write, else the status; its body is not JSON, so that it can never succeed."""
    request = build_request("POST", path)._replace(content=b"{", content_type="application/json")
    try:
        return str(client.send(request).status)
    except EmqxctlError as error:
        return str(error.details.get("denied_by") or error.details.get("status") or error.code)


def find_scopes(client: "Client", role: str | None, namespace: str | None) -> tuple[str, ...] | None:
    """Return the scopes of a key; None if it has all of them."""
    scopes = [scope for scope, path in SCOPE_PATHS.items() if find_denial(client, path, limit=1) != "scope"]
    is_publishing_known = role == "administrator" and namespace is None
    if is_publishing_known and send_unreadable_body(client, "/publish") != "scope":
        scopes.append("publish")
    return None if len(scopes) == len(SCOPE_PATHS) + is_publishing_known else tuple(sorted(scopes))


def find_namespace(client: "Client") -> str | None:
    """Return the namespace that a key is bound to, empty if its name is unknown; None for a global key."""
    for path in ("/rules", "/trace"):
        denied_by = find_denial(client, path, ns=UNKNOWN_NAMESPACE, limit=1)
        if denied_by == "namespace":
            return find_namespace_name(client)
        if denied_by != "scope":
            break
    return None


def find_namespace_name(client: "Client") -> str:
    """Return the namespace of the first object that a key of a namespace sees; empty if it sees none."""
    from emqxctl.api.response import page_rows

    for path in ("/rules", "/connectors", "/actions", "/trace"):
        try:
            rows = page_rows(client.get(path, query={"limit": 1}))
        except EmqxctlError:
            continue
        names = [row["namespace"] for row in rows if isinstance(row.get("namespace"), str)]
        if names:
            return str(names[0])
    return ""
