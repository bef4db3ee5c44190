"""Certificates: decoded, and as a TLS port serves them.

Python decodes a certificate only after it has verified it. A certificate is therefore verified against
itself: as the only trusted one, with its dates ignored, since those are what is to be read.
"""

import contextlib
import socket
import ssl
from collections.abc import Iterator
from time import time
from typing import Any, NamedTuple

from emqxctl.api.connection_errors import short_reason
from emqxctl.errors import UnreachableError, UsageError
from emqxctl.text.units import format_coarse_duration

NO_CHECK_TIME = 0x200000  # OpenSSL's X509_V_FLAG_NO_CHECK_TIME, which Python's `ssl` has no name for
ALL_CIPHERS = "ALL:@SECLEVEL=0"  # also the weak keys and signatures that must be reported
PROXY_HEADER = b"PROXY UNKNOWN\r\n"  # PROXY protocol version 1, without addresses
MAX_NAME_LENGTH = 253  # of a host name


class Certificate(NamedTuple):
    """A decoded certificate: names as text, times in epoch seconds, `der` its bytes."""

    der: bytes
    subject: str
    issuer: str
    names: tuple[str, ...]
    starts_at: float
    expires_at: float
    serial: str = ""

    @property
    def is_self_signed(self) -> bool:
        """Whether its subject is its own issuer."""
        return self.subject == self.issuer

    def date_problem(self) -> str:
        """Return why it is not valid now, empty if it is."""
        now = time()
        if now >= self.expires_at:
            return f"expired {format_coarse_duration(now - self.expires_at)} ago"
        return (
            f"not valid for another {format_coarse_duration(self.starts_at - now)}"
            if now < self.starts_at
            else ""
        )

    def covers(self, host: str) -> bool:
        """Return whether it is valid for a host name or address, as TLS clients decide it."""
        host = host.rstrip(".").lower()
        names = [name.lower() for name in self.names]
        if host in names:
            return True
        label, dot, domain = host.partition(".")
        is_address = ":" in host or host.replace(".", "").isdigit()
        return bool(label and dot) and not is_address and f"*.{domain}" in names


class Endpoint(NamedTuple):
    """A TLS port: `server_name` is the name that clients ask for; `proxy_protocol`: expects its header."""

    host: str
    port: int
    server_name: str = ""
    proxy_protocol: bool = False
    timeout: float = 5.0

    @property
    def address(self) -> str:
        """The host and port as one text."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class ServedCertificate(NamedTuple):
    """What a port serves: a certificate, the length of its chain if Python reports it, the TLS version.

    `trust_problem` is why a client that trusts the given CAs rejects it, apart from its dates and names.
    """

    certificate: Certificate
    chain_length: int | None
    tls_version: str
    trust_problem: str = ""


def new_client_context() -> ssl.SSLContext:
    """Return a context that accepts any server, also an outdated one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers(ALL_CIPHERS)
    return context


def trust_certificate(context: ssl.SSLContext, der: bytes) -> ssl.SSLContext:
    """Make a context accept one certificate alone, whatever its issuer and dates."""
    context.load_verify_locations(cadata=der)
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | NO_CHECK_TIME
    return context


def fetch_certificate(endpoint: Endpoint, ca_file: str = "") -> ServedCertificate:
    """Return the certificate that a port serves. Raises UnreachableError, UsageError for a bad CA file.

    Three handshakes: one that accepts anything, one that decodes the certificate, one with trusted CAs.
    """
    with open_tls(endpoint, new_client_context()) as tls_socket:
        der = tls_socket.getpeercert(binary_form=True) or b""
        read_chain = getattr(tls_socket, "get_unverified_chain", None)  # Python 3.13 and later
        chain_length = len(read_chain()) if read_chain else None
        version = tls_socket.version() or ""
    with open_tls(endpoint, trust_certificate(new_client_context(), der)) as tls_socket:
        certificate = decode(tls_socket.getpeercert() or {}, der)
    return ServedCertificate(certificate, chain_length, version, find_trust_problem(endpoint, ca_file))


