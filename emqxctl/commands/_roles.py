"""Roles and scopes of API keys and dashboard users."""

from typing import Annotated, Any

import typer

from emqxctl.cli.input.body import Body
from emqxctl.output.formatters import format_names, format_plain
from emqxctl.output.results import Rows
from emqxctl.resource import Column

RoleOption = Annotated[
    str | None,
    typer.Option(
        metavar="ROLE",
        help="Role: administrator, viewer or publisher (Enterprise); ns:NAME::ROLE (EMQX 6.0+).",
    ),
]
ScopeOption = Annotated[
    list[str] | None, typer.Option(metavar="SCOPE", help="Scope. Repeatable (EMQX 5.10.4+).")
]


def with_namespace(fields: Body) -> Body:
    """Return fields with the namespace in the role, as the server takes it; without it the role is global."""
    namespace, role = fields.get("namespace"), fields.get("role")
    if isinstance(namespace, str) and namespace and isinstance(role, str) and not role.startswith("ns:"):
        fields = {**fields, "role": f"ns:{namespace}::{role}"}
    return {name: value for name, value in fields.items() if name != "namespace"}


def change_permissions(before: Body, change: Body) -> tuple[Body, tuple[str, ...]]:
    """Return the fields of a key or user after a change of its role, and notes about its scopes.

    A namespace stays, unless the new role names one. Scopes that the new role cannot have are dropped, unless
    the change sets scopes itself: EMQX would refuse them (recorded 6.2.2).
    """
    fields, old_role = with_namespace(before), plain_role(before.get("role"))
    role = change.get("role")
    if not isinstance(role, str):
        return {**fields, **change}, ()
    prefix, separator, _ = str(fields.get("role") or "").rpartition("::")
    if separator and not role.startswith("ns:"):
        change = {**change, "role": f"{prefix}::{role}"}
    after = {**fields, **change}
    scopes = after.get("scopes")
    if "scopes" in change or not isinstance(scopes, list):
        return after, ()
    new_role = plain_role(role)
    permitted = [scope for scope in scopes if is_permitted_scope(scope, new_role)]
    if permitted != scopes:
        removed = ", ".join(scope for scope in scopes if scope not in permitted)
        return {**after, "scopes": permitted}, (f"the role {new_role} cannot have these scopes: {removed}",)
    if old_role != new_role and new_role == "administrator":
        return after, (f"the scopes are unchanged: {', '.join(scopes) or 'none'}; set them: --scope",)
    return after, ()


def is_permitted_scope(scope: str, role: str) -> bool:
    """Return whether a role can have a scope."""
    from emqxctl.emqx.permissions import ADMIN_ONLY_SCOPES

    if role == "publisher":
        return scope == "publish"
    return role == "administrator" or scope not in ADMIN_ONLY_SCOPES


def plain_role(role: object) -> str:
    """Return a role without its namespace: `viewer` of `ns:plant::viewer`."""
    return str(role or "").rpartition("::")[2]


def format_scopes(value: object) -> str:
    """Format scopes: `none` for a key that may do nothing, `-` where there are none to have."""
    if isinstance(value, list):
        return format_names(value) if value else "none"
    return format_plain(value)


def role_fields(role: str | None, scope: list[str] | None) -> dict[str, Any]:
    """Return the fields of a body that --role and --scope set."""
    fields: dict[str, Any] = {"role": role, "scopes": scope or None}
    return {name: value for name, value in fields.items() if value is not None}


def list_scopes(response: object) -> Rows:
    """Return the scopes in a response, which describes them or only lists their names."""
    scopes = response.get("scopes") if isinstance(response, dict) else response
    items = scopes if isinstance(scopes, list) else []
    rows = [item if isinstance(item, dict) else {"name": item} for item in items]
    columns = (Column("name"), Column("desc", "DESCRIPTION"))
    return Rows(rows, columns, key="name", plural_noun="scopes")
