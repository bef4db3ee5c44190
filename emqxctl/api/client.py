"""One cluster's REST API: authentication, TLS, time-outs, retries. Alone in importing requests."""

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
from emqxctl.api.request import Query, Request, build_request, check_headers, readonly_error
from emqxctl.api.request_log import debug_lines, redacted_body, to_curl
from emqxctl.api.response import Response
from emqxctl.api.retry import retry_delay_after_failure, retry_delay_after_response
from emqxctl.api.timeouts import Deadline, DeadlineHTTPConnection, DeadlineHTTPSConnection, current_deadline
from emqxctl.errors import EmqxctlError, ExitCode, ServerError

if TYPE_CHECKING:
    from emqxctl.api.connection_errors import TransportFailure
    from emqxctl.text.redaction import Redactor

Log = Callable[[str], None]
MAX_RESPONSE_BYTES = 64 << 20  # bytes; the largest page EMQX makes is about 12 MB (10 000 clients)
CHUNK_BYTES = 1 << 16
TRANSPORT_ERRORS = (requests.RequestException, HTTPError)  # requests lets some of urllib3's through


class Client:
    """The REST API of one cluster, under `/api/v5`.

    Every method raises an EmqxctlError: ServerError for an error answer, UnreachableError or TimedOutError
    for none, UsageError for an argument that cannot stand in a path, GuardError for a write in a read-only
    profile. `tell` takes a line for stderr. In a dry run writes are not sent but kept in `planned`.
    """

    def __init__(self, connection: Connection, tell: Log) -> None:
        """Prepare; nothing is sent."""
        self.connection = connection
        self.log = tell
        self.dry_run_requests: list[Request] = []
        self.sleep: Callable[[float], None] = sleep
        self.on_upload_progress: Callable[[int, int], None] | None = (
            None  # is told how much of an upload was sent
        )
        self.on_response: Callable[[Request, Response], None] | None = None  # is told every answer

    @cached_property
    def redactor(self) -> "Redactor":
        """What takes this run's secrets out of whatever is shown."""
        from emqxctl.text.redaction import Redactor

        return Redactor(literals=[self.connection.api_secret, self.connection.token])

    def get(self, path: str, *arguments: str, query: Query = (), keep_raw_rows: bool = False) -> Any:  # noqa: ANN401
        """Read JSON; None for an empty body. With `as_sent` the rows of a list remember their text."""
        return self.send(build_request("GET", path, *arguments, query=query)).json(
            keep_raw_rows=keep_raw_rows
        )

    def post(self, path: str, *arguments: str, query: Query = (), body: object = None) -> Any:  # noqa: ANN401
        """Post JSON (no body for None) and give the answer's JSON, None when empty or in a dry run."""
        return self.send(build_request("POST", path, *arguments, query=query, body=body)).json()

    def put(self, path: str, *arguments: str, query: Query = (), body: object = None) -> Any:  # noqa: ANN401
        """Put JSON (no body for None) and give the answer's JSON, None when empty or in a dry run."""
        return self.send(build_request("PUT", path, *arguments, query=query, body=body)).json()

    def delete(self, path: str, *arguments: str, query: Query = ()) -> Any:  # noqa: ANN401  # JSON is Any
        """Delete, and give the answer's JSON, None when empty or in a dry run."""
        return self.send(build_request("DELETE", path, *arguments, query=query)).json()

    def send(self, call: Request) -> Response:
        """Send a call and give its answer; under its former name where the broker is older than that.

        Raises ServerError for any status but 2xx.
        """
        answer = self.exchange(call)
        try:
            self.check(answer, call)
        except EmqxctlError as error:
            if not error.details.get("unknown_path"):
                raise
            from emqxctl.api.legacy_paths import to_legacy_request

            renamed = to_legacy_request(call)
            answer = self.exchange(renamed) if renamed else answer
            if not 200 <= answer.status < 300:
                raise
        return answer

    def check(self, answer: Response, call: Request) -> None:
        """Raise the ServerError that an answer is, unless it is a 2xx."""
        if 200 <= answer.status < 300:
            return
        from emqxctl.api.error_responses import error_from_response
        from emqxctl.api.legacy_paths import SHADOWED_OPERATIONS

        error = error_from_response(answer, self.redactor)
        if error.details.get("unknown_path") or call.operation in SHADOWED_OPERATIONS:
            from emqxctl.api.availability import explain_missing_operation

            error = explain_missing_operation(self, call, error)
        if answer.status in {502, 504} and not call.is_safe:
            from emqxctl.api.connection_errors import mark_outcome_unknown

            error = mark_outcome_unknown(error)
        error.hint = error.hint or "--debug shows the request and the answer"
        raise error

    def exchange(self, call: Request, *, expected_status: int = 0) -> Response:
        """Send a call, again where that is right, and give whatever answer comes, errors too.

        An answer of the status `telling` is what was asked for, so that it is not waited to pass.
        """
        check_headers(call)
        if not call.is_safe:
            if self.connection.readonly:
                raise readonly_error(call)
            if self.connection.dry_run:
                self.dry_run_requests.append(call)
                return Response(call.operation, call.method, self.connection.url, 204, "", {}, b"")
        for number in range(self.connection.retries + 1):
            answer, pause = self.attempt(call, number)
            told = isinstance(answer, Response) and answer.status == expected_status
            if pause is None or told or number == self.connection.retries:
                break
            self.log_request(f"{call.method} {call.url_path}: again in {pause:.1f} s")
            self.sleep(pause)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def attempt(self, call: Request, number: int) -> tuple[Response | Exception, float | None]:
        """Send a call once. Gives its answer or its loss, and the seconds to wait before the next attempt."""
        patience = Deadline(self.connection.timeout)
        try:
            answer = self.send_once(call, patience)
        except TRANSPORT_ERRORS as error:
            loss = self.transport_failure(error, call, patience)
            self.log_request(f"{call.method} {call.url_path}: {loss.error.message}")
            if not loss.transient:
                return loss.error, None
            return loss.error, retry_delay_after_failure(
                call.method, may_have_been_received=loss.may_have_been_received, attempt=number
            )
        if 200 <= answer.status < 300:
            return answer, None
        asked = answer.headers.get("retry-after", "")
        return answer, retry_delay_after_response(call.method, answer.status, asked, number)

    def transport_failure(self, error: Exception, call: Request, patience: Deadline) -> "TransportFailure":
        """Judge why a call has no answer; the words hold no secret that stood in the call."""
        from emqxctl.api import connection_errors

        found = connection_errors.classify_failure(error, call, self.connection, patience)
        found.error.message = self.redactor.redact_text(found.error.message)
        return found

    def send_once(self, request: Request, patience: Deadline) -> Response:
        """Send a call and read the whole answer."""
        with self.open(request, patience) as response:
            answer = self.answer(request, response, patience)
        if self.on_response:
            self.on_response(request, answer)
        self.log_request(
            f"{request.method} {request.url_path} -> {answer.status} in {answer.elapsed * 1000:.0f} ms"
        )
        if self.connection.debug:
            for line in debug_lines(request, answer, self.redactor):
                self.log(line)
        return answer

    def stream(self, call: Request, step: Callable[[int, int], None]) -> Iterator[bytes]:
        """Get a body of any size piece by piece; `step` takes the bytes so far and the size, 0 if not told.

        Only each next byte is waited for as long as the time-out; there is no limit to the whole.
        """
        check_headers(call)
        patience, done = Deadline(self.connection.timeout), 0
        try:
            with self.open(call, patience) as response:
                if not 200 <= response.status_code < 300:
                    self.check(self.answer(call, response, patience), call)
                patience.expires_at = inf
                told = response.headers.get("Content-Length", "")
                for chunk in response.iter_content(CHUNK_BYTES):
                    done += len(chunk)
                    step(done, int(told) if told.isdecimal() else 0)
                    yield chunk
        except TRANSPORT_ERRORS as error:
            raise self.transport_failure(error, call, patience).error from error

    def answer(self, call: Request, response: requests.Response, patience: Deadline) -> Response:
        """Read the whole of an answer."""
        content = b"".join(self.read(response, call))
        headers = {name.lower(): value for name, value in response.headers.items()}
        url, status, reason = self.connection.url + call.url_path, response.status_code, response.reason or ""
        return Response(
            call.operation,
            call.method,
            url,
            status,
            reason,
            headers,
            content,
            patience.elapsed,
            call.arguments,
        )

    def read(self, response: requests.Response, call: Request) -> Iterator[bytes]:
        """Read an answer piece by piece, so that no flood of bytes can fill the memory."""
        told, size = response.headers.get("Content-Length", ""), 0
        for chunk in response.iter_content(CHUNK_BYTES):
            size += len(chunk)
            if max(size, int(told[:18]) if told.isdecimal() else 0) > MAX_RESPONSE_BYTES:
                target = self.redactor.redact_text(f"{call.method} {call.url_path}")
                message = f"the answer to {target} is larger than {MAX_RESPONSE_BYTES >> 20} MB"
                raise ServerError(
                    message,
                    code="TOO_LARGE",
                    hint="ask for less: --limit, a filter; or is this EMQX? emqxctl status tells",
                    exit_code=ExitCode.SERVER,
                    details={"operation": call.operation, "status": response.status_code},
                )
            yield chunk

    def open(self, call: Request, patience: Deadline) -> requests.Response:
        """Send a call and give the answer with its body still to be read."""
        current_deadline.set(patience)
        headers: dict[str, str | bytes | None] = {"Accept": call.accept or None}
        if call.content_type:
            headers["Content-Type"] = call.content_type
        headers |= {name: value.encode("utf-8", "surrogateescape") for name, value in call.headers}
        return self.session.request(
            call.method,
            self.connection.url + call.url_path,
            data=self.request_body(call),
            headers=headers,
            timeout=(min(CONNECT_SECONDS, self.connection.timeout), self.connection.timeout),
            allow_redirects=False,
            stream=True,
        )

    def request_body(self, call: Request) -> bytes | BytesIO | None:
        """Give the body to send: a long one in pieces, each with a time-out of its own; watched if wanted."""
        if call.content is None or (self.on_upload_progress is None and len(call.content) <= CHUNK_BYTES):
            return call.content
        if self.on_upload_progress is None:
            return BytesIO(call.content)
        from emqxctl.api.transfers import Sending

        return Sending(call.content, self.on_upload_progress)

    @cached_property
    def session(self) -> requests.Session:
        """The one session: no .netrc, no redirects, TLS verified, proxies and CA bundles given by us."""
        known = self.connection
        session = requests.Session()
        session.trust_env = False
        session.headers["User-Agent"] = f"emqxctl/{__version__}"
        session.mount("http://", DeadlineAdapter(max_retries=0))
        session.mount("https://", DeadlineAdapter(max_retries=0))
        session.proxies.update(select_proxies(known))
        session.verify = tls_verification(known)
        session.cert = client_certificate(known)
        if known.token:
            session.headers["Authorization"] = f"Bearer {known.token}"
        elif known.api_key:
            # requests writes a str as Latin-1; EMQX reads UTF-8.
            session.auth = (known.api_key.encode(), known.api_secret.encode())  # type: ignore[assignment]
        return session

    def log_request(self, line: str) -> None:
        """Tell a line about a request when -v or --debug asked for it."""
        if self.connection.verbose or self.connection.debug:
            self.log(self.redactor.redact_text(line))

    def to_curl(self, call: Request) -> str:
        """Write a call as a curl command without its secrets."""
        body = None if call.content is None else redacted_body(call.content, self.redactor, call.content_type)
        return to_curl(
            call, self.redactor.redact_url(self.connection.url), body, token=bool(self.connection.token)
        )


def select_proxies(connection: Connection) -> dict[str, str]:
    """Give the proxies: the option's or profile's, else HTTP(S)_PROXY unless NO_PROXY names the host."""
    if connection.proxy:
        return {"http": connection.proxy, "https": connection.proxy}
    return dict(requests.utils.get_environ_proxies(connection.url))


def ca_bundle(connection: Connection) -> str:
    """Give the file (or folder) of the CAs that are trusted, whoever chose it."""
    return connection.ca_file or requests.utils.DEFAULT_CA_BUNDLE_PATH


class DeadlineAdapter(HTTPAdapter):
    """Connections that give up in time, also when bytes keep dripping."""

    def get_connection_with_tls_context(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401  # as given
        """Make connections of our kind, whether through a proxy or not."""
        pool: Any = super().get_connection_with_tls_context(*arguments, **options)
        pool.ConnectionCls = DeadlineHTTPSConnection if pool.scheme == "https" else DeadlineHTTPConnection
        return pool
