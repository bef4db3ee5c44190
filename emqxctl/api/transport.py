"""The HTTP session of one cluster: proxies, TLS, retries. The only module that imports requests."""

from collections.abc import Callable, Iterator
from functools import cached_property
from io import BytesIO
from math import inf
from time import sleep
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from emqxctl import __version__
from emqxctl.api.connection import CONNECT_SECONDS, Connection, client_certificate, tls_verification
from emqxctl.api.request import Request, check_headers, check_storable, readonly_error
from emqxctl.api.request_log import debug_lines, redacted_body, to_curl
from emqxctl.api.response import Response
from emqxctl.api.retry import retry_delay_after_failure, retry_delay_after_response
from emqxctl.api.timeouts import Deadline, DeadlineHTTPConnection, DeadlineHTTPSConnection, current_deadline
from emqxctl.errors import ExitCode, ServerError

if TYPE_CHECKING:
    from emqxctl.api.connection_errors import TransportFailure
    from emqxctl.text.redaction import Redactor

Log = Callable[[str], None]
OnProgress = Callable[[int, int], None]  # takes the bytes transferred so far and the total, 0 if unknown
OnResponse = Callable[[Request, Response], None]
MAX_RESPONSE_BYTES = 64 << 20  # the largest page EMQX sends is about 12 MB (10 000 clients)
CHUNK_BYTES = 1 << 16
TRANSPORT_ERRORS = (requests.RequestException, HTTPError)  # requests lets some of urllib3's through


