"""The checks of `emqxctl doctor`: from the profile to the latency of the cluster."""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from time import time
from typing import TYPE_CHECKING

from emqxctl.api.connection import Connection, describe_withheld_key
from emqxctl.api.status import status_request
from emqxctl.config.profiles import expand_path
from emqxctl.diagnosis.api_key import fetch_visible_nodes
from emqxctl.diagnosis.network import (
    Finding,
    NetworkCheck,
    finding_from_error,
    first_failure_code,
    skipped_finding,
)
from emqxctl.diagnosis.probe import require_running
from emqxctl.emqx.operations import parse_numbers
from emqxctl.errors import EmqxctlError, ExitCode
from emqxctl.output.formatters import format_plain
from emqxctl.output.results import Rows
from emqxctl.resource import Column
from emqxctl.text.units import format_duration

if TYPE_CHECKING:
    from emqxctl.api.client import Client
    from emqxctl.cli.session import Session

SLOW_SECONDS = 1.0  # a latency that slows down every command
MAX_CLOCK_SKEW = 5.0  # seconds; the Date header is in whole seconds, and a response takes some time
NEWEST_VERSION = (6, 3)  # of the operations in emqx.operations
LATENCY_REQUESTS = 5
OVERRIDES = tuple(
    f"EMQXCTL_{name}"
    for name in ("URL", "API_KEY", "API_SECRET", "API_SECRET_FILE", "CA_FILE", "PROXY", "INSECURE")
)
STATUS_COLORS = {"ok": "green", "warn": "yellow", "fail": "red", "skip": "dim"}
COLUMNS = (
    Column("status", style=lambda value: STATUS_COLORS.get(str(value), "")),
    Column("check"),
    Column("result"),
    Column("fix", format=lambda value: format_plain(value) if value else "", wide=True),
)


def diagnose(session: "Session") -> Rows:
    """Run all checks and return a row for each finding, with notes about how to fix the failures."""
    findings = list(run_checks(session))
    rows = [
        {**finding._asdict(), "fix": finding.fix or None, "code": finding.code or None}
        for finding in findings
    ]
    return Rows(
        rows,
        COLUMNS,
        key="check",
        plural_noun="checks",
        notes=[f"{finding.check}: {finding.fix}" for finding in findings if finding.fix],
        exit_code=first_failure_code(findings),
    )


def run_checks(session: "Session") -> Iterator[Finding]:
    """Yield the finding of each check. Raises ConfigError if no cluster is configured."""
    try:
        connection = session.connection
        secret_finding = check_secret(session, connection)
    except EmqxctlError as error:
        connection = session.resolve_connection(with_key=False)
        secret_finding = finding_from_error("secret", error)
    yield check_profile(session, connection)
    yield check_files(session)
    yield secret_finding
    from emqxctl.api.http_session import ca_bundle, select_proxies

    client = session.client_for(connection._replace(retries=0))
    proxy = select_proxies(connection).get(connection.url.partition(":")[0], "")
    is_reachable = True
    for finding in NetworkCheck(connection, proxy, ca_bundle(connection)).run():
        is_reachable = is_reachable and finding.status != "fail"
        yield finding
    has_key = secret_finding.status != "fail"
    yield from BrokerChecks(client).run(is_reachable=is_reachable, has_key=has_key)


def check_profile(session: "Session", connection: Connection) -> Finding:
    """Check whether environment variables override the selected profile."""
    description = f"{session.settings.profile or 'none'}, {connection.url}"
    overrides = [name for name in OVERRIDES if session.environ.get(name)]
    if session.settings.profile and overrides:
        fix = f"unset {' '.join(overrides)}, unless intended"
        return Finding("profile", "warn", f"{description}; overridden by {', '.join(overrides)}", fix)
    return Finding("profile", "ok", description)


