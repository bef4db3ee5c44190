"""The reason of a 403: the role, the scopes or the namespace of the API key or dashboard user."""

from enum import StrEnum
from typing import NamedTuple

from emqxctl.api.error_responses.body import ErrorBody
from emqxctl.api.response import Response
from emqxctl.emqx.permissions import (
    ADMIN_ONLY_SCOPES,
    USER_SCOPES,
    find_required_scope,
    is_permitted_in_namespace,
    list_permitted_roles,
)
from emqxctl.resource import add_article


class Cause(StrEnum):
    """What a 403 is about."""

    ROLE = "role"
    SCOPE = "scope"
    NAMESPACE = "namespace"
    LOGIN = "login"  # only a dashboard user may do this


# Only the text of a 403 distinguishes its causes: all but one have the code UNAUTHORIZED_ROLE.
SCOPE_TEXTS = ("this api key don't have permission", "user scope does not permit")
NAMESPACE_TEXTS = ("requested namespace", "in their own namespace")
RESTRICTED_BACKUP = "backup contains restricted tables"


class Denial(NamedTuple):
    """What a 403 means: the cause, what is missing, our summary and the hint."""

    cause: Cause
    required: str
    summary: str
    hint: str


def find_denial(response: Response, body: ErrorBody, code: str, *, is_login: bool) -> Denial | None:
    """Return what a 403 means; None if its code or text says something else.

    `is_login`: the request was sent by a dashboard user, not by an API key.
    """
    text, path = body.text.lower(), response.operation.partition(" ")[2]
    actor = "dashboard user" if is_login else "API key"
    if RESTRICTED_BACKUP in text:
        hint = "log in as a dashboard user: --username USER; an export by an API key leaves these tables out"
        summary = "a backup with users or API keys requires a dashboard user"
        return Denial(Cause.LOGIN, "a dashboard user", summary, hint)
    if any(phrase in text for phrase in NAMESPACE_TEXTS):
        hint = f"use the {actor}'s own namespace, or {add_article(actor)} that is not bound to a namespace"
        return Denial(
            Cause.NAMESPACE, "the namespace", f"not allowed for the namespace of this {actor}", hint
        )
    if code != "UNAUTHORIZED_ROLE":
        return None
    scope = find_required_scope(path)
    if scope and any(phrase in text for phrase in SCOPE_TEXTS):
        return describe_scope_denial(scope, actor)
    return describe_role_denial(response.method, path, actor)


def describe_scope_denial(scope: str, actor: str) -> Denial:
    """Return the denial of a key or user without a scope."""
    if scope in USER_SCOPES and actor == "API key":
        summary = f"not allowed for API keys: requires a dashboard user with the scope {scope}"
        return Denial(Cause.LOGIN, f"a dashboard user with the scope {scope}", summary, LOGIN_HINT)
    summary = f"not allowed for the scopes of this {actor}: requires the scope {scope}"
    if scope in ADMIN_ONLY_SCOPES:
        hint = f"use an administrator with the scope {scope}: a viewer cannot have it"
        return Denial(Cause.SCOPE, scope, summary, hint)
    group = "users" if actor == "dashboard user" else "api-keys"
    hint = f"use {add_article(actor)} with the scope {scope}; list scopes: emqxctl {group} list -o wide"
    return Denial(Cause.SCOPE, scope, summary, hint)


LOGIN_HINT = "log in as a dashboard user: --username USER"


def describe_role_denial(method: str, path: str, actor: str) -> Denial:
    """Return the denial of a key or user whose role, or its namespace, does not permit an operation."""
    roles = " or ".join(list_permitted_roles(method, path))
    limit = "" if is_permitted_in_namespace(method, path) else " (not of a namespace)"
    hint = f"use {add_article(actor)} with the role {roles}{limit}"
    hint += "; add a key as a profile: emqxctl keys add" if actor == "API key" else ""
    summary = f"not allowed for the role of this {actor}: requires the role {roles}{limit}"
    return Denial(Cause.ROLE, roles, summary, hint)
