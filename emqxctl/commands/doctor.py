"""`emqxctl doctor`: everything between this machine and the cluster, step by step."""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from time import time
from typing import TYPE_CHECKING

from emqxctl.api.connection import Connection
from emqxctl.api.request import build_request
from emqxctl.api.status import fetch_status, status_request
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.config.profiles import expand_path
from emqxctl.diagnosis.api_key import fetch_visible_nodes
from emqxctl.diagnosis.network import (
    Finding,
    NetworkCheck,
    finding_from_error,
    first_failure_code,
    skipped_finding,
)
from emqxctl.errors import EmqxctlError, ExitCode, NotYetError
from emqxctl.output.formatters import format_plain
from emqxctl.output.results import Rows
from emqxctl.resource import Column
from emqxctl.text.units import format_duration

if TYPE_CHECKING:
    from emqxctl.api.client import Client

SLOW = 1.0  # seconds: from here on every command feels it
SKEWED = 5.0  # seconds; the Date header tells whole ones, and an answer is on its way for a moment
ROLES_FOR_ALL = (5, 9)  # the first release without editions: before it the community's keys had one role
NEWEST = (6, 3)  # whose operations api.routes knows
TIMES = 5  # requests that the latency is taken from
OWN = ("URL", "API_KEY", "API_SECRET", "API_SECRET_FILE", "CA_FILE", "PROXY", "INSECURE")
COLOURS = {"ok": "green", "warn": "yellow", "fail": "red", "skip": "dim"}
COLUMNS = (
    Column("status", style=lambda value: COLOURS.get(str(value), "")),
    Column("check"),
    Column("result"),
    Column("fix", format=lambda value: format_plain(value) if value else "", wide=True),
)

app = new_group("What is wrong between here and the cluster.")


@app.command()
@command(
    calls=("GET /status", "GET /nodes", "POST /rule_test"),
    examples=("emqxctl doctor", "emqxctl doctor -p prod -o wide", "emqxctl doctor -o json"),
)
def doctor(session: Session) -> Rows:
    """Check the way to the cluster, from profile to latency.

    Each step is ok, warn, fail or skip, and what mends it is told. The exit code is that of the first
    failure. Nothing is changed: whether a key may write is found out with a request that EMQX refuses.
    """
    return diagnosis(session)


def diagnosis(session: Session) -> Rows:
    """Make the rows of all findings, and notes of what mends them."""
    findings = list(examine(session))
    notes = [f"{one.check}: {one.fix}" for one in findings if one.fix]
    rows = [{**one._asdict(), "fix": one.fix or None, "code": one.code or None} for one in findings]
    return Rows(
        rows, COLUMNS, key="check", plural_noun="checks", notes=notes, exit_code=first_failure_code(findings)
    )


def examine(session: Session) -> Iterator[Finding]:
    """Go from the profile to the latency. Raises ConfigError where no cluster is known."""
    try:
        known = session.connection
        kept = secret(session, known)
    except EmqxctlError as error:
        known = session.resolve_connection(with_key=False)
        kept = finding_from_error("secret", error)
    yield profile(session, known)
    yield file_mode(session)
    yield kept
    from emqxctl.api.transport import ca_bundle, select_proxies

    api = session.client_for(known._replace(retries=0))
    proxy = select_proxies(known).get(known.url.partition(":")[0], "")
    reached = True
    for finding in NetworkCheck(known, proxy, ca_bundle(known)).run():
        reached = reached and finding.status != "fail"
        yield finding
    yield from Visit(api).findings(reached=reached, with_key=kept.status != "fail")


def profile(session: Session, known: Connection) -> Finding:
    """Say which profile counts, and what in the environment counts before it."""
    found = f"{session.settings.profile or 'none'}, {known.url}"
    given = [f"EMQXCTL_{name}" for name in OWN if session.environ.get(f"EMQXCTL_{name}")]
    if session.settings.profile and given:
        fix = f"unset {' '.join(given)}, unless they are meant to count"
        return Finding("profile", "warn", f"{found}; {', '.join(given)} come first", fix)
    return Finding("profile", "ok", found)


