"""Workers on a job: batch by batch, at a pace, several at a time, until done or told to stop."""

import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from queue import SimpleQueue
from typing import TYPE_CHECKING

from emqxctl.cli.bulk.report import BulkReport
from emqxctl.cli.bulk.task import FAILED, BulkTask, TargetResult, build_report, failed_result, report_row
from emqxctl.cli.prompts import is_terminal
from emqxctl.errors import EmqxctlError, ExitCode
from emqxctl.output.results import Result

if TYPE_CHECKING:
    from emqxctl.api.client import Client
    from emqxctl.cli.session import Session


class WorkerPool:
    """Workers on a job. An interruption lets the requests in flight end and leaves the rest for --resume."""

    def __init__(self, session: "Session", task: BulkTask) -> None:
        """Prepare; nothing is sent."""
        self.session, self.task = session, task
        settings = session.settings
        burst = max(1, int(settings.rate)) if settings.rate else task.batch_size
        self.batch_size = max(1, min(settings.batch or task.batch_size, task.batch_size, burst))
        self.rate_limiter = RateLimiter(settings.rate)
        self.stop_event = threading.Event()
        self.results: SimpleQueue[list[TargetResult] | None] = SimpleQueue()
        self.batches: Iterator[Sequence[str]] = (
            task.targets[at : at + self.batch_size] for at in range(0, len(task.targets), self.batch_size)
        )
        self.batches_lock = threading.Lock()
        self.active_workers = 0
        self.interrupted = False

    def run(self) -> Result:
        """Run the workers to the end, or until told to stop, and give the report."""
        session, job = self.session, self.task
        outcomes: list[TargetResult] = []
        file = session.settings.report
        with BulkReport(file, job.verb, session.connection.url, job.targets) as journal:
            crew = [threading.Thread(target=self.run_worker, daemon=True) for _ in range(self.worker_count())]
            for worker in crew:
                worker.start()
            self.active_workers = len(crew)
            with self.stop_on_interrupt():
                self.collect_results(outcomes, journal)
            left = self.remaining_targets(outcomes)
            journal.write(report_row(job, one) for one in left)
        if left and not file:
            file = self.save_report(outcomes + left)
        return build_report(job, outcomes + left, interrupted=self.interrupted, file=file if left else "")

    @contextmanager
    def stop_on_interrupt(self) -> Iterator[None]:
        """Let the first Ctrl-C call a stop: what is in flight ends and is counted. The second breaks off.

        An exception in its place could strike between taking an outcome and keeping it.
        """

        def stop(_number: int, _frame: object) -> None:
            if self.interrupted:
                raise KeyboardInterrupt
            self.interrupted = True
            self.stop_event.set()

        before = signal.signal(signal.SIGINT, stop)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def worker_count(self) -> int:
        """Give how many workers there are something to do for."""
        batches = -(-len(self.task.targets) // self.batch_size)
        return max(1, min(self.session.settings.workers or 1, batches))

    def collect_results(self, outcomes: list[TargetResult], journal: BulkReport) -> None:
        """Take the workers' outcomes until each has said that it is done."""
        from emqxctl.output.progress import show_count_progress

        shown = is_terminal(sys.stderr) and not self.session.settings.quiet
        with show_count_progress(
            f"{self.task.verb} {self.task.noun}s", len(self.task.targets), is_shown=shown
        ) as step:
            while self.active_workers:
                found = self.results.get()
                if found is None:
                    self.active_workers -= 1
                    continue
                outcomes += found
                journal.write(report_row(self.task, one) for one in found)
                step(len(outcomes))

    def run_worker(self) -> None:
        """Take batch after batch until none is left or a stop was called."""
        api = self.session.client_for(self.session.connection)
        try:
            while not self.stop_event.is_set():
                with self.batches_lock:
                    batch = next(self.batches, None)
                if batch is None or not self.rate_limiter.wait(len(batch), self.stop_event):
                    return
                found = self.run_batch(api, batch)
                if self.session.settings.fail_fast and any(one.status in FAILED for one in found):
                    self.stop_event.set()
                self.results.put(found)
        finally:
            self.results.put(None)

    def run_batch(self, api: "Client", batch: Sequence[str]) -> list[TargetResult]:
        """Do one batch; what goes wrong for the whole of it concerns each target."""
        try:
            return self.task.action(api, batch)
        except EmqxctlError as error:
            return [failed_result(target, error) for target in batch]
        except Exception as error:  # noqa: BLE001  # a bug of ours must not lose the report of all others
            return [
                TargetResult(target, "failed", f"{type(error).__name__}", ExitCode.FAILED) for target in batch
            ]

    def remaining_targets(self, outcomes: Sequence[TargetResult]) -> list[TargetResult]:
        """Give the targets that nothing was done about."""
        seen = {one.target for one in outcomes}
        return [TargetResult(target, "left") for target in self.task.targets if target not in seen]

    def save_report(self, outcomes: Sequence[TargetResult]) -> str:
        """Write the report of an interrupted run where no --report was asked for, and give its name."""
        file = f"emqxctl-{self.task.verb.replace(' ', '-')}-{time.strftime('%Y%m%dT%H%M%S')}.jsonl"
        with BulkReport(file, self.task.verb, self.session.connection.url, self.task.targets) as journal:
            journal.write(report_row(self.task, one) for one in outcomes)
        return file


class RateLimiter:
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
