"""Requests without a response, as errors: no server, no host name, no trust, a timeout."""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass

from urllib3 import exceptions

from emqxctl.api.connection import CONNECT_SECONDS, Connection
from emqxctl.api.other_ports import API_PORT_HINT, mqtt_port_hint, no_http_error
from emqxctl.api.outcome_hints import completed_later_hint, timed_out_hint, unknown_outcome_hint
from emqxctl.api.request import Request
from emqxctl.api.timeouts import Deadline
from emqxctl.errors import ConfigError, EmqxctlError, TimedOutError, UnreachableError

IDLE_CUT_SECONDS = 55.0  # EMQX closes a request that takes longer than 60 s; its work goes on (api.md §0.9)
NAME_HINT = "use the host name in the certificate as url"
HTTP_HINT = "use http://, or the TLS port (18084)"
REFUSED_HINT = "check that EMQX is running, and that this is the port of its dashboard (18083, TLS 18084)"
CA_HINT = "trust its CA: --ca-file CA.pem"
NO_RESPONSE_ERRORS = frozenset({"BadStatusLine", "ConnectionResetError", "RemoteDisconnected"})
INVALID_URL_ERRORS = frozenset({"InvalidURL", "InvalidProxyURL", "InvalidSchema", "MissingSchema"})


@dataclass(frozen=True, slots=True)
class TransportFailure:
    """A request without a response. `transient`: a retry may succeed."""

    error: EmqxctlError
    may_have_been_received: bool
    transient: bool


def classify_failure(
    error: Exception, request: Request, connection: Connection, deadline: Deadline
) -> TransportFailure:
    """Return the failure that an exception of requests means."""
    causes = list(iterate_causes(error))
    for cause in causes:
        failure = classify_unsent(cause, causes, connection, is_sent=deadline.request_sent)
        if failure is not None:
            return failure
        if isinstance(cause, exceptions.ReadTimeoutError | TimeoutError):
            if not deadline.request_started:  # the TLS handshake timed out
                connect_error = connect_timeout_error(connection)
                return TransportFailure(connect_error, may_have_been_received=False, transient=True)
            timeout_error = response_timeout_error(request, connection, deadline)
            return TransportFailure(timeout_error, may_have_been_received=True, transient=False)
    if type(error).__name__ in INVALID_URL_ERRORS:
        return TransportFailure(bad_url_error(connection), may_have_been_received=False, transient=False)
    if not deadline.request_started:
        refused_error = connection_refused_error(connection, causes[-1])
        return TransportFailure(refused_error, may_have_been_received=False, transient=True)
    return classify_lost_connection(causes[-1], request, connection, deadline)


def classify_lost_connection(
    cause: BaseException, request: Request, connection: Connection, deadline: Deadline
) -> TransportFailure:
    """Return the failure of a request whose connection was lost; a port of MQTT causes that each time."""
    no_http = no_http_error(connection) if type(cause).__name__ in NO_RESPONSE_ERRORS else None
    if no_http is not None and request.is_safe:
        return TransportFailure(no_http, may_have_been_received=False, transient=False)
    error = connection_lost_error(request, deadline.elapsed, cause)
    error.hint += f"\n{no_http.hint}" if no_http else ""
    return TransportFailure(error, may_have_been_received=True, transient=True)


def classify_unsent(
    cause: BaseException, causes: list[BaseException], connection: Connection, *, is_sent: bool
) -> TransportFailure | None:
    """Return the failure of a request that the server cannot have acted on; None for any other cause."""
    match cause:
        case ssl.SSLError() if is_sent and not find_tls_error(cause):
            return None  # a connection lost under TLS looks like this too
        case exceptions.ProxyError() if is_sent:
            return None  # the proxy received the request, and perhaps the server too
        case exceptions.ProxyError():
            error: EmqxctlError = proxy_error(connection, cause)
        case exceptions.SSLError() if is_sent and find_cause(causes, ssl.SSLError):
            return None  # classified by its cause
        case ssl.SSLError() | exceptions.SSLError():
            error = tls_error(connection, find_cause(causes, ssl.SSLError) or cause)
        case exceptions.NameResolutionError():
            error = unknown_host_error(connection)
        case exceptions.NewConnectionError():  # recently a kind of ConnectTimeoutError
            error = connection_refused_error(connection, cause)
        case exceptions.ConnectTimeoutError():
            error = connect_timeout_error(connection)
        case exceptions.LocationParseError() | exceptions.LocationValueError():
            error = bad_url_error(connection)
        case _:
            return None
    transient = isinstance(cause, exceptions.ProxyError | exceptions.HTTPError) and not isinstance(
        cause, exceptions.SSLError | exceptions.NameResolutionError | exceptions.LocationValueError
    )
    return TransportFailure(error, may_have_been_received=False, transient=transient)