class Transport:
    """Sends requests to one cluster and returns its responses, whatever their status.

    Every method raises an EmqxctlError: UnreachableError or TimedOutError without a response, UsageError for
    headers that cannot be sent, GuardError for a write in a read-only profile. `log` takes a line for stderr,
    `on_response` every response. In a dry run writes are not sent but kept in `dry_run_requests`.
    """

    def __init__(self, connection: Connection, log: Log, on_response: OnResponse | None = None) -> None:
        """Prepare; nothing is sent."""
        self.connection = connection
        self.log = log
        self.on_response = on_response
        self.dry_run_requests: list[Request] = []
        self.has_namespaces = False  # checked when a namespace is first sent
        self.sleep: Callable[[float], None] = sleep

    @cached_property
    def redactor(self) -> "Redactor":
        """Masks this run's secrets in whatever is shown."""
        from emqxctl.text.redaction import Redactor

        return Redactor(literals=[self.connection.api_secret, self.connection.token])

    def send(
        self, request: Request, *, expected_status: int = 0, on_progress: OnProgress | None = None
    ) -> Response:
        """Send a request, with retries where they are safe, and return the response, errors too.

        A response with `expected_status` is not retried. `on_progress` follows the upload of the body.
        """
        check_headers(request)
        if not request.is_safe:
            if self.connection.readonly:
                raise readonly_error(request)
            check_storable(request)
            if self.connection.dry_run:
                self.dry_run_requests.append(request)
                return Response(request.operation, request.method, self.connection.url, 204, "", {}, b"")
        for number in range(self.connection.retries + 1):
            outcome, delay = self.attempt(request, number, on_progress)
            is_expected = isinstance(outcome, Response) and outcome.status == expected_status
            if delay is None or is_expected or number == self.connection.retries:
                break
            self.log_request(f"{request.method} {request.url_path}: retry in {delay:.1f} s")
            self.sleep(delay)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def attempt(
        self, request: Request, number: int, on_progress: OnProgress | None
    ) -> tuple[Response | Exception, float | None]:
        """Send a request once; return the response or error, and the seconds before a retry or None."""
        deadline = Deadline(self.connection.timeout)
        try:
            response = self.send_once(request, deadline, on_progress)
        except TRANSPORT_ERRORS as error:
            failure = self.transport_failure(error, request, deadline)
            self.log_request(f"{request.method} {request.url_path}: {failure.error.message}")
            if not failure.transient:
                return failure.error, None
            delay = retry_delay_after_failure(
                request.method, may_have_been_received=failure.may_have_been_received, attempt=number
            )
            return failure.error, delay
        if response.is_success:
            return response, None
        retry_after = response.headers.get("retry-after", "")
        return response, retry_delay_after_response(request.method, response.status, retry_after, number)

    def transport_failure(self, error: Exception, request: Request, deadline: Deadline) -> "TransportFailure":
        """Classify why a request has no response; its message holds no secret of the request."""
        from emqxctl.api.connection_errors import classify_failure

        failure = classify_failure(error, request, self.connection, deadline)
        failure.error.message = self.redactor.redact_text(failure.error.message)
        return failure

    def send_once(self, request: Request, deadline: Deadline, on_progress: OnProgress | None) -> Response:
        """Send a request and read the whole response."""
        with self.open_response(request, deadline, on_progress) as raw_response:
            response = self.read_response(request, raw_response, deadline)
        if self.on_response:
            self.on_response(request, response)
        milliseconds = response.elapsed * 1000
        self.log_request(f"{request.method} {request.url_path} -> {response.status} in {milliseconds:.0f} ms")
        if self.connection.debug:
            for line in debug_lines(request, response, self.redactor):
                self.log(line)
        return response

    def stream(
        self, request: Request, on_progress: OnProgress, check_status: Callable[[Request, Response], None]
    ) -> Iterator[bytes]:
        """Yield the body of a response of any size in chunks.

        `check_status` raises for a response that is not a success. The timeout applies to each chunk; there
        is no limit to the whole.
        """
        check_headers(request)
        deadline, size = Deadline(self.connection.timeout), 0
        try:
            with self.open_response(request, deadline) as raw_response:
                if not 200 <= raw_response.status_code < 300:
                    check_status(request, self.read_response(request, raw_response, deadline))
                deadline.expires_at = inf
                total = content_length(raw_response)
                for chunk in raw_response.iter_content(CHUNK_BYTES):
                    size += len(chunk)
                    on_progress(size, total)
                    yield chunk
        except TRANSPORT_ERRORS as error:
            raise self.transport_failure(error, request, deadline).error from error

    def read_response(
        self, request: Request, raw_response: requests.Response, deadline: Deadline
    ) -> Response:
        """Read the whole of a response."""
        content = b"".join(self.read_body(request, raw_response))
        return Response(
            operation=request.operation,
            method=request.method,
            url=self.connection.url + request.url_path,
            status=raw_response.status_code,
            reason=raw_response.reason or "",
            headers={name.lower(): value for name, value in raw_response.headers.items()},
            content=content,
            elapsed=deadline.elapsed,
            arguments=request.arguments,
        )

    def read_body(self, request: Request, raw_response: requests.Response) -> Iterator[bytes]:
        """Yield the body in chunks; raise ServerError when it is larger than any page of EMQX."""
        total, size = content_length(raw_response), 0
        # A page of a list in one piece: it would be twice in memory while its chunks are joined.
        is_plain = "Content-Encoding" not in raw_response.headers and total <= MAX_RESPONSE_BYTES
        for chunk in raw_response.iter_content(max(total, CHUNK_BYTES) if is_plain else CHUNK_BYTES):
            size += len(chunk)
            if max(size, total) > MAX_RESPONSE_BYTES:
                target = self.redactor.redact_text(f"{request.method} {request.url_path}")
                message = f"response to {target} is larger than {MAX_RESPONSE_BYTES >> 20} MB"
                raise ServerError(
                    message,
                    code="TOO_LARGE",
                    hint="request less with --limit or a filter; check that this is EMQX: emqxctl status",
                    exit_code=ExitCode.SERVER,
                    details={"operation": request.operation, "status": raw_response.status_code},
                )
            yield chunk

    def open_response(
        self, request: Request, deadline: Deadline, on_progress: OnProgress | None = None
    ) -> requests.Response:
        """Send a request and return the response with its body not yet read."""
        current_deadline.set(deadline)
        headers: dict[str, str | bytes | None] = {"Accept": request.accept or None}
        if request.content_type:
            headers["Content-Type"] = request.content_type
        headers |= {name: value.encode("utf-8", "surrogateescape") for name, value in request.headers}
        return self.session.request(
            request.method,
            self.connection.url + request.url_path,
            data=request_body(request.content, on_progress),
            headers=headers,
            timeout=(min(CONNECT_SECONDS, self.connection.timeout), self.connection.timeout),
            allow_redirects=False,
            stream=True,
        )

    @cached_property
    def session(self) -> requests.Session:
        """The one session: no .netrc, TLS verified, proxies and CA bundles chosen by emqxctl."""
        connection = self.connection
        session = requests.Session()
        session.trust_env = False
        session.headers["User-Agent"] = f"emqxctl/{__version__}"
        session.mount("http://", DeadlineAdapter(max_retries=0))
        session.mount("https://", DeadlineAdapter(max_retries=0))
        session.proxies.update(select_proxies(connection))
        session.verify = tls_verification(connection)
        session.cert = client_certificate(connection)
        if connection.token:
            session.headers["Authorization"] = f"Bearer {connection.token}"
        elif connection.api_key:
            # requests writes a str as Latin-1; EMQX reads UTF-8.
            session.auth = (connection.api_key.encode(), connection.api_secret.encode())  # type: ignore[assignment]
        return session

    def log_request(self, line: str) -> None:
        """Log a line about a request if -v or --debug is set."""
        if self.connection.verbose or self.connection.debug:
            self.log(self.redactor.redact_text(line))

    def to_curl(self, request: Request) -> str:
        """Format a request as a curl command without its secrets."""
        body = (
            None
            if request.content is None
            else redacted_body(request.content, self.redactor, request.content_type)
        )
        url, has_token = self.redactor.redact_url(self.connection.url), bool(self.connection.token)
        return to_curl(request, url, body, token=has_token)


