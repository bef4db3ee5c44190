"""Roles and scopes of API keys and dashboard users, which EMQX Enterprise checks before anything else."""

from collections.abc import Container
from typing import NamedTuple

from emqxctl.emqx.namespaces import NAMESPACED_OPERATIONS
from emqxctl.emqx.permissions import find_required_scope, is_permitted_in_namespace
from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.http.routing import Credentials, Route
from emqxctl.sandbox.schema.refusals import refuse, refuse_with

NO_KEY_SCOPE = "This API Key don't have permission to access this resource"
NO_USER_SCOPE = "Login user scope does not permit this endpoint"
ADMINISTRATOR = "administrator"
VIEWER = "viewer"
PUBLISHER = "publisher"
PUBLISHING = (("POST", "/publish"), ("POST", "/publish/bulk"))


class Identity(NamedTuple):
    """Whose request it is; the sandbox's own key has every scope (None)."""

    user: str = ""
    role: str = ADMINISTRATOR
    scopes: tuple[str, ...] | None = None
    namespace: str | None = None


def default_scopes(role: str, *, user: bool = False) -> tuple[str, ...]:
    """Return the scopes of a key or user that was created without any."""
    table = "user_scopes" if user and role == ADMINISTRATOR else "key_scopes"
    rows = read_table("enterprise")[table]["scopes"]
    return ("publish",) if role == PUBLISHER else tuple(row["name"] for row in rows)


def check_permission(identity: Identity, route: Route) -> None:
    """Raise EarlyResponse (403) for an operation that a role or its scopes do not permit."""
    if route.credentials is Credentials.OPEN:
        return
    if not role_permits(identity, route):
        refuse("roles.no_role")
    scope = find_required_scope(route.path)
    if scope and identity.scopes is not None and scope not in identity.scopes:
        refuse_with(403, "UNAUTHORIZED_ROLE", NO_USER_SCOPE if identity.user else NO_KEY_SCOPE)


def check_namespace(identity: Identity, route: Route, namespace: str, known: Container[str]) -> None:
    """Raise EarlyResponse for a namespace in the query that is not the key's own, or does not exist."""
    if not namespace or f"{route.method} {route.path}" not in NAMESPACED_OPERATIONS:
        return
    if identity.namespace not in (None, namespace):
        refuse_with(403, "FORBIDDEN", "User not authorized to operate on requested namespace")
    if namespace not in known:
        refuse_with(400, "BAD_REQUEST", "Managed namespace not found")


def role_permits(identity: Identity, route: Route) -> bool:
    """Return whether a role permits an operation."""
    if identity.role == PUBLISHER:
        return (route.method, route.path) in PUBLISHING
    if route.method == "GET" or (identity.user and route.path in ("/logout", "/users/{username}/change_pwd")):
        return True
    if identity.role == VIEWER:
        return False
    return identity.namespace is None or is_permitted_in_namespace(route.method, route.path)