def file_mode(session: Session) -> Finding:
    """See whether others may read or replace the files that hold secrets."""
    path = session.config.path
    if not path.exists():
        return Finding("file", "ok", f"no {path}: options and environment alone")
    for one, bits, mode in files(session, path):
        shared = stat.S_IMODE(one.stat().st_mode) & bits if one.exists() and os.name == "posix" else 0
        if shared:
            word = "change" if shared & 0o022 else "read"
            return Finding("file", "warn", f"others may {word} {one}", f"chmod {mode} {one}")
    return Finding("file", "ok", f"{path}, mode {stat.S_IMODE(path.stat().st_mode):04o}")


def files(session: Session, path: Path) -> Iterator[tuple[Path, int, str]]:
    """Give the files to look at, the bits of a mode that are too many, and the mode they should have.

    A configuration with a secret in it that others may read was refused before.
    """
    yield path.parent, 0o022, "700"
    yield path, 0o022, "600"
    if session.profile.secret_file:
        yield expand_path(session.profile.secret_file), 0o077, "600"


def secret(session: Session, known: Connection) -> Finding:
    """Say whose key is used and where its secret comes from. Gives a failure when one of both is missing."""
    if not known.api_key or not known.api_secret:
        missing = "secret" if known.api_key else "API key"
        fix = f"emqxctl keys login {session.settings.profile or 'NAME'} --url {known.url}"
        fix += " --replace" if session.settings.profile in session.config.profiles else ""
        return Finding("secret", "fail", f"there is no {missing}", fix, "NO_KEY", int(ExitCode.CONFIG))
    mine = session.profile
    sources = {
        "--api-secret-file": session.settings.api_secret_file,
        "EMQXCTL_API_SECRET": session.environ.get("EMQXCTL_API_SECRET"),
        "the profile's command": mine.secret_command,
        "the profile's file": mine.secret_file,
        f"the variable {mine.secret_env}": mine.secret_env,
        "the profile": mine.api_secret,
    }
    source = next((words for words, value in sources.items() if value), "the sandbox")
    return Finding("secret", "ok", f"of the key {known.api_key}, from {source}")


