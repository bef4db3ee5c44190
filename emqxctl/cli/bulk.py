"""The same change for many targets: counted, confirmed, paced, in parallel, each accounted for, resumable."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, NamedTuple

from emqxctl.cli.confirm import is_terminal
from emqxctl.cli.files import read_lines
from emqxctl.cli.journal import Journal, left_over
from emqxctl.errors import EmqxctlError, ExitCode, UsageError
from emqxctl.output.results import Partial, Result
from emqxctl.resource import Column, Resource

if TYPE_CHECKING:
    from emqxctl.api.client import Api
    from emqxctl.cli.session import Session

SAMPLE = 3  # targets named in a question


class Outcome(NamedTuple):
    """What became of one target: `status` is done, skipped, failed, unknown or left; `code` why it failed."""

    target: str
    status: str = "done"
    reason: str = ""
    code: ExitCode = ExitCode.OK


Deed = Callable[["Api", Sequence[str]], list[Outcome]]


class Job(NamedTuple):
    """A change for many targets.

    `verb` and `done` are for sentences ("kick", "kicked"), `noun` names a target, `field` its key in the
    report. `deed` does one batch and gives an outcome for each target of it; `batch` is how many it takes at
    the most.
    """

    verb: str
    done: str
    noun: str
    field: str
    targets: Sequence[str]
    deed: Deed
    batch: int = 1
    asks: bool = True


def named(session: "Session", arguments: Sequence[str], verb: str, field: str) -> list[str]:
    """Give the targets that were named: as arguments, by --ids, by --resume; each once, in order.

    Raises UsageError when a file cannot be read or does not fit.
    """
    settings = session.settings
    found = list(arguments)
    if settings.ids:
        found += read_lines(settings.ids, "--ids")
    if settings.resume:
        found += left_over(settings.resume, verb, session.connection.url, field)
    return list(dict.fromkeys(found))


def matching(session: "Session", resource: Resource, field: str = "") -> list[str]:
    """Give the keys (or another field) of the rows that --where selects, each once."""
    from emqxctl.output.select import filter_rows, parse_condition

    field = field or resource.key
    where = [parse_condition(text) for text in session.settings.where]
    rows = filter_rows(session.rows(resource), where, resource.columns)
    return list(dict.fromkeys(str(found[field]) for found in rows if found.get(field)))


def singly(deed: Callable[["Api", str], object], *, settled: ExitCode, said: str, code: str = "") -> Deed:
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


def carry_out(session: "Session", job: Job) -> Result:
    """Do it: preview and question, then batch by batch; report what became of each target."""
    if not job.targets:
        return Partial(
            (), columns(job), key=job.field, notes=(f"no {job.noun} to {job.verb}",), exit_code=ExitCode.OK
        )
    if session.settings.dry_run:
        rows = [row(job, Outcome(target, "planned")) for target in job.targets]
        note = f"dry run: would {job.verb} {len(rows)} {job.noun}s; nothing was sent"
        return Partial(rows, columns(job), key=job.field, notes=(note,), exit_code=ExitCode.OK)
    if job.asks:
        session.confirm(f"{job.verb} {preview(job)}")
    return Crew(session, job).work()


def preview(job: Job) -> str:
    """Name the targets of a question: one by its name, many by their number and a sample."""
    if len(job.targets) == 1:
        return f"{job.noun} {job.targets[0]!r}"
    shown = ", ".join(map(repr, job.targets[:SAMPLE]))
    return f"{len(job.targets)} {job.noun}s ({shown}{', ...' if len(job.targets) > SAMPLE else ''})"


class Crew:
    """Workers on a job. An interruption lets the requests in flight end and leaves the rest for --resume."""

    def __init__(self, session: "Session", job: Job) -> None:
        """Prepare; nothing is sent."""
        self.session, self.job = session, job
        settings = session.settings
        burst = max(1, int(settings.rate)) if settings.rate else job.batch
        self.size = max(1, min(settings.batch or job.batch, job.batch, burst))
        self.pace = Pace(settings.rate)
        self.stopped = threading.Event()
        self.results: SimpleQueue[list[Outcome] | None] = SimpleQueue()
        self.batches: Iterator[Sequence[str]] = (
            job.targets[at : at + self.size] for at in range(0, len(job.targets), self.size)
        )
        self.turn = threading.Lock()
        self.working = 0

    def work(self) -> Result:
        """Run the workers to the end, or until told to stop, and give the report."""
        session, job = self.session, self.job
        outcomes: list[Outcome] = []
        interrupted = False
        file = session.settings.report
        with Journal(file, job.verb, session.connection.url) as journal:
            crew = [threading.Thread(target=self.labour, daemon=True) for _ in range(self.workers())]
            for worker in crew:
                worker.start()
            self.working = len(crew)
            try:
                self.collect(outcomes, journal)
            except KeyboardInterrupt:
                interrupted = True
                self.stopped.set()
                self.collect(outcomes, journal)  # what is in flight ends first
            left = self.left(outcomes)
            journal.write(row(job, one) for one in left)
        if left and not file:
            file = self.save(outcomes + left)
        return summary(job, outcomes + left, interrupted=interrupted, file=file if left else "")

    def workers(self) -> int:
        """Give how many workers there are something to do for."""
        batches = -(-len(self.job.targets) // self.size)
        return max(1, min(self.session.settings.workers or 1, batches))

    def collect(self, outcomes: list[Outcome], journal: Journal) -> None:
        """Take the workers' outcomes until each has said that it is done."""
        from emqxctl.output.progress import counting

        shown = is_terminal_stderr() and not self.session.settings.quiet
        with counting(f"{self.job.verb} {self.job.noun}s", len(self.job.targets), shown=shown) as step:
            while self.working:
                found = self.results.get()
                if found is None:
                    self.working -= 1
                    continue
                outcomes += found
                journal.write(row(self.job, one) for one in found)
                step(len(outcomes))
                if self.session.settings.fail_fast and any(one.status in FAILED for one in found):
                    self.stopped.set()

    def labour(self) -> None:
        """Take batch after batch until none is left or a stop was called."""
        api = self.session.api_of(self.session.connection)
        try:
            while not self.stopped.is_set():
                with self.turn:
                    batch = next(self.batches, None)
                if batch is None or not self.pace.wait(len(batch), self.stopped):
                    return
                self.results.put(self.attempt(api, batch))
        finally:
            self.results.put(None)

    def attempt(self, api: "Api", batch: Sequence[str]) -> list[Outcome]:
        """Do one batch; what goes wrong for the whole of it concerns each target."""
        try:
            return self.job.deed(api, batch)
        except EmqxctlError as error:
            return [failed(target, error) for target in batch]
        except Exception as error:  # noqa: BLE001  # a bug of ours must not lose the report of all others
            return [Outcome(target, "failed", f"{type(error).__name__}", ExitCode.FAILED) for target in batch]

    def left(self, outcomes: Sequence[Outcome]) -> list[Outcome]:
        """Give the targets that nothing was done about."""
        seen = {one.target for one in outcomes}
        return [Outcome(target, "left") for target in self.job.targets if target not in seen]

    def save(self, outcomes: Sequence[Outcome]) -> str:
        """Write the report of an interrupted run where no --report was asked for, and give its name."""
        file = f"emqxctl-{self.job.verb.replace(' ', '-')}-{time.strftime('%Y%m%dT%H%M%S')}.jsonl"
        with Journal(file, self.job.verb, self.session.connection.url) as journal:
            journal.write(row(self.job, one) for one in outcomes)
        return file


