"""One action for several keys, one after the other, with a report of the failures."""

from collections.abc import Callable, Sequence

from emqxctl.cli.bulk.report import PENDING, UNKNOWN
from emqxctl.cli.bulk.task import (
    TargetResult,
    exit_code_of,
    failed_result,
    report_columns,
    summarize_problems,
)
from emqxctl.errors import EmqxctlError, ExitCode, UsageError
from emqxctl.output.results import BulkResult, Done, Result
from emqxctl.text.nouns import count_noun

SkipReason = Callable[[EmqxctlError, str], str]  # why a key whose action failed needs no change, or ""
OUTCOMES = {"not found": "nothing to delete", "already exists": "unchanged"}  # of what needs no change


def run_each(
    keys: Sequence[str],
    key_field: str,
    past_verb: str,
    action: Callable[[str], object],
    *,
    skip_reason: SkipReason = lambda _error, _key: "",
) -> Result:
    """Call `action` for each key and report the results.

    One key: its own result or error. Several: a row each with `status` done, failed or unknown; exit code 0
    if all are done, 9 if some are, else that of the first failure. An invalid key stops the run before the
    first action. A key with a `skip_reason` for its error is skipped. After a signal the
    remaining keys are pending, and that of a request in flight is unknown.
    """
    if len(keys) == 1:
        try:
            action(keys[0])
        except EmqxctlError as error:
            reason = skip_reason(error, keys[0])
            if not reason:
                raise
            return skipped_result(keys[0], key_field, past_verb, reason)
        return Done(f"{past_verb} {keys[0]!r}", {key_field: keys[0]}, key=key_field)
    return run_several(keys, key_field, past_verb, action, skip_reason)


def run_several(
    keys: Sequence[str],
    key_field: str,
    past_verb: str,
    action: Callable[[str], object],
    skip_reason: SkipReason,
) -> BulkResult:
    """Call `action` for each of several keys and return a row each. Raises UsageError for an invalid key."""
    for key in keys:
        if key in {"", ".", ".."}:
            message = f"invalid id {key!r}; nothing was changed"
            raise UsageError(message, code="UNSAFE_ID")
    results: list[TargetResult] = []
    signal_exit_code: ExitCode | None = None
    for key in keys:
        try:
            results.append(run_one(key, action, skip_reason))
        except KeyboardInterrupt as interrupt:
            signal_exit_code = getattr(interrupt, "exit_code", ExitCode.INTERRUPTED)
            if getattr(interrupt, "write", ""):
                results.append(TargetResult(key, UNKNOWN, "interrupted while waiting for the response"))
            break
    results += [TargetResult(key, PENDING) for key in keys[len(results) :]]
    return BulkResult(
        [{key_field: result.target, "status": result.status, "reason": result.reason} for result in results],
        report_columns(key_field),
        key=key_field,
        notes=(summarize(past_verb, results),),
        exit_code=exit_code_of(results) if signal_exit_code is None else signal_exit_code,
    )


def run_one(key: str, action: Callable[[str], object], skip_reason: SkipReason) -> TargetResult:
    """Call `action` for one of several keys and return its result."""
    try:
        action(key)
    except EmqxctlError as error:
        reason = skip_reason(error, key)
        return TargetResult(key, "skipped", reason) if reason else failed_result(key, error)
    return TargetResult(key)


def skipped_result(key: str, key_field: str, past_verb: str, reason: str) -> Done:
    """Return the result for one key that needs no change: `rule 'a' not found, nothing to delete`."""
    noun = past_verb.partition(" ")[2]
    message = f"{noun} {key!r} {reason}, {OUTCOMES[reason]}"
    return Done(message, {key_field: key, "status": "skipped", "reason": reason}, key=key_field)


def summarize(past_verb: str, results: Sequence[TargetResult]) -> str:
    """Return how many are done, and why the others are not: `deleted 1 of 3 rules, 2 failed: not found`."""
    verb, _, noun = past_verb.partition(" ")
    done = sum(result.status == "done" for result in results)
    return ", ".join([f"{verb} {done} of {count_noun(len(results), noun)}", *summarize_problems(results)])
