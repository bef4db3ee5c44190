"""One action for several keys, one after the other, with a report of the failures."""

from collections.abc import Callable, Sequence

from emqxctl.cli.bulk.task import failed_result, report_columns, summarize_problems
from emqxctl.errors import EmqxctlError, ExitCode, UsageError
from emqxctl.output.results import BulkResult, Done, Result
from emqxctl.resource import pluralize


def run_each(keys: Sequence[str], key_field: str, past_verb: str, action: Callable[[str], object]) -> Result:
    """Call `action` for each key and report the results.

    One key: its own result or error. Several: a row each with `status` done, failed or unknown; exit code 0
    if all are done, 9 if some are, else that of the first failure. An invalid key stops the run before the
    first action.
    """
    if len(keys) == 1:
        action(keys[0])
        return Done(f"{past_verb} {keys[0]!r}", {key_field: keys[0]}, key=key_field)
    for key in keys:
        if key in {"", ".", ".."}:
            message = f"invalid id {key!r}; nothing was changed"
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
    return BulkResult(
        rows,
        report_columns(key_field),
        key=key_field,
        notes=(summarize(past_verb, len(keys), failures),),
        exit_code=exit_code_for(len(keys), failures),
    )


def summarize(past_verb: str, total: int, failures: Sequence[EmqxctlError]) -> str:
    """Return how many are done, and why the others are not: `deleted 1 of 3 rules, 2 failed: not found`."""
    verb, _, noun = past_verb.partition(" ")
    results = [failed_result("", error) for error in failures]
    parts = [f"{verb} {total - len(failures)} of {total} {pluralize(noun)}", *summarize_problems(results)]
    return ", ".join(parts)


def exit_code_for(total: int, failures: Sequence[EmqxctlError]) -> ExitCode:
    """Return the exit code of several actions: that of the first failure if all failed, 9 if some did."""
    if not failures:
        return ExitCode.OK
    return failures[0].exit_code if len(failures) == total else ExitCode.PARTIAL
