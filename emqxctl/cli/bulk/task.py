"""A change for many targets: what it is, what became of each target, and what that comes to."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from emqxctl.errors import EmqxctlError, ExitCode
from emqxctl.output.formatters import color_state, format_plain
from emqxctl.output.results import EMPTY_OBJECT, BulkResult, Result
from emqxctl.resource import Column

if TYPE_CHECKING:
    from emqxctl.api.client import Client

SAMPLE = 3  # targets named in a question
FAILED = frozenset({"failed", "unknown"})


class TargetResult(NamedTuple):
    """What became of one target: `status` is done, skipped, failed, unknown or left; `code` why it failed.

    `facts` are further fields of its row.
    """

    target: str
    status: str = "done"
    reason: str = ""
    exit_code: ExitCode = ExitCode.OK
    extra_fields: Mapping[str, object] = EMPTY_OBJECT


BatchAction = Callable[["Client", Sequence[str]], list[TargetResult]]


class BulkTask(NamedTuple):
    """A change for many targets.

    `verb` and `done` are for sentences ("kick", "kicked"), `noun` names a target, `field` its key in the
    report. `deed` does one batch and gives an outcome for each target of it; `batch` is how many it takes at
    the most. `facts` gives further fields of a target's row, `shown` those that a person sees of them.
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


def one_by_one(
    action: Callable[["Client", str], object],
    *,
    skip_exit_code: ExitCode | None = None,
    skip_reason: str = "",
    skip_error_code: str = "",
) -> BatchAction:
    """Make a deed that does its targets one by one.

    An error of the exit code `settled` (and EMQX's `code`, where given) means that it was so already:
    skipped, with `said` as the reason.
    """

    def do(api: "Client", batch: Sequence[str]) -> list[TargetResult]:
        outcomes = []
        for target in batch:
            try:
                action(api, target)
            except EmqxctlError as error:
                known = error.exit_code is skip_exit_code and skip_error_code in {"", error.code}
                outcomes.append(
                    TargetResult(target, "skipped", skip_reason) if known else failed_result(target, error)
                )
            else:
                outcomes.append(TargetResult(target))
        return outcomes

    return do


def describe_targets(job: BulkTask) -> str:
    """Name the targets of a question: one by its name, many by their number and a sample."""
    if len(job.targets) == 1:
        return f"{job.noun} {job.targets[0]!r}"
    shown = ", ".join(map(repr, job.targets[:SAMPLE]))
    return f"{len(job.targets)} {job.noun}s ({shown}{', ...' if len(job.targets) > SAMPLE else ''})"


def failed_result(target: str, error: EmqxctlError) -> TargetResult:
    """Give the outcome that an error means for one target: unknown when its answer was lost."""
    status = "unknown" if error.details.get("unknown") else "failed"
    return TargetResult(target, status, error.message, error.exit_code)


def report_row(job: BulkTask, one: TargetResult) -> dict[str, Any]:
    """Write an outcome as a row of the report."""
    known = {**(job.extra_fields(one.target) if job.extra_fields else EMPTY_OBJECT), **one.extra_fields}
    return {job.key_field: one.target, **known, "status": one.status, "reason": one.reason}


def task_columns(job: BulkTask) -> tuple[Column, ...]:
    """Give the report's columns."""
    return report_columns(job.key_field, *job.table_fields)


def report_columns(*fields: str) -> tuple[Column, ...]:
    """Give the columns of a report on things that these fields name."""
    return (*map(Column, fields), Column("status", style=color_state), Column("reason", format=format_plain))


def build_report(job: BulkTask, outcomes: Sequence[TargetResult], *, interrupted: bool, file: str) -> Result:
    """Make the report; a person sees what did not go as wished, a program every target."""
    counts = Counter(one.status for one in outcomes)
    words = [f"{job.past_verb} {counts.pop('done', 0)} of {len(outcomes)} {job.noun}s"]
    words += [f"{number} {status}" for status, number in counts.items()]
    notes = [", ".join(words)]
    notes += [f"continue with: --resume {file}"] if file else []
    return BulkResult(
        [report_row(job, one) for one in outcomes],
        task_columns(job),
        key=job.key_field,
        notes=tuple(notes),
        exit_code=ExitCode.INTERRUPTED if interrupted else exit_code_of(outcomes),
        hidden_statuses=("done",),
    )


def exit_code_of(outcomes: Sequence[TargetResult]) -> ExitCode:
    """Give the exit code of a report: all well, partly, or the first cause when nothing was done."""
    bad = [one for one in outcomes if one.status in FAILED or one.status == "left"]
    if not bad:
        return ExitCode.OK
    causes = [one.exit_code for one in bad if one.exit_code is not ExitCode.OK]
    return causes[0] if len(bad) == len(outcomes) and causes else ExitCode.PARTIAL
