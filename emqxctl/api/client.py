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
from emqxctl.api.connection import CONNECT_SECONDS, Connection, identity, trust
from emqxctl.api.request import Call, Query, build, check_headers, readonly
from emqxctl.api.request_log import conversation, curl, shown
from emqxctl.api.response import Answer
from emqxctl.api.retry import after_answer, after_loss
from emqxctl.api.timeouts import PATIENCE, Patience, PatientPlain, PatientTls
from emqxctl.errors import EmqxctlError, ExitCode, ServerError

if TYPE_CHECKING:
    from emqxctl.api.connection_errors import Loss
    from emqxctl.text.redaction import Redactor

Tell = Callable[[str], None]
LARGEST_ANSWER = 64 << 20  # bytes; the largest page EMQX makes is about 12 MB (10 000 clients)
CHUNK = 1 << 16
LOSSES = (requests.RequestException, HTTPError)  # requests lets some of urllib3's through


class Api:
    """The REST API of one cluster, under `/api/v5`.

    Every method raises an EmqxctlError: ServerError for an error answer, UnreachableError or TimedOutError
    for none, UsageError for an argument that cannot stand in a path, GuardError for a write in a read-only
    profile. `tell` takes a line for stderr. In a dry run writes are not sent but kept in `planned`.
    """

    def __init__(self, connection: Connection, tell: Tell) -> None:
        """Prepare; nothing is sent."""
        self.connection = connection
        self.tell = tell
        self.planned: list[Call] = []
        self.wait: Callable[[float], None] = sleep
        self.watch: Callable[[int, int], None] | None = None  # is told how much of an upload was sent
        self.heard: Callable[[Call, Answer], None] | None = None  # is told every answer

    @cached_property
    def redactor(self) -> "Redactor":
        """What takes this run's secrets out of whatever is shown."""
        from emqxctl.text.redaction import Redactor

        return Redactor(literals=[self.connection.api_secret, self.connection.token])

    def get(self, path: str, *arguments: str, query: Query = (), as_sent: bool = False) -> Any:  # noqa: ANN401
        """Read JSON; None for an empty body. With `as_sent` the rows of a list remember their text."""
        return self.send(build("GET", path, *arguments, query=query)).json(as_sent=as_sent)

    def post(self, path: str, *arguments: str, query: Query = (), body: object = None) -> Any:  # noqa: ANN401
        """Post JSON (no body for None) and give the answer's JSON, None when empty or in a dry run."""
        return self.send(build("POST", path, *arguments, query=query, body=body)).json()

    def put(self, path: str, *arguments: str, query: Query = (), body: object = None) -> Any:  # noqa: ANN401
        """Put JSON (no body for None) and give the answer's JSON, None when empty or in a dry run."""
        return self.send(build("PUT", path, *arguments, query=query, body=body)).json()

    def delete(self, path: str, *arguments: str, query: Query = ()) -> Any:  # noqa: ANN401  # JSON is Any
        """Delete, and give the answer's JSON, None when empty or in a dry run."""
        return self.send(build("DELETE", path, *arguments, query=query)).json()

    def send(self, call: Call) -> Answer:
        """Send a call and give its answer; under its former name where the broker is older than that.

        Raises ServerError for any status but 2xx.
        """
        answer = self.exchange(call)
        try:
            self.check(answer, call)
        except EmqxctlError as error:
            if not error.details.get("unknown_path"):
                raise
            from emqxctl.api.legacy_paths import former

            renamed = former(call)
            answer = self.exchange(renamed) if renamed else answer
            if not 200 <= answer.status < 300:
                raise
        return answer

    def check(self, answer: Answer, call: Call) -> None:
        """Raise the ServerError that an answer is, unless it is a 2xx."""
        if 200 <= answer.status < 300:
            return
        from emqxctl.api.error_responses import failure
        from emqxctl.api.legacy_paths import SHADOWED

        error = failure(answer, self.redactor)
        if error.details.get("unknown_path") or call.operation in SHADOWED:
            from emqxctl.api.availability import explain_unknown_path

            error = explain_unknown_path(self, call, error)
        if answer.status in {502, 504} and not call.is_safe:
            from emqxctl.api.connection_errors import in_doubt

            error = in_doubt(error)
        error.hint = error.hint or "--debug shows the request and the answer"
        raise error

    def exchange(self, call: Call, *, telling: int = 0) -> Answer:
        """Send a call, again where that is right, and give whatever answer comes, errors too.

        An answer of the status `telling` is what was asked for, so that it is not waited to pass.
        """
        check_headers(call)
        if not call.is_safe:
            if self.connection.readonly:
                raise readonly(call)
            if self.connection.dry_run:
                self.planned.append(call)
                return Answer(call.operation, call.method, self.connection.url, 204, "", {}, b"")
        for number in range(self.connection.retries + 1):
            answer, pause = self.attempt(call, number)
            told = isinstance(answer, Answer) and answer.status == telling
            if pause is None or told or number == self.connection.retries:
                break
            self.tell_if(f"{call.method} {call.target}: again in {pause:.1f} s")
            self.wait(pause)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def attempt(self, call: Call, number: int) -> tuple[Answer | Exception, float | None]:
        """Send a call once. Gives its answer or its loss, and the seconds to wait before the next attempt."""
        patience = Patience(self.connection.timeout)
        try:
            answer = self.once(call, patience)
        except LOSSES as error:
            loss = self.loss(error, call, patience)
            self.tell_if(f"{call.method} {call.target}: {loss.error.message}")
            if not loss.may_pass:
                return loss.error, None
            return loss.error, after_loss(call.method, received=loss.received, attempt=number)
        if 200 <= answer.status < 300:
            return answer, None
        asked = answer.headers.get("retry-after", "")
        return answer, after_answer(call.method, answer.status, asked, number)

    def loss(self, error: Exception, call: Call, patience: Patience) -> "Loss":
        """Judge why a call has no answer; the words hold no secret that stood in the call."""
        from emqxctl.api import connection_errors

        found = connection_errors.loss(error, call, self.connection, patience)
        found.error.message = self.redactor.text(found.error.message)
        return found

    def once(self, call: Call, patience: Patience) -> Answer:
        """Send a call and read the whole answer."""
        with self.open(call, patience) as response:
            answer = self.answer(call, response, patience)
        if self.heard:
            self.heard(call, answer)
        self.tell_if(f"{call.method} {call.target} -> {answer.status} in {answer.elapsed * 1000:.0f} ms")
        if self.connection.debug:
            for line in conversation(call, answer, self.redactor):
                self.tell(line)
        return answer

    def stream(self, call: Call, step: Callable[[int, int], None]) -> Iterator[bytes]:
        """Get a body of any size piece by piece; `step` takes the bytes so far and the size, 0 if not told.

        Only each next byte is waited for as long as the time-out; there is no limit to the whole.
        """
        check_headers(call)
        patience, done = Patience(self.connection.timeout), 0
        try:
            with self.open(call, patience) as response:
                if not 200 <= response.status_code < 300:
                    self.check(self.answer(call, response, patience), call)
                patience.until = inf
                told = response.headers.get("Content-Length", "")
                for chunk in response.iter_content(CHUNK):
                    done += len(chunk)
                    step(done, int(told) if told.isdecimal() else 0)
                    yield chunk
        except LOSSES as error:
            raise self.loss(error, call, patience).error from error

    def answer(self, call: Call, response: requests.Response, patience: Patience) -> Answer:
        """Read the whole of an answer."""
        content = b"".join(self.read(response, call))
        headers = {name.lower(): value for name, value in response.headers.items()}
        url, status, reason = self.connection.url + call.target, response.status_code, response.reason or ""
        return Answer(
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

    def read(self, response: requests.Response, call: Call) -> Iterator[bytes]:
        """Read an answer piece by piece, so that no flood of bytes can fill the memory."""
        told, size = response.headers.get("Content-Length", ""), 0
        for chunk in response.iter_content(CHUNK):
            size += len(chunk)
            if max(size, int(told[:18]) if told.isdecimal() else 0) > LARGEST_ANSWER:
                target = self.redactor.text(f"{call.method} {call.target}")
                message = f"the answer to {target} is larger than {LARGEST_ANSWER >> 20} MB"
                raise ServerError(
                    message,
                    code="TOO_LARGE",
                    hint="ask for less: --limit, a filter; or is this EMQX? emqxctl status tells",
                    exit_code=ExitCode.SERVER,
                    details={"operation": call.operation, "status": response.status_code},
                )
            yield chunk

    def open(self, call: Call, patience: Patience) -> requests.Response:
        """Send a call and give the answer with its body still to be read."""
        PATIENCE.set(patience)
        headers: dict[str, str | bytes | None] = {"Accept": call.accept or None}
        if call.content_type:
            headers["Content-Type"] = call.content_type
        headers |= {name: value.encode("utf-8", "surrogateescape") for name, value in call.headers}
        return self.session.request(
            call.method,
            self.connection.url + call.target,
            data=self.sending(call),
            headers=headers,
            timeout=(min(CONNECT_SECONDS, self.connection.timeout), self.connection.timeout),
            allow_redirects=False,
            stream=True,
        )

    def sending(self, call: Call) -> bytes | BytesIO | None:
        """Give the body to send: a long one in pieces, each with a time-out of its own; watched if wanted."""
        if call.content is None or (self.watch is None and len(call.content) <= CHUNK):
            return call.content
        if self.watch is None:
            return BytesIO(call.content)
        from emqxctl.api.transfers import Sending

        return Sending(call.content, self.watch)

    @cached_property
    def session(self) -> requests.Session:
        """The one session: no .netrc, no redirects, TLS verified, proxies and CA bundles given by us."""
        known = self.connection
        session = requests.Session()
        session.trust_env = False
        session.headers["User-Agent"] = f"emqxctl/{__version__}"
        session.mount("http://", PatientAdapter(max_retries=0))
        session.mount("https://", PatientAdapter(max_retries=0))
        session.proxies.update(proxies(known))
        session.verify = trust(known)
        session.cert = identity(known)
        if known.token:
            session.headers["Authorization"] = f"Bearer {known.token}"
        elif known.api_key:
            # requests writes a str as Latin-1; EMQX reads UTF-8.
            session.auth = (known.api_key.encode(), known.api_secret.encode())  # type: ignore[assignment]
        return session

    def tell_if(self, line: str) -> None:
        """Tell a line about a request when -v or --debug asked for it."""
        if self.connection.verbose or self.connection.debug:
            self.tell(self.redactor.text(line))

    def curl(self, call: Call) -> str:
        """Write a call as a curl command without its secrets."""
        body = None if call.content is None else shown(call.content, self.redactor, call.content_type)
        return curl(call, self.redactor.url(self.connection.url), body, token=bool(self.connection.token))


def proxies(known: Connection) -> dict[str, str]:
    """Give the proxies: the option's or profile's, else HTTP(S)_PROXY unless NO_PROXY names the host."""
    if known.proxy:
        return {"http": known.proxy, "https": known.proxy}
    return dict(requests.utils.get_environ_proxies(known.url))


def bundle(known: Connection) -> str:
    """Give the file (or folder) of the CAs that are trusted, whoever chose it."""
    return known.ca_file or requests.utils.DEFAULT_CA_BUNDLE_PATH


class PatientAdapter(HTTPAdapter):
    """Connections that give up in time, also when bytes keep dripping."""

    def get_connection_with_tls_context(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401  # as given
        """Make connections of our kind, whether through a proxy or not."""
        pool: Any = super().get_connection_with_tls_context(*arguments, **options)
        pool.ConnectionCls = PatientTls if pool.scheme == "https" else PatientPlain
        return pool
