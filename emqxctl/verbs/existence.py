"""--if-exists and --if-not-exists: a deletion without an object, or a creation of one that exists, succeeds.

EMQX's error code decides (`ALREADY_EXISTS`, 404), never its text. For a creation that EMQX rejects with
another code, as `POST /rules` does with `BAD_REQUEST` (api.md §4.4), the object itself is read.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from emqxctl.cli.bulk.each import OUTCOMES, run_each
from emqxctl.cli.session import Session
from emqxctl.errors import EmqxctlError, ExitCode, ServerError
from emqxctl.output.results import Done, Result

Created = TypeVar("Created", bound=Result)
MISSING, EXISTING = "not found", "already exists"


def is_missing(error: EmqxctlError) -> bool:
    """Return whether an error says that the object does not exist, in a path that the server supports."""
    return error.exit_code is ExitCode.NOT_FOUND and not error.details.get("unknown_path")


def is_existing(error: EmqxctlError, exists: Callable[[], bool] | None = None) -> bool:
    """Return whether a creation failed because the object exists; `exists` reads it."""
    if error.code == "ALREADY_EXISTS":
        return True
    return error.exit_code is ExitCode.REJECTED and exists is not None and exists()


def can_read(session: Session, path: str, *arguments: str) -> bool:
    """Return whether the server returns an object."""
    try:
        session.client.get(path, *arguments)
    except ServerError:
        return False
    return True


def run_deletion(
    session: Session, keys: Sequence[str], key_field: str, past_verb: str, action: Callable[[str], object]
) -> Result:
    """Delete objects one by one, as `run_each`; with --if-exists a missing one is skipped."""
    if not session.options.get("if_exists"):
        return run_each(keys, key_field, past_verb, action)

    def skip_reason(error: EmqxctlError, _key: str) -> str:
        return MISSING if is_missing(error) else ""

    return run_each(keys, key_field, past_verb, action, skip_reason=skip_reason)


def run_creation(
    session: Session,
    keys: Sequence[str],
    key_field: str,
    past_verb: str,
    action: Callable[[str], object],
    *,
    path: str,
) -> Result:
    """Create objects one by one, as `run_each`; with --if-not-exists those at `path` are skipped."""
    if not session.options.get("if_not_exists"):
        return run_each(keys, key_field, past_verb, action)

    def skip_reason(error: EmqxctlError, key: str) -> str:
        return EXISTING if is_existing(error, lambda: can_read(session, path, key)) else ""

    return run_each(keys, key_field, past_verb, action, skip_reason=skip_reason)


def delete_if_exists(
    session: Session, subject: str, fields: Mapping[str, object], delete: Callable[[], Result]
) -> Result:
    """Return the result of `delete`; with --if-exists also if `subject` ("ban of 'a'") does not exist."""
    try:
        return delete()
    except EmqxctlError as error:
        if not (session.options.get("if_exists") and is_missing(error)):
            raise
        return unchanged(subject, fields, MISSING)


def create_if_missing(
    session: Session,
    subject: str,
    fields: Mapping[str, object],
    create: Callable[[], Created],
    exists: Callable[[], bool] | None = None,
) -> Created | Done:
    """Return the result of `create`; with --if-not-exists also if `subject` ("rule 'a'") exists."""
    try:
        return create()
    except EmqxctlError as error:
        if not (session.options.get("if_not_exists") and is_existing(error, exists)):
            raise
        return unchanged(subject, fields, EXISTING)


def unchanged(subject: str, fields: Mapping[str, object], reason: str) -> Done:
    """Return the result for an object that needs no change; `fields` name it, the last one is its key."""
    message = f"{subject} {reason}, {OUTCOMES[reason]}"
    row = {**fields, "status": "skipped", "reason": reason}
    return Done(message, row, key=list(fields)[-1] if fields else "")
