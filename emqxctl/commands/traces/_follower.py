"""A trace that lives only as long as it is followed: made, read on all nodes as it grows, removed."""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic, sleep
from typing import NamedTuple

from emqxctl.api.pagination import page_meta, page_rows
from emqxctl.cli.interrupts import InterruptGuard, stdout_closed
from emqxctl.cli.session import Session
from emqxctl.commands.traces._cleanup import END_MARGIN, new_name, tidy
from emqxctl.commands.traces._lines import moment, read_line
from emqxctl.commands.traces._log import DETAIL, LOG
from emqxctl.errors import EmqxctlError, ExitCode, NotFoundError, UnsupportedError
from emqxctl.output.results import Row
from emqxctl.output.streams import ClosedPipe
from emqxctl.text.units import format_duration

TICK = 0.5  # seconds; a line is shown within two of them, at two small requests a second
PIECE = 1 << 18  # bytes of one node's log in one answer: the other nodes do not wait long
NOT_YET = 3.0  # seconds that a node may take to know a new trace
REMOVING = 5.0  # seconds that a removal may take: whoever pressed Ctrl-C waits for it
# Answers after which there is no trace of ours; after any other there may be one.
NEVER_MADE = frozenset({ExitCode.REFUSED, ExitCode.GUARDED, ExitCode.UNAUTHENTICATED, ExitCode.FORBIDDEN})
SAME_SECOND = 3  # attempts: EMQX refuses two traces of the same thing that start in the same second

WORDS = {"clientid": "client", "ip_address": "address", "ruleid": "rule"}


class Watch(NamedTuple):
    """What is followed: EMQX's type and value, for how many seconds, and how payloads are written."""

    kind: str
    value: str
    seconds: float
    payloads: str

    def body(self, name: str, end: datetime) -> Row:
        """Give what creates the trace; EMQX before 5.7 leaves the formatter out and logs text."""
        return {
            "name": name,
            "type": self.kind,
            self.kind: self.value,
            "end_at": end.isoformat(timespec="seconds"),
            "formatter": "json",
            "payload_encode": self.payloads,
        }


@dataclass
class Place:
    """How far one node's log was read; `rest` is the beginning of a line whose end is not there yet."""

    position: int = 0
    rest: str = ""

    def take(self, text: str, after: int) -> list[str]:
        """Take a piece that ends at a position; gives the lines that are whole.

        An unfinished line is asked for again, since a character cut in two cannot be put together. Where
        the bytes cannot be counted, because some were no UTF-8, it is kept instead.
        """
        whole, newline, _ = text.rpartition("\n")
        if newline and not self.rest and "\ufffd" not in whole:
            self.position += len((whole + newline).encode())
            return whole.split("\n")
        *lines, self.rest = (self.rest + text).split("\n")
        self.position = after
        return lines