def check_files(session: "Session") -> Finding:
    """Check whether other users can read or replace the files that contain secrets."""
    path = session.config.path
    if not path.exists():
        return Finding("file", "ok", f"{path} does not exist; only options and environment are used")
    for secret_path, forbidden_bits, mode in list_secret_files(session, path):
        if not secret_path.exists() or os.name != "posix":
            continue
        excess_bits = stat.S_IMODE(secret_path.stat().st_mode) & forbidden_bits
        if excess_bits:
            access = "change" if excess_bits & 0o022 else "read"
            description = f"other users can {access} {secret_path}"
            return Finding("file", "warn", description, f"chmod {mode} {secret_path}")
    return Finding("file", "ok", f"{path}, mode {stat.S_IMODE(path.stat().st_mode):04o}")


def list_secret_files(session: "Session", path: Path) -> Iterator[tuple[Path, int, str]]:
    """Yield the files to check, with the forbidden bits of their mode and the mode that they should have.

    Loading the configuration already failed if it contains a secret and others can read it.
    """
    yield path.parent, 0o022, "700"
    yield path, 0o022, "600"
    if session.profile.secret_file:
        yield expand_path(session.profile.secret_file), 0o077, "600"


def check_secret(session: "Session", connection: Connection) -> Finding:
    """Check that an API key and its secret are configured, and report their source."""
    if connection.withheld_from:
        message, fix = describe_withheld_key(connection)
        return Finding("secret", "fail", message, fix, "NO_KEY", int(ExitCode.CONFIG))
    if not connection.api_key or not connection.api_secret:
        missing = "secret" if connection.api_key else "API key"
        fix = f"emqxctl keys login {session.settings.profile or 'NAME'} --url {connection.url}"
        fix += " --replace" if session.settings.profile in session.config.profiles else ""
        return Finding("secret", "fail", f"no {missing} configured", fix, "NO_KEY", int(ExitCode.CONFIG))
    profile = session.profile
    sources = {
        "--api-secret-file": session.settings.api_secret_file,
        "EMQXCTL_API_SECRET": session.environ.get("EMQXCTL_API_SECRET"),
        "the profile's secret_command": profile.secret_command,
        "the profile's secret_file": profile.secret_file,
        f"the variable {profile.secret_env}": profile.secret_env,
        "the profile": profile.api_secret,
    }
    source = next((name for name, value in sources.items() if value), "the sandbox")
    return Finding("secret", "ok", f"of API key {connection.api_key}, from {source}")


