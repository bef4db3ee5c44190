"""The stock verb `get`, made from a Resource: one object by its key."""

from collections.abc import Sequence
from typing import Any

from emqxctl.cli.command import command
from emqxctl.cli.group import Group
from emqxctl.cli.session import Session
from emqxctl.errors import ExitCode, ServerError
from emqxctl.output.results import Record
from emqxctl.resource import Resource
from emqxctl.verbs.locate import get_operations, locate_object
from emqxctl.verbs.parameters import item_parameters, path_values, set_signature


def add_get(
    app: Group,
    resource: Resource,
    *,
    name: str = "get",
    summary: str = "",
    examples: Sequence[str] = (),
) -> None:
    """Add `get`."""

    def get(session: Session, **values: Any) -> Record:  # noqa: ANN401  # the path's placeholders
        keys = resource.path_arguments(path_values(resource.item_path, values))
        _, row = locate_object(session, resource, keys)
        return Record(row, resource.columns, key=resource.key, path=resource.path)

    get.__doc__ = summary or f"Show {resource.noun_with_article}."
    set_signature(get, item_parameters(resource), Record)
    app.command(name)(command(calls=get_operations(resource), examples=examples)(get))


def check_existence(session: Session, resource: Resource, keys: Sequence[str]) -> None:
    """Raise the 404 of an object that does not exist, after an operation that did not report it."""
    try:
        session.client.get(resource.item_path, *keys)
    except ServerError as error:
        if error.exit_code is ExitCode.NOT_FOUND:
            raise
