"""The same deed for several things: one by one, each accounted for."""

from collections.abc import Callable, Sequence

from emqxctl.cli.bulk.task import report_columns
from emqxctl.errors import EmqxctlError, ExitCode, UsageError
from emqxctl.output.results import BulkResult, Done, Result


def run_each(keys: Sequence[str], key_field: str, past_verb: str, action: Callable[[str], object]) -> Result:
    """Do a deed for each key and report.

    One key: its own result or error. Several: a row each with `status` done, failed or unknown; all done is
    exit 0, some 9, none the code of the first failure. A key that cannot be addressed stops all before the
    first.
    """
    if len(keys) == 1:
        action(keys[0])
        return Done(f"{past_verb} {keys[0]!r}", {key_field: keys[0]}, key=key_field)
    for key in keys:
        if key in {"", ".", ".."}:
            message = f"{key!r} cannot be addressed; nothing was done"
            raise UsageError(message, code="UNSAFE_ID")
    rows: list[dict[str, object]] = []
    failures: list[EmqxctlError] = []
    for key in keys:
        try:
            action(key)
        except EmqxctlError as error:
            failures.append(error)
            status = "unknown" if error.details.get("unknown") else "failed"
            rows.append({key_field: key, "status": status, "reason": error.message})
        else:
            rows.append({key_field: key, "status": "done", "reason": ""})
    note = f"{past_verb} {len(keys) - len(failures)} of {len(keys)}"
    return BulkResult(
        rows,
        report_columns(key_field),
        key=key_field,
        notes=(note,),
        exit_code=exit_code_for(len(keys), failures),
    )


def exit_code_for(total: int, failures: Sequence[EmqxctlError]) -> ExitCode:
    """Give the exit code of several deeds: all done, partly done, or why none was."""
    if not failures:
        return ExitCode.OK
    return failures[0].exit_code if len(failures) == total else ExitCode.PARTIAL
