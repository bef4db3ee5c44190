"""Roles and scopes: what an API key or a dashboard user may do."""

from typing import Annotated, Any

import typer

from emqxctl.cli.input.body import Body
from emqxctl.output.results import Rows
from emqxctl.resource import Column

Role = Annotated[
    str | None,
    typer.Option(
        metavar="ROLE", help="administrator, viewer or publisher (Enterprise); ns:NAME::ROLE (6.0+)."
    ),
]
Scope = Annotated[
    list[str] | None, typer.Option(metavar="SCOPE", help="What it may reach, repeatable (EMQX 5.10.4+).")
]


def with_namespace(found: Body) -> Body:
    """Write the role as the server takes it: that of a namespace names it, or it would reach everywhere."""
    space, role = found.get("namespace"), found.get("role")
    if isinstance(space, str) and space and isinstance(role, str) and not role.startswith("ns:"):
        found = {**found, "role": f"ns:{space}::{role}"}
    return {name: value for name, value in found.items() if name != "namespace"}


def role_and_scopes(role: str | None, scope: list[str] | None) -> dict[str, Any]:
    """Give the fields that the options for role and scopes make."""
    wanted: dict[str, Any] = {"role": role, "scopes": scope or None}
    return {name: value for name, value in wanted.items() if value is not None}


def scope_rows(answer: object) -> Rows:
    """Give the scopes that the server knows, whether it describes or only names them."""
    found = answer.get("scopes") if isinstance(answer, dict) else answer
    listed = found if isinstance(found, list) else []
    rows = [one if isinstance(one, dict) else {"name": one} for one in listed]
    return Rows(rows, (Column("name"), Column("desc", "DESCRIPTION")), key="name", plural_noun="scopes")


def listing(value: object) -> str:
    """Write scopes on one line."""
    return ", ".join(map(str, value)) if isinstance(value, list) and value else str(value or "-")
