"""The same deed for several things: one by one, each accounted for."""

from collections.abc import Callable, Sequence

from emqxctl.cli.bulk.task import told_of
from emqxctl.errors import EmqxctlError, ExitCode, UsageError
from emqxctl.output.results import Done, Partial, Result


def each(keys: Sequence[str], field: str, done: str, deed: Callable[[str], object]) -> Result:
    """Do a deed for each key and report.

    One key: its own result or error. Several: a row each with `status` done, failed or unknown; all done is
    exit 0, some 9, none the code of the first failure. A key that cannot be addressed stops all before the
    first.
    """
    if len(keys) == 1:
        deed(keys[0])
        return Done(f"{done} {keys[0]!r}", {field: keys[0]}, key=field)
    for key in keys:
        if key in {"", ".", ".."}:
            message = f"{key!r} cannot be addressed; nothing was done"
            raise UsageError(message, code="UNSAFE_ID")
    rows: list[dict[str, object]] = []
    failures: list[EmqxctlError] = []
    for key in keys:
        try:
            deed(key)
        except EmqxctlError as error:
            failures.append(error)
            status = "unknown" if error.details.get("unknown") else "failed"
            rows.append({field: key, "status": status, "reason": error.message})
        else:
            rows.append({field: key, "status": "done", "reason": ""})
    note = f"{done} {len(keys) - len(failures)} of {len(keys)}"
    return Partial(rows, told_of(field), key=field, notes=(note,), exit_code=outcome(len(keys), failures))


def outcome(total: int, failures: Sequence[EmqxctlError]) -> ExitCode:
    """Give the exit code of several deeds: all done, partly done, or why none was."""
    if not failures:
        return ExitCode.OK
    return failures[0].exit_code if len(failures) == total else ExitCode.PARTIAL
