"""The way to a cluster, step by step: name, connection, proxy, TLS; tried with sockets of our own."""

import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator
from time import monotonic
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from emqxctl.api import connection_errors
from emqxctl.api.connection import CONNECT_SECONDS, Connection, identity
from emqxctl.errors import EmqxctlError, ExitCode, TimedOutError
from emqxctl.text.redaction import redact_url

SOON_DAYS = 30  # a certificate that ends earlier is worth a word
MOST_ADDRESSES = 8  # of a name that are tried
DAY = 86400
PORTS = {"http": 80, "https": 443}


class Finding(NamedTuple):
    """What one step came to: `status` is ok, warn, fail or skip; `mend` is what to type or do about it."""

    check: str
    status: str
    found: str
    mend: str = ""
    code: str = ""
    exit_code: int = 0


def failed(check: str, error: EmqxctlError) -> Finding:
    """Make a finding of an error."""
    mend = " ".join(error.hint.split())
    return Finding(check, "fail", error.message, mend, error.code, int(error.exit_code))


class Way:
    """Walks the way to one cluster. `proxy` is the proxy's URL, empty for none; `trusted` the CAs' file."""

    def __init__(self, known: Connection, proxy: str, trusted: str) -> None:
        """Prepare; nothing is sent."""
        self.known = known
        self.proxy = urlsplit(proxy if "://" in proxy or not proxy else f"http://{proxy}")
        self.trusted = trusted
        self.server = urlsplit(known.url)
        self.patience = min(CONNECT_SECONDS, known.timeout)
        self.addresses: list[tuple[str, int]] = []
        self.socket: socket.socket | None = None

    @property
    def first(self) -> SplitResult:
        """Where connections go: the proxy, or the server itself."""
        return self.proxy if self.proxy.hostname else self.server

    def walk(self) -> Iterator[Finding]:
        """Try each step; what follows a failure is skipped."""
        steps: tuple[tuple[str, Callable[[], Finding]], ...] = (
            ("dns", self.resolve),
            ("tcp", self.connect),
            ("proxy", self.tunnel),
            ("tls", self.secure),
        )
        broken = False
        try:
            for check, step in steps:
                if broken:
                    yield skipped(check)
                    continue
                try:
                    finding = step()
                except EmqxctlError as error:
                    finding = failed(check, error)
                broken = finding.status == "fail"
                yield finding
        finally:
            if self.socket is not None:
                self.socket.close()

    def resolve(self) -> Finding:
        """Find the addresses of the host's name."""
        host = self.first.hostname or ""
        port = self.first.port or PORTS.get(self.first.scheme, 80)
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            if self.first is self.proxy:
                raise connection_errors.proxy_failed(
                    self.known, ValueError("its host name cannot be resolved")
                ) from None
            raise connection_errors.no_such_host(self.known) from None
        self.addresses = list(dict.fromkeys((str(at[0]), port) for *_, at in found))[:MOST_ADDRESSES]
        names = [address for address, _ in self.addresses]
        words = "is an address already" if names == [host] else f"is {', '.join(names)}"
        return Finding("dns", "ok", f"{host} {words}")

    def connect(self) -> Finding:
        """Connect to each address until one answers; those that do not are told."""
        silent: list[str] = []
        cause: OSError = ConnectionRefusedError(0, "no address to connect to")
        for at in self.addresses:
            begun = monotonic()
            try:
                self.socket = socket.create_connection(at, timeout=self.patience)
            except OSError as error:
                silent.append(f"{at[0]}: {connection_errors.words(error)}")
                cause = error
                continue
            took = f"{at[0]} port {at[1]} in {(monotonic() - begun) * 1000:.0f} ms"
            if silent:
                mend = "put that address right on the server or in the DNS"
                return Finding("tcp", "warn", f"{took}; not {', '.join(silent)}", mend)
            return Finding("tcp", "ok", took)
        if self.first is self.proxy:
            raise connection_errors.proxy_failed(self.known, cause)
        if isinstance(cause, TimeoutError):
            raise connection_errors.no_connection(self.known)
        raise connection_errors.refused(self.known, cause)

    def tunnel(self) -> Finding:
        """Ask the proxy for a way to a TLS server; a plain one is asked through it later."""
        if self.first is not self.proxy:
            return Finding("proxy", "ok", "none")
        shown = redact_url(self.proxy.geturl())
        if self.server.scheme != "https" or self.proxy.scheme != "http":
            return Finding("proxy", "ok", f"requests go through {shown}")
        status = self.ask_tunnel()
        if status != 200:
            raise connection_errors.proxy_failed(self.known, ValueError(f"it answered {status} to CONNECT"))
        return Finding("proxy", "ok", f"{shown} opened a tunnel")

    def ask_tunnel(self) -> int:
        """Send CONNECT and give the status that comes back. Raises UnreachableError for none."""
        host = self.server.hostname or ""
        target = f"[{host}]" if ":" in host else host
        target += f":{self.server.port or PORTS['https']}"
        lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}", *self.proxy_login(), "", ""]
        assert self.socket is not None  # noqa: S101  # connect() was before
        self.socket.settimeout(self.patience)
        answer, until = b"", monotonic() + self.patience
        try:
            self.socket.sendall("\r\n".join(lines).encode())
            while b"\r\n\r\n" not in answer and monotonic() < until:
                piece = self.socket.recv(1)  # no more than the head: what follows is TLS's
                if not piece:
                    break
                answer += piece
        except OSError as error:
            raise connection_errors.proxy_failed(self.known, error) from None
        words = answer.split(None, 2)
        if len(words) < 2 or not words[0].startswith(b"HTTP/") or not words[1].isdigit():
            raise connection_errors.proxy_failed(self.known, ValueError("it does not speak HTTP"))
        return int(words[1][:3])

    def proxy_login(self) -> list[str]:
        """Write the header with the proxy's user and password, where it has them."""
        from base64 import b64encode

        if not self.proxy.username:
            return []
        pair = f"{unquote(self.proxy.username)}:{unquote(self.proxy.password or '')}"
        return [f"Proxy-Authorization: Basic {b64encode(pair.encode()).decode()}"]

    def secure(self) -> Finding:
        """Shake hands, and look at the certificate."""
        if self.server.scheme != "https":
            return self.unsecured()
        if self.first is self.proxy and self.proxy.scheme != "http":
            return Finding("tls", "ok", "asked through the proxy only")
        assert self.socket is not None  # noqa: S101  # connect() was before
        try:
            context = self.context()
            self.socket.settimeout(self.patience)
            self.socket = context.wrap_socket(self.socket, server_hostname=self.server.hostname)
        except (ssl.SSLError, ssl.CertificateError) as error:
            raise connection_errors.untrusted(self.known, error) from None
        except TimeoutError:
            seconds = f"{self.patience:g} s"
            message = f"no TLS handshake with {self.known.url} within {seconds}"
            raise TimedOutError(message, hint="is this the TLS port (18084)?") from None
        except OSError as error:
            raise connection_errors.untrusted(self.known, error) from None
        return self.certified(self.socket)

    def context(self) -> ssl.SSLContext:
        """Trust whom the requests trust, and show the certificate they show."""
        context = ssl.create_default_context()
        if self.known.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        else:
            with contextlib.suppress(OSError):  # untrusted() finds the reason
                folder = not self.trusted.endswith((".pem", ".crt")) and is_folder(self.trusted)
                context.load_verify_locations(**{"capath" if folder else "cafile": self.trusted})
        files = identity(self.known)
        if files:
            context.load_cert_chain(*files, password=lambda: b"")
        return context

    def certified(self, secured: ssl.SSLSocket) -> Finding:
        """Say what the handshake came to: the protocol, who vouches for the server, until when."""
        if self.known.insecure:
            mend = "trust its CA instead: --ca-file CA.pem"
            return Finding("tls", "warn", f"{secured.version()}, but not verified (--insecure)", mend)
        certificate = secured.getpeercert() or {}
        ends = str(certificate.get("notAfter", ""))
        issuer = dict(pair for names in certificate.get("issuer", ()) for pair in names)  # type: ignore[misc]
        by = issuer.get("organizationName") or issuer.get("commonName") or "nobody named"
        found = f"{secured.version()}, trusted, signed by {by}"
        if not ends:
            return Finding("tls", "ok", found)
        left = (ssl.cert_time_to_seconds(ends) - now()) / DAY
        found += f", ends in {left:.0f} days"
        if left < SOON_DAYS:
            return Finding("tls", "warn", found, "renew the certificate on the server")
        return Finding("tls", "ok", found)

    def unsecured(self) -> Finding:
        """Say that nothing is encrypted; on this machine that is no matter."""
        at = self.socket.getpeername()[0] if self.socket else ""
        if self.first is self.server and (at.startswith("127.") or at == "::1"):
            return Finding("tls", "ok", "none, and none needed on this machine")
        mend = "use https:// and EMQX's TLS port (18084)"
        return Finding("tls", "warn", "none: key, secret and answers go in clear", mend)


def skipped(check: str) -> Finding:
    """Say that a step was not tried."""
    return Finding(check, "skip", "not tried")


def is_folder(name: str) -> bool:
    """Tell whether a path leads to a folder."""
    from pathlib import Path

    return Path(name).is_dir()


def now() -> float:
    """Give the time in epoch seconds."""
    from time import time

    return time()


def worst(findings: list[Finding]) -> ExitCode:
    """Give the exit code of the first failure."""
    first = next((one.exit_code for one in findings if one.status == "fail"), ExitCode.OK)
    return next(code for code in ExitCode if code == first)
