"""A bulk change: what it does, the result of each target, and the exit code of all."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from emqxctl.cli.bulk.report import PENDING, UNKNOWN
from emqxctl.errors import EmqxctlError, ExitCode
from emqxctl.output.formatters import color_state, format_plain
from emqxctl.output.results import EMPTY_OBJECT, BulkResult, Result
from emqxctl.resource import Column
from emqxctl.text.nouns import count_noun

if TYPE_CHECKING:
    from emqxctl.api.client import Client

SAMPLE_SIZE = 3  # targets named in a prompt
MAX_REASONS = 3  # named in the summary
REASONS: Mapping[ExitCode, str] = {
    ExitCode.USAGE: "invalid",
    ExitCode.UNAUTHENTICATED: "not authenticated",
    ExitCode.FORBIDDEN: "not allowed",
    ExitCode.NOT_FOUND: "not found",
    ExitCode.REJECTED: "rejected",
    ExitCode.NOT_READY: "not ready",
    ExitCode.SERVER: "server error",
    ExitCode.UNREACHABLE: "connection lost",
    ExitCode.TIMED_OUT: "timed out",
    ExitCode.UNSUPPORTED: "not supported",
}
FAILED = frozenset({"failed", UNKNOWN})
RATE_LIMITED = 429


# Measured with 5 ms for each response: 10 000 clients are kicked in 2.8 s by one worker, 1.2 s by four and
# 0.8 s by eight; 1 000 bans take 7.4, 3.3 and 2.1 s. More would be a load for a cluster that is in trouble.
DEFAULT_WORKERS = 4


class TargetResult(NamedTuple):
    """The result of one target: `status` is done, skipped, failed, unknown, pending or planned.

    `exit_code` is that of the failure; `extra_fields` are further fields of its row. `retry_after` is set
    for a request that was rejected by a rate limit: the seconds that the server asks to wait, 0 if it does
    not say.
    """

    target: str
    status: str = "done"
    reason: str = ""
    exit_code: ExitCode = ExitCode.OK
    extra_fields: Mapping[str, object] = EMPTY_OBJECT
    retry_after: float | None = None


BatchAction = Callable[["Client", Sequence[str]], list[TargetResult]]


class BulkTask(NamedTuple):
    """A change of many targets.

    `verb` and `past_verb` are for sentences ("kick", "kicked"), `noun` names a target, `key_field` is its key
    in the report. `action` changes one batch of at most `batch_size` targets and returns a result for each.
    `extra_fields` returns further fields of a target's row, `table_fields` those of them that tables show.
    `default_workers` is the number of parallel requests without --workers; 1 keeps the order of the targets.
    `find_existing` returns the targets that exist, for a dry run. `default_rate` is the number of targets per
    second without --rate, `max_rate` the most with it; 0 is no limit. `is_repeatable`: doing it twice does no
    harm. `key_kind` says what the keys are if a verb has several kinds. `options` are those that change what
    is done to each target: a resumed run has the same. `left_alone` are results of
    earlier runs that this one does not change; `notes` are added to those of the report.
    """

    verb: str
    past_verb: str
    noun: str
    key_field: str
    targets: Sequence[str]
    action: BatchAction
    batch_size: int = 1
    needs_confirmation: bool = True
    extra_fields: Callable[[str], Mapping[str, object]] | None = None
    table_fields: tuple[str, ...] = ()
    default_rate: float = 0
    max_rate: float = 0
    find_existing: Callable[["Client", Sequence[str]], set[str]] | None = None
    is_repeatable: bool = True
    left_alone: Sequence[TargetResult] = ()
    notes: tuple[str, ...] = ()
    default_workers: int = DEFAULT_WORKERS
    key_kind: str = ""
    options: Mapping[str, object] = EMPTY_OBJECT


def one_by_one(
    action: Callable[["Client", str], object],
    *,
    skip_exit_code: ExitCode | None = None,
    skip_reason: str = "",
    skip_error_code: str = "",
) -> BatchAction:
    """Return a batch action that changes its targets one after the other.

    A target whose error has the exit code `skip_exit_code` (and EMQX's `skip_error_code`, if given) needs no
    change: its status is skipped, with `skip_reason`.
    """

    def run_action(client: "Client", batch: Sequence[str]) -> list[TargetResult]:
        results: list[TargetResult] = []
        for index, target in enumerate(batch):
            try:
                action(client, target)
            except EmqxctlError as error:
                if is_rate_limited(error):
                    return results + [failed_result(remaining, error) for remaining in batch[index:]]
                is_skipped = error.exit_code is skip_exit_code and skip_error_code in {"", error.code}
                skipped = TargetResult(target, "skipped", skip_reason)
                results.append(skipped if is_skipped else failed_result(target, error))
            else:
                results.append(TargetResult(target))
        return results

    return run_action


def describe_targets(task: BulkTask) -> str:
    """Return the targets in words: `client 'a'`, or their number and a sample."""
    if len(task.targets) == 1:
        return f"{task.noun} {task.targets[0]!r}"
    sample = ", ".join(map(repr, task.targets[:SAMPLE_SIZE]))
    more = ", ..." if len(task.targets) > SAMPLE_SIZE else ""
    return f"{count_noun(len(task.targets), task.noun)} ({sample}{more})"


def is_rate_limited(error: EmqxctlError) -> bool:
    """Return whether the server rejected a request, without executing it, because of a rate limit."""
    return error.details.get("status") == RATE_LIMITED


def failed_result(target: str, error: EmqxctlError) -> TargetResult:
    """Return the result of a target with an error: unknown if the response was lost, else failed.

    It is pending, with `retry_after`, after a rate limit.
    """
    if is_rate_limited(error):
        seconds = error.details.get("retry_after")
        retry_after = float(seconds) if isinstance(seconds, int | float) else 0.0
        return TargetResult(target, PENDING, error.message, error.exit_code, retry_after=retry_after)
    status = UNKNOWN if error.details.get("unknown") else "failed"
    return TargetResult(target, status, error.message, error.exit_code)


def report_row(task: BulkTask, result: TargetResult) -> dict[str, Any]:
    """Return a result as a row of the report."""
    task_fields = task.extra_fields(result.target) if task.extra_fields else EMPTY_OBJECT
    return {
        task.key_field: result.target,
        **task_fields,
        **result.extra_fields,
        "status": result.status,
        "reason": result.reason,
    }


def task_columns(task: BulkTask) -> tuple[Column, ...]:
    """Return the columns of a task's report."""
    return report_columns(task.key_field, *task.table_fields)


def report_columns(*fields: str) -> tuple[Column, ...]:
    """Return the columns of a report whose targets these fields identify."""
    return (*map(Column, fields), Column("status", style=color_state), Column("reason", format=format_plain))


def build_report(
    task: BulkTask, results: Sequence[TargetResult], *, exit_code: ExitCode | None = None, file: str = ""
) -> Result:
    """Build the result of a task: a person sees the targets that are not done, a program all of them.

    `exit_code` replaces that of the results; `file` is the report to read, or to resume with.
    """
    results = [*results, *task.left_alone]
    done = sum(result.status == "done" for result in results)
    summary = f"{task.past_verb} {done} of {count_noun(len(results), task.noun)}"
    notes = [", ".join([summary, *summarize_problems(results)]), *task.notes]
    if file:
        resumable = {PENDING, UNKNOWN} if task.is_repeatable else {PENDING}
        can_resume = any(result.status in resumable for result in results)
        notes.append(f"continue with: --resume {file}" if can_resume else f"all results: {file}")
    return BulkResult(
        [report_row(task, result) for result in results],
        task_columns(task),
        key=task.key_field,
        notes=tuple(notes),
        exit_code=exit_code_of(results) if exit_code is None else exit_code,
        hidden_statuses=("done", PENDING),
    )


def summarize_problems(results: Sequence[TargetResult]) -> list[str]:
    """Return how many targets are not done, and why: `3 failed: 2 not found, 1 timed out`, `9 pending`."""
    by_status: dict[str, list[TargetResult]] = {}
    for result in results:
        if result.status != "done":
            by_status.setdefault(result.status, []).append(result)
    parts = []
    for status, members in by_status.items():
        reasons = Counter(REASONS.get(result.exit_code) or result.reason for result in members)
        parts.append(f"{len(members)} {status}{join_reasons(reasons)}")
    return parts


def join_reasons(reasons: Mapping[str, int]) -> str:
    """Format reasons with their counts, the most frequent first; a single one without its count."""
    if len(reasons) == 1:
        (reason,) = reasons
        return f": {reason}" if reason else ""
    ranked = sorted(reasons.items(), key=lambda item: -item[1])
    parts = [f"{count} {reason or 'without a reason'}" for reason, count in ranked[:MAX_REASONS]]
    rest = sum(count for _, count in ranked[MAX_REASONS:])
    return ": " + ", ".join([*parts, *([count_noun(rest, "other")] if rest else [])])


def exit_code_of(results: Sequence[TargetResult]) -> ExitCode:
    """Return the exit code of a task: that of the first failure if no target is done, 9 if some are not."""
    unfinished = [result for result in results if result.status in FAILED or result.status == PENDING]
    if not unfinished:
        return ExitCode.OK
    failures = [result.exit_code for result in unfinished if result.exit_code is not ExitCode.OK]
    return failures[0] if len(unfinished) == len(results) and failures else ExitCode.PARTIAL
