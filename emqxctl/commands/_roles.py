"""Roles and scopes of API keys and dashboard users."""

from typing import Annotated, Any

import typer

from emqxctl.cli.input.body import Body
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
