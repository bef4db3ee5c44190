"""A change for many targets: what it is, what became of each target, and what that comes to."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from emqxctl.errors import EmqxctlError, ExitCode
from emqxctl.output.formatters import plain, state
from emqxctl.output.results import NOTHING, Partial, Result
from emqxctl.resource import Column

if TYPE_CHECKING:
    from emqxctl.api.client import Api

SAMPLE = 3  # targets named in a question
FAILED = frozenset({"failed", "unknown"})


class Outcome(NamedTuple):
    """What became of one target: `status` is done, skipped, failed, unknown or left; `code` why it failed.

    `facts` are further fields of its row.
    """

    target: str
    status: str = "done"
    reason: str = ""
    code: ExitCode = ExitCode.OK
    facts: Mapping[str, object] = NOTHING


Deed = Callable[["Api", Sequence[str]], list[Outcome]]


class Job(NamedTuple):
    """A change for many targets.

    `verb` and `done` are for sentences ("kick", "kicked"), `noun` names a target, `field` its key in the
    report. `deed` does one batch and gives an outcome for each target of it; `batch` is how many it takes at
    the most. `facts` gives further fields of a target's row, `shown` those that a person sees of them.
    """

    verb: str
    done: str
    noun: str
    field: str
    targets: Sequence[str]
    deed: Deed
    batch: int = 1
    asks: bool = True
    facts: Callable[[str], Mapping[str, object]] | None = None
    shown: tuple[str, ...] = ()


def singly(
    deed: Callable[["Api", str], object], *, settled: ExitCode | None = None, said: str = "", code: str = ""
) -> Deed:
    """Make a deed that does its targets one by one.

    An error of the exit code `settled` (and EMQX's `code`, where given) means that it was so already:
    skipped, with `said` as the reason.
    """

    def do(api: "Api", batch: Sequence[str]) -> list[Outcome]:
        outcomes = []
        for target in batch:
            try:
                deed(api, target)
            except EmqxctlError as error:
                known = error.exit_code is settled and code in {"", error.code}
                outcomes.append(Outcome(target, "skipped", said) if known else failed(target, error))
            else:
                outcomes.append(Outcome(target))
        return outcomes

    return do


def preview(job: Job) -> str:
    """Name the targets of a question: one by its name, many by their number and a sample."""
    if len(job.targets) == 1:
        return f"{job.noun} {job.targets[0]!r}"
    shown = ", ".join(map(repr, job.targets[:SAMPLE]))
    return f"{len(job.targets)} {job.noun}s ({shown}{', ...' if len(job.targets) > SAMPLE else ''})"


def failed(target: str, error: EmqxctlError) -> Outcome:
    """Give the outcome that an error means for one target: unknown when its answer was lost."""
    status = "unknown" if error.details.get("unknown") else "failed"
    return Outcome(target, status, error.message, error.exit_code)


def row(job: Job, one: Outcome) -> dict[str, Any]:
    """Write an outcome as a row of the report."""
    known = {**(job.facts(one.target) if job.facts else NOTHING), **one.facts}
    return {job.field: one.target, **known, "status": one.status, "reason": one.reason}


def columns(job: Job) -> tuple[Column, ...]:
    """Give the report's columns."""
    return told_of(job.field, *job.shown)


def told_of(*fields: str) -> tuple[Column, ...]:
    """Give the columns of a report on things that these fields name."""
    return (*map(Column, fields), Column("status", style=state), Column("reason", write=plain))


def summary(job: Job, outcomes: Sequence[Outcome], *, interrupted: bool, file: str) -> Result:
    """Make the report; a person sees what did not go as wished, a program every target."""
    counts = Counter(one.status for one in outcomes)
    words = [f"{job.done} {counts.pop('done', 0)} of {len(outcomes)} {job.noun}s"]
    words += [f"{number} {status}" for status, number in counts.items()]
    notes = [", ".join(words)]
    notes += [f"continue with: --resume {file}"] if file else []
    return Partial(
        [row(job, one) for one in outcomes],
        columns(job),
        key=job.field,
        notes=tuple(notes),
        exit_code=ExitCode.INTERRUPTED if interrupted else verdict(outcomes),
        calm=("done",),
    )


def verdict(outcomes: Sequence[Outcome]) -> ExitCode:
    """Give the exit code of a report: all well, partly, or the first cause when nothing was done."""
    bad = [one for one in outcomes if one.status in FAILED or one.status == "left"]
    if not bad:
        return ExitCode.OK
    causes = [one.code for one in bad if one.code is not ExitCode.OK]
    return causes[0] if len(bad) == len(outcomes) and causes else ExitCode.PARTIAL