def find_trust_problem(endpoint: Endpoint, ca_file: str) -> str:
    """Return why the CAs of a file, or of this machine, do not vouch for a server; its dates are ignored."""
    context = new_client_context()
    load_trusted_cas(context, ca_file)
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= NO_CHECK_TIME
    try:
        with open_tls(endpoint, context):
            return ""
    except UnreachableError as error:
        return str(error.details.get("reason") or error.message)


def load_trusted_cas(context: ssl.SSLContext, ca_file: str) -> None:
    """Load the CAs of a file, or those of this machine. Raises UsageError."""
    if not ca_file:
        context.load_default_certs()
        return
    try:
        context.load_verify_locations(cafile=ca_file)
    except OSError as error:  # ssl.SSLError is one
        message = f"cannot read --ca {ca_file}: {short_reason(error)}"
        raise UsageError(message, hint="use a PEM file with CA certificates") from error


@contextlib.contextmanager
def open_tls(endpoint: Endpoint, context: ssl.SSLContext) -> Iterator[ssl.SSLSocket]:
    """Open a TLS connection. Raises UnreachableError with the reason in its details."""
    try:
        with socket.create_connection((endpoint.host, endpoint.port), timeout=endpoint.timeout) as plain:
            if endpoint.proxy_protocol:
                plain.sendall(PROXY_HEADER)
            server_name = endpoint.server_name or endpoint.host
            with context.wrap_socket(plain, server_hostname=server_name[:MAX_NAME_LENGTH]) as tls_socket:
                yield tls_socket
    except (OSError, UnicodeError, ValueError) as error:  # ssl.SSLError is an OSError
        reason = describe_failure(error)
        message = f"no TLS handshake with {endpoint.address}: {reason}"
        raise UnreachableError(message, code="TLS_FAILED", details={"reason": reason}) from error


def describe_failure(error: Exception) -> str:
    """Return why a connection or handshake failed, in words."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return str(error.verify_message)
    if isinstance(error, TimeoutError):
        return "no response in time"
    if isinstance(error, socket.gaierror):
        return "host name not found"
    if isinstance(error, ssl.SSLEOFError | ConnectionResetError):
        return "connection closed during the handshake"
    if isinstance(error, OSError):
        from emqxctl.api.connection_errors import find_tls_error

        entry = find_tls_error(error) if isinstance(error, ssl.SSLError) else None
        return entry[1] if entry else short_reason(error)
    return str(error)


def decode(fields: dict[str, Any], der: bytes) -> Certificate:
    """Return a certificate from the fields of `getpeercert`."""
    names = [str(name) for kind, name in fields.get("subjectAltName", ()) if kind in {"DNS", "IP Address"}]
    starts_at, expires_at = (parse_certificate_time(fields.get(field)) for field in ("notBefore", "notAfter"))
    return Certificate(
        der,
        format_name(fields.get("subject", ())),
        format_name(fields.get("issuer", ())),
        tuple(map(normalize_address, names)),
        starts_at,
        expires_at,
        str(fields.get("serialNumber", "")),
    )


def parse_certificate_time(value: object) -> float:
    """Return a time of a certificate in epoch seconds, 0 if it cannot be read (and is therefore expired)."""
    try:
        return float(ssl.cert_time_to_seconds(str(value)))
    except ValueError:
        return 0.0


def normalize_address(name: str) -> str:
    """Return an IPv6 address as it is usually written; any other name is unchanged."""
    import ipaddress

    try:
        return str(ipaddress.ip_address(name.strip()))
    except ValueError:
        return name


def format_name(rdns: Any) -> str:  # noqa: ANN401  # nested tuples of `ssl`
    """Format a distinguished name: its common name and organization, else all parts."""
    parts = {key: value for rdn in rdns for key, value in rdn}
    main_parts = [str(parts[key]) for key in ("commonName", "organizationName") if parts.get(key)]
    return ", ".join(main_parts or [f"{key}={value}" for key, value in parts.items()])
