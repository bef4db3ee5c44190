"""HTTP/1.1 as cowboy implements it: requests parsed, responses formatted."""

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, BinaryIO
from urllib.parse import unquote_plus, unquote_to_bytes

Json = Any  # a JSON value: which shape it has is for the checks to say
Row = dict[str, Any]

MAX_HEADERS = 100  # cowboy's max_headers
MAX_LINE = 65_536  # a recorded request line of 8,100 bytes and a header of 4,200 bytes passed
BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True)
class Request:
    """One request as it came in: `path` raw and without the query, header names in lower case."""

    method: str
    path: str
    raw_query: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def query(self) -> list[tuple[str, str]]:
        """Decode the query's pairs; a `+` is a space."""
        pairs = (part.partition("=") for part in self.raw_query.split("&") if part)
        return [(unquote_plus(name), unquote_plus(value)) for name, _, value in pairs]

    @property
    def keeps_alive(self) -> bool:
        """Return whether the client wants the connection to stay open."""
        return self.headers.get("connection", "").lower() != "close"


@dataclass(frozen=True)
class Response:
    """One response: a status, a body in bytes and its headers."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    def encode(self, *, keep_alive: bool, bodiless: bool = False) -> bytes:
        """Format the response as HTTP/1.1, head and body in one piece; `bodiless` for HEAD."""
        head = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}"]
        if self.status != 204:
            head.append(f"content-length: {len(self.body)}")
        head += [f"{name}: {value}" for name, value in self.headers.items()]
        head += [time.strftime("date: %a, %d %b %Y %H:%M:%S GMT", time.gmtime()), "server: Cowboy"]
        if not keep_alive:
            head.append("connection: close")
        return "\r\n".join([*head, "", ""]).encode("latin-1") + (b"" if bodiless else self.body)


class EarlyResponse(Exception):  # noqa: N818 - not an error: an answer given before the handler is reached
    """Stop here and send this response."""

    def __init__(self, answer: Response) -> None:
        """Store the response to send."""
        super().__init__(answer.status)
        self.response = answer


def json_response(value: Json, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with a JSON document."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return Response(status, body, {"content-type": "application/json", **(headers or {})})


def text_response(text: str, status: int = 200, kind: str = "text/plain") -> Response:
    """Answer with plain text, or HTML when `kind` says so."""
    return Response(status, text.encode(), {"content-type": kind})


def error_response(status: int, code: str, message: Json) -> Response:
    """Answer with EMQX's usual error object."""
    return json_response({"code": code, "message": message}, status)


def format_erlang_json(value: Json) -> str:
    r"""Format JSON as EMQX puts it inside an error message: no spaces, `\u001B` in upper case."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return re.sub(r"\\u([0-9a-f]{4})", lambda match: "\\u" + match[1].upper(), text)


def split_path(path: str) -> list[str]:
    """Split a path as cowboy does: decode each segment first, and only then drop `.` and pop on `..`.

    So an encoded `%2E%2E` is obeyed like `..`; one empty segment at the end is dropped. Raises EarlyResponse
    (400, empty) for a broken escape.
    """
    if not path.startswith("/") or BAD_ESCAPE.search(path):
        raise EarlyResponse(Response(400))
    raw = path[1:].split("/")
    if raw[-1] == "":
        raw.pop()
    segments: list[str] = []
    for part in raw:
        segment = unquote_to_bytes(part).decode("utf-8", "surrogateescape")
        if segment == "..":
            del segments[-1:]
        elif segment != ".":
            segments.append(segment)
    return segments


def read_request(stream: BinaryIO, reply: BinaryIO) -> Request | None:
    """Read one request; None when the client closed the connection.

    `reply` takes the `100 Continue` some clients wait for. Raises EarlyResponse for what cowboy refuses.
    """
    line = stream.readline(MAX_LINE + 1)
    if len(line) > MAX_LINE:
        raise EarlyResponse(Response(414))
    if not line.endswith(b"\n"):
        return None
    words = line.decode("latin-1").split()
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise EarlyResponse(Response(400))
    headers = read_headers(stream)
    if headers.get("expect", "").lower() == "100-continue":
        reply.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        reply.flush()
    body = read_body(stream, headers)
    path, _, query = words[1].partition("?")
    return Request(words[0], path, query, headers, body)


def read_headers(stream: BinaryIO) -> dict[str, str]:
    """Read the header lines; refuse more of them than cowboy takes (431)."""
    headers: dict[str, str] = {}
    while (line := read_line(stream)).strip():
        if len(headers) >= MAX_HEADERS or len(line) > MAX_LINE:
            raise EarlyResponse(Response(431))
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon:
            raise EarlyResponse(Response(400))
        headers[name.strip().lower()] = value.strip()
    return headers


def read_line(stream: BinaryIO) -> bytes:
    """Read a line. Raises ConnectionAbortedError if the client is gone: a cut request is none."""
    line = stream.readline(MAX_LINE + 1)
    if not line:
        raise ConnectionAbortedError
    return line


def read_body(stream: BinaryIO, headers: Mapping[str, str]) -> bytes:
    """Read the body by its Content-Length, or in chunks."""
    if "chunked" not in headers.get("transfer-encoding", "").lower():
        length = headers.get("content-length", "0")
        if not length.isdecimal():
            raise EarlyResponse(Response(400))
        body = stream.read(int(length))
        if len(body) < int(length):
            raise ConnectionAbortedError
        return body
    chunks = []
    while size := int(read_line(stream).split(b";")[0].strip() or b"0", 16):
        chunks.append(stream.read(size))
        stream.readline()
    while read_line(stream).strip():  # trailers
        pass
    return b"".join(chunks)
