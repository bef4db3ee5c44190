"""What a resource adds to the stock verbs `create` and `update`: checks that need the server."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from emqxctl.cli.session import Session
from emqxctl.errors import EmqxctlError, ServerError
from emqxctl.output.results import Done


class WriteHooks(NamedTuple):
    """Functions that are called around a write, and the operations that they perform.

    `list_notes` returns warnings about what was written, or in a dry run would be; it raises no error of the
    server. `explain_error` improves an error for the body that was refused. `check_body` raises UsageError
    for a body that EMQX would refuse.
    """

    explain_error: Callable[[Session, EmqxctlError, Mapping[str, Any]], EmqxctlError]
    list_notes: Callable[[Session, Mapping[str, Any]], Sequence[str]] = lambda _session, _body: ()
    calls: Sequence[str] = ()
    check_body: Callable[[Mapping[str, Any]], None] = lambda _body: None


def write_with_hooks(
    hooks: WriteHooks | None, session: Session, body: Mapping[str, Any], write: Callable[[], Done]
) -> Done:
    """Write and return the result with the notes about what was written. Raises the explained error."""
    if hooks is None:
        return write()
    hooks.check_body(body)
    try:
        result = write()
    except ServerError as error:
        raise hooks.explain_error(session, error, body) from error.__cause__
    if session.settings.dry_run:
        return result
    return result._replace(notes=(*result.notes, *hooks.list_notes(session, body)))
