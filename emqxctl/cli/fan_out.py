"""One read command on several profiles at once: `-p 'prod-*'`, `-p a,b`; their rows become one list."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import chain
from queue import Queue
from threading import Thread
from typing import Any, NamedTuple

from emqxctl.cli.profile_in_hints import add_profile_to_hint
from emqxctl.cli.session import Session
from emqxctl.config.profiles import SANDBOX, unknown_profile_error
from emqxctl.errors import EmqxctlError, ExitCode, UsageError
from emqxctl.output.messages import format_error, unexpected_error
from emqxctl.output.results import BulkResult, Bytes, Done, Record, Report, Result, Row, Rows, Text, Value
from emqxctl.output.streams import write_stderr
from emqxctl.resource import Column

PROFILE_FIELD = "profile"
CHUNK_ROWS = 200  # rows per item of a queue
MAX_QUEUED_CHUNKS = 8  # chunks of a profile that wait until the profiles before it are printed


def expand_profiles(text: str, profiles: Collection[str]) -> list[str]:
    """Return the profiles that a list of names and patterns selects, each once, in order.

    Raises ConfigError when a part of it selects no profile.
    """
    from fnmatch import fnmatchcase

    names: dict[str, None] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        matches = [name for name in sorted(profiles) if fnmatchcase(name, part)]
        if part in profiles or part == SANDBOX:
            matches = [part]
        if not matches:
            is_pattern = any(wildcard in part for wildcard in "*?[")
            raise unknown_profile_error(part, {*profiles, SANDBOX}, is_pattern=is_pattern)
        names |= dict.fromkeys(matches)
    return list(names)


class Started(NamedTuple):
    """The result of one profile, before its rows."""

    result: Result


class Finished(NamedTuple):
    """The end of one profile's rows, with the error if one occurred."""

    error: EmqxctlError | None = None


QueueItem = Started | list[Row] | Finished


class FanOut:
    """A command on several profiles. The rows come in the order of the profiles, read ahead a little."""

    def __init__(self, function: Callable[..., Result], arguments: Mapping[str, Any], as_json: bool) -> None:
        """Prepare the run; no request is sent."""
        self.function, self.arguments, self.as_json = function, arguments, as_json
        self.exit_codes: list[ExitCode] = []
        self.started_results: dict[str, Result] = {}
        self.sessions: dict[str, Session] = {}
        self.unread_queues: dict[str, Queue[QueueItem]] = {}

    def result(self, sessions: Sequence[Session]) -> Result:
        """Start on all profiles and return their rows as one list; no text if all fail before their rows."""
        self.sessions = {session.settings.profile: session for session in sessions}
        self.unread_queues = {name: self.start_profile(session) for name, session in self.sessions.items()}
        rows = self.merge_rows()
        first_row = next(rows, None)  # from here on the columns of the first result are available
        if not self.started_results:
            return Text("")
        first_result = next(iter(self.started_results.values()))
        columns = tuple(getattr(first_result, "columns", ()))
        key = getattr(first_result, "key", "")
        name_fields = getattr(first_result, "name_fields", ()) or ((key,) if key else ())
        return Rows(
            rows if first_row is None else chain([first_row], rows),
            (Column(PROFILE_FIELD), *columns) if columns else (),
            key=key,
            plural_noun=getattr(first_result, "plural_noun", "rows"),
            path=getattr(first_result, "path", ""),
            name_fields=(PROFILE_FIELD, *name_fields),
        )

    def start_profile(self, session: Session) -> "Queue[QueueItem]":
        """Start the command on one profile, in a thread that does not keep the process alive."""
        queue: Queue[QueueItem] = Queue(MAX_QUEUED_CHUNKS)
        name = session.settings.profile
        Thread(target=self.run_profile, args=(session, queue), name=name, daemon=True).start()
        return queue

    def run_profile(self, session: Session, queue: "Queue[QueueItem]") -> None:
        """Run the command on one profile and put its rows into the queue."""
        try:
            result = self.function(**self.arguments, session=session)
            row_chunks = chunks(result_rows(result), session.settings.profile)
            first_chunk = next(row_chunks, [])  # a list that fails before its first row prints nothing
            queue.put(Started(result))
            queue.put(first_chunk)
            for chunk in row_chunks:
                queue.put(chunk)
            for note in getattr(result, "notes", ()):
                session.info(note)
            queue.put(Finished())
        except EmqxctlError as error:
            queue.put(Finished(error))
        except Exception as error:  # noqa: BLE001  # a bug on one profile must not hide the others
            queue.put(Finished(unexpected_error(error)))

    def merge_rows(self) -> Iterator[Row]:
        """Yield the rows of one profile after the other; a failure is logged and the next profile follows."""
        for name, queue in list(self.unread_queues.items()):
            while name in self.unread_queues:
                match queue.get():
                    case Started(result):
                        self.started_results[name] = result
                    case Finished(error):
                        self.finish_profile(name, error)
                    case rows:
                        yield from rows

    def finish_profile(self, name: str, error: EmqxctlError | None) -> None:
        """Record how one profile ended, and log its failure."""
        del self.unread_queues[name]
        if error is None:
            self.exit_codes.append(getattr(self.started_results[name], "exit_code", ExitCode.OK))
        else:
            self.exit_codes.append(error.exit_code)
            self.log_failure(name, error)

    def finish(self) -> None:
        """Account for the profiles whose rows were not all printed, because of --limit.

        The first of them had more rows than were printed. Of the others none was printed: that is reported,
        and a failure before their first row too.
        """
        for name, queue in list(self.unread_queues.items()):
            if name in self.started_results:
                self.finish_profile(name, None)
                continue
            match queue.get():
                case Started(result):
                    self.started_results[name] = result
                    self.finish_profile(name, None)
                    self.sessions[name].info("no rows shown: --limit was reached before")
                case Finished(error):
                    self.finish_profile(name, error)

    def log_failure(self, name: str, error: EmqxctlError) -> None:
        """Print the error of one profile to stderr."""
        named_error = EmqxctlError(
            f"{name}: {error.message}",
            code=error.code,
            hint=error.hint,
            exit_code=error.exit_code,
            details={**error.details, PROFILE_FIELD: name},
        )
        profile = self.sessions[name].profile_in_hints
        add_profile_to_hint(named_error, profile, as_json=self.as_json)
        write_stderr(format_error(named_error, self.as_json))

    @property
    def exit_code(self) -> ExitCode:
        """The exit code that all profiles have in common, else 9."""
        return self.exit_codes[0] if len(set(self.exit_codes)) == 1 else ExitCode.PARTIAL


def result_rows(result: Result) -> Iterator[Row]:
    """Yield any result as rows. Raises UsageError for bytes."""
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
            message = "binary output of several profiles is not supported"
            raise UsageError(message, hint="use one profile: -p NAME")


def chunks(rows: Iterator[Row], name: str) -> Iterator[list[Row]]:
    """Yield rows with their profile added, in chunks; the first row is a chunk of its own."""
    chunk: list[Row] = []
    size = 1
    for row in rows:
        chunk.append({PROFILE_FIELD: name} | row | {PROFILE_FIELD: name})
        if len(chunk) >= size:
            yield chunk
            chunk, size = [], CHUNK_ROWS
    if chunk:
        yield chunk
