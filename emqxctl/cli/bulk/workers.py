"""Workers on a job: batch by batch, at a pace, several at a time, until done or told to stop."""

import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from queue import SimpleQueue
from typing import TYPE_CHECKING

from emqxctl.cli.bulk.report import Journal
from emqxctl.cli.bulk.task import FAILED, Job, Outcome, failed, row, summary
from emqxctl.cli.prompts import is_terminal
from emqxctl.errors import EmqxctlError, ExitCode
from emqxctl.output.results import Result

if TYPE_CHECKING:
    from emqxctl.api.client import Api
    from emqxctl.cli.session import Session


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
        self.interrupted = False

    def work(self) -> Result:
        """Run the workers to the end, or until told to stop, and give the report."""
        session, job = self.session, self.job
        outcomes: list[Outcome] = []
        file = session.settings.report
        with Journal(file, job.verb, session.connection.url, job.targets) as journal:
            crew = [threading.Thread(target=self.labour, daemon=True) for _ in range(self.workers())]
            for worker in crew:
                worker.start()
            self.working = len(crew)
            with self.stopping_at_ctrl_c():
                self.collect(outcomes, journal)
            left = self.left(outcomes)
            journal.write(row(job, one) for one in left)
        if left and not file:
            file = self.save(outcomes + left)
        return summary(job, outcomes + left, interrupted=self.interrupted, file=file if left else "")

    @contextmanager
    def stopping_at_ctrl_c(self) -> Iterator[None]:
        """Let the first Ctrl-C call a stop: what is in flight ends and is counted. The second breaks off.

        An exception in its place could strike between taking an outcome and keeping it.
        """

        def stop(_number: int, _frame: object) -> None:
            if self.interrupted:
                raise KeyboardInterrupt
            self.interrupted = True
            self.stopped.set()

        before = signal.signal(signal.SIGINT, stop)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def workers(self) -> int:
        """Give how many workers there are something to do for."""
        batches = -(-len(self.job.targets) // self.size)
        return max(1, min(self.session.settings.workers or 1, batches))

    def collect(self, outcomes: list[Outcome], journal: Journal) -> None:
        """Take the workers' outcomes until each has said that it is done."""
        from emqxctl.output.progress import counting

        shown = is_terminal(sys.stderr) and not self.session.settings.quiet
        with counting(f"{self.job.verb} {self.job.noun}s", len(self.job.targets), shown=shown) as step:
            while self.working:
                found = self.results.get()
                if found is None:
                    self.working -= 1
                    continue
                outcomes += found
                journal.write(row(self.job, one) for one in found)
                step(len(outcomes))

    def labour(self) -> None:
        """Take batch after batch until none is left or a stop was called."""
        api = self.session.api_of(self.session.connection)
        try:
            while not self.stopped.is_set():
                with self.turn:
                    batch = next(self.batches, None)
                if batch is None or not self.pace.wait(len(batch), self.stopped):
                    return
                found = self.attempt(api, batch)
                if self.session.settings.fail_fast and any(one.status in FAILED for one in found):
                    self.stopped.set()
                self.results.put(found)
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
        with Journal(file, self.job.verb, self.session.connection.url, self.job.targets) as journal:
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
