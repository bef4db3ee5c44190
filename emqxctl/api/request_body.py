"""The body of a request as it is sent: at once, or in chunks with a report of the progress."""

from collections.abc import Callable
from io import BytesIO

OnProgress = Callable[[int, int], None]  # takes the bytes transferred so far and the total, 0 if unknown
CHUNK_BYTES = 1 << 16


class ProgressBody(BytesIO):
    """A request body that reports how much of it has been read, and so sent."""

    def __init__(self, content: bytes, on_progress: OnProgress) -> None:
        """Keep the content and the callback."""
        super().__init__(content)
        self.size = len(content)
        self.on_progress = on_progress

    def read(self, size: int | None = -1, /) -> bytes:
        """Read the next bytes and report the progress."""
        chunk = super().read(size)
        self.on_progress(self.tell(), self.size)
        return chunk


def request_body(content: bytes | None, on_progress: OnProgress | None) -> bytes | BytesIO | None:
    """Return the body to send; a long one is sent in chunks, each with a timeout of its own."""
    if content is None:
        return None
    if on_progress is not None:
        return ProgressBody(content, on_progress)
    return content if len(content) <= CHUNK_BYTES else BytesIO(content)