def iterate_causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and everything that caused it, each once."""
    pending: list[object] = [error]
    seen_ids: list[int] = []
    while pending:
        cause = pending.pop(0)
        if not isinstance(cause, BaseException) or id(cause) in seen_ids:
            continue
        seen_ids.append(id(cause))
        yield cause
        pending += [getattr(cause, "reason", None), *cause.args, cause.__cause__, cause.__context__]


def find_cause(causes: list[BaseException], kind: type[BaseException]) -> BaseException | None:
    """Return the first cause of a kind, None if there is none."""
    return next((cause for cause in causes if isinstance(cause, kind)), None)


def find_os_error(error: BaseException) -> BaseException:
    """Return the error of the operating system behind an exception, or the exception itself."""
    return find_cause(list(iterate_causes(error)), OSError) or error


def connection_refused_error(connection: Connection, cause: BaseException) -> UnreachableError:
    """Return the error for a server that accepts no connection."""
    reason = short_reason(find_os_error(cause))
    return UnreachableError(
        f"cannot connect to {connection.url}: {reason}",
        code="CONNECTION_REFUSED" if reason == "connection refused" else "UNREACHABLE",
        hint=mqtt_port_hint(connection.url) or REFUSED_HINT,
    )


def unknown_host_error(connection: Connection) -> UnreachableError:
    """Return the error for a host name that cannot be resolved."""
    return UnreachableError(
        f"cannot resolve the host name in {connection.url}",
        code="UNKNOWN_HOST",
        hint="check the DNS, and the profile's url: emqxctl keys list",
    )


def connect_timeout_error(connection: Connection) -> TimedOutError:
    """Return the error for a connection that was not accepted in time."""
    seconds = min(CONNECT_SECONDS, connection.timeout)
    return TimedOutError(
        f"no connection to {connection.url} within {seconds:g} s",
        code="CONNECT_TIMED_OUT",
        hint="check host, port and network; a firewall that drops packets causes this",
    )


def response_timeout_error(request: Request, connection: Connection, deadline: Deadline) -> TimedOutError:
    """Return the error for a response that was not complete in time; a write may still be running."""
    hint = "increase the timeout: --timeout 120" if request.is_safe else timed_out_hint(request)
    operation = f"{request.method} {request.url_path}"
    message = f"no response to {operation} within {connection.timeout:g} s"
    if deadline.response_started:
        timeouts = 2 if deadline.is_expired else 1
        message = f"incomplete response to {operation} after {connection.timeout * timeouts:g} s"
    return TimedOutError(message, hint=hint, details=outcome_details(request))


def connection_lost_error(request: Request, elapsed: float, cause: BaseException) -> UnreachableError:
    """Return the error for a connection lost before the end of the response; a write's outcome is unknown."""
    message = (
        f"connection lost before the response to {request.method} {request.url_path} ({short_reason(cause)})"
    )
    if request.is_safe:
        hint = "retry; check the server: emqxctl status"
        if type(cause).__name__ in {"BadStatusLine", "RemoteDisconnected"}:
            hint = f"check the port, and use https:// if it uses TLS: {API_PORT_HINT}"
        return UnreachableError(message, code="CONNECTION_LOST", hint=hint)
    hint = unknown_outcome_hint(request)
    if elapsed > IDLE_CUT_SECONDS:
        hint = completed_later_hint(request)
    return UnreachableError(message, code="OUTCOME_UNKNOWN", hint=hint, details=outcome_details(request))


def mark_outcome_unknown(error: EmqxctlError, request: Request) -> EmqxctlError:
    """Mark a write that something before the server answered (3xx, 502, 504): it may have been made."""
    error.details["unknown"] = True
    if "before you retry" not in error.hint:
        error.hint = "\n".join(filter(None, [error.hint, unknown_outcome_hint(request)]))
    return error


def outcome_details(request: Request) -> dict[str, object]:
    """Return the details of an error; they mark a write whose outcome is unknown."""
    return {"operation": request.operation} | ({} if request.is_safe else {"unknown": True})


def proxy_error(connection: Connection, cause: BaseException) -> UnreachableError:
    """Return the error for a proxy that failed."""
    return UnreachableError(
        f"proxy for {connection.url} failed: {short_reason(find_os_error(cause))}",
        code="PROXY_FAILED",
        hint="check --proxy, the profile's proxy, or HTTP_PROXY, HTTPS_PROXY and NO_PROXY",
    )


