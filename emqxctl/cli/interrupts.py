"""How a command that goes on until it is ended can end: Ctrl-C, SIGTERM, a hang-up, nobody reading it."""

import select
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, Self

SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)
)


class InterruptGuard:
    """The signals that end a command, raised as KeyboardInterrupt once, and never where it would do harm.

    With `raised` set, none is raised any more: to clean up in peace. `asked` stays true where the exception
    was lost, in a destructor for instance. Entered as a context; signals are taken in the main thread only,
    as Python has it.
    """

    def __init__(self) -> None:
        """Wait to be entered."""
        self.signals_received = 0
        self.is_raised = False
        self.is_deferred = False
        self.previous_handlers: dict[int, Any] = {}

    def __enter__(self) -> Self:
        """Take the signals, but for those that are ignored already (nohup)."""
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self.previous_handlers[number] = signal.signal(number, self.handle_signal)
        return self

    def __exit__(self, *_: object) -> None:
        """Give the signals back."""
        for number, handler in self.previous_handlers.items():
            signal.signal(number, handler)

    def handle_signal(self, _number: int, _frame: FrameType | None) -> None:
        """Raise at the first signal; while held, only at the second."""
        self.signals_received += 1
        if not self.is_raised and (not self.is_deferred or self.signals_received > 1):
            self.is_raised = True
            raise KeyboardInterrupt

    def raise_pending(self) -> None:
        """Raise KeyboardInterrupt if a signal asked for the end and nobody heard it."""
        if self.signals_received:
            self.is_raised = True
            raise KeyboardInterrupt

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Let what is begun come to its end first: the signal is raised after it; a second breaks it off."""
        self.is_deferred = True
        try:
            yield
        finally:
            self.is_deferred = False
        self.raise_pending()


def stdout_closed() -> bool:
    """Tell whether nobody reads our stdout any more; a pipe tells so before anything is written to it."""
    if not hasattr(select, "poll"):
        return False
    with suppress(OSError, ValueError, AttributeError):
        watched = select.poll()
        watched.register(sys.stdout.fileno(), 0)
        return any(
            event & (select.POLLERR | select.POLLHUP | select.POLLNVAL) for _, event in watched.poll(0)
        )
    return False
