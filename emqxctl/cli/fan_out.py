"""One reading command on several profiles at once: `-p 'prod-*'`, `-p a,b`; their rows become one list."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import chain
from queue import Queue
from threading import Thread
from typing import Any, NamedTuple

from emqxctl.cli.session import Session
from emqxctl.config.profiles import SANDBOX
from emqxctl.errors import ConfigError, EmqxctlError, ExitCode, UsageError
from emqxctl.output.messages import format_error, unexpected_error
from emqxctl.output.results import BulkResult, Bytes, Done, Record, Report, Result, Row, Rows, Text, Value
from emqxctl.output.streams import write_stderr
from emqxctl.resource import Column

PROFILE_FIELD = "profile"
CHUNK_ROWS = 200  # rows handed over at a time
MAX_QUEUED_CHUNKS = 8  # hand-overs that wait for those of the profiles before


def expand_profiles(text: str, profiles: Collection[str]) -> list[str]:
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


class Started(NamedTuple):
    """What comes before the rows of a profile: how its result is shown, and what it came to."""

    result: Result


class Finished(NamedTuple):
    """What comes after the rows of a profile: the error that ended it, if one did."""

    error: EmqxctlError | None = None


class FanOut:
    """A command on several profiles. The rows come in the profiles' order, read ahead a little."""

    def __init__(self, function: Callable[..., Result], own: Mapping[str, Any], as_json: bool) -> None:
        """Prepare; nothing is asked yet."""
        self.function, self.arguments, self.as_json = function, own, as_json
        self.exit_codes: list[ExitCode] = []
        self.started_results: dict[str, Result] = {}

    def result(self, sessions: Sequence[Session]) -> Result:
        """Start on all profiles and give their rows as one list; nothing when all fail before their rows."""
        stream = self.merge_rows({one.settings.profile: self.start_profile(one) for one in sessions})
        first = next(stream, None)  # now it is known how the first result is shown
        if not self.started_results:
            return Text("")
        head = next(iter(self.started_results.values()))
        columns = tuple(getattr(head, "columns", ()))
        return Rows(
            stream if first is None else chain([first], stream),
            (Column(PROFILE_FIELD), *columns) if columns else (),
            key=getattr(head, "key", ""),
            plural_noun=getattr(head, "plural_noun", "rows"),
            path=getattr(head, "path", ""),
        )

    def start_profile(self, session: Session) -> "Queue[Started | list[Row] | Finished]":
        """Begin on one profile, in a thread that never keeps the process alive."""
        queue: Queue[Started | list[Row] | Finished] = Queue(MAX_QUEUED_CHUNKS)
        Thread(
            target=self.run_profile, args=(session, queue), name=session.settings.profile, daemon=True
        ).start()
        return queue

    def run_profile(self, session: Session, queue: "Queue[Started | list[Row] | Finished]") -> None:
        """Run the command on one profile and hand its rows over."""
        try:
            result = self.function(**self.arguments, session=session)
            stream = chunks(result_rows(result), session.settings.profile)
            first = next(stream, [])  # a list that fails before its first row shows nothing
            queue.put(Started(result))
            queue.put(first)
            for rows in stream:
                queue.put(rows)
            for note in getattr(result, "notes", ()):
                session.info(note)
            queue.put(Finished())
        except EmqxctlError as error:
            queue.put(Finished(error))
        except Exception as error:  # noqa: BLE001  # a bug on one profile must not hide the others
            queue.put(Finished(unexpected_error(error)))

    def merge_rows(self, queues: "Mapping[str, Queue[Started | list[Row] | Finished]]") -> Iterator[Row]:
        """Give the rows of one profile after the other; a failure is told and the next goes on."""
        for name, queue in queues.items():
            while True:
                match queue.get():
                    case Started(result):
                        self.started_results[name] = result
                    case Finished(None):
                        self.exit_codes.append(getattr(self.started_results[name], "exit_code", ExitCode.OK))
                        break
                    case Finished(error) if error is not None:
                        self.exit_codes.append(error.exit_code)
                        self.log_failure(name, error)
                        break
                    case rows:
                        yield from rows  # type: ignore[misc]  # a list is what is left

    def log_failure(self, name: str, error: EmqxctlError) -> None:
        """Tell the failure of one profile on stderr."""
        told = EmqxctlError(
            f"{name}: {error.message}",
            code=error.code,
            hint=error.hint,
            exit_code=error.exit_code,
            details={**error.details, PROFILE_FIELD: name},
        )
        write_stderr(format_error(told, self.as_json))

    @property
    def exit_code(self) -> ExitCode:
        """What it came to: 0 when all went well, the one code of all, else 9."""
        return self.exit_codes[0] if len(set(self.exit_codes)) == 1 else ExitCode.PARTIAL


def result_rows(result: Result) -> Iterator[Row]:
    """Give any result as rows. Raises UsageError for bytes."""
    match result:
        case Rows() | BulkResult():
            yield from result.rows
        case Record() | Report() | Done():
            yield dict(result.data)
        case Value(data=list(items)) if all(isinstance(item, dict) for item in items):
            yield from items
        case Value(data=dict(item)):
            yield item
        case Value():
            yield {"value": result.data}
        case Text():
            yield {"text": result.text}
        case Bytes():
            message = "bytes of several profiles cannot be told apart"
            raise UsageError(message, hint="-p one profile at a time")


def chunks(rows: Iterator[Row], name: str) -> Iterator[list[Row]]:
    """Mark rows with their profile and bundle them; the first ones go at once."""
    found: list[Row] = []
    size = 1
    for row in rows:
        found.append({PROFILE_FIELD: name} | row | {PROFILE_FIELD: name})
        if len(found) >= size:
            yield found
            found, size = [], CHUNK_ROWS
    if found:
        yield found