@dataclass
class Follower:
    """One trace, followed."""

    session: Session
    watch: Watch
    name: str = field(default_factory=new_name)
    places: dict[str, Place] = field(default_factory=dict)
    begun: float = 0.0
    exists: bool = False
    sized: bool = True  # whether this EMQX tells how much was logged

    def rows(self) -> Generator[Row]:
        """Give the lines of all nodes as they are written; the trace is gone when this ends, however."""
        with InterruptGuard() as ending:
            try:
                now = tidy(self.session)
                with ending.deferred():
                    self.create(now)
                yield from self.read(ending)
            finally:
                ending.is_raised = (
                    True  # no signal is heard any more; a call here could still be struck by one
                )
                self.remove()

    def create(self, now: datetime) -> None:
        """Create the trace, with an end that the server keeps should this process be killed."""
        end = now + timedelta(seconds=self.watch.seconds + END_MARGIN)
        for attempt in range(SAME_SECOND):
            try:
                self.exists = True  # or may, from here on
                self.session.client.post("/trace", body=self.watch.body(self.name, end))
                break
            except EmqxctlError as error:
                self.exists = error.exit_code not in NEVER_MADE
                if error.code != "DUPLICATE_CONDITION" or attempt + 1 == SAME_SECOND:
                    raise
                sleep(1.1)
        self.begun = monotonic()
        word, length = WORDS.get(self.watch.kind, self.watch.kind), format_duration(self.watch.seconds)
        self.session.info(f"tracing {word} {self.watch.value!r} for {length}; Ctrl-C ends it")

    def plan(self) -> None:
        """Show to a dry run what would be created."""
        end = datetime.now(UTC) + timedelta(seconds=self.watch.seconds + END_MARGIN)
        self.session.client.post("/trace", body=self.watch.body(self.name, end))

    def read(self, ending: InterruptGuard) -> Iterator[Row]:
        """Give the lines until the time is over, nobody reads them, or the trace is gone."""
        until = self.begun + self.watch.seconds
        while True:
            over = monotonic() >= until
            found, more = self.look()
            yield from sorted(found, key=moment)
            if over and not more:
                return
            if more:
                continue
            sleep(max(0.0, min(TICK, until - monotonic())))
            ending.raise_pending()
            if stdout_closed():
                raise ClosedPipe

    def look(self) -> tuple[list[Row], bool]:
        """Read what is new, at most a piece of each node; tells whether there is more at once."""
        rows: list[Row] = []
        more = False
        for node, size in self.sizes().items():
            place = self.places.setdefault(node, Place())
            if size is not None and size <= place.position:
                continue
            lines, full = self.piece(node, place)
            rows += [read_line(line, node or None) for line in lines if line]
            more |= full
        return rows, more

    def sizes(self) -> Mapping[str, int | None]:
        """Give how much each node has logged; None where that is not told. Raises NotFoundError."""
        try:
            found = self.detail()
        except EmqxctlError as error:
            if error.exit_code is not ExitCode.NOT_FOUND:
                raise
            if monotonic() - self.begun < NOT_YET:
                return {}
            message = f"the trace {self.name!r} is gone: somebody else removed it"
            raise NotFoundError(message) from error
        return {str(row["node"]): whole(row.get("size")) for row in found if row.get("node")}

    def detail(self) -> list[Row]:
        """Ask for the size of the log on each node; before EMQX 5.0.10 just for the nodes."""
        if self.sized:
            try:
                return page_rows(self.session.client.get(DETAIL, self.name))
            except UnsupportedError:
                self.sized = False
        return page_rows(self.session.client.get("/nodes"))

    def piece(self, node: str, place: Place) -> tuple[list[str], bool]:
        """Read on in one node's log; tells whether the piece was full. A node that cannot say is left out."""
        query = {"bytes": PIECE, "position": place.position, "node": node}
        try:
            found = self.session.client.get(LOG, self.name, query=query)
        except EmqxctlError as error:
            if error.exit_code in {ExitCode.NOT_FOUND, ExitCode.REFUSED, ExitCode.SERVER}:
                return [], False  # it has no log yet, or is going down: the next look tells
            raise
        page = found if isinstance(found, dict) else {}
        text, after = page.get("items"), page_meta(page).get("position")
        if not isinstance(text, str) or not text or not isinstance(after, int):
            return [], False
        full = after - place.position >= PIECE
        return place.take(text, after), full

    def remove(self) -> None:
        """Remove the trace, in little time; tell when that is not possible."""
        if not self.exists:
            return
        known = self.session.connection
        api = self.session.client_for(known._replace(timeout=min(REMOVING, known.timeout), retries=1))
        try:
            api.delete("/trace/{name}", self.name)
        except EmqxctlError as error:
            if error.exit_code is ExitCode.NOT_FOUND:
                return
            self.session.log(f"warning: the trace {self.name!r} is still there: {error.message}")
            self.session.log(f"hint: EMQX ends it by itself; emqxctl traces delete {self.name} --yes")


def whole(size: object) -> int | None:
    """Give a size, None for what is none."""
    return size if isinstance(size, int) else None
