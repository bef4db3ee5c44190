"""DNS, TCP and TLS of the external system of a connector, checked from this computer with own sockets.

The nodes may have another DNS, another network and other CA files: a failure here proves nothing there.
"""

import socket
import ssl
from collections.abc import Iterator
from time import monotonic
from typing import Any, NamedTuple

from emqxctl.api.connection_errors import short_reason
from emqxctl.diagnosis.network import EXPIRY_WARNING_SECONDS, Finding, current_time
from emqxctl.diagnosis.target_address import Target
from emqxctl.output.results import Row
from emqxctl.text.units import format_coarse_duration

TIMEOUT = 4.0  # seconds of each connection
NO_CHECK_TIME = 0x200000  # OpenSSL's X509_V_FLAG_NO_CHECK_TIME: an expired certificate can be read


class TlsState(NamedTuple):
    """The certificate of a target, as `SSLSocket.getpeercert` returns it, and what is wrong with it.

    `is_trusted` is by the CAs of this computer.
    """

    protocol: str
    certificate: dict[str, Any]
    has_server_name: bool
    is_trusted: bool

    @property
    def seconds_left(self) -> float:
        """Seconds until the certificate expires."""
        return read_time(self.certificate, "notAfter") - current_time()

    @property
    def is_not_yet_valid(self) -> bool:
        """Whether the certificate becomes valid later."""
        return read_time(self.certificate, "notBefore") > current_time()

    @property
    def names(self) -> list[str]:
        """The host names and addresses that the certificate is for."""
        return [str(name) for _, name in self.certificate.get("subjectAltName", ())]

    @property
    def issuer(self) -> str:
        """The name of who signed the certificate."""
        pairs = dict(pair for names in self.certificate.get("issuer", ()) for pair in names)
        return str(pairs.get("organizationName") or pairs.get("commonName") or "an unnamed issuer")


class TargetCheck(NamedTuple):
    """The findings about one target; `code` is that of `connection_reasons`, empty if nothing is wrong."""

    target: Target
    findings: list[Finding]
    code: str = ""

    def to_row(self) -> Row:
        """Return the check as an object."""
        steps = [
            {"check": step.check, "status": step.status, "result": step.result, "fix": step.fix or None}
            for step in self.findings
        ]
        return {"target": self.target.address, "checked_from": "this computer", "steps": steps}


def check_target(target: Target, *, is_failing: bool = True) -> TargetCheck:
    """Check DNS, TCP and TLS of a target; the steps after a failure are omitted.

    If the connector `is_failing` without TLS, this checks whether the target uses TLS.
    """
    findings: list[Finding] = []
    try:
        addresses = resolve_host(target)
    except (OSError, UnicodeError):
        findings.append(Finding("dns", "fail", f"{target.host} cannot be resolved"))
        return TargetCheck(target, findings, "unknown_host")
    names = ", ".join(addresses[:3])
    description = "is an IP address" if addresses == [target.host] else f"resolves to {names}"
    findings.append(Finding("dns", "ok", f"{target.host} {description}"))
    start = monotonic()
    try:
        connect_to_target(target).close()
    except OSError as error:
        findings.append(Finding("tcp", "fail", f"port {target.port}: {short_reason(error)}"))
        return TargetCheck(target, findings, classify_failure(error))
    findings.append(Finding("tcp", "ok", f"port {target.port} in {(monotonic() - start) * 1000:.0f} ms"))
    finding, code = check_tls(target, is_failing=is_failing)
    return TargetCheck(target, [*findings, *([finding] if finding else [])], code)


def resolve_host(target: Target) -> list[str]:
    """Return the addresses of the host. Raises OSError or UnicodeError."""
    infos = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in infos))


def connect_to_target(target: Target) -> socket.socket:
    """Connect to a target. Raises OSError."""
    return socket.create_connection((target.host, target.port), timeout=TIMEOUT)


def classify_failure(error: OSError) -> str:
    """Return the code of a failure to connect."""
    if isinstance(error, ConnectionRefusedError):
        return "connection_refused"
    return "timeout" if isinstance(error, TimeoutError) else "unreachable"


def check_tls(target: Target, *, is_failing: bool) -> tuple[Finding | None, str]:
    """Return the finding about TLS, None if there is nothing to check, and the code of what is wrong."""
    if target.tls is None or (not target.tls and not is_failing):
        return None, ""
    try:
        state = read_tls_state(target)
    except OSError as error:  # ssl.SSLError is one
        if not target.tls:
            return Finding("tls", "ok", "not used, by the connector and by the target"), ""
        if is_plain_text(error):
            fix = "use the TLS port of the target, or disable TLS: ssl.enable=false"
            return Finding("tls", "fail", f"port {target.port} does not use TLS", fix), "tls_not_spoken"
        return Finding("tls", "fail", f"the handshake failed: {short_reason(error)}"), "tls_failed"
    if not target.tls:
        fix = "enable TLS in the connector: ssl.enable=true, or an https:// URL"
        return Finding(
            "tls", "fail", f"port {target.port} uses TLS, the connector does not", fix
        ), "tls_required"
    return judge_certificate(target, state)


