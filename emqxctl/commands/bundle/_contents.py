"""What a support bundle holds: asked for, redacted, and what was redacted counted."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from emqxctl.api.parallel import Fetch, fetch_path
from emqxctl.api.request import Request, build_request
from emqxctl.errors import EmqxctlError, ExitCode
from emqxctl.resource import Paging
from emqxctl.text.redaction_hocon import redact_hocon

if TYPE_CHECKING:
    from emqxctl.api.client import Client
    from emqxctl.api.response import Response
    from emqxctl.cli.session import Session


class Part(NamedTuple):
    """One file of what the cluster answers: JSON of a path, or of all pages of a list."""

    file: str
    path: str
    paging: Paging | None = None
    query: tuple[tuple[str, object], ...] = ()

    @property
    def fetch(self) -> Fetch:
        """The fetch of this file's JSON."""
        return fetch_path(self.path, self.paging, self.query)


EACH_NODE = (("aggregate", False),)
METRICS = Part("metrics-1.json", "/metrics", query=EACH_NODE)
PARTS = (
    Part("status.json", "/status", query=(("format", "json"),)),
    Part("nodes.json", "/nodes"),
    Part("cluster.json", "/cluster"),
    Part("alarms.json", "/alarms", Paging.PAGES, (("activated", True),)),
    Part("alarms-past.json", "/alarms", Paging.PAGES, (("activated", False),)),
    Part("stats.json", "/stats", query=EACH_NODE),
    Part("rates.json", "/monitor_current"),
    Part("listeners.json", "/listeners"),
    Part("connectors.json", "/connectors"),
    Part("rules.json", "/rules", Paging.PAGES),
    Part("actions.json", "/actions"),
    Part("sources.json", "/sources"),
    Part("plugins.json", "/plugins"),
    Part("slow-subscriptions.json", "/slow_subscriptions", Paging.ENVELOPE),
    Part("config.json", "/configs"),
)
CONFIG = "config.hocon"
CALLS = tuple(sorted({f"GET {part.path}" for part in (METRICS, *PARTS)}))


@dataclass
class Contents:
    """The files of a bundle by name, what was masked in each (path → count), and what could not be read.

    `requests` are the calls that were made: method, path, status, milliseconds.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    redacted: dict[str, dict[str, int]] = field(default_factory=dict)
    missing: dict[str, EmqxctlError] = field(default_factory=dict)
    requests: list[dict[str, object]] = field(default_factory=list)
    gone: EmqxctlError | None = None

    def heard(self, call: Request, answer: "Response") -> None:
        """Note an answer."""
        elapsed = round(answer.elapsed * 1000, 1)
        self.requests.append(
            {"method": call.method, "path": call.url_path, "status": answer.status, "ms": elapsed}
        )

    def add(self, file: str, read: Callable[[], object], clean: Callable[[Any], Any]) -> None:
        """Add a file of JSON without its secrets, or note why it is missing."""
        try:
            found = read()
        except EmqxctlError as error:
            self.missing[file] = error
            return
        cleaned = clean(found)
        self.files[file] = written(cleaned)
        self.note(file, dict(sorted(Counter(differences(found, cleaned)).items())))

    def add_text(self, file: str, read: Callable[[], str], clean: Callable[[str], str]) -> None:
        """Add a file of HOCON without its secrets, or note why it is missing."""
        try:
            text, masked = redact_hocon(read(), clean)
        except EmqxctlError as error:
            self.missing[file] = error
            return
        self.files[file] = text.encode("utf-8", "replace")
        self.note(file, masked)

    def ask(self, read: Callable[[], Any]) -> Any:  # noqa: ANN401  # JSON is Any
        """Ask the cluster, unless it was not there at all: nobody waits twenty times for that."""
        if self.gone is not None:
            raise self.gone
        try:
            return read()
        except EmqxctlError as error:
            if not self.requests and error.exit_code in {ExitCode.UNREACHABLE, ExitCode.TIMED_OUT}:
                self.gone = error
            raise

    def note(self, file: str, masked: dict[str, int]) -> None:
        """Note what was masked in a file, where anything was."""
        if masked:
            self.redacted[file] = masked

    @property
    def count(self) -> int:
        """How many secrets were masked."""
        return sum(sum(masked.values()) for masked in self.redacted.values())

    def manifest(self, facts: dict[str, object]) -> dict[str, object]:
        """Describe the bundle: facts of the run, files with their sizes, what was masked, what is missing."""
        return {
            **facts,
            "files": {name: len(content) for name, content in sorted(self.files.items())},
            "redacted": dict(sorted(self.redacted.items())),
            "missing": {
                name: {"code": error.code, "reason": error.message}
                for name, error in sorted(self.missing.items())
            },
        }

    @property
    def exit_code(self) -> ExitCode:
        """Success unless the cluster gave nothing at all: then the first reason."""
        if any(part.file in self.files for part in (METRICS, *PARTS)) or not self.missing:
            return ExitCode.OK
        return next(iter(self.missing.values())).exit_code


def gather(session: "Session", step: Callable[[int], None], pause: Callable[[], None]) -> Contents:
    """Ask for everything; `step` takes how many are done, `pause` lets time pass between the metrics."""
    contents = Contents()
    session.on_response = contents.heard
    api = session.client
    clean = api.redactor.redact_json
    for number, part in enumerate((METRICS, *PARTS), 1):
        contents.add(part.file, partial(contents.ask, partial(part.fetch, api)), clean)
        step(number)
    contents.add_text(CONFIG, partial(contents.ask, partial(hocon, api)), api.redactor.redact_text)
    if contents.gone is None:
        pause()
    contents.add("metrics-2.json", partial(contents.ask, partial(METRICS.fetch, api)), clean)
    contents.add("doctor.json", partial(findings, session), clean)
    step(TOTAL)
    contents.files["requests.jsonl"] = log(clean(contents.requests))
    return contents


TOTAL = len(PARTS) + 4


def hocon(api: "Client") -> str:
    """Ask for the configuration as text, which holds all roots, and secrets in clear."""
    return api.send(build_request("GET", "/configs")._replace(accept="text/plain")).text


def findings(session: "Session") -> list[dict[str, object]]:
    """Let the doctor look."""
    from emqxctl.diagnosis.doctor import run_checks

    return [dict(one._asdict()) for one in run_checks(session)]


def differences(before: Any, after: Any, path: str = "") -> Iterator[str]:  # noqa: ANN401  # JSON is Any
    """Give the paths where two JSON values of one shape differ, without the indices of lists."""
    match before, after:
        case dict(), dict() if len(before) == len(after):
            for (name, old), new in zip(before.items(), after.values(), strict=True):
                yield from differences(old, new, f"{path}.{name}" if path else str(name))
        case list(), list() if len(before) == len(after):
            for old, new in zip(before, after, strict=True):
                yield from differences(old, new, path)
        case _ if before != after:
            yield path


def written(value: object) -> bytes:
    """Write JSON for a person to read."""
    text = json.dumps(value, ensure_ascii=False, indent=2) + "\n"
    return text.encode("utf-8", "replace")


def log(requests: list[dict[str, object]]) -> bytes:
    """Write the calls that were made, one a line."""
    lines = (json.dumps(one, ensure_ascii=False) + "\n" for one in requests)
    return "".join(lines).encode("utf-8", "replace")
