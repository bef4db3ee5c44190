"""A headless Chromium driven through the pipe of its DevTools protocol: open, click, type, read."""

import json
import os
import select
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any, Self

NAMES = ("chromium", "chromium-headless-shell", "google-chrome", "chrome")
SECONDS = 60  # a page of ours takes less than one


def find_browser() -> str | None:
    """Return the path of a Chromium, None if none is installed."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class BrowserError(Exception):
    """A command that the browser did not carry out, such as one to a page that was left meanwhile."""


class Browser:
    """One page of a browser, as a context manager."""

    def __init__(self, program: str, profile: Path) -> None:
        """Start the browser; it reads commands from descriptor 3 and writes answers to 4."""
        command_read, self.write_fd = os.pipe()
        self.read_fd, answer_write = os.pipe()
        options = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")
        self.process = subprocess.Popen(
            [
                *("bash", "-c", f'exec "$0" "$@" 3<&{command_read} 4>&{answer_write}'),
                *(program, *options, f"--user-data-dir={profile}", "--remote-debugging-pipe", "about:blank"),
            ],
            pass_fds=(command_read, answer_write),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(command_read)
        os.close(answer_write)
        self.buffer = b""
        self.number = 0
        self.session = ""

    def __enter__(self) -> Self:
        """Attach to a new page."""
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the browser."""
        self.process.kill()
        self.process.wait()
        os.close(self.write_fd)
        os.close(self.read_fd)

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its result. Raises BrowserError."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.write_fd, json.dumps(message).encode() + b"\0")
        while (answer := self.read_message()).get("id") != self.number:
            pass
        if "error" in answer:
            raise BrowserError(answer["error"])
        result: dict[str, Any] = answer["result"]
        return result

    def read_message(self) -> dict[str, Any]:
        """Return the next message of the browser."""
        deadline = monotonic() + SECONDS
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.read_fd], [], [], max(0.0, deadline - monotonic()))
            assert ready, "the browser does not answer"
            chunk = os.read(self.read_fd, 1 << 16)
            assert chunk, "the browser has ended"
            self.buffer += chunk
        text, _, self.buffer = self.buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        return message

    def open(self, url: str) -> None:
        """Open a page and wait until it is loaded."""
        self.send("Page.navigate", url=url)
        self.wait_for(f"location.href === {json.dumps(url)} && document.readyState === 'complete'")

    def evaluate(self, expression: str) -> Any:
        """Return the value of an expression in the page."""
        result = self.send("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def follow(self, action: str) -> None:
        """Start an action that leaves the page, after the answer: that would be lost with the page."""
        self.evaluate(f"setTimeout(() => {{ {action} }}, 0)")

    def wait_for(self, expression: str) -> None:
        """Wait until an expression is true in the page, also across loads of pages."""
        deadline = monotonic() + SECONDS
        is_true = False
        while not is_true:
            assert monotonic() < deadline, f"not true: {expression}"
            with suppress(BrowserError):  # the page was left before it answered
                is_true = self.evaluate(f"Boolean({expression})")
