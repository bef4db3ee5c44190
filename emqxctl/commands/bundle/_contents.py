"""The contents of a support archive: fetched, with secrets masked and counted."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from emqxctl.api.request import Request, build_request
from emqxctl.diagnosis.snapshot import SnapshotPart
from emqxctl.errors import EmqxctlError, ExitCode
from emqxctl.resource import Paging
from emqxctl.text.redaction_hocon import redact_hocon

if TYPE_CHECKING:
    from emqxctl.api.client import Client
    from emqxctl.api.response import Response
    from emqxctl.cli.session import Session

PER_NODE = (("aggregate", False),)
METRICS = SnapshotPart("/metrics", query=PER_NODE)
PUBLIC_FILE = "status.json"  # EMQX returns its status without an API key
JSON_FILES = {
    "metrics-1.json": METRICS,
    PUBLIC_FILE: SnapshotPart("/status", query=(("format", "json"),)),
    "nodes.json": SnapshotPart("/nodes"),
    "cluster.json": SnapshotPart("/cluster"),
    "alarms.json": SnapshotPart("/alarms", Paging.PAGES, (("activated", True),)),
    "alarms-past.json": SnapshotPart("/alarms", Paging.PAGES, (("activated", False),)),
    "stats.json": SnapshotPart("/stats", query=PER_NODE),
    "rates.json": SnapshotPart("/monitor_current"),
    "listeners.json": SnapshotPart("/listeners"),
    "connectors.json": SnapshotPart("/connectors"),
    "rules.json": SnapshotPart("/rules", Paging.PAGES),
    "actions.json": SnapshotPart("/actions"),
    "sources.json": SnapshotPart("/sources"),
    "plugins.json": SnapshotPart("/plugins"),
    "slow-subscriptions.json": SnapshotPart("/slow_subscriptions", Paging.ENVELOPE),
    "config.json": SnapshotPart("/configs"),
}
CONFIG_FILE = "config.hocon"
STEPS = len(JSON_FILES) + 3  # with config.hocon, metrics-2.json and doctor.json
CALLS = tuple(sorted({f"GET {part.path}" for part in JSON_FILES.values()}))


@dataclass
class Contents:
    """The files of an archive by name, the masked paths of each with counts, and the errors of missing files.

    `requests` are the sent requests: method, path, status, milliseconds. `connection_error` is set when the
    first request fails, so that the others are not sent.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    redacted: dict[str, dict[str, int]] = field(default_factory=dict)
    missing: dict[str, EmqxctlError] = field(default_factory=dict)
    requests: list[dict[str, object]] = field(default_factory=list)
    connection_error: EmqxctlError | None = None

    def record_response(self, request: Request, response: "Response") -> None:
        """Add a request to the log."""
        milliseconds = round(response.elapsed * 1000, 1)
        self.requests.append(
            {
                "method": request.method,
                "path": request.url_path,
                "status": response.status,
                "ms": milliseconds,
            }
        )

    def add_json(self, file: str, fetch: Callable[[], object], redact: Callable[[Any], Any]) -> None:
        """Add a JSON file with secrets masked, or the error why it is missing."""
        try:
            value = fetch()
        except EmqxctlError as error:
            self.missing[file] = error
            return
        redacted = redact(value)
        self.files[file] = format_json(redacted)
        self.record_masked(file, dict(sorted(Counter(iterate_changed_paths(value, redacted)).items())))

    def add_hocon(self, file: str, fetch: Callable[[], str], redact: Callable[[str], str]) -> None:
        """Add a HOCON file with secrets masked, or the error why it is missing."""
        try:
            text, masked = redact_hocon(fetch(), redact)
        except EmqxctlError as error:
            self.missing[file] = error
            return
        self.files[file] = text.encode("utf-8", "replace")
        self.record_masked(file, masked)

    def fetch(self, fetch: Callable[[], Any]) -> Any:  # noqa: ANN401  # JSON is Any
        """Return what `fetch` returns; raise the first request's connection error without another request."""
        if self.connection_error is not None:
            raise self.connection_error
        try:
            return fetch()
        except EmqxctlError as error:
            if not self.requests and error.exit_code in {ExitCode.UNREACHABLE, ExitCode.TIMED_OUT}:
                self.connection_error = error
            raise

    def record_masked(self, file: str, masked: dict[str, int]) -> None:
        """Record the masked paths of a file, if there are any."""
        if masked:
            self.redacted[file] = masked

    @property
    def masked_count(self) -> int:
        """The number of masked secrets."""
        return sum(sum(masked.values()) for masked in self.redacted.values())

    def build_manifest(self, metadata: dict[str, object]) -> dict[str, object]:
        """Return the manifest: metadata of the run, files with sizes, masked paths, missing files."""
        return {
            **metadata,
            "files": {name: len(content) for name, content in sorted(self.files.items())},
            "redacted": dict(sorted(self.redacted.items())),
            "missing": {
                name: {"code": error.code, "reason": error.message}
                for name, error in sorted(self.missing.items())
            },
        }

    @property
    def exit_code(self) -> ExitCode:
        """The exit code: that of the first error if the cluster returned at most its status, else OK."""
        if any(file in self.files for file in JSON_FILES if file != PUBLIC_FILE) or not self.missing:
            return ExitCode.OK
        return next(iter(self.missing.values())).exit_code


