"""The worker pool of a bulk change: batch by batch, rate-limited, several requests in parallel."""

import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from queue import SimpleQueue
from typing import TYPE_CHECKING

from emqxctl.cli.bulk.report import PENDING, BulkReport
from emqxctl.cli.bulk.task import FAILED, BulkTask, TargetResult, build_report, failed_result, report_row
from emqxctl.cli.prompts import is_terminal
from emqxctl.errors import EmqxctlError, ExitCode
from emqxctl.output.results import MAX_SHOWN_TARGETS, Result
from emqxctl.resource import pluralize

if TYPE_CHECKING:
    from emqxctl.api.client import Client
    from emqxctl.cli.session import Session


class WorkerPool:
    """Threads that run a bulk task. After an interrupt the requests in flight finish."""

    def __init__(self, session: "Session", task: BulkTask) -> None:
        """Prepare the batches; no request is sent."""
        self.session, self.task = session, task
        settings = session.settings
        rate = settings.rate or task.default_rate
        burst = max(1, int(rate)) if rate else task.batch_size
        self.batch_size = max(1, min(settings.batch or task.batch_size, task.batch_size, burst))
        self.rate_limiter = RateLimiter(rate)
        self.stop_event = threading.Event()
        self.results: SimpleQueue[list[TargetResult] | None] = SimpleQueue()
        self.batches: Iterator[Sequence[str]] = (
            task.targets[start : start + self.batch_size]
            for start in range(0, len(task.targets), self.batch_size)
        )
        self.batches_lock = threading.Lock()
        self.active_workers = 0
        self.interrupted = False

    def run(self) -> Result:
        """Run the workers to the end, or until they are stopped, and return the report."""
        results: list[TargetResult] = []
        file = self.session.settings.report
        with self.open_report(file) as report:
            threads = [
                threading.Thread(target=self.run_worker, daemon=True) for _ in range(self.worker_count())
            ]
            for thread in threads:
                thread.start()
            self.active_workers = len(threads)
            with self.stop_on_interrupt():
                self.collect_results(results, report)
            pending = self.pending_results(results)
            report.write_rows(report_row(self.task, result) for result in pending)
        problem_count = sum(result.status != "done" for result in results)
        needs_file = bool(pending) or problem_count > MAX_SHOWN_TARGETS
        if needs_file and not file:
            file = self.save_report(results + pending)
        return build_report(
            self.task, results + pending, interrupted=self.interrupted, file=file if needs_file else ""
        )

    def open_report(self, file: str) -> BulkReport:
        """Return the report of this run; without a file it writes nothing."""
        return BulkReport(file, self.task.verb, self.session.connection.url, self.task.targets)

    @contextmanager
    def stop_on_interrupt(self) -> Iterator[None]:
        """Let the first Ctrl-C stop the workers: requests in flight finish and count. The second aborts.

        An exception at the first one could be raised between receiving a result and storing it.
        """

        def stop(_number: int, _frame: object) -> None:
            if self.interrupted:
                raise KeyboardInterrupt
            self.interrupted = True
            self.stop_event.set()

        previous_handler = signal.signal(signal.SIGINT, stop)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, previous_handler)

    def worker_count(self) -> int:
        """Return the number of workers: no more than there are batches."""
        batch_count = -(-len(self.task.targets) // self.batch_size)
        return max(1, min(self.session.settings.workers or 1, batch_count))

    def collect_results(self, results: list[TargetResult], report: BulkReport) -> None:
        """Collect the results of the workers until each of them has finished."""
        from emqxctl.output.progress import show_count_progress

        is_shown = is_terminal(sys.stderr) and not self.session.settings.quiet
        title = f"{self.task.verb} {pluralize(self.task.noun)}"
        with show_count_progress(title, len(self.task.targets), is_shown=is_shown) as on_progress:
            while self.active_workers:
                batch_results = self.results.get()
                if batch_results is None:
                    self.active_workers -= 1
                    continue
                results += batch_results
                report.write_rows(report_row(self.task, result) for result in batch_results)
                on_progress(len(results))

    def run_worker(self) -> None:
        """Run batch after batch until no batch remains or the pool is stopped."""
        client = self.session.client_for(self.session.connection)
        try:
            while not self.stop_event.is_set():
                with self.batches_lock:
                    batch = next(self.batches, None)
                if batch is None or not self.rate_limiter.wait(len(batch), self.stop_event):
                    return
                batch_results = self.run_batch(client, batch)
                has_failed = any(result.status in FAILED for result in batch_results)
                if self.session.settings.fail_fast and has_failed:
                    self.stop_event.set()
                self.results.put(batch_results)
        finally:
            self.results.put(None)

    def run_batch(self, client: "Client", batch: Sequence[str]) -> list[TargetResult]:
        """Run the action on one batch; an error of the whole batch is the result of each target."""
        try:
            return self.task.action(client, batch)
        except EmqxctlError as error:
            return [failed_result(target, error) for target in batch]
        except Exception as error:  # noqa: BLE001  # a bug of ours must not lose the report of all others
            reason = type(error).__name__
            return [TargetResult(target, "failed", reason, ExitCode.FAILED) for target in batch]

    def pending_results(self, results: Sequence[TargetResult]) -> list[TargetResult]:
        """Return a result for each target that no request was sent for."""
        finished_targets = {result.target for result in results}
        return [
            TargetResult(target, PENDING) for target in self.task.targets if target not in finished_targets
        ]

    def save_report(self, results: Sequence[TargetResult]) -> str:
        """Write the report of an interrupted run without --report to a new file, and return its name."""
        file = f"emqxctl-{self.task.verb.replace(' ', '-')}-{time.strftime('%Y%m%dT%H%M%S')}.jsonl"
        with self.open_report(file) as report:
            report.write_rows(report_row(self.task, result) for result in results)
        return file


class RateLimiter:
    """A limit of targets per second for all workers together."""

    def __init__(self, rate: float) -> None:
        """Set the rate; 0 is no limit."""
        self.rate = rate
        self.next_start = time.monotonic()
        self.lock = threading.Lock()

    def wait(self, count: int, stop_event: threading.Event) -> bool:
        """Wait until `count` targets may be sent. Return False if stopped meanwhile."""
        if self.rate <= 0:
            return not stop_event.is_set()
        with self.lock:
            now = time.monotonic()
            start = max(self.next_start, now)
            self.next_start = start + count / self.rate
        return not stop_event.wait(start - now)
