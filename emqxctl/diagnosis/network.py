"""The network path to a cluster, checked step by step with own sockets: DNS, TCP, proxy, TLS."""

import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPException
from time import monotonic
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from emqxctl.api import connection_errors
from emqxctl.api.connection import CONNECT_SECONDS, Connection, client_certificate
from emqxctl.errors import EmqxctlError, ExitCode, TimedOutError
from emqxctl.text.redaction import redact_url
from emqxctl.text.units import DAY, format_coarse_duration

EXPIRY_WARNING_SECONDS = 30 * DAY
MAX_ADDRESSES = 8  # of a host name
DEFAULT_PORTS = {"http": 80, "https": 443}


class Finding(NamedTuple):
    """The result of one check: `status` is ok, warn, fail or skip; `fix` is what to type or do."""

    check: str
    status: str
    result: str
    fix: str = ""
    code: str = ""
    exit_code: int = 0


def finding_from_error(check: str, error: EmqxctlError) -> Finding:
    """Return the finding for an error."""
    fix = " ".join(error.hint.split())
    return Finding(check, "fail", error.message, fix, error.code, int(error.exit_code))


def skipped_finding(check: str) -> Finding:
    """Return the finding for a check that was not run."""
    return Finding(check, "skip", "not checked")


class NetworkCheck:
    """The checks of the network path to one cluster.

    `proxy` is the proxy's URL, empty for none; `ca_bundle` the file or folder of trusted CAs.
    """

    def __init__(self, connection: Connection, proxy: str, ca_bundle: str) -> None:
        """Prepare; nothing is sent."""
        self.connection = connection
        self.proxy = urlsplit(proxy if "://" in proxy or not proxy else f"http://{proxy}")
        self.ca_bundle = ca_bundle
        self.server = urlsplit(connection.url)
        self.timeout = min(CONNECT_SECONDS, connection.timeout)
        self.addresses: list[tuple[str, int]] = []
        self.socket: socket.socket | None = None
        self.peer = ("", 0)  # the address that accepted; the socket forgets it when the peer resets

    @property
    def first_hop(self) -> SplitResult:
        """The URL that is connected to: the proxy's, or the server's."""
        return self.proxy if self.proxy.hostname else self.server

    def run(self) -> Iterator[Finding]:
        """Yield the finding of each step; the steps after a failure are skipped."""
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
        """Resolve the host name."""
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
        addresses = dict.fromkeys((str(address[0]), port) for *_, address in address_infos)
        self.addresses = list(addresses)[:MAX_ADDRESSES]
        names = [address for address, _ in self.addresses]
        description = "is an IP address" if names == [host] else f"resolves to {', '.join(names)}"
        return Finding("dns", "ok", f"{host} {description}")

    def connect(self) -> Finding:
        """Connect to the first address that accepts; addresses that fail are reported."""
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
            self.peer = address
            description = f"{address[0]} port {address[1]} in {(monotonic() - start) * 1000:.0f} ms"
            if failures:
                fix = "fix this address on the server or in the DNS"
                return Finding("tcp", "warn", f"{description}; failed: {', '.join(failures)}", fix)
            return Finding("tcp", "ok", description)
        if self.first_hop is self.proxy:
            raise connection_errors.proxy_error(self.connection, cause)
        if isinstance(cause, TimeoutError):
            raise connection_errors.connect_timeout_error(self.connection)
        raise connection_errors.connection_refused_error(self.connection, cause)

    def open_tunnel(self) -> Finding:
        """Open a tunnel through the proxy to a TLS server; a plain server needs none."""
        if self.first_hop is not self.proxy:
            return Finding("proxy", "ok", "not used")
        proxy_url = redact_url(self.proxy.geturl())
        if self.server.scheme != "https" or self.proxy.scheme != "http":
            return Finding("proxy", "ok", f"requests go through {proxy_url}")
        self.request_tunnel()
        return Finding("proxy", "ok", f"{proxy_url} opened a tunnel")

    def request_tunnel(self) -> None:
        """Replace the connection by a tunnel (HTTP CONNECT). Raises UnreachableError."""
        assert self.socket is not None  # noqa: S101  # connect() was before
        address, port = self.peer
        self.socket.close()
        tunnel = HTTPConnection(address, port, timeout=self.timeout)
        server_port = self.server.port or DEFAULT_PORTS["https"]
        tunnel.set_tunnel(self.server.hostname or "", server_port, headers=self.proxy_headers())
        try:
            tunnel.connect()
        except HTTPException:
            raise connection_errors.proxy_error(self.connection, ValueError("not an HTTP proxy")) from None
        except (OSError, UnicodeError) as error:
            raise connection_errors.proxy_error(self.connection, error) from None
        self.socket = tunnel.sock

    def proxy_headers(self) -> dict[str, str]:
        """Return the header with the proxy's username and password, if there are any."""
        from base64 import b64encode

        if not self.proxy.username:
            return {}
        pair = f"{unquote(self.proxy.username)}:{unquote(self.proxy.password or '')}"
        return {"Proxy-Authorization": f"Basic {b64encode(pair.encode()).decode()}"}

    def tls_handshake(self) -> Finding:
        """Perform the TLS handshake and check the certificate."""
        if self.server.scheme != "https":
            return self.describe_plain_connection()
        if self.first_hop is self.proxy and self.proxy.scheme != "http":
            return Finding("tls", "ok", "checked by the requests through the proxy")
        assert self.socket is not None  # noqa: S101  # connect() was before
        try:
            context = self.create_context()
            self.socket.settimeout(self.timeout)
            self.socket = context.wrap_socket(self.socket, server_hostname=self.server.hostname)
        except TimeoutError:
            message = f"no TLS handshake with {self.connection.url} within {self.timeout:g} s"
            raise TimedOutError(message, hint="check the port: TLS is on 18084 by default") from None
        except OSError as error:  # ssl.SSLError is one
            raise connection_errors.tls_error(self.connection, error) from None
        return self.describe_certificate(self.socket)

    def create_context(self) -> ssl.SSLContext:
        """Return a context with the CAs and the client certificate that the requests use."""
        context = ssl.create_default_context()
        if self.connection.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        else:
            with contextlib.suppress(OSError):  # tls_error() finds the reason
                is_folder = not self.ca_bundle.endswith((".pem", ".crt")) and is_directory(self.ca_bundle)
                context.load_verify_locations(**{"capath" if is_folder else "cafile": self.ca_bundle})
        files = client_certificate(self.connection)
        if files:
            context.load_cert_chain(*files, password=lambda: b"")
        return context

    def describe_certificate(self, tls_socket: ssl.SSLSocket) -> Finding:
        """Return the finding after the handshake: protocol, issuer and expiry of the certificate."""
        if self.connection.insecure:
            fix = "trust the server's CA instead: --ca-file CA.pem"
            return Finding("tls", "warn", f"{tls_socket.version()}, not verified (--insecure)", fix)
        certificate = tls_socket.getpeercert() or {}
        expiry = str(certificate.get("notAfter", ""))
        issuer = dict(pair for names in certificate.get("issuer", ()) for pair in names)  # type: ignore[misc]
        issuer_name = issuer.get("organizationName") or issuer.get("commonName") or "an unnamed issuer"
        description = f"{tls_socket.version()}, trusted, signed by {issuer_name}"
        if not expiry:
            return Finding("tls", "ok", description)
        seconds_left = ssl.cert_time_to_seconds(expiry) - current_time()
        description += f", expires in {format_coarse_duration(seconds_left)}"
        if seconds_left < EXPIRY_WARNING_SECONDS:
            return Finding("tls", "warn", description, "renew the certificate on the server")
        return Finding("tls", "ok", description)

    def describe_plain_connection(self) -> Finding:
        """Return the finding for a connection without TLS: a warning, except on the loopback interface."""
        peer = self.peer[0]
        if self.first_hop is self.server and (peer.startswith("127.") or peer == "::1"):
            return Finding("tls", "ok", "not used (loopback)")
        fix = "use https:// and EMQX's TLS port (18084)"
        return Finding("tls", "warn", "not used: credentials and data are sent unencrypted", fix)


def is_directory(path: str) -> bool:
    """Return whether a path is a directory."""
    from pathlib import Path

    return Path(path).is_dir()


def current_time() -> float:
    """Return the time in epoch seconds."""
    from time import time

    return time()


def first_failure_code(findings: list[Finding]) -> ExitCode:
    """Return the exit code of the first failure."""
    failures = (finding.exit_code for finding in findings if finding.status == "fail")
    first_failure = next(failures, ExitCode.OK)
    return next(code for code in ExitCode if code == first_failure)
