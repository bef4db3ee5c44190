"""A trace that exists only while it is followed: created, read on all nodes as it grows, removed."""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic, sleep
from typing import NamedTuple

from emqxctl.api.response import page_rows
from emqxctl.cli.interrupts import InterruptGuard, stdout_closed
from emqxctl.cli.session import Session
from emqxctl.commands.traces._cleanup import END_MARGIN, new_name, remove_stale_traces
from emqxctl.commands.traces._lines import line_timestamp, parse_line
from emqxctl.commands.traces._log import DETAIL_PATH, START, Position, fetch_piece
from emqxctl.errors import EmqxctlError, ExitCode, NotFoundError, UnsupportedError
from emqxctl.output.results import Row
from emqxctl.output.streams import ClosedPipe
from emqxctl.text.units import format_duration

POLL_INTERVAL = 0.5  # seconds; a line is printed within two intervals, for two small requests a second
PIECE_BYTES = 1 << 18  # of one node's log in one response, so that the other nodes do not wait long
START_GRACE = 3.0  # seconds that a node may need to know a new trace
REMOVE_TIMEOUT = 5.0  # seconds: the user who pressed Ctrl-C waits for the removal
# Exit codes after which the trace was not created; after any other it may have been.
NOT_CREATED_CODES = frozenset(
    {ExitCode.REJECTED, ExitCode.GUARDED, ExitCode.UNAUTHENTICATED, ExitCode.FORBIDDEN}
)
CREATE_ATTEMPTS = 3  # EMQX refuses two traces of the same target that start in the same second
TARGET_NOUNS = {"clientid": "client", "ip_address": "address", "ruleid": "rule"}


class TraceTarget(NamedTuple):
    """What is followed: EMQX's trace type and its value, for how many seconds, and the payload encoding."""

    type: str
    value: str
    seconds: float
    payload_encode: str

    def build_body(self, name: str, end: datetime) -> Row:
        """Build the body that creates the trace; EMQX before 5.7 ignores the formatter and logs text."""
        return {
            "name": name,
            "type": self.type,
            self.type: self.value,
            "end_at": end.isoformat(timespec="seconds"),
            "formatter": "json",
            "payload_encode": self.payload_encode,
        }


@dataclass
class LogPosition:
    """How far one node's log was read; `rest` is the start of a line whose end is not written yet.

    `read_size` is the size of the log when it was read to its end: there is nothing new until it changes.
    """

    position: Position = START
    rest: str = ""
    read_size: int | None = None

    def split_piece(self, text: str, end: Position) -> list[str]:
        """Return the complete lines of a piece that ends at position `end`, and advance.

        An unfinished line is read again, since a character cut in two cannot be joined. If the bytes cannot
        be counted, as some were not UTF-8 or the end is a cursor, it is kept instead.
        """
        complete, newline, _ = text.rpartition("\n")
        are_bytes = isinstance(self.position, int) and isinstance(end, int)
        if are_bytes and newline and not self.rest and "\ufffd" not in complete:
            self.position = int(self.position) + len((complete + newline).encode())
            return complete.split("\n")
        *lines, self.rest = (self.rest + text).split("\n")
        self.position = end
        return lines