class Visit:
    """What the cluster itself answers: whether it is EMQX, and what it says of key, role and clock."""

    def __init__(self, api: "Client") -> None:
        """Prepare; nothing is sent."""
        self.api = api
        self.version = ""
        self.edition = ""
        self.versions: list[str] = []
        self.publisher = False

    def findings(self, *, reached: bool, with_key: bool) -> Iterator[Finding]:
        """Try each step; those that need what failed before are skipped."""
        steps: tuple[tuple[str, Callable[[], Finding], tuple[str, ...]], ...] = (
            ("emqx", self.running, ("reached",)),
            ("key", self.accepted, ("emqx", "given")),
            ("role", self.allowed, ("key",)),
            ("version", self.known, ("emqx",)),
            ("clock", self.clock, ("emqx",)),
            ("latency", self.latency, ("emqx",)),
        )
        good = {name for name, so in (("reached", reached), ("given", with_key)) if so}
        for check, step, needs in steps:
            finding = attempt(check, step) if good.issuperset(needs) else skipped_finding(check)
            if finding.status in {"ok", "warn"}:
                good.add(check)
            yield finding

    def running(self) -> Finding:
        """Find out whether EMQX answers, and runs."""
        broker = fetch_status(self.api.transport)
        if broker is None:
            message = f"what answers at {self.api.connection.url} is not EMQX"
            hint = "check the profile's url, and proxies on the way"
            raise EmqxctlError(message, code="NOT_EMQX", hint=hint)
        if not broker.is_running:
            message = "EMQX is there, but does not run yet"
            raise NotYetError(message, hint="try again in a moment")
        self.version, self.edition = broker.version.lstrip("ve"), broker.edition
        return Finding("emqx", "ok", f"{broker.node or 'a node'} runs")

    def accepted(self) -> Finding:
        """Use the key once."""
        nodes = fetch_visible_nodes(self.api)
        self.publisher = nodes is None
        told = [one for one in nodes or () if one.get("version")]
        self.versions = sorted({str(one["version"]) for one in told})
        self.version = self.versions[0] if told else self.version
        self.edition = str(told[0].get("edition") or self.edition) if told else self.edition
        return Finding("key", "ok", "accepted")

    def allowed(self) -> Finding:
        """Find out the key's role: a request that could never be carried out tells who may not send it.

        Rights are judged before the body is read (api.md §3.1), so this one, of a read-only test with a body
        that is no JSON, ends in 400 for an administrator and in 403 for a viewer.
        """
        if self.publisher:
            fix = "emqxctl keys login NAME --role administrator"
            return Finding("role", "warn", "publisher: may publish, and nothing else", fix)
        if self.edition == "Opensource" and number_of(self.version) < ROLES_FOR_ALL:
            return Finding("role", "ok", "administrator: the community edition has no other")
        if self.api.connection.readonly or self.api.connection.dry_run:
            return Finding(
                "role", "ok", "reads; not tried whether it may write, since the profile is read-only"
            )
        probe = build_request("POST", "/rule_test")._replace(content=b"{", content_type="application/json")
        status = self.api.transport.send(probe).status
        words = {400: "administrator", 403: "viewer: may read, and change nothing"}
        return Finding("role", "ok", words.get(status, f"cannot tell: the trial was answered {status}"))

    def known(self) -> Finding:
        """Say which version runs, whether the nodes agree, and whether emqxctl knows it."""
        found = f"EMQX {self.version or '(not told)'} {self.edition}".rstrip()
        if len(self.versions) > 1:
            fix = "upgrade the other nodes too: emqxctl cluster compat"
            return Finding("version", "warn", f"nodes run {', '.join(self.versions)}", fix)
        if number_of(self.version) > NEWEST:
            fix = "upgrade emqxctl; what is new is reached with emqxctl api"
            return Finding("version", "warn", f"{found}, newer than this emqxctl knows", fix)
        return Finding("version", "ok", found)

    def clock(self) -> Finding:
        """Compare the clocks: bans, keys and certificates end by the server's."""
        from email.utils import parsedate_to_datetime

        begun = time()
        answer = self.api.transport.send(status_request())
        middle = (begun + time()) / 2
        try:
            told = parsedate_to_datetime(answer.headers.get("date", "")).timestamp()
        except (TypeError, ValueError, OverflowError):
            return Finding("clock", "ok", "cannot tell: the server gives no time")
        skew = told + 0.5 - middle  # whole seconds are told, cut off
        if abs(skew) <= SKEWED:
            return Finding("clock", "ok", f"within {SKEWED:g} s of the server's")
        words = f"the server's is {format_duration(abs(skew))} {'ahead' if skew > 0 else 'behind'}"
        return Finding("clock", "warn", words, "set both by NTP: timedatectl set-ntp true")

    def latency(self) -> Finding:
        """Time some small requests."""
        times = sorted(self.api.transport.send(status_request()).elapsed for _ in range(TIMES))
        found = f"{times[TIMES // 2] * 1000:.0f} ms, at most {times[-1] * 1000:.0f} ms, of {TIMES} requests"
        if times[TIMES // 2] > SLOW:
            return Finding("latency", "warn", found, "work from nearer, or with a longer --timeout")
        return Finding("latency", "ok", found)


def attempt(check: str, step: Callable[[], Finding]) -> Finding:
    """Try one step; an error is a finding too."""
    try:
        return step()
    except EmqxctlError as error:
        return finding_from_error(check, error)


def number_of(version: str) -> tuple[int, int]:
    """Read major and minor of a version; zeros when it is none."""
    parts = version.partition("-")[0].split(".")
    numbers = [int(part) if part.isdecimal() else 0 for part in (*parts, "0", "0")[:2]]
    return numbers[0], numbers[1]
