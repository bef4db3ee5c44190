"""The rows of a list that is sorted as a whole, in their JSON: in memory up to a size, then in a file.

A million clients are 1.1 GB of JSON, several times that as objects, and nothing in a temporary file.
"""

import os
from array import array
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, groupby
from typing import IO

from emqxctl.errors import EmqxctlError
from emqxctl.text.row_page import ParsedPage, RowPage, SourcePage, TextPage

Detach = Callable[[RowPage], ParsedPage]
MAX_MEMORY_BYTES = 16 << 20
FILE_HINT = "choose a folder with more space: TMPDIR=/var/tmp; or keep fewer rows: --limit"


class RowStore:
    """Rows in the order in which they were added, to be read in another one.

    The JSON of large pages is stored as the server sent it; of small pages, and of those that only json can
    parse, `detach` takes the rows.
    """

    def __init__(self, detach: Detach) -> None:
        """Create an empty store."""
        self.detach = detach
        self.parsed = ParsedPage([])
        self.places = array("q")  # of each row: its number among the texts, or ~number among the parsed rows
        self.ends = array("q", [0])  # of each text: where it ends, which is where the next one begins
        self.memory = bytearray()
        self.file: IO[bytes] | None = None

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.places)

    def add(self, page: RowPage) -> None:
        """Add the rows of a page. Raises EmqxctlError if the temporary file cannot be written."""
        texts = page.texts() if isinstance(page, SourcePage) else None
        if texts is None:
            count = len(self.parsed)
            self.parsed = self.parsed.extend(self.detach(page))
            self.places.extend(range(~count, ~len(self.parsed), -1))
            return
        count = len(self.ends) - 1
        self.places.extend(range(count, count + len(texts)))
        lengths = accumulate(map(len, texts), initial=self.ends.pop())
        self.ends.extend(lengths)
        self.write(b"".join(texts))  # type: ignore[arg-type]  # the texts of a SourcePage are bytes

    def write(self, content: bytes) -> None:
        """Append to the texts; they move to a file when there are too many for the memory."""
        try:
            if self.file is None:
                self.memory += content
                if len(self.memory) <= MAX_MEMORY_BYTES:
                    return
                from tempfile import TemporaryFile

                self.file = TemporaryFile(prefix="emqxctl-")  # noqa: SIM115  # no name, so it ends with us
                content, self.memory = bytes(self.memory), bytearray()
            self.file.write(content)
            self.file.flush()
        except OSError as error:
            message = f"cannot sort: cannot write to a temporary file: {error.strerror or error}"
            raise EmqxctlError(message, code="NO_SPACE", hint=FILE_HINT) from error

    def read(self, order: Sequence[int]) -> Iterator[RowPage]:
        """Yield the rows at these indexes, in this order."""
        places = map(self.places.__getitem__, order)
        for is_parsed, group in groupby(places, key=(0).__gt__):
            if is_parsed:
                yield self.parsed.keep([~place for place in group])
            else:
                yield TextPage(self.read_texts(list(group)))

    def read_texts(self, numbers: Sequence[int]) -> list[bytes]:
        """Return the texts with these numbers."""
        ends = self.ends
        if self.file is None:
            return [bytes(self.memory[ends[number] : ends[number + 1]]) for number in numbers]
        read_at, descriptor = os.pread, self.file.fileno()
        return [read_at(descriptor, ends[number + 1] - (start := ends[number]), start) for number in numbers]