def is_plain_text(error: OSError) -> bool:
    """Return whether a handshake failed because the other side does not use TLS."""
    reason = str(getattr(error, "reason", "") or "")
    return reason in {
        "WRONG_VERSION_NUMBER",
        "HTTP_REQUEST",
        "RECORD_LAYER_FAILURE",
        "PACKET_LENGTH_TOO_LONG",
    }


def judge_certificate(target: Target, state: TlsState) -> tuple[Finding, str]:
    """Return the finding about a certificate, and the code of what is wrong with it.

    What the connector does not verify is a warning. So is an issuer that this computer does not trust: the
    nodes have their own CA file.
    """
    problems = list(find_certificate_problems(target, state))
    issuer = f"signed by {state.issuer}"
    expiry = f"expires in {format_coarse_duration(state.seconds_left)}"
    if not problems:
        trust = "" if state.is_trusted else ", not trusted by this computer"
        status = "warn" if state.seconds_left < EXPIRY_WARNING_SECONDS else "ok"
        fix = "renew the certificate of the target" if status == "warn" else ""
        return Finding("tls", status, f"{state.protocol}, {issuer}{trust}, {expiry}", fix), ""
    code, message, fix = problems[0]
    details = "; ".join(text for _, text, _ in problems)
    if target.verified:
        return Finding("tls", "fail", f"{state.protocol}, {issuer}: {details}", fix), code
    return Finding(
        "tls", "warn", f"{state.protocol}: {message}, which the connector does not verify", fix
    ), ""


def find_certificate_problems(target: Target, state: TlsState) -> Iterator[tuple[str, str, str]]:
    """Yield code, description and fix of what is wrong with a certificate itself, whoever signed it."""
    renew = "renew the certificate of the target"
    if state.seconds_left < 0:
        date = state.certificate.get("notAfter")
        yield "tls_expired", f"the certificate expired on {date}", renew
    elif state.is_not_yet_valid:
        date = state.certificate.get("notBefore")
        yield "tls_expired", f"the certificate is not valid before {date}", "check the clocks, or renew it"
    if not state.has_server_name:
        names = ", ".join(state.names[:5]) or "no host name"
        fix = "connect to a name in the certificate, or set ssl.server_name_indication to one"
        yield "tls_wrong_name", f"the certificate is for {names}, not for {target.server_name}", fix


def read_tls_state(target: Target) -> TlsState:
    """Return the certificate of a target; it is read without verification. Raises OSError."""
    with connect_with_tls(target, new_unverified_context()) as tls_socket:
        protocol, certificate = tls_socket.version() or "TLS", tls_socket.getpeercert(binary_form=True)
    pem = ssl.DER_cert_to_PEM_cert(certificate or b"")
    with connect_with_tls(target, new_trusting_context(pem)) as tls_socket:
        fields: dict[str, Any] = dict(tls_socket.getpeercert() or {})
    name_context = new_trusting_context(pem)
    name_context.check_hostname = True
    public_context = ssl.create_default_context()
    public_context.check_hostname = False
    public_context.verify_flags |= NO_CHECK_TIME
    return TlsState(
        protocol, fields, accepts_target(target, name_context), accepts_target(target, public_context)
    )


def new_unverified_context() -> ssl.SSLContext:
    """Return a context that accepts any certificate."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def new_trusting_context(pem: str) -> ssl.SSLContext:
    """Return a context that trusts one certificate, whoever signed it and whenever it is valid."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(cadata=pem)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | NO_CHECK_TIME
    return context


def connect_with_tls(target: Target, context: ssl.SSLContext) -> ssl.SSLSocket:
    """Connect to a target and perform the TLS handshake. Raises OSError."""
    plain_socket = connect_to_target(target)
    try:
        return context.wrap_socket(plain_socket, server_hostname=target.server_name)
    except BaseException:
        plain_socket.close()
        raise


def accepts_target(target: Target, context: ssl.SSLContext) -> bool:
    """Return whether a context accepts the certificate of a target."""
    try:
        connect_with_tls(target, context).close()
    except ssl.SSLCertVerificationError:
        return False
    return True


def read_time(certificate: dict[str, Any], field: str) -> float:
    """Return a time of a certificate in epoch seconds."""
    text = str(certificate.get(field, ""))
    return float(ssl.cert_time_to_seconds(text)) if text else current_time()
