"""The stock verb `get`, made from a Resource: one object by its key, or several."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from emqxctl.cli.command import command
from emqxctl.cli.group import Group
from emqxctl.cli.session import Session
from emqxctl.errors import EmqxctlError, ExitCode, ServerError
from emqxctl.output.results import Record, Result
from emqxctl.resource import Resource
from emqxctl.text.escaping import unescape_control_characters
from emqxctl.verbs.list import build_rows
from emqxctl.verbs.locate import fetch_object, get_operations, locate_object
from emqxctl.verbs.parameters import item_parameters, path_values, set_signature

ERRORS_OF_ONE_OBJECT = frozenset({ExitCode.NOT_FOUND, ExitCode.REJECTED, ExitCode.SERVER})


def add_get(
    app: Group,
    resource: Resource,
    *,
    name: str = "get",
    summary: str = "",
    examples: Sequence[str] = (),
) -> None:
    """Add `get`."""

    def get(session: Session, **values: Any) -> Result:  # noqa: ANN401  # the path's placeholders
        arguments = path_values(resource.item_path, values)
        if not arguments:
            return Record(fetch_object(session, resource, ()), resource.columns, resource.key)
        *parents, keys = arguments

        def fetch(key: str) -> dict[str, Any]:
            return find_by_printed_key(session, resource, resource.path_arguments([*parents, key]))

        return get_each(session, resource, keys, fetch)

    get.__doc__ = summary or f"Show {resource.plural_noun}."
    set_signature(get, item_parameters(resource, multiple=True), Result)
    app.command(name)(command(calls=get_operations(resource), examples=examples)(get))


def get_each(
    session: Session, resource: Resource, keys: Sequence[str], fetch: Callable[[str], dict[str, Any]]
) -> Result:
    """Return the object of one key, or a list of those of several.

    The errors of single objects are reported on stderr; the exit code is then 9, or that of the first error
    if no object was read. An error that concerns all of them is raised.
    """
    if len(keys) == 1:
        return Record(fetch(keys[0]), resource.columns, key=resource.key, path=resource.path)
    from emqxctl.api.parallel import run_parallel

    session.client.open_session()
    outcomes = run_parallel({key: partial(fetch, key) for key in keys})
    rows = [outcome for outcome in outcomes.values() if isinstance(outcome, dict)]
    errors = [outcome for outcome in outcomes.values() if isinstance(outcome, EmqxctlError)]
    for error in errors:
        if error.exit_code not in ERRORS_OF_ONE_OBJECT:
            raise error
        session.report_error(error)
    exit_code = ExitCode.OK
    if errors:
        exit_code = ExitCode.PARTIAL if rows else errors[0].exit_code
    return build_rows(resource, rows, exit_code=exit_code)


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
