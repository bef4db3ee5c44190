"""Requests to one cluster: sent, retried where that is safe, their responses read up to a size."""

from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import chain
from math import inf
from time import sleep
from typing import TYPE_CHECKING, TypeVar

from emqxctl.api import size_limits
from emqxctl.api.connection import Connection
from emqxctl.api.content_encoding import ACCEPTED_ENCODINGS, decode_chunks
from emqxctl.api.http_session import TRANSPORT_ERRORS, UnexpectedStatus, build_session
from emqxctl.api.request import Request, check_headers, check_storable, readonly_error
from emqxctl.api.request_body import CHUNK_BYTES, OnProgress, request_body
from emqxctl.api.request_log import debug_lines, redacted_body, to_curl
from emqxctl.api.response import Response
from emqxctl.api.retry import retry_delay_after_failure, retry_delay_after_response
from emqxctl.api.timeouts import Deadline, current_deadline
from emqxctl.errors import EmqxctlError, Interrupted

if TYPE_CHECKING:
    from requests import Response as RawResponse

    from emqxctl.api.connection_errors import TransportFailure
    from emqxctl.api.http_session import PlainSession
    from emqxctl.text.redaction import Redactor

Log = Callable[[str], None]
OnResponse = Callable[[Request, Response], None]
T = TypeVar("T")
Attempt = tuple[T | EmqxctlError, float | None]  # its outcome, and the seconds before a retry


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
        self.keeps_connections = True  # until a write is lost on one: the server may close them at any time

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
        return self.retry(request, lambda number: self.attempt(request, number, on_progress), expected_status)

    def retry(self, request: Request, attempt: Callable[[int], Attempt[T]], expected_status: int = 0) -> T:
        """Call `attempt` with its number until it names no delay; return its outcome, or raise it."""
        for number in range(self.connection.retries + 1):
            outcome, delay = attempt(number)
            is_expected = isinstance(outcome, Response) and outcome.status == expected_status
            if delay is None or is_expected or number == self.connection.retries:
                break
            self.log_request(f"{request.method} {request.url_path}: retry in {delay:.1f} s")
            self.sleep(delay)
        if isinstance(outcome, EmqxctlError):
            raise outcome
        return outcome

    def attempt(self, request: Request, number: int, on_progress: OnProgress | None) -> Attempt[Response]:
        """Send a request once; return the response or error, and the seconds before a retry or None."""
        deadline = Deadline(self.connection.timeout)
        try:
            return self.judge(request, self.send_once(request, deadline, on_progress), number)
        except TRANSPORT_ERRORS as error:
            return self.judge_failure(error, request, deadline, number)
        except KeyboardInterrupt as interrupt:
            if request.is_safe or not deadline.request_started:
                raise
            from emqxctl.api.outcome_hints import unknown_outcome_hint

            target = self.redactor.redact_text(f"{request.method} {request.url_path}")
            number = getattr(interrupt, "signal_number", 2)
            raise Interrupted(number, write=target, hint=unknown_outcome_hint(request)) from interrupt

    def judge(self, request: Request, response: Response, number: int) -> tuple[Response, float | None]:
        """Return a response, and the seconds before a retry or None if it is final."""
        if response.is_success:
            return response, None
        retry_after = response.headers.get("retry-after", "")
        max_wait = self.connection.timeout
        return response, retry_delay_after_response(
            request.method, response.status, retry_after, number, max_wait
        )

    def judge_failure(
        self, error: Exception, request: Request, deadline: Deadline, number: int
    ) -> tuple[EmqxctlError, float | None]:
        """Return the error for a request without a response, and the seconds before a retry or None."""
        failure = self.transport_failure(error, request, deadline)
        self.log_request(f"{request.method} {request.url_path}: {failure.error.message}")
        if failure.may_have_been_received and not request.is_safe:
            self.keeps_connections = False
        if not failure.transient:
            return failure.error, None
        delay = retry_delay_after_failure(
            request.method, may_have_been_received=failure.may_have_been_received, attempt=number
        )
        return failure.error, delay

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
        """Yield the body of a response of any size in chunks; it is requested again until its first chunk.

        `check_status` raises for a response that is not a success. The timeout applies to each chunk; there
        is no limit to the whole.
        """
        check_headers(request)

        error_response, chunks = self.retry(
            request, lambda number: self.attempt_stream(request, number, on_progress)
        )
        if error_response is not None:
            check_status(request, error_response)
        yield from chunks

    def attempt_stream(
        self, request: Request, number: int, on_progress: OnProgress
    ) -> Attempt[tuple[Response | None, Iterator[bytes]]]:
        """Request a body once; return an error response, or the chunks, of which the first has been read."""
        deadline = Deadline(self.connection.timeout)
        chunks = self.iterate_body(request, deadline, on_progress)
        try:
            first_chunk = next(chunks, b"")
        except UnexpectedStatus as error:
            response, delay = self.judge(request, error.response, number)
            return (response, iter(())), delay
        except TRANSPORT_ERRORS as error:
            return self.judge_failure(error, request, deadline, number)
        return (None, chain([first_chunk], self.name_failures(request, chunks, deadline))), None

    def iterate_body(self, request: Request, deadline: Deadline, on_progress: OnProgress) -> Iterator[bytes]:
        """Yield the body of a success in chunks. Raises UnexpectedStatus for any other response."""
        with self.open_response(request, deadline, encodings="identity") as raw_response:
            if not 200 <= raw_response.status_code < 300:
                raise UnexpectedStatus(self.read_response(request, raw_response, deadline))
            deadline.expires_at = inf
            encoding = raw_response.raw.headers.pop("Content-Encoding", "")
            total, size, limit = content_length(raw_response), 0, size_limits.MAX_UNREQUESTED_BYTES
            for chunk in decode_chunks(raw_response.iter_content(CHUNK_BYTES), encoding):
                size += len(chunk)
                if encoding and size > limit:
                    raise size_limits.too_large_error(
                        request, self.redactor, size_limits.MAX_UNREQUESTED_BYTES
                    )
                on_progress(size, total)
                yield chunk

    def name_failures(self, request: Request, chunks: Iterator[bytes], deadline: Deadline) -> Iterator[bytes]:
        """Yield chunks; a failure between them becomes an error with its reason."""
        try:
            yield from chunks
        except TRANSPORT_ERRORS as error:
            raise self.transport_failure(error, request, deadline).error from error

    def read_response(self, request: Request, raw_response: "RawResponse", deadline: Deadline) -> Response:
        """Read the whole of a response, but not the body of a redirect."""
        is_redirect = 300 <= raw_response.status_code < 400
        content = b"" if is_redirect else b"".join(self.read_body(request, raw_response))
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

    def read_body(self, request: Request, raw_response: "RawResponse") -> Iterator[bytes]:
        """Yield the decoded body in chunks; of an error only its beginning.

        Raises ServerError when it is larger than any page of EMQX.
        """
        is_success = 200 <= raw_response.status_code < 300
        maximum = size_limits.MAX_RESPONSE_BYTES if is_success else size_limits.MAX_ERROR_BYTES
        # Removed, so that urllib3 does not decode: some of its versions decode whole chunks at once.
        encoding = raw_response.raw.headers.pop("Content-Encoding", "")
        total = content_length(raw_response) if is_success else 0
        size = 0
        # A page of a list in one piece: it would be twice in memory while its chunks are joined.
        chunk_size = total if CHUNK_BYTES < total <= maximum and not encoding else CHUNK_BYTES
        for chunk in decode_chunks(raw_response.iter_content(chunk_size), encoding):
            size += len(chunk)
            if max(size, total) > maximum:
                if is_success:
                    raise size_limits.too_large_error(request, self.redactor, maximum)
                return
            yield chunk

    def open_response(
        self,
        request: Request,
        deadline: Deadline,
        on_progress: OnProgress | None = None,
        encodings: str = ACCEPTED_ENCODINGS,
    ) -> "RawResponse":
        """Send a request and return the response with its body not yet read."""
        current_deadline.set(deadline)
        if not (request.is_safe or self.keeps_connections):
            self.session.close()  # its connections; the next request opens a new one
        headers: dict[str, str | bytes] = {"Accept-Encoding": encodings}
        if request.accept:
            headers["Accept"] = request.accept
        if request.content_type:
            headers["Content-Type"] = request.content_type
        headers |= {name: value.encode("utf-8", "surrogateescape") for name, value in request.headers}
        return self.session.open(
            request.method,
            self.connection.url + request.url_path,
            headers,
            request_body(request.content, on_progress),
            (min(self.connection.connect_timeout, self.connection.timeout), self.connection.timeout),
        )

    @cached_property
    def session(self) -> "PlainSession":
        """The one HTTP session, created on first use."""
        return build_session(self.connection)

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


def content_length(raw_response: "RawResponse") -> int:
    """Return the Content-Length of a response, 0 if absent or invalid."""
    digits = raw_response.headers.get("Content-Length", "")[:18]
    return int(digits) if digits.isdecimal() else 0
