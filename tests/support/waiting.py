"""Waiting for what another thread or process does, however long a busy machine takes for it."""

from collections.abc import Callable
from time import monotonic, sleep

SECONDS = 30.0  # only as long as a broken build takes to fail


def wait_until(condition: Callable[[], object], description: str = "the condition") -> None:
    """Wait until a condition is true. Raises AssertionError after a long time."""
    deadline = monotonic() + SECONDS
    while not condition():
        assert monotonic() < deadline, f"not in time: {description}"
        sleep(0.01)
