"""What a lost connection means: no server, no name, no trust, no time, or a write nobody can vouch for."""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass

from urllib3 import exceptions

from emqxctl.api.connection import CONNECT_SECONDS, Connection
from emqxctl.api.request import Request
from emqxctl.api.timeouts import Deadline
from emqxctl.errors import ConfigError, EmqxctlError, TimedOutError, UnreachableError

IDLE_CUT_SECONDS = (
    55.0  # seconds; EMQX closes a call that computes longer than 60 s, though its work goes on (api.md §0.9)
)


@dataclass(frozen=True, slots=True)
class TransportFailure:
    """A call without an answer: the error to show, whether it may have been received, and may pass."""

    error: EmqxctlError
    may_have_been_received: bool
    transient: bool


def classify_failure(
    error: Exception, call: Request, known: Connection, patience: Deadline
) -> TransportFailure:
    """Judge what requests raised in an exchange."""
    causes = list(iterate_causes(error))
    for cause in causes:
        found = classify_unsent(cause, causes, known, sent=patience.request_sent)
        if found is not None:
            return found
        if isinstance(cause, exceptions.ReadTimeoutError | TimeoutError):
            if not patience.request_started:  # a TLS handshake without an answer
                return TransportFailure(
                    connect_timeout_error(known), may_have_been_received=False, transient=True
                )
            return TransportFailure(
                response_timeout_error(call, known, patience), may_have_been_received=True, transient=False
            )
    if type(error).__name__ in {"InvalidURL", "InvalidProxyURL", "InvalidSchema", "MissingSchema"}:
        return TransportFailure(bad_url_error(known), may_have_been_received=False, transient=False)
    if not patience.request_started:
        return TransportFailure(
            connection_refused_error(known, causes[-1]), may_have_been_received=False, transient=True
        )
    return TransportFailure(
        connection_lost_error(call, patience.elapsed, causes[-1]), may_have_been_received=True, transient=True
    )


def classify_unsent(
    cause: BaseException, causes: list[BaseException], known: Connection, *, sent: bool
) -> TransportFailure | None:
    """Judge a cause for which the request cannot have been acted on; None for any other."""
    match cause:
        case ssl.SSLError() if sent and not find_tls_error(cause):
            return None  # a connection cut under TLS looks like this too
        case exceptions.ProxyError() if sent:
            return None  # the proxy had the request, and perhaps the server too
        case exceptions.ProxyError():
            error: EmqxctlError = proxy_error(known, cause)
        case exceptions.SSLError() if sent and any(isinstance(one, ssl.SSLError) for one in causes):
            return None  # judged by its cause
        case ssl.SSLError() | exceptions.SSLError():
            error = tls_error(known, next((one for one in causes if isinstance(one, ssl.SSLError)), cause))
        case exceptions.NameResolutionError():
            error = unknown_host_error(known)
        case exceptions.NewConnectionError():  # of late a kind of ConnectTimeoutError
            error = connection_refused_error(known, cause)
        case exceptions.ConnectTimeoutError():
            error = connect_timeout_error(known)
        case exceptions.LocationParseError() | exceptions.LocationValueError():
            error = bad_url_error(known)
        case _:
            return None
    passing = isinstance(cause, exceptions.ProxyError | exceptions.HTTPError) and not isinstance(
        cause, exceptions.SSLError | exceptions.NameResolutionError | exceptions.LocationValueError
    )
    return TransportFailure(error, may_have_been_received=False, transient=passing)


def iterate_causes(error: BaseException) -> Iterator[BaseException]:
    """Walk from what requests raised to what caused it, each once."""
    waiting: list[object] = [error]
    seen: list[int] = []
    while waiting:
        one = waiting.pop(0)
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.append(id(one))
        yield one
        waiting += [getattr(one, "reason", None), *one.args, one.__cause__, one.__context__]


