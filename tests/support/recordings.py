"""The recorded exchanges with a real EMQX, and a server that replays them."""

import base64
import contextlib
import json
import socket
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, unquote, urlsplit

FOLDER = Path(__file__).parent.parent / "recordings"


@dataclass(frozen=True)
class Exchange:
    """One request and the answer a real EMQX gave; recordings/README.md explains the fields.

    `operation` is `GET /clients/{clientid}`, `tag` the document's group (`Clients`). `response` is None where
    the server sent none: the note says what happened.
    """

    operation: str
    tag: str
    title: str
    note: str
    request: Mapping[str, Any]
    response: Mapping[str, Any] | None

    def __str__(self) -> str:
        """Return the operation and the title."""
        return f"{self.operation}: {self.title}"

    @property
    def method(self) -> str:
        """The method as sent."""
        return str(self.request["method"])

    @property
    def path(self) -> str:
        """The path as sent: percent-encoded, with the base path, without the query."""
        return str(self.request["path"])

    @property
    def query(self) -> list[tuple[str, str]]:
        """The decoded pairs of the query."""
        return [(name, value) for name, value in self.request["query"]]

    @property
    def target(self) -> str:
        """The path and the query of the request line."""
        pairs = (f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in self.query)
        query = self.request.get("raw_query", "&".join(pairs))
        return f"{self.path}?{query}" if query else self.path

    @property
    def request_bytes(self) -> bytes | None:
        """The body of the request, or None without one (a multipart body is in `request` only)."""
        return body_bytes(self.request)

    @property
    def status(self) -> int:
        """The status of the response; 0 without one."""
        return int(self.response["status"]) if self.response else 0

    @property
    def headers(self) -> dict[str, str]:
        """The recorded headers of the response, names in lower case."""
        return dict(self.response["headers"]) if self.response else {}

    @property
    def response_bytes(self) -> bytes:
        """The body of the response; JSON is encoded again."""
        return (body_bytes(self.response) or b"") if self.response else b""

    @property
    def body(self) -> Any:
        """The parsed JSON of the response; None if the body was not JSON."""
        return self.response.get("body") if self.response else None


def body_bytes(message: Mapping[str, Any]) -> bytes | None:
    """Return the bytes of a recorded request's or response's body; None without one."""
    if "body" in message:
        return json.dumps(message["body"], ensure_ascii=False, separators=(",", ":")).encode()
    if "body_base64" in message:
        return base64.b64decode(message["body_base64"])
    return str(message["body_text"]).encode() if "body_text" in message else None


VERSION = "5.8.9"  # of the community edition; the other is 6.2.2, of Enterprise
INDEXES = {VERSION: "index.json", "6.2.2": "index-6.2.2.json"}


@cache
def read_index(version: str = VERSION) -> dict[str, dict[str, Any]]:
    """Return the recorded operations: operation to tag, file, count and titles."""
    operations: dict[str, dict[str, Any]] = json.loads((FOLDER / INDEXES[version]).read_text("utf-8"))[
        "operations"
    ]
    return operations


@cache
def read_operation(operation: str, version: str = VERSION) -> tuple[Exchange, ...]:
    """Return the exchanges of one operation, read once."""
    entry = read_index(version)[operation]
    rows = json.loads((FOLDER / entry["file"]).read_text("utf-8"))["exchanges"]
    return tuple(
        Exchange(operation, entry["tag"], row["title"], row.get("note", ""), row["request"], row["response"])
        for row in rows
    )


def iter_exchanges(
    tag: str | None = None, operation: str | None = None, version: str = VERSION
) -> Iterator[Exchange]:
    """Yield the recorded exchanges, all or those of one tag or operation, in the order of the index.

    An operation that was not recorded is a KeyError: a test of nothing would pass.
    """
    for name in [operation] if operation else read_index(version):
        if tag is None or read_index(version)[name]["tag"] == tag:
            yield from read_operation(name, version)


def find_exchange(operation: str, title: str, version: str = VERSION) -> Exchange:
    """Return the exchange of that operation and title. Raises KeyError if there is none."""
    by_title = {exchange.title: exchange for exchange in read_operation(operation, version)}
    return by_title[title]


