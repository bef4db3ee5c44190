"""How a signal ends a bulk change: what is under way finishes, if it does not take too long."""

import signal
import time
from collections.abc import Callable
from typing import Any, Self

from emqxctl.cli.interrupts import SIGNALS
from emqxctl.errors import ExitCode, Interrupted

GRACE_SECONDS = 5.0  # for requests in flight after SIGTERM


class StopSignals:
    """A context in which the first signal stops a run and the second cancels the requests that are under way.

    SIGTERM and SIGHUP give them up after a few seconds too: whoever sends them may soon send SIGKILL. No
    signal raises an exception, which could occur between receiving a result and storing it.
    """

    def __init__(self, stop: Callable[[], None]) -> None:
        """Set the function that stops the run."""
        self.stop = stop
        self.exit_code: ExitCode | None = None  # that of the first signal
        self.gives_up_at: float | None = None
        self.previous_handlers: dict[int, Any] = {}

    def __enter__(self) -> Self:
        """Handle the signals, except those that are ignored already (nohup)."""
        for number in SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self.previous_handlers[number] = signal.signal(number, self.handle_signal)
        return self

    def __exit__(self, *_: object) -> None:
        """Restore the previous handlers."""
        for number, handler in self.previous_handlers.items():
            signal.signal(number, handler)

    def handle_signal(self, number: int, _frame: object) -> None:
        """Stop the run, or give up the requests in flight."""
        if self.exit_code is not None:
            self.gives_up_at = time.monotonic()
        else:
            self.exit_code = Interrupted(number).exit_code
            if number != signal.SIGINT:
                self.gives_up_at = time.monotonic() + GRACE_SECONDS
        self.stop()

    def seconds_left(self) -> float | None:
        """Return how long to wait for requests in flight, None for as long as they take."""
        return None if self.gives_up_at is None else max(0.0, self.gives_up_at - time.monotonic())
