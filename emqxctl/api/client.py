"""One cluster's REST API: authentication, TLS, time-outs, retries. Alone in importing requests."""

import json
import time
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter

from emqxctl import __version__
from emqxctl.api.answers import Answer
from emqxctl.api.call import Call, Query, build, curl
from emqxctl.api.connection import CONNECT_SECONDS, Connection
from emqxctl.errors import ConfigError, GuardError, ServerError, TimedOutError

if TYPE_CHECKING:
    from emqxctl.api.redaction import Redactor
    from emqxctl.api.transfer import Sending

Tell = Callable[[str], None]
LARGEST_ANSWER = 64 << 20  # bytes; the largest page EMQX makes is about 12 MB (10 000 clients)
CHUNK = 1 << 16


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
        self.wait: Callable[[float], None] = time.sleep
        self.watch: Callable[[int, int], None] | None = None  # is told how much of an upload was sent

    @cached_property
    def redactor(self) -> "Redactor":
        """What takes this run's secrets out of whatever is shown."""
        from emqxctl.api.redaction import Redactor

        return Redactor(literals=[self.connection.api_secret, self.connection.token])

    def get(self, path: str, *arguments: str, query: Query = ()) -> Any:  # noqa: ANN401  # JSON is Any
        """Read JSON; None for an empty body."""
        return self.send(build("GET", path, *arguments, query=query)).json()

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
        """Send a call and give its answer. Raises ServerError for any status but 2xx."""
        answer = self.exchange(call)
        self.check(answer, call)
        return answer

    def check(self, answer: Answer, call: Call) -> None:
        """Raise the ServerError that an answer is, unless it is a 2xx."""
        if 200 <= answer.status < 300:
            return
        from emqxctl.api.failures import failure

        error = failure(answer, self.redactor)
        if error.details.get("unknown_path"):
            from emqxctl.api.cluster import explain_unknown_path

            error = explain_unknown_path(self, call, error)
        raise error

    def exchange(self, call: Call) -> Answer:
        """Send a call, again where that is right, and give whatever answer comes, errors too."""
        if not call.is_safe:
            if self.connection.readonly:
                raise readonly(call)
            if self.connection.dry_run:
                self.planned.append(call)
                return Answer(call.operation, call.method, self.connection.url, 204, "", {}, b"")
        for attempt in range(self.connection.retries + 1):
            last = attempt == self.connection.retries
            answer, pause = self.attempt(call, attempt)
            if isinstance(answer, Answer) and (pause is None or last):
                return answer
            if isinstance(answer, Exception) and (pause is None or last):
                raise answer
            self.tell_if(f"{call.method} {call.target}: again in {pause:.1f} s")
            self.wait(pause or 0.0)
        raise AssertionError  # the last attempt returned or raised

    def attempt(self, call: Call, number: int) -> tuple[Answer | Exception, float | None]:
        """Send a call once. Gives its answer or its loss, and the seconds to wait before the next attempt."""
        started = time.monotonic()
        try:
            answer = self.once(call)
        except requests.RequestException as error:
            from emqxctl.api import losses, retries

            loss = losses.loss(error, call, self.connection, time.monotonic() - started)
            self.tell_if(f"{call.method} {call.target}: {loss.error.message}")
            if not loss.may_pass:
                return loss.error, None
            return loss.error, retries.after_loss(call.method, received=loss.received, attempt=number)
        if 200 <= answer.status < 300:
            return answer, None
        from emqxctl.api import retries

        asked = answer.headers.get("retry-after", "")
        return answer, retries.after_answer(call.method, answer.status, asked, number)

    def once(self, call: Call) -> Answer:
        """Send a call and read the whole answer within twice the time-out."""
        started = time.monotonic()
        with self.open(call) as response:
            answer = self.answer(call, response, started)
        self.tell_if(f"{call.method} {call.target} -> {answer.status} in {answer.elapsed * 1000:.0f} ms")
        self.debug(call, answer)
        return answer

    def stream(self, call: Call, step: Callable[[int, int], None]) -> Iterator[bytes]:
        """Get a body of any size piece by piece; `step` takes the bytes so far and the size, 0 if not told.

        Only the first byte is waited for as long as the time-out; there is no limit to the whole.
        """
        started, done = time.monotonic(), 0
        try:
            with self.open(call) as response:
                if not 200 <= response.status_code < 300:
                    self.check(self.answer(call, response, started), call)
                size = int(response.headers.get("Content-Length") or 0)
                for chunk in response.iter_content(CHUNK):
                    done += len(chunk)
                    step(done, size)
                    yield chunk
        except requests.RequestException as error:
            from emqxctl.api import losses

            raise losses.loss(error, call, self.connection, time.monotonic() - started).error from error

    def answer(self, call: Call, response: requests.Response, started: float) -> Answer:
        """Read the whole of an answer, within twice the time-out."""
        content = b"".join(self.read(response, call, started + 2 * self.connection.timeout))
        elapsed = time.monotonic() - started
        headers = {name.lower(): value for name, value in response.headers.items()}
        url, status, reason = self.connection.url + call.target, response.status_code, response.reason or ""
        return Answer(
            call.operation, call.method, url, status, reason, headers, content, elapsed, call.arguments
        )

    def read(self, response: requests.Response, call: Call, deadline: float) -> Iterator[bytes]:
        """Read an answer piece by piece, so that neither a drip nor a flood of bytes can hold us."""
        size = 0
        for chunk in response.iter_content(CHUNK):
            size += len(chunk)
            if size > LARGEST_ANSWER:
                message = (
                    f"the answer to {call.method} {call.target} is larger than {LARGEST_ANSWER >> 20} MB"
                )
                raise ServerError(message, code="TOO_LARGE", hint="ask for less: --limit, --fields, a filter")
            if time.monotonic() > deadline:
                message = f"the answer to {call.method} {call.target} comes too slowly"
                raise TimedOutError(message, hint="give it longer: --timeout 120")
            yield chunk

    def open(self, call: Call) -> requests.Response:
        """Send a call and give the answer with its body still to be read."""
        headers: dict[str, str | None] = {"Accept": call.accept or None}
        if call.content_type:
            headers["Content-Type"] = call.content_type
        return self.session.request(
            call.method,
            self.connection.url + call.target,
            data=self.sending(call),
            headers={**headers, **dict(call.headers)},
            timeout=(min(CONNECT_SECONDS, self.connection.timeout), self.connection.timeout),
            allow_redirects=False,
            stream=True,
        )

    def sending(self, call: Call) -> "bytes | Sending | None":
        """Give the body to send, watched where somebody watches."""
        if call.content is None or self.watch is None:
            return call.content
        from emqxctl.api.transfer import Sending

        return Sending(call.content, self.watch)

    @cached_property
    def session(self) -> requests.Session:
        """The one session: no .netrc, no redirects, TLS verified, proxies and CA bundles given by us."""
        known = self.connection
        session = requests.Session()
        session.trust_env = False
        session.headers["User-Agent"] = f"emqxctl/{__version__}"
        session.mount("http://", HTTPAdapter(max_retries=0))
        session.mount("https://", HTTPAdapter(max_retries=0))
        session.proxies.update(proxies(known))
        session.verify = trust(known)
        if known.client_cert:
            files = [known.client_cert, known.client_key] if known.client_key else [known.client_cert]
            for name in files:
                must_exist(name)
            session.cert = (files[0], files[1]) if len(files) == 2 else files[0]
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

    def debug(self, call: Call, answer: Answer) -> None:
        """Tell headers and bodies, redacted, when --debug asked for them."""
        if not self.connection.debug:
            return
        sent = {"accept": call.accept, "content-type": call.content_type, **dict(call.headers)}
        for name, value in self.redactor.headers({k: v for k, v in sent.items() if v}).items():
            self.tell(f"> {name}: {value}")
        self.tell("> authorization: ******")
        if call.content is not None:
            self.tell("> " + self.shown(call.content))
        for name, value in self.redactor.headers(answer.headers).items():
            self.tell(f"< {name}: {value}")
        self.tell("< " + self.shown(answer.content))

    def shown(self, content: bytes) -> str:
        """Write a body for a person: redacted, at most 2 000 characters."""
        text = content.decode("utf-8", "replace")
        try:
            text = json.dumps(self.redactor.json(json.loads(text)), ensure_ascii=False)
        except ValueError:
            text = self.redactor.text(text)
        return text if len(text) <= 2000 else f"{text[:2000]} ... ({len(content)} bytes)"

    def curl(self, call: Call) -> str:
        """Write a call as a curl command without its secrets."""
        body = None if call.content is None else self.redactor_body(call.content)
        return curl(call, self.redactor.url(self.connection.url), body)

    def redactor_body(self, content: bytes) -> str:
        """Write a body whole, redacted."""
        text = content.decode("utf-8", "replace")
        try:
            return json.dumps(self.redactor.json(json.loads(text)), ensure_ascii=False)
        except ValueError:
            return self.redactor.text(text)


def readonly(call: Call) -> GuardError:
    """Say that a write was refused because the profile is read-only."""
    message = f"this profile is read-only: {call.method} {call.path} was not sent"
    return GuardError(
        message, code="READONLY", hint="use another profile (-p), or take `readonly` out of this one"
    )


def proxies(known: Connection) -> dict[str, str]:
    """Give the proxies: the option's or profile's, else HTTP(S)_PROXY unless NO_PROXY names the host."""
    if known.proxy:
        return {"http": known.proxy, "https": known.proxy}
    return dict(requests.utils.get_environ_proxies(known.url))


def trust(known: Connection) -> bool | str:
    """Give what vouches for the server: a CA file, requests' own bundle, or (insecure) nothing."""
    if known.insecure:
        import urllib3

        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        return False
    if known.ca_file:
        must_exist(known.ca_file)
        return known.ca_file
    return True


def must_exist(name: str) -> None:
    """Refuse a certificate or key file that is not there. Raises ConfigError naming it."""
    if not Path(name).is_file():
        message = f"no such file: {name}"
        raise ConfigError(message, hint="check --ca-file, --client-cert, --client-key or the profile")
