"""The way to a cluster, step by step: name, connection, proxy, TLS; tried with sockets of our own."""

import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator
from time import monotonic
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from emqxctl.api import connection_errors
from emqxctl.api.connection import CONNECT_SECONDS, Connection, client_certificate
from emqxctl.errors import EmqxctlError, ExitCode, TimedOutError
from emqxctl.text.redaction import redact_url

EXPIRY_WARNING_DAYS = 30  # a certificate that ends earlier is worth a word
MAX_ADDRESSES = 8  # of a name that are tried
DAY_SECONDS = 86400
DEFAULT_PORTS = {"http": 80, "https": 443}


class Finding(NamedTuple):
    """What one step came to: `status` is ok, warn, fail or skip; `mend` is what to type or do about it."""

    check: str
    status: str
    result: str
    fix: str = ""
    code: str = ""
    exit_code: int = 0


def finding_from_error(check: str, error: EmqxctlError) -> Finding:
    """Make a finding of an error."""
    fix = " ".join(error.hint.split())
    return Finding(check, "fail", error.message, fix, error.code, int(error.exit_code))


class NetworkCheck:
    """Walks the way to one cluster. `proxy` is the proxy's URL, empty for none; `trusted` the CAs' file."""

    def __init__(self, connection: Connection, proxy: str, ca_bundle: str) -> None:
        """Prepare; nothing is sent."""
        self.connection = connection
        self.proxy = urlsplit(proxy if "://" in proxy or not proxy else f"http://{proxy}")
        self.ca_bundle = ca_bundle
        self.server = urlsplit(connection.url)
        self.timeout = min(CONNECT_SECONDS, connection.timeout)
        self.addresses: list[tuple[str, int]] = []
        self.socket: socket.socket | None = None

    @property
    def first_hop(self) -> SplitResult:
        """Where connections go: the proxy, or the server itself."""
        return self.proxy if self.proxy.hostname else self.server

    def run(self) -> Iterator[Finding]:
        """Try each step; what follows a failure is skipped."""
        steps: tuple[tuple[str, Callable[[], Finding]], ...] = (
            ("dns", self.resolve_host),
            ("tcp", self.connect),
            ("proxy", self.open_tunnel),
            ("tls", self.tls_handshake),
        )
        has_failed = False
        try:
            for check, step in steps:
                if has_failed:
                    yield skipped_finding(check)
                    continue
                try:
                    finding = step()
                except EmqxctlError as error:
                    finding = finding_from_error(check, error)
                has_failed = finding.status == "fail"
                yield finding
        finally:
            if self.socket is not None:
                self.socket.close()

    def resolve_host(self) -> Finding:
        """Find the addresses of the host's name."""
        host = self.first_hop.hostname or ""
        port = self.first_hop.port or DEFAULT_PORTS.get(self.first_hop.scheme, 80)
        try:
            address_infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            if self.first_hop is self.proxy:
                raise connection_errors.proxy_error(
                    self.connection, ValueError("its host name cannot be resolved")
                ) from None
            raise connection_errors.unknown_host_error(self.connection) from None
        self.addresses = list(
            dict.fromkeys((str(socket_address[0]), port) for *_, socket_address in address_infos)
        )[:MAX_ADDRESSES]
        names = [address for address, _ in self.addresses]
        description = "is an address already" if names == [host] else f"is {', '.join(names)}"
        return Finding("dns", "ok", f"{host} {description}")

    def connect(self) -> Finding:
        """Connect to each address until one answers; those that do not are told."""
        failures: list[str] = []
        cause: OSError = ConnectionRefusedError(0, "no address to connect to")
        for address in self.addresses:
            start = monotonic()
            try:
                self.socket = socket.create_connection(address, timeout=self.timeout)
            except OSError as error:
                failures.append(f"{address[0]}: {connection_errors.short_reason(error)}")
                cause = error
                continue
            description = f"{address[0]} port {address[1]} in {(monotonic() - start) * 1000:.0f} ms"
            if failures:
                fix = "put that address right on the server or in the DNS"
                return Finding("tcp", "warn", f"{description}; not {', '.join(failures)}", fix)
            return Finding("tcp", "ok", description)
        if self.first_hop is self.proxy:
            raise connection_errors.proxy_error(self.connection, cause)
        if isinstance(cause, TimeoutError):
            raise connection_errors.connect_timeout_error(self.connection)
        raise connection_errors.connection_refused_error(self.connection, cause)

    def open_tunnel(self) -> Finding:
        """Ask the proxy for a way to a TLS server; a plain one is asked through it later."""
        if self.first_hop is not self.proxy:
            return Finding("proxy", "ok", "none")
        proxy_url = redact_url(self.proxy.geturl())
        if self.server.scheme != "https" or self.proxy.scheme != "http":
            return Finding("proxy", "ok", f"requests go through {proxy_url}")
        status = self.request_tunnel()
        if status != 200:
            raise connection_errors.proxy_error(
                self.connection, ValueError(f"it answered {status} to CONNECT")
            )
        return Finding("proxy", "ok", f"{proxy_url} opened a tunnel")

    def request_tunnel(self) -> int:
        """Send CONNECT and give the status that comes back. Raises UnreachableError for none."""
        host = self.server.hostname or ""
        target = f"[{host}]" if ":" in host else host
        target += f":{self.server.port or DEFAULT_PORTS['https']}"
        lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}", *self.proxy_headers(), "", ""]
        assert self.socket is not None  # noqa: S101  # connect() was before
        self.socket.settimeout(self.timeout)
        answer, until = b"", monotonic() + self.timeout
        try:
            self.socket.sendall("\r\n".join(lines).encode())
            while b"\r\n\r\n" not in answer and monotonic() < until:
                piece = self.socket.recv(1)  # no more than the head: what follows is TLS's
                if not piece:
                    break
                answer += piece
        except OSError as error:
            raise connection_errors.proxy_error(self.connection, error) from None
        words = answer.split(None, 2)
        if len(words) < 2 or not words[0].startswith(b"HTTP/") or not words[1].isdigit():
            raise connection_errors.proxy_error(self.connection, ValueError("it does not speak HTTP"))
        return int(words[1][:3])

    def proxy_headers(self) -> list[str]:
        """Write the header with the proxy's user and password, where it has them."""
        from base64 import b64encode

        if not self.proxy.username:
            return []
        pair = f"{unquote(self.proxy.username)}:{unquote(self.proxy.password or '')}"
        return [f"Proxy-Authorization: Basic {b64encode(pair.encode()).decode()}"]

    def tls_handshake(self) -> Finding:
        """Shake hands, and look at the certificate."""
        if self.server.scheme != "https":
            return self.describe_plain_connection()
        if self.first_hop is self.proxy and self.proxy.scheme != "http":
            return Finding("tls", "ok", "asked through the proxy only")
        assert self.socket is not None  # noqa: S101  # connect() was before
        try:
            context = self.create_context()
            self.socket.settimeout(self.timeout)
            self.socket = context.wrap_socket(self.socket, server_hostname=self.server.hostname)
        except (ssl.SSLError, ssl.CertificateError) as error:
            raise connection_errors.tls_error(self.connection, error) from None
        except TimeoutError:
            seconds = f"{self.timeout:g} s"
            message = f"no TLS handshake with {self.connection.url} within {seconds}"
            raise TimedOutError(message, hint="is this the TLS port (18084)?") from None
        except OSError as error:
            raise connection_errors.tls_error(self.connection, error) from None
        return self.describe_certificate(self.socket)

    def create_context(self) -> ssl.SSLContext:
        """Trust whom the requests trust, and show the certificate they show."""
        context = ssl.create_default_context()
        if self.connection.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        else:
            with contextlib.suppress(OSError):  # untrusted() finds the reason
                folder = not self.ca_bundle.endswith((".pem", ".crt")) and is_directory(self.ca_bundle)
                context.load_verify_locations(**{"capath" if folder else "cafile": self.ca_bundle})
        files = client_certificate(self.connection)
        if files:
            context.load_cert_chain(*files, password=lambda: b"")
        return context

    def describe_certificate(self, tls_socket: ssl.SSLSocket) -> Finding:
        """Say what the handshake came to: the protocol, who vouches for the server, until when."""
        if self.connection.insecure:
            fix = "trust its CA instead: --ca-file CA.pem"
            return Finding("tls", "warn", f"{tls_socket.version()}, but not verified (--insecure)", fix)
        certificate = tls_socket.getpeercert() or {}
        expiry = str(certificate.get("notAfter", ""))
        issuer = dict(pair for names in certificate.get("issuer", ()) for pair in names)  # type: ignore[misc]
        issuer_name = issuer.get("organizationName") or issuer.get("commonName") or "nobody named"
        description = f"{tls_socket.version()}, trusted, signed by {issuer_name}"
        if not expiry:
            return Finding("tls", "ok", description)
        days_left = (ssl.cert_time_to_seconds(expiry) - current_time()) / DAY_SECONDS
        description += f", ends in {days_left:.0f} days"
        if days_left < EXPIRY_WARNING_DAYS:
            return Finding("tls", "warn", description, "renew the certificate on the server")
        return Finding("tls", "ok", description)

    def describe_plain_connection(self) -> Finding:
        """Say that nothing is encrypted; on this machine that is no matter."""
        peer = self.socket.getpeername()[0] if self.socket else ""
        if self.first_hop is self.server and (peer.startswith("127.") or peer == "::1"):
            return Finding("tls", "ok", "none, and none needed on this machine")
        fix = "use https:// and EMQX's TLS port (18084)"
        return Finding("tls", "warn", "none: key, secret and answers go in clear", fix)


def skipped_finding(check: str) -> Finding:
    """Say that a step was not tried."""
    return Finding(check, "skip", "not tried")


def is_directory(name: str) -> bool:
    """Tell whether a path leads to a folder."""
    from pathlib import Path

    return Path(name).is_dir()


def current_time() -> float:
    """Give the time in epoch seconds."""
    from time import time

    return time()


def first_failure_code(findings: list[Finding]) -> ExitCode:
    """Give the exit code of the first failure."""
    first_exit_code = next(
        (finding.exit_code for finding in findings if finding.status == "fail"), ExitCode.OK
    )
    return next(code for code in ExitCode if code == first_exit_code)
