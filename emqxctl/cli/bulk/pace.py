"""How fast a bulk change sends its requests."""

import threading
import time


class RateLimiter:
    """A limit of targets per second for all workers together."""

    def __init__(self, rate: float) -> None:
        """Set the rate; 0 is no limit."""
        self.rate = rate
        self.next_start = time.monotonic()
        self.lock = threading.Lock()

    def wait(self, count: int, stop_event: threading.Event) -> bool:
        """Wait until `count` targets may be sent. Return False if stopped meanwhile."""
        with self.lock:
            start = max(self.next_start, time.monotonic())
            if self.rate > 0:
                self.next_start = start + count / self.rate
        return self.sleep_until(start, stop_event)

    def pause(self, seconds: float, stop_event: threading.Event) -> bool:
        """Let all workers wait, since the server has a rate limit. Return False if stopped meanwhile."""
        with self.lock:
            self.next_start = start = max(self.next_start, time.monotonic() + seconds)
        return self.sleep_until(start, stop_event)

    def sleep_until(self, start: float, stop_event: threading.Event) -> bool:
        """Wait until a time. Return False if stopped meanwhile."""
        seconds = start - time.monotonic()
        return not (stop_event.wait(seconds) if seconds > 0 else stop_event.is_set())