def connection_refused_error(known: Connection, cause: BaseException) -> UnreachableError:
    """Say that nothing listens there."""
    reason = short_reason(next((one for one in iterate_causes(cause) if isinstance(one, OSError)), cause))
    return UnreachableError(
        f"cannot connect to {known.url}: {reason}",
        code="CONNECTION_REFUSED" if reason == "connection refused" else "UNREACHABLE",
        hint="is EMQX running, and is this the dashboard's port (18083, or 18084 with TLS)?",
    )


def unknown_host_error(known: Connection) -> UnreachableError:
    """Say that the host's name is not known."""
    return UnreachableError(
        f"cannot resolve the host name in {known.url}",
        code="UNKNOWN_HOST",
        hint="check the profile's url (emqxctl keys list) and the DNS",
    )


def connect_timeout_error(known: Connection) -> TimedOutError:
    """Say that the connection was not even accepted in time."""
    seconds = min(CONNECT_SECONDS, known.timeout)
    return TimedOutError(
        f"no connection to {known.url} within {seconds:g} s",
        code="CONNECT_TIMED_OUT",
        hint="a firewall that drops packets looks like this; check host, port and network",
    )


def response_timeout_error(call: Request, known: Connection, patience: Deadline) -> TimedOutError:
    """Say that no answer came in time, or not the whole of it; a write may still be under way."""
    hint = "give it longer: --timeout 120"
    if not call.is_safe:
        hint = "the change may have been made, or may still be running: look before you repeat it"
    message = f"no answer to {call.method} {call.url_path} within {known.timeout:g} s"
    if patience.is_expired:
        message = f"the answer to {call.method} {call.url_path} was not whole within {2 * known.timeout:g} s"
    return TimedOutError(message, hint=hint, details=outcome_details(call))


def connection_lost_error(call: Request, elapsed: float, cause: BaseException) -> UnreachableError:
    """Say that the connection broke before the answer was whole; a write is then unknown, not failed."""
    message = (
        f"the connection broke before {call.method} {call.url_path} was answered ({short_reason(cause)})"
    )
    if call.is_safe:
        hint = "try again; emqxctl status tells more"
        if type(cause).__name__ == "BadStatusLine":
            hint = "is this the right port? 18083 goes with http://, 18084 with https://"
        return UnreachableError(message, code="CONNECTION_LOST", hint=hint)
    if elapsed > IDLE_CUT_SECONDS:
        hint = "EMQX cuts a call after 60 s, but its work goes on: look before you repeat it"
    else:
        hint = "the change may or may not have been made: look before you repeat it"
    return UnreachableError(message, code="OUTCOME_UNKNOWN", hint=hint, details=outcome_details(call))


def mark_outcome_unknown(error: EmqxctlError) -> EmqxctlError:
    """Mark a write that a proxy answered in the server's place (502, 504): it may have been done."""
    error.details["unknown"] = True
    if "look before" not in error.hint:
        doubt = "The change may or may not have been made: look before you repeat it."
        error.hint = f"{error.hint}\n{doubt}".strip()
    return error


def outcome_details(call: Request) -> dict[str, object]:
    """Give the details that mark a write whose outcome nobody knows."""
    return {"operation": call.operation} if call.is_safe else {"operation": call.operation, "unknown": True}


def proxy_error(known: Connection, cause: BaseException) -> UnreachableError:
    """Say that the proxy, not the server, is the trouble."""
    reason = short_reason(next((one for one in iterate_causes(cause) if isinstance(one, OSError)), cause))
    return UnreachableError(
        f"the proxy on the way to {known.url} failed: {reason}",
        code="PROXY_FAILED",
        hint="check --proxy, the profile's proxy, or HTTP_PROXY, HTTPS_PROXY and NO_PROXY",
    )