# Part of OpenSSL's message, what it means, how to fix it.
TLS_ERRORS = (
    ("not yet valid", "certificate not yet valid", "check the clocks of this machine and of the server"),
    ("expired", "certificate expired", "renew it on the server"),
    ("self-signed certificate", "certificate signed by unknown authority", CA_HINT),
    ("self signed certificate", "certificate signed by unknown authority", CA_HINT),
    ("unable to get", "certificate signed by unknown authority", CA_HINT),
    ("doesn't match", "certificate not valid for this host name", NAME_HINT),
    ("hostname mismatch", "certificate not valid for this host name", NAME_HINT),
    ("ip address mismatch", "certificate not valid for this address", NAME_HINT),
    ("wrong version number", "the port does not use TLS", HTTP_HINT),
    ("record layer failure", "the port does not use TLS", HTTP_HINT),
    ("http request", "the port does not use TLS", HTTP_HINT),
    ("certificate required", "client certificate required", "add --client-cert and --client-key"),
    ("handshake failure", "TLS handshake rejected", "a client certificate may be required: --client-cert"),
    ("protocol version", "TLS version not supported", "enable TLS 1.2 or 1.3 on the listener"),
    ("unsupported protocol", "TLS version not supported", "enable TLS 1.2 or 1.3 on the listener"),
    ("unknown ca", "client certificate not trusted", "check --client-cert and its CA on the server"),
)


def find_tls_error(cause: BaseException) -> tuple[str, str, str] | None:
    """Return the entry of TLS_ERRORS for an exception, None if it is unknown."""
    text = str(cause).lower()
    return next((entry for entry in TLS_ERRORS if entry[0] in text), None)


def find_unusable_file(connection: Connection) -> ConfigError | None:
    """Return the error for a local file that TLS cannot use, which the exception does not name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    is_encrypted = False

    def reject_password() -> bytes:
        nonlocal is_encrypted
        is_encrypted = True
        return b""

    try:
        if connection.ca_file:
            context.load_verify_locations(connection.ca_file)
    except (OSError, ValueError):
        message = f"no valid certificate in {connection.ca_file}"
        return ConfigError(message, code="BAD_CA_FILE", hint="--ca-file requires certificates in PEM format")
    try:
        if connection.client_cert:
            key = connection.client_key or connection.client_cert
            context.load_cert_chain(connection.client_cert, key, reject_password)
    except (OSError, ValueError):
        reason = "encrypted" if is_encrypted else "invalid, or does not belong to the client certificate"
        message = f"client key in {connection.client_key or connection.client_cert} is {reason}"
        hint = "check --client-cert and --client-key: PEM files, the key without a password"
        return ConfigError(message, code="BAD_CLIENT_KEY", hint=hint)
    return None


def tls_error(connection: Connection, cause: BaseException) -> EmqxctlError:
    """Return the error for TLS that failed."""
    is_verification_error = isinstance(cause, ssl.SSLCertVerificationError)
    file_error = None if is_verification_error else find_unusable_file(connection)
    if file_error:
        return file_error
    entry = find_tls_error(cause)
    if entry:
        _, reason, hint = entry
    else:
        reason = f"TLS failed ({short_reason(cause)})"
        hint = "see --debug; check --ca-file and the server's certificate"
        hint = mqtt_port_hint(connection.url) or hint
    if reason.startswith("certificate "):
        hint += "; skip the verification: --insecure"
    return UnreachableError(f"cannot trust {connection.url}: {reason}", code="TLS_FAILED", hint=hint)


def bad_url_error(connection: Connection) -> ConfigError:
    """Return the error for an invalid URL of the server or the proxy."""
    hint = "check the profile's url and proxy: emqxctl keys list"
    return ConfigError(f"invalid URL {connection.url}, or invalid proxy", code="BAD_URL", hint=hint)


def short_reason(cause: BaseException) -> str:
    """Return the short reason in an exception, on one line and without addresses of objects."""
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror.lower()
    # Their own texts are numbers, or whatever bytes were received.
    reasons = {"IncompleteRead": "incomplete response", "BadStatusLine": "not an HTTP response"}
    if type(cause).__name__ in reasons:
        return reasons[type(cause).__name__]
    text = " ".join(str(cause.args[-1] if cause.args else cause).split())[:100] or type(cause).__name__
    return text.rpartition("object at 0x")[2].partition(">: ")[2] or text.partition(" object at")[0]