class ProgressBody(BytesIO):
    """A request body that reports how much of it has been read, and so sent."""

    def __init__(self, content: bytes, on_progress: OnProgress) -> None:
        """Keep the content and the callback."""
        super().__init__(content)
        self.size = len(content)
        self.on_progress = on_progress

    def read(self, size: int | None = -1, /) -> bytes:
        """Read the next bytes and report the progress."""
        chunk = super().read(size)
        self.on_progress(self.tell(), self.size)
        return chunk


def request_body(content: bytes | None, on_progress: OnProgress | None) -> bytes | BytesIO | None:
    """Return the body to send; a long one is sent in chunks, each with a timeout of its own."""
    if content is None:
        return None
    if on_progress is not None:
        return ProgressBody(content, on_progress)
    return content if len(content) <= CHUNK_BYTES else BytesIO(content)


def content_length(raw_response: requests.Response) -> int:
    """Return the Content-Length of a response, 0 if absent or invalid."""
    digits = raw_response.headers.get("Content-Length", "")[:18]
    return int(digits) if digits.isdecimal() else 0


def select_proxies(connection: Connection) -> dict[str, str]:
    """Return the option's or profile's proxy, else HTTP(S)_PROXY unless NO_PROXY names the host."""
    if connection.proxy:
        return {"http": connection.proxy, "https": connection.proxy}
    return dict(requests.utils.get_environ_proxies(connection.url))


def ca_bundle(connection: Connection) -> str:
    """Return the file (or folder) of the trusted CAs: the chosen one, else that of requests."""
    return connection.ca_file or requests.utils.DEFAULT_CA_BUNDLE_PATH


class DeadlineAdapter(HTTPAdapter):
    """Connections that respect the deadline even if the server sends a byte now and then."""

    def get_connection_with_tls_context(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401  # as given
        """Return a pool whose connections have deadlines, through a proxy or not."""
        pool: Any = super().get_connection_with_tls_context(*arguments, **options)
        pool.ConnectionCls = DeadlineHTTPSConnection if pool.scheme == "https" else DeadlineHTTPConnection
        return pool