class BrokerChecks:
    """The checks that need responses of the cluster: is it EMQX, and its view of key, role and clock."""

    def __init__(self, client: "Client") -> None:
        """Prepare; nothing is sent."""
        self.client = client
        self.version = ""
        self.edition = ""
        self.versions: list[str] = []

    def run(self, *, is_reachable: bool, has_key: bool) -> Iterator[Finding]:
        """Yield the finding of each check; checks that need a failed one are skipped."""
        checks: tuple[tuple[str, Callable[[], Finding], tuple[str, ...]], ...] = (
            ("emqx", self.check_running, ("network",)),
            ("key", self.check_key, ("emqx", "secret")),
            ("role", self.check_role, ("key",)),
            ("version", self.check_version, ("emqx",)),
            ("clock", self.check_clock, ("emqx",)),
            ("latency", self.check_latency, ("emqx",)),
        )
        passed = {name for name, has_passed in (("network", is_reachable), ("secret", has_key)) if has_passed}
        for name, check, needed_checks in checks:
            finding = run_check(name, check) if passed.issuperset(needed_checks) else skipped_finding(name)
            if finding.status in {"ok", "warn"}:
                passed.add(name)
            yield finding

    def check_running(self) -> Finding:
        """Check that EMQX responds and is running."""
        broker = require_running(self.client)
        self.version, self.edition = broker.version.lstrip("ve"), broker.edition
        return Finding("emqx", "ok", f"{broker.node or 'EMQX'} is running")

    def check_key(self) -> Finding:
        """Check that the server accepts the API key."""
        nodes = fetch_visible_nodes(self.client)
        running_nodes = [node for node in nodes or () if node.get("version")]
        self.versions = sorted({str(node["version"]) for node in running_nodes})
        if running_nodes:
            self.version = self.versions[0]
            self.edition = str(running_nodes[0].get("edition") or self.edition)
        return Finding("key", "ok", "accepted")

    def check_role(self) -> Finding:
        """Determine the key's role, scopes and namespace."""
        from emqxctl.diagnosis.permissions import read_permissions

        permissions = read_permissions(self.client, parse_numbers(self.version), self.edition)
        if permissions.role is None:
            return Finding("role", "ok", "can read; write permission not checked (read-only profile)")
        if permissions.role == "publisher":
            fix = "emqxctl keys login NAME --role administrator"
            return Finding("role", "warn", permissions.description, fix)
        if permissions.scopes is not None:
            fix = "use a key with more scopes, if needed: emqxctl api-keys list -o wide"
            return Finding("role", "warn", permissions.description, fix)
        return Finding("role", "ok", permissions.description)

    def check_version(self) -> Finding:
        """Check that all nodes run one version, and that emqxctl supports it."""
        description = f"EMQX {self.version or '(version unknown)'} {self.edition}".rstrip()
        if len(self.versions) > 1:
            fix = "upgrade the other nodes: emqxctl cluster compat"
            return Finding("version", "warn", f"nodes run {', '.join(self.versions)}", fix)
        if parse_major_minor(self.version) > NEWEST_VERSION:
            fix = "upgrade emqxctl; for new operations use emqxctl api"
            return Finding("version", "warn", f"{description}, newer than this emqxctl supports", fix)
        return Finding("version", "ok", description)

    def check_clock(self) -> Finding:
        """Compare the clocks: bans, keys and certificates expire by the server's clock."""
        from email.utils import parsedate_to_datetime

        start = time()
        response = self.client.transport.send(status_request())
        midpoint = (start + time()) / 2
        try:
            server_time = parsedate_to_datetime(response.headers.get("date", "")).timestamp()
        except (TypeError, ValueError, OverflowError):
            return Finding("clock", "ok", "unknown: the response has no valid Date header")
        skew = server_time + 0.5 - midpoint  # the header is truncated to whole seconds
        if abs(skew) <= MAX_CLOCK_SKEW:
            return Finding("clock", "ok", f"within {MAX_CLOCK_SKEW:g} s of the server's clock")
        direction = "ahead" if skew > 0 else "behind"
        description = f"the server's clock is {format_duration(abs(skew))} {direction}"
        return Finding("clock", "warn", description, "set both clocks by NTP: timedatectl set-ntp true")

    def check_latency(self) -> Finding:
        """Measure the latency of some small requests."""
        times = sorted(self.client.transport.send(status_request()).elapsed for _ in range(LATENCY_REQUESTS))
        median, longest = times[LATENCY_REQUESTS // 2], times[-1]
        description = (
            f"median {median * 1000:.0f} ms, maximum {longest * 1000:.0f} ms of {LATENCY_REQUESTS} requests"
        )
        if median > SLOW_SECONDS:
            fix = "run emqxctl closer to the cluster, or use a longer --timeout"
            return Finding("latency", "warn", description, fix)
        return Finding("latency", "ok", description)


def run_check(name: str, check: Callable[[], Finding]) -> Finding:
    """Run one check; an error becomes a finding."""
    try:
        return check()
    except EmqxctlError as error:
        return finding_from_error(name, error)


def parse_major_minor(version: str) -> tuple[int, int]:
    """Parse major and minor of a version; zeros for other text."""
    parts = version.partition("-")[0].split(".")
    numbers = [int(part) if part.isdecimal() else 0 for part in (*parts, "0", "0")[:2]]
    return numbers[0], numbers[1]