TLS_ERRORS = (
    ("not yet valid", "its certificate is not yet valid", "check the clocks here and there"),
    ("expired", "its certificate has expired", "renew it on the server"),
    (
        "self-signed certificate",
        "its certificate is signed by nobody known here",
        "trust its CA: --ca-file CA.pem",
    ),
    (
        "self signed certificate",
        "its certificate is signed by nobody known here",
        "trust its CA: --ca-file CA.pem",
    ),
    ("unable to get", "its certificate is signed by a CA not known here", "trust that CA: --ca-file CA.pem"),
    ("doesn't match", "its certificate is for another host name", "use the name in the certificate as url"),
    (
        "hostname mismatch",
        "its certificate is for another host name",
        "use the name in the certificate as url",
    ),
    (
        "ip address mismatch",
        "its certificate is not for this address",
        "use the name in the certificate as url",
    ),
    ("wrong version number", "it does not speak TLS on this port", "use http://, or the TLS port (18084)"),
    ("record layer failure", "it does not speak TLS on this port", "use http://, or the TLS port (18084)"),
    ("http request", "it does not speak TLS on this port", "use http://, or the TLS port (18084)"),
    ("certificate required", "it wants a client certificate", "give --client-cert and --client-key"),
    ("handshake failure", "it refused the TLS handshake", "it may want a client certificate: --client-cert"),
    ("protocol version", "it speaks only an old TLS version", "enable TLS 1.2 or 1.3 on the listener"),
    ("unsupported protocol", "it speaks only an old TLS version", "enable TLS 1.2 or 1.3 on the listener"),
    (
        "unknown ca",
        "it does not trust our client certificate",
        "check --client-cert and its CA on the server",
    ),
)


def find_tls_error(cause: BaseException) -> tuple[str, str, str] | None:
    """Find the known trouble with TLS that an exception tells of."""
    said = str(cause).lower()
    return next((known for known in TLS_ERRORS if known[0] in said), None)


def find_unusable_file(known: Connection) -> ConfigError | None:
    """Find out whether TLS failed for a file of ours, which the exception does not tell."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    asked = False

    def no_password() -> bytes:
        nonlocal asked
        asked = True
        return b""

    try:
        if known.ca_file:
            made.load_verify_locations(known.ca_file)
    except (OSError, ValueError):
        message = f"{known.ca_file} holds no certificate that can be read"
        return ConfigError(message, code="BAD_CA_FILE", hint="--ca-file takes certificates in PEM form")
    try:
        if known.client_cert:
            key = known.client_key or known.client_cert
            made.load_cert_chain(known.client_cert, key, no_password)
    except (OSError, ValueError):
        why = "is encrypted" if asked else "cannot be read, or does not belong to the client certificate"
        message = f"the client key in {known.client_key or known.client_cert} {why}"
        hint = "check --client-cert and --client-key: PEM files, the key without a password"
        return ConfigError(message, code="BAD_CLIENT_KEY", hint=hint)
    return None


def tls_error(known: Connection, cause: BaseException) -> EmqxctlError:
    """Say why TLS failed, in words."""
    bad_file = None if isinstance(cause, ssl.SSLCertVerificationError) else find_unusable_file(known)
    if bad_file:
        return bad_file
    found = find_tls_error(cause)
    if found:
        _, meaning, remedy = found
    else:
        meaning, remedy = (
            f"TLS failed ({short_reason(cause)})",
            "see --debug; check --ca-file and the server's certificate",
        )
    hint = (
        f"{remedy}; --insecure skips the check" if "certificate" in meaning and "its" in meaning else remedy
    )
    return UnreachableError(f"cannot trust {known.url}: {meaning}", code="TLS_FAILED", hint=hint)


def bad_url_error(known: Connection) -> ConfigError:
    """Say that the URL or the proxy cannot be used."""
    hint = "check the profile's url and proxy (emqxctl keys list)"
    return ConfigError(f"{known.url} (or its proxy) cannot be used as a URL", code="BAD_URL", hint=hint)


def short_reason(cause: BaseException) -> str:
    """Give the short reason in an exception, on one line and without addresses of objects."""
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror.lower()
    known = {"IncompleteRead": "it was cut short", "BadStatusLine": "with what is not HTTP"}
    if type(cause).__name__ in known:  # their own words are numbers, or whatever bytes came
        return known[type(cause).__name__]
    said = " ".join(str(cause.args[-1] if cause.args else cause).split())[:100] or type(cause).__name__
    return said.rpartition("object at 0x")[2].partition(">: ")[2] or said.partition(" object at")[0]
