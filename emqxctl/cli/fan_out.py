"""One reading command on several profiles at once: `-p 'prod-*'`, `-p a,b`; their rows become one list."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import chain
from queue import Queue
from threading import Thread
from typing import Any, NamedTuple

from emqxctl.cli.session import Session
from emqxctl.config.profiles import SANDBOX
from emqxctl.errors import ConfigError, EmqxctlError, ExitCode, UsageError
from emqxctl.output.messages import error_lines, unexpected
from emqxctl.output.results import Bytes, Data, Done, Page, Partial, Record, Result, Row, Rows, Text
from emqxctl.output.streams import write_err
from emqxctl.resource import Column

FIELD = "profile"
TOGETHER = 200  # rows handed over at a time
WAITING = 8  # hand-overs that wait for those of the profiles before


def matching(text: str, profiles: Collection[str]) -> list[str]:
    """Give the profiles that a list of names and patterns names, each once, in order.

    Raises ConfigError when a part of it names none.
    """
    from fnmatch import fnmatchcase

    found: dict[str, None] = {}
    for part in filter(None, (one.strip() for one in text.split(","))):
        names = [name for name in sorted(profiles) if fnmatchcase(name, part)]
        if part in profiles or part == SANDBOX:
            names = [part]
        if not names:
            message = f"no profile is called or matches {part!r}"
            raise ConfigError(message, code="NO_SUCH_PROFILE", hint="emqxctl keys list")
        found |= dict.fromkeys(names)
    return list(found)


class Head(NamedTuple):
    """What comes before the rows of a profile: how its result is shown, and what it came to."""

    result: Result


class End(NamedTuple):
    """What comes after the rows of a profile: the error that ended it, if one did."""

    error: EmqxctlError | None = None


class FanOut:
    """A command on several profiles. The rows come in the profiles' order, read ahead a little."""

    def __init__(self, function: Callable[..., Result], own: Mapping[str, Any], as_json: bool) -> None:
        """Prepare; nothing is asked yet."""
        self.function, self.own, self.as_json = function, own, as_json
        self.codes: list[ExitCode] = []
        self.heads: dict[str, Result] = {}

    def result(self, sessions: Sequence[Session]) -> Result:
        """Start on all profiles and give their rows as one list; nothing when all fail before their rows."""
        stream = self.merged({one.settings.profile: self.start(one) for one in sessions})
        first = next(stream, None)  # now it is known how the first result is shown
        if not self.heads:
            return Text("")
        head = next(iter(self.heads.values()))
        columns = tuple(getattr(head, "columns", ()))
        return Rows(
            stream if first is None else chain([first], stream),
            (Column(FIELD), *columns) if columns else (),
            key=getattr(head, "key", ""),
            nouns=getattr(head, "nouns", "rows"),
        )

    def start(self, session: Session) -> "Queue[Head | list[Row] | End]":
        """Begin on one profile, in a thread that never keeps the process alive."""
        queue: Queue[Head | list[Row] | End] = Queue(WAITING)
        Thread(target=self.labour, args=(session, queue), name=session.settings.profile, daemon=True).start()
        return queue

    def labour(self, session: Session, queue: "Queue[Head | list[Row] | End]") -> None:
        """Run the command on one profile and hand its rows over."""
        try:
            result = self.function(**self.own, session=session)
            stream = bundles(rows_of(result), session.settings.profile)
            first = next(stream, [])  # a list that fails before its first row shows nothing
            queue.put(Head(result))
            queue.put(first)
            for rows in stream:
                queue.put(rows)
            for note in getattr(result, "notes", ()):
                session.note(note)
            queue.put(End())
        except EmqxctlError as error:
            queue.put(End(error))
        except Exception as error:  # noqa: BLE001  # a bug on one profile must not hide the others
            queue.put(End(unexpected(error)))

    def merged(self, queues: "Mapping[str, Queue[Head | list[Row] | End]]") -> Iterator[Row]:
        """Give the rows of one profile after the other; a failure is told and the next goes on."""
        for name, queue in queues.items():
            while True:
                match queue.get():
                    case Head(result):
                        self.heads[name] = result
                    case End(None):
                        self.codes.append(getattr(self.heads[name], "exit_code", ExitCode.OK))
                        break
                    case End(error) if error is not None:
                        self.codes.append(error.exit_code)
                        self.tell(name, error)
                        break
                    case rows:
                        yield from rows  # type: ignore[misc]  # a list is what is left

    def tell(self, name: str, error: EmqxctlError) -> None:
        """Tell the failure of one profile on stderr."""
        told = EmqxctlError(
            f"{name}: {error.message}",
            code=error.code,
            hint=error.hint,
            exit_code=error.exit_code,
            details={**error.details, FIELD: name},
        )
        write_err(error_lines(told, self.as_json))

    @property
    def exit_code(self) -> ExitCode:
        """What it came to: 0 when all went well, the one code of all, else 9."""
        return self.codes[0] if len(set(self.codes)) == 1 else ExitCode.PARTIAL


def rows_of(result: Result) -> Iterator[Row]:
    """Give any result as rows. Raises UsageError for bytes."""
    match result:
        case Rows() | Partial():
            yield from result.rows
        case Record() | Page() | Done():
            yield dict(result.data)
        case Data(data=list(items)) if all(isinstance(item, dict) for item in items):
            yield from items
        case Data(data=dict(item)):
            yield item
        case Data():
            yield {"value": result.data}
        case Text():
            yield {"text": result.text}
        case Bytes():
            message = "bytes of several profiles cannot be told apart"
            raise UsageError(message, hint="-p one profile at a time")


def bundles(rows: Iterator[Row], name: str) -> Iterator[list[Row]]:
    """Mark rows with their profile and bundle them; the first ones go at once."""
    found: list[Row] = []
    size = 1
    for row in rows:
        found.append({FIELD: name} | row | {FIELD: name})
        if len(found) >= size:
            yield found
            found, size = [], TOGETHER
    if found:
        yield found