@dataclass
class Follower:
    """Follows one trace."""

    session: Session
    target: TraceTarget
    name: str = field(default_factory=new_name)
    positions: dict[str, LogPosition] = field(default_factory=dict)
    started: float = 0.0
    may_exist: bool = False
    has_sizes: bool = True  # whether this EMQX reports the sizes of logs

    def follow(self) -> Generator[Row]:
        """Yield the lines of all nodes as they are written; the trace is removed in any case."""
        with InterruptGuard() as guard:
            try:
                server_time = remove_stale_traces(self.session)
                with guard.deferred():
                    self.create(server_time)
                yield from self.read_lines(guard)
            finally:
                # From here on signals are ignored; a call that sets this could itself be interrupted.
                guard.is_raised = True
                self.remove()

    def create(self, server_time: datetime) -> None:
        """Create the trace, with an end at which the server stops it if this process is killed."""
        for attempt in range(CREATE_ATTEMPTS):
            try:
                self.may_exist = True
                self.send_create(server_time)
                break
            except EmqxctlError as error:
                self.may_exist = error.exit_code not in NOT_CREATED_CODES
                if error.code != "DUPLICATE_CONDITION" or attempt + 1 == CREATE_ATTEMPTS:
                    raise
                sleep(1.1)
        self.started = monotonic()
        noun = TARGET_NOUNS.get(self.target.type, self.target.type)
        duration = format_duration(self.target.seconds)
        self.session.info(f"tracing {noun} {self.target.value!r} for {duration}; press Ctrl-C to stop")

    def send_create(self, now: datetime) -> None:
        """Send the request that creates the trace; a dry run prints it."""
        end = now + timedelta(seconds=self.target.seconds + END_MARGIN)
        self.session.client.post("/trace", body=self.target.build_body(self.name, end))

    def plan(self) -> None:
        """Print the request of a dry run."""
        self.send_create(datetime.now(UTC))

    def read_lines(self, guard: InterruptGuard) -> Iterator[Row]:
        """Yield the lines until the time has passed, stdout is closed, or the trace was removed."""
        end = self.started + self.target.seconds
        while True:
            is_over = monotonic() >= end
            rows, has_more = self.poll()
            yield from sorted(rows, key=line_timestamp)
            if is_over and not has_more:
                return
            if has_more:
                continue
            sleep(max(0.0, min(POLL_INTERVAL, end - monotonic())))
            guard.raise_pending()
            if stdout_closed():
                raise ClosedPipe

    def poll(self) -> tuple[list[Row], bool]:
        """Return the new lines, at most one piece of each node, and whether there are more already."""
        rows: list[Row] = []
        has_more = False
        for node, size in self.read_sizes().items():
            position = self.positions.setdefault(node, LogPosition())
            if size is not None and size in {0, position.read_size}:
                continue
            lines, is_full = self.read_piece(node, position, size)
            rows += [parse_line(line, node or None) for line in lines if line]
            has_more |= is_full
        return rows, has_more

    def read_sizes(self) -> Mapping[str, int | None]:
        """Return the size of each node's log; None if it is unknown. Raises NotFoundError."""
        try:
            rows = self.fetch_nodes()
        except EmqxctlError as error:
            if error.exit_code is not ExitCode.NOT_FOUND:
                raise
            if monotonic() - self.started < START_GRACE:
                return {}
            message = f"trace {self.name!r} not found: another user or process deleted it"
            raise NotFoundError(message) from error
        return {str(row["node"]): parse_size(row.get("size")) for row in rows if row.get("node")}

    def fetch_nodes(self) -> list[Row]:
        """Return each node with the size of its log; before EMQX 5.0.10 without sizes."""
        if self.has_sizes:
            try:
                return page_rows(self.session.client.get(DETAIL_PATH, self.name))
            except UnsupportedError:
                self.has_sizes = False
        return page_rows(self.session.client.get("/nodes"))

    def read_piece(self, node: str, position: LogPosition, size: int | None) -> tuple[list[str], bool]:
        """Return the next complete lines of one node's log, and whether there are more already.

        A node that cannot respond now returns nothing.
        """
        try:
            piece = fetch_piece(self.session.client, self.name, node, position.position, PIECE_BYTES)
        except EmqxctlError as error:
            if error.exit_code in {ExitCode.NOT_FOUND, ExitCode.REJECTED, ExitCode.SERVER}:
                return [], False  # it has no log yet, or is stopping: the next poll shows which
            raise
        start = position.position
        has_more = not piece.is_last
        if isinstance(start, int) and isinstance(piece.end, int):
            has_more = piece.end - start >= PIECE_BYTES
        position.read_size = None if has_more else size
        if not piece.text:
            return [], False
        return position.split_piece(piece.text, piece.end), has_more

    def remove(self) -> None:
        """Remove the trace within a short timeout; a failure is only a warning."""
        if not self.may_exist:
            return
        connection = self.session.connection
        timeout = min(REMOVE_TIMEOUT, connection.timeout)
        client = self.session.client_for(connection._replace(timeout=timeout, retries=1))
        try:
            client.delete("/trace/{name}", self.name)
        except EmqxctlError as error:
            if error.exit_code is ExitCode.NOT_FOUND:
                return
            self.session.log(f"warning: cannot delete the trace {self.name!r}: {error.message}")
            self.session.log(f"hint: EMQX stops it later; delete it: emqxctl traces delete {self.name} --yes")


def parse_size(size: object) -> int | None:
    """Return a size; None if it is not a number."""
    return size if isinstance(size, int) else None
