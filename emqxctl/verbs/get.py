"""The stock verb `get`, made from a Resource: one object by its key."""

from collections.abc import Sequence
from typing import Any

from emqxctl.cli.command import command
from emqxctl.cli.group import Group
from emqxctl.cli.session import Session
from emqxctl.errors import ExitCode, ServerError
from emqxctl.output.results import Record
from emqxctl.resource import Resource
from emqxctl.text.escaping import unescape_control_characters
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
        row = find_by_printed_key(session, resource, keys)
        return Record(row, resource.columns, key=resource.key, path=resource.path)

    get.__doc__ = summary or f"Show {resource.noun_with_article}."
    set_signature(get, item_parameters(resource), Record)
    app.command(name)(command(calls=get_operations(resource), examples=examples)(get))


def find_by_printed_key(session: Session, resource: Resource, keys: Sequence[str]) -> dict[str, Any]:
    r"""Return an object by its key, or by the key as `-o name` and tables print it, with `\n` as `\\n`."""
    try:
        return locate_object(session, resource, keys)[1]
    except ServerError as error:
        original_key = unescape_control_characters(keys[-1]) if keys else ""
        if error.exit_code is not ExitCode.NOT_FOUND or not keys or original_key == keys[-1]:
            raise
        try:
            return locate_object(session, resource, [*keys[:-1], original_key])[1]
        except ServerError:
            raise error from None


def check_existence(session: Session, resource: Resource, keys: Sequence[str]) -> None:
    """Raise the 404 of an object that does not exist, around an operation that does not report it."""
    require_existing(session, resource.item_path, *keys)


def require_existing(session: Session, path: str, *arguments: str) -> None:
    """Raise the 404 of an object that does not exist; other errors are left to the next operation."""
    try:
        session.client.get(path, *arguments)
    except ServerError as error:
        if error.exit_code is ExitCode.NOT_FOUND:
            raise
