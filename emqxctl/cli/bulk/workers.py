"""The worker pool of a bulk change: batch by batch, rate-limited, several requests in parallel."""

import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from emqxctl.api.retry import backoff
from emqxctl.cli.bulk.pace import RateLimiter
from emqxctl.cli.bulk.report import PENDING, UNKNOWN, BulkReport, read_statuses
from emqxctl.cli.bulk.stop_signals import StopSignals
from emqxctl.cli.bulk.task import FAILED, BulkTask, TargetResult, build_report, failed_result, report_row
from emqxctl.cli.prompts import is_terminal
from emqxctl.errors import EmqxctlError, ExitCode, UsageError
from emqxctl.output.results import MAX_SHOWN_TARGETS, Result
from emqxctl.text.nouns import pluralize

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
        rate = min(rate, task.max_rate) if task.max_rate else rate
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
        self.batches_in_flight: dict[int, Sequence[str]] = {}  # by the worker's thread
        self.report = self.open_report(settings.report, settings.resume)
        self.report_error: EmqxctlError | None = None
        self.active_workers = 0
        self.stop_signals = StopSignals(self.stop)

    def run(self) -> Result:
        """Run the workers to the end, or until they are stopped, and return the report."""
        results: list[TargetResult] = []
        with self.report:
            self.check_resumed_report()
            self.run_workers(results)
            results += self.lost_results(results)
            pending = self.pending_results(results)
            self.write_results(pending)
        return self.build_result(results, pending)

    def run_workers(self, results: list[TargetResult]) -> None:
        """Start the workers and collect their results, also while a signal stops them."""
        threads = [threading.Thread(target=self.run_worker, daemon=True) for _ in range(self.worker_count())]
        self.active_workers = len(threads)
        with self.stop_signals:
            for thread in threads:
                thread.start()
            self.collect_results(results)

    def build_result(self, results: list[TargetResult], pending: list[TargetResult]) -> Result:
        """Build the report in the order of the targets; without --report, save it if it is needed later."""
        settings = self.session.settings
        positions = {target: position for position, target in enumerate(self.task.targets)}
        results.sort(key=lambda result: positions.get(result.target, len(positions)))
        file = settings.resume or settings.report
        problem_count = sum(result.status != "done" for result in results)
        is_unfinished = bool(pending) or any(result.status == PENDING for result in results)
        needs_file = is_unfinished or problem_count > MAX_SHOWN_TARGETS
        if self.report_error or (needs_file and not file):
            file = self.save_report(results + pending)
        task, exit_code = self.task, self.stop_signals.exit_code
        if self.report_error:
            task = task._replace(notes=(*task.notes, self.report_error.message))
            exit_code = exit_code or self.report_error.exit_code
        return build_report(task, results + pending, exit_code=exit_code, file=file if needs_file else "")

    def open_report(self, file: str, resumed: str = "") -> BulkReport:
        """Return the report of this run; without a file it writes nothing."""
        task, url = self.task, self.session.connection.url
        return BulkReport(
            file,
            task.verb,
            url,
            task.targets,
            resumed,
            key_kind=task.key_kind,
            options=task.options,
        )

    def check_resumed_report(self) -> None:
        """Check that no other run has continued with the report since it was read. Raises UsageError.

        This run has locked it by now.
        """
        file, task = self.session.settings.resume, self.task
        if not file or task.is_repeatable:
            return
        statuses = read_statuses(file, task.verb, self.session.connection.url, task.key_field)
        if any(statuses.get(target) == "done" for target in task.targets):
            message = f"report {file} was continued by another run; nothing was sent"
            raise UsageError(message, hint="run the command again")

    def stop(self) -> None:
        """Send no further request, and let the collector notice."""
        self.stop_event.set()
        self.results.put([])

    def worker_count(self) -> int:
        """Return the number of workers: no more than there are batches."""
        settings = self.session.settings
        batch_count = -(-len(self.task.targets) // self.batch_size)
        default = 1 if settings.fail_fast else self.task.default_workers
        return max(1, min(settings.workers or default, batch_count))

    def collect_results(self, results: list[TargetResult]) -> None:
        """Collect the results of the workers until each of them has finished, or is given up."""
        from emqxctl.output.progress import show_count_progress

        is_shown = is_terminal(sys.stderr) and not self.session.settings.quiet
        title = f"{self.task.verb} {pluralize(self.task.noun)}"
        with show_count_progress(title, len(self.task.targets), is_shown=is_shown) as on_progress:
            while self.active_workers:
                try:
                    batch_results = self.results.get(timeout=self.stop_signals.seconds_left())
                except Empty:
                    return
                if batch_results is None:
                    self.active_workers -= 1
                    continue
                results += batch_results
                self.write_results(batch_results)
                on_progress(len(results))

    def write_results(self, results: Sequence[TargetResult]) -> None:
        """Write results to the report; if that fails, no further request is sent."""
        try:
            self.report.write_rows(report_row(self.task, result) for result in results)
        except EmqxctlError as error:
            self.report_error = self.report_error or error
            self.stop_event.set()

    def run_worker(self) -> None:
        """Run batch after batch until no batch remains or the pool is stopped."""
        client = self.session.client_for(self.session.connection)
        thread_id = threading.get_ident()
        try:
            while not self.stop_event.is_set():
                with self.batches_lock:
                    batch = next(self.batches, None)
                if batch is None or not self.rate_limiter.wait(len(batch), self.stop_event):
                    return
                if not self.record_started(batch):
                    return
                self.batches_in_flight[thread_id] = batch
                batch_results = self.run_batch(client, batch)
                has_failed = any(result.status in FAILED for result in batch_results)
                if self.session.settings.fail_fast and has_failed:
                    self.stop_event.set()
                self.results.put(batch_results)
                del self.batches_in_flight[thread_id]
        finally:
            self.results.put(None)

    def record_started(self, batch: Sequence[str]) -> bool:
        """Record a batch in the report before its request; return whether it may be sent."""
        try:
            self.report.write_started(batch)
        except EmqxctlError as error:
            self.report_error = error
            self.stop_event.set()
            return False
        return True

    def run_batch(self, client: "Client", batch: Sequence[str]) -> list[TargetResult]:
        """Run the action on one batch; what a rate limit rejects is repeated, more slowly."""
        results = self.run_action(client, batch)
        for attempt in range(client.connection.retries + 1):
            limited = [result for result in results if result.retry_after is not None]
            if not limited:
                return results
            delay = max(backoff(attempt), *(result.retry_after or 0.0 for result in limited))
            is_last = attempt == client.connection.retries or delay > client.connection.timeout
            if is_last or not self.rate_limiter.pause(delay, self.stop_event):
                break
            finished = [result for result in results if result.retry_after is None]
            results = finished + self.run_action(client, [result.target for result in limited])
        self.stop_event.set()  # further requests would be rejected too
        return results

    def run_action(self, client: "Client", batch: Sequence[str]) -> list[TargetResult]:
        """Run the action on some targets; an error of all of them is the result of each."""
        try:
            return self.task.action(client, batch)
        except EmqxctlError as error:
            return [failed_result(target, error) for target in batch]
        except Exception as error:  # noqa: BLE001  # a bug of ours must not lose the report of all others
            reason = type(error).__name__
            return [TargetResult(target, UNKNOWN, reason, ExitCode.FAILED) for target in batch]

    def lost_results(self, results: list[TargetResult]) -> list[TargetResult]:
        """Collect late results, and return an unknown one for each target of a request that was given up."""
        with suppress(Empty):
            while True:
                results += self.results.get_nowait() or []
        finished_targets = {result.target for result in results}
        reason = "interrupted while waiting for the response"
        lost = [
            TargetResult(target, UNKNOWN, reason, self.stop_signals.exit_code or ExitCode.FAILED)
            for batch in list(self.batches_in_flight.values())
            for target in batch
            if target not in finished_targets
        ]
        self.write_results(lost)
        return lost

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