class Pace:
    """At most so many targets a second, over all workers."""

    def __init__(self, rate: float) -> None:
        """Take the rate; 0 is as fast as it goes."""
        self.rate = rate
        self.due = time.monotonic()
        self.lock = threading.Lock()

    def wait(self, count: int, stopped: threading.Event) -> bool:
        """Wait for the turn of `count` targets. False when stopped meanwhile."""
        if self.rate <= 0:
            return not stopped.is_set()
        with self.lock:
            now = time.monotonic()
            turn = max(self.due, now)
            self.due = turn + count / self.rate
        return not stopped.wait(turn - now)


FAILED = frozenset({"failed", "unknown"})


def failed(target: str, error: EmqxctlError) -> Outcome:
    """Give the outcome that an error means for one target: unknown when its answer was lost."""
    status = "unknown" if error.details.get("unknown") else "failed"
    return Outcome(target, status, error.message, error.exit_code)


def row(job: Job, one: Outcome) -> dict[str, Any]:
    """Write an outcome as a row of the report."""
    return {job.field: one.target, "status": one.status, "reason": one.reason}


def columns(job: Job) -> tuple[Column, ...]:
    """Give the report's columns."""
    return (Column(job.field), Column("status"), Column("reason"))


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


def is_terminal_stderr() -> bool:
    """Tell whether somebody sees progress."""
    import sys

    return is_terminal(sys.stderr)


def selected(session: "Session", given: bool, noun: str) -> None:
    """Refuse a selection by nothing: `--all` must say that all are meant. Raises UsageError."""
    if not given and not session.settings.all:
        message = f"which {noun}s? none was named and nothing narrows the list"
        raise UsageError(message, hint="name them, give --ids FILE, --where TEST, or --all")