def collect_contents(
    session: "Session", on_progress: Callable[[int], None], pause: Callable[[], None]
) -> Contents:
    """Fetch all files.

    `on_progress` takes the number of completed files, `pause` waits between the two reads of the metrics.
    """
    contents = Contents()
    session.on_response = contents.record_response
    client = session.client
    redact = client.redactor.redact_json
    for number, (file, part) in enumerate(JSON_FILES.items(), 1):
        contents.add_json(file, partial(contents.fetch, partial(part.fetch, client)), redact)
        on_progress(number)
    fetch_config = partial(contents.fetch, partial(fetch_hocon, client))
    contents.add_hocon(CONFIG_FILE, fetch_config, client.redactor.redact_text)
    if contents.connection_error is None:
        pause()
    contents.add_json("metrics-2.json", partial(contents.fetch, partial(METRICS.fetch, client)), redact)
    contents.add_json("doctor.json", partial(list_findings, session), redact)
    on_progress(STEPS)
    contents.files["requests.jsonl"] = format_json_lines(redact(contents.requests))
    return contents


def fetch_hocon(client: "Client") -> str:
    """Return the configuration as HOCON, which contains all roots and unmasked secrets."""
    return client.send(build_request("GET", "/configs")._replace(accept="text/plain")).text


def list_findings(session: "Session") -> list[dict[str, object]]:
    """Return the findings of `emqxctl doctor`."""
    from emqxctl.diagnosis.doctor import run_checks

    return [dict(finding._asdict()) for finding in run_checks(session)]


def iterate_changed_paths(before: Any, after: Any, path: str = "") -> Iterator[str]:  # noqa: ANN401  # JSON is Any
    """Yield the paths at which two JSON values of the same shape differ, without list indexes."""
    match before, after:
        case dict(), dict() if len(before) == len(after):
            for (name, old), new in zip(before.items(), after.values(), strict=True):
                yield from iterate_changed_paths(old, new, f"{path}.{name}" if path else str(name))
        case list(), list() if len(before) == len(after):
            for old, new in zip(before, after, strict=True):
                yield from iterate_changed_paths(old, new, path)
        case _ if before != after:
            yield path


def format_json(value: object) -> bytes:
    """Format indented JSON."""
    text = json.dumps(value, ensure_ascii=False, indent=2) + "\n"
    return text.encode("utf-8", "replace")


def format_json_lines(requests: list[dict[str, object]]) -> bytes:
    """Format the request log, one request per line."""
    lines = (json.dumps(request, ensure_ascii=False) + "\n" for request in requests)
    return "".join(lines).encode("utf-8", "replace")