@dataclass(frozen=True)
class ReceivedRequest:
    """A request that reached the server. `query` is as sent, header names are in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


RequestKey = tuple[str, tuple[str, ...]]
Script = Exchange | Sequence[Exchange] | Mapping[str, Exchange | Sequence[Exchange]]


def request_key(method: str, path: str) -> RequestKey:
    """Return a key that is the same for every percent-encoding of a path."""
    return method, tuple(unquote(segment) for segment in path.split("/"))


def group_by_request(script: Script) -> dict[RequestKey, list[Exchange]]:
    """Sort exchanges by the requests they answer; those without an answer are left out."""
    exchanges: dict[RequestKey, list[Exchange]] = {}
    if isinstance(script, Mapping):
        for name, value in script.items():
            method, _, path = name.partition(" ")
            candidates = [value] if isinstance(value, Exchange) else value
            exchanges[request_key(method, path)] = [exchange for exchange in candidates if exchange.response]
        return exchanges
    for exchange in [script] if isinstance(script, Exchange) else script:
        if exchange.response:
            exchanges.setdefault(request_key(exchange.method, exchange.path), []).append(exchange)
    return exchanges


class QuietServer(ThreadingHTTPServer):
    """A server whose clients may close a connection in the middle: nothing is printed about it."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print the exception of a handler, unless the client closed the connection."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class ReplayServer:
    """A server on the loopback that answers what was recorded, and 599 to anything else.

    It is given one exchange, several, or a mapping of `GET /api/v5/nodes` to one or several. Requests are
    matched by method and path, whatever their query; of several exchanges for one, each answers once, in
    order, and the last from then on.

        with ReplayServer(exchange("GET /nodes", "three nodes")) as server:
            ... server.url, server.received
    """

    def __init__(self, script: Script) -> None:
        """Bind a free port; requests are answered from `__enter__` on."""
        self.received: list[ReceivedRequest] = []
        self._answers = group_by_request(script)
        self._lock = threading.Lock()
        self._http = QuietServer(("127.0.0.1", 0), type("Replaying", (ReplayHandler,), {"replay": self}))
        self._http.daemon_threads = True
        self._http.block_on_close = False  # a client's idle connection must not hold the test up
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def url(self) -> str:
        """The address, without a base path."""
        return f"http://127.0.0.1:{self._http.server_port}"

    def record_and_answer(self, request: ReceivedRequest) -> Exchange | None:
        """Record a request and return the exchange that answers it; None if there is none."""
        with self._lock:
            self.received.append(request)
            candidates = self._answers.get(request_key(request.method, request.path), [])
            return candidates.pop(0) if len(candidates) > 1 else next(iter(candidates), None)

    def __enter__(self) -> Self:
        """Start answering."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop answering and free the port."""
        with contextlib.suppress(OSError):
            self._http.socket.shutdown(socket.SHUT_RDWR)
        self._http.server_close()
        self._thread.join()

    def _accept(self) -> None:
        """Serve connections until the socket is closed, without the polling of `serve_forever`."""
        while True:
            try:
                connection, address = self._http.get_request()
            except OSError:
                return
            self._http.process_request(connection, address)


class ReplayHandler(BaseHTTPRequestHandler):
    """One connection to a replay server."""

    protocol_version = "HTTP/1.1"
    replay: ReplayServer

    def respond(self) -> None:
        """Answer the request just read with what was recorded for it, or 599."""
        url = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", "0")))
        exchange = self.replay.record_and_answer(
            ReceivedRequest(self.command, url.path, url.query, headers, body)
        )
        if exchange and exchange.response:
            self.write(
                exchange.status, str(exchange.response["reason"]), exchange.headers, exchange.response_bytes
            )
        else:
            refusal = {"code": "NOT_RECORDED", "message": f"nothing for {self.command} {url.path}"}
            self.write(
                599, "Not Recorded", {"content-type": "application/json"}, json.dumps(refusal).encode()
            )

    def write(self, status: int, reason: str, headers: Mapping[str, str], body: bytes) -> None:
        """Send an answer."""
        self.send_response_only(status, reason)
        for name, value in headers.items():
            if name != "content-length":  # JSON is encoded again and long bodies were cut
                self.send_header(name, value)
        if status != 204:
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def __getattr__(self, name: str) -> Any:
        """Serve every method the same way: http.server looks for `do_GET` and so on."""
        if name.startswith("do_"):
            return self.respond
        raise AttributeError(name)

    def log_message(self, *_: Any) -> None:
        """Keep stderr for the tests."""


# Operation → what the server says, with another status than 404, of an object that does not exist.
MISSING_OBJECT_TEXTS = {
    "DELETE /cluster/{node}/force_leave": b"node_not_in_cluster",
    "GET /error_codes/{code}": b"enum_symbol",
    "GET /exhooks/{name}/hooks": b"Server not found",
    "GET /schemas/{name}": b"enum_symbol",
    "POST /configs_reset/{rootname}": b"enum_symbol",
    "POST /data/import": b"backup file not found",
    "POST /plugins/{name}/move": b"bad_info_file",
}


def reports_missing_object(exchange: Exchange) -> bool:
    """Return whether a response says, whatever its status, that the object of the request does not exist."""
    text = MISSING_OBJECT_TEXTS.get(exchange.operation)
    return text is not None and text in exchange.response_bytes
