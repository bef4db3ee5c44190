"""How a command that runs until it is stopped ends: Ctrl-C, SIGTERM, SIGHUP, a closed stdout."""

import select
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, Self

from emqxctl.errors import Interrupted

SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)
)
SIGINT = signal.SIGINT


@contextmanager
def raise_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the block as Ctrl-C does, so that it can clean up and report; once.

    Ignored signals stay ignored (nohup). Signals are handled in the main thread only, as Python requires.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous_handlers = {
        number: signal.signal(number, raise_interrupt)
        for number in SIGNALS
        if number != SIGINT and signal.getsignal(number) is signal.SIG_DFL
    }
    try:
        yield
    finally:
        for number, handler in previous_handlers.items():
            signal.signal(number, handler)


def raise_interrupt(number: int, _frame: FrameType | None) -> None:
    """Raise Interrupted for a signal; a second one ends the process as it would without a handler."""
    signal.signal(number, signal.SIG_DFL)
    raise Interrupted(number)


class InterruptGuard:
    """A context in which the first signal raises Interrupted, once, and not while it is deferred.

    With `is_raised` set, no further signal is raised, for example to clean up. `signals_received` stays set
    if the exception was lost, for example in a destructor. Signals are handled in the main thread only, as
    Python requires.
    """

    def __init__(self) -> None:
        """Create a guard that handles no signal until it is entered."""
        self.signals_received = 0
        self.signal_number = int(SIGINT)  # of the last one
        self.is_raised = False
        self.is_deferred = False
        self.previous_handlers: dict[int, Any] = {}

    def __enter__(self) -> Self:
        """Handle the signals, except those that are ignored already (nohup)."""
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self.previous_handlers[number] = signal.signal(number, self.handle_signal)
        return self

    def __exit__(self, *_: object) -> None:
        """Restore the previous handlers."""
        for number, handler in self.previous_handlers.items():
            signal.signal(number, handler)

    def handle_signal(self, number: int, _frame: FrameType | None) -> None:
        """Raise Interrupted at the first signal; while deferred, only at the second."""
        self.signals_received += 1
        self.signal_number = number
        if not self.is_raised and (not self.is_deferred or self.signals_received > 1):
            self.is_raised = True
            raise Interrupted(self.signal_number)

    def raise_pending(self) -> None:
        """Raise Interrupted if a signal was received."""
        if self.signals_received:
            self.is_raised = True
            raise Interrupted(self.signal_number)

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Defer the first signal to the end of the block; a second signal interrupts the block."""
        self.is_deferred = True
        try:
            yield
        finally:
            self.is_deferred = False
        self.raise_pending()


def stdout_closed() -> bool:
    """Return whether the reader of stdout has closed it; a pipe shows this before anything is written."""
    if not hasattr(select, "poll"):
        return False
    with suppress(OSError, ValueError, AttributeError):
        poller = select.poll()
        poller.register(sys.stdout.fileno(), 0)
        events = [event for _, event in poller.poll(0)]
        return any(event & (select.POLLERR | select.POLLHUP | select.POLLNVAL) for event in events)
    return False
