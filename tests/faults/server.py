"""A server with faults: raw sockets, each request recorded, each response scripted."""

import contextlib
import gzip
import select
import socket
import ssl
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from typing import Self

RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # closing sends RST in place of FIN
CLOSE_TIMEOUT = 0.3  # seconds a connection that is to be closed waits for the other side to close first


@dataclass(frozen=True)
class RawRequest:
    """One request as it came, byte for byte."""

    head: bytes
    body: bytes

    @property
    def method(self) -> str:
        """The method of the request."""
        return self.head.split(b" ", 1)[0].decode("latin-1")

    @property
    def target(self) -> str:
        """The path and the query as sent."""
        return self.head.split(b" ", 2)[1].decode("latin-1")

    @property
    def headers(self) -> dict[str, str]:
        """The headers, names in lower case."""
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


@dataclass(frozen=True)
class Peer:
    """The client's end of a connection, as a responder sees it."""

    connection: socket.socket
    stopped: Event

    def send(self, content: bytes) -> None:
        """Send bytes; the other side may be gone."""
        self.connection.sendall(content)

    def reset(self) -> None:
        """Break the connection: the other side sees ECONNRESET."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        self.connection.close()


Responder = Callable[[Peer], bool]  # returns whether the connection may serve another request


def respond(
    status: int = 200,
    body: bytes | str = b"",
    headers: Mapping[str, str] | None = None,
    *,
    content_type: str = "application/json",
) -> Responder:
    """Answer correctly: any status, any body; Content-Length unless it is in `headers`."""
    content = body if isinstance(body, bytes) else body.encode()
    all_headers = {"Content-Type": content_type, "Content-Length": str(len(content)), **(headers or {})}
    return respond_raw(format_head(status, all_headers) + content, keep_alive=True)


def format_head(status: int, headers: Mapping[str, str]) -> bytes:
    """Return a status line and headers."""
    lines = [f"HTTP/1.1 {status} {'OK' if status < 300 else 'Trouble'}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def respond_raw(content: bytes, *, keep_alive: bool = False, reset: bool = False) -> Responder:
    """Answer with exactly these bytes, then keep the connection, close it or reset it."""

    def send(peer: Peer) -> bool:
        peer.send(content)
        if reset:
            peer.reset()
        return keep_alive

    return send


def reset_connection() -> Responder:
    """Reset the connection after the request, without a response."""

    def reset(peer: Peer) -> bool:
        peer.reset()
        return False

    return reset


def never_respond() -> Responder:
    """Never answer."""

    def wait(peer: Peer) -> bool:
        peer.stopped.wait(20)
        return False

    return wait


def drip_forever(content: bytes, piece: bytes = b" ", interval: float = 0.02) -> Responder:
    """Answer with `content` and then send `piece` every `interval` seconds, without end."""

    def drip(peer: Peer) -> bool:
        peer.send(content)
        while not peer.stopped.wait(interval):
            peer.send(piece)
        return False

    return drip


def respond_large(
    size: int, *, chunked: bool, status: int = 200, headers: Mapping[str, str] | None = None
) -> Responder:
    """Answer with a body of any size, which is never in memory."""
    piece = b"x" * (1 << 16)
    framing = {"Transfer-Encoding": "chunked"} if chunked else {"Content-Length": str(size)}

    def send(peer: Peer) -> bool:
        peer.send(format_head(status, {"Content-Type": "application/json", **framing, **(headers or {})}))
        for _ in range(size // len(piece)):
            peer.send(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
        peer.send(b"0\r\n\r\n" if chunked else b"")
        return True

    return send


def respond_after_interim(*statuses: int, responder: Responder) -> Responder:
    """Respond with interim responses, such as 103 Early Hints, before the final one."""

    def send(peer: Peer) -> bool:
        for status in statuses:
            peer.send(f"HTTP/1.1 {status} Interim\r\nLink: </x>; rel=preload\r\n\r\n".encode())
        return responder(peer)

    return send


def compress(piece: bytes, count: int, *, start: bytes = b"", end: bytes = b"", times: int = 1) -> bytes:
    """Return `count` pieces between `start` and `end`, gzipped `times` times, never whole in memory."""
    compressor = zlib.compressobj(9, wbits=31)
    block_size = max(1, (1 << 16) // len(piece))
    content = compressor.compress(start)
    for sent in range(0, count, block_size):
        content += compressor.compress(piece * min(block_size, count - sent))
    content += compressor.compress(end) + compressor.flush()
    for _ in range(times - 1):
        content = gzip.compress(content)
    return content


@dataclass
class FaultServer:
    """A server on a free port of the loopback that ends with the `with` block.

    The nth request gets the nth responder and the last one all further; `by_path` holds responders of single
    paths. With `resets_at_once` connections are reset before anything is read. `tls` wraps connections.
    """

    responders: Sequence[Responder] = (respond(200, "[]"),)
    by_path: Mapping[str, Responder] = field(default_factory=dict)
    host: str = "127.0.0.1"
    tls: ssl.SSLContext | None = None
    resets_at_once: bool = False
    seconds_per_64_kb: float = 0.0  # seconds for each 64 KB of a request's body
    greeting: bytes = b""  # sent before anything is read, and then closed
    never_reads: bool = False  # accepts connections, and neither reads nor writes
    early_response: bytes = b""  # a response sent after the head, before the body is read
    received: list[RawRequest] = field(default_factory=list)
    accepted: int = 0
    errors: list[BaseException] = field(default_factory=list)

    def __enter__(self) -> Self:
        """Listen."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        self.stopped, self.lock = Event(), Lock()
        self.open: set[socket.socket] = set()
        self.listener = socket.create_server((self.host, 0), family=family, backlog=64)
        self.port: int = self.listener.getsockname()[1]
        Thread(target=self.listen, daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        """Stop listening and end what is under way."""
        self.stopped.set()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        with self.lock:
            open_connections = list(self.open)
        for connection in open_connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    @property
    def url(self) -> str:
        """The URL of the server."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"

    @property
    def methods(self) -> list[str]:
        """The methods of all requests, in order."""
        return [request.method for request in self.received]

    def targets(self, method: str = "") -> list[str]:
        """Return the targets of all requests, or of those of a method, in order."""
        return [request.target for request in self.received if not method or request.method == method]

    def listen(self) -> None:
        """Accept until the end."""
        while not self.stopped.is_set():
            try:
                connection, _address = self.listener.accept()
            except OSError:
                return
            self.accepted += 1
            Thread(target=self.serve_connection, args=(connection,), daemon=True).start()

    def serve_connection(self, connection: socket.socket) -> None:
        """Serve one connection until either side has had enough."""
        with self.lock:
            self.open.add(connection)
        if self.resets_at_once:
            select.select([connection], [], [], CLOSE_TIMEOUT)
            Peer(connection, self.stopped).reset()
            return
        try:
            connection.settimeout(20)
            if self.never_reads:
                self.stopped.wait(20)
            if self.greeting:
                connection.sendall(self.greeting)
                self.close(connection)
                return
            if self.tls:
                connection = self.wrap_tls(connection)
            while self.serve_request(connection):
                pass
            self.close(connection)
        except (OSError, ValueError) as error:
            self.errors.append(error)
            self.close(connection)

    def wrap_tls(self, connection: socket.socket) -> socket.socket:
        """Shake hands."""
        assert self.tls
        tls_connection = self.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        with self.lock:
            self.open.add(tls_connection)
        try:
            tls_connection.do_handshake()
        except OSError:
            self.close(tls_connection)
            raise
        return tls_connection

    def close(self, connection: socket.socket) -> None:
        """Close politely: unread bytes would turn the end into a reset, and lose what was sent before it."""
        with contextlib.suppress(OSError, ValueError):
            connection.settimeout(CLOSE_TIMEOUT)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(1 << 16):
                pass
        connection.close()

    def serve_request(self, connection: socket.socket) -> bool:
        """Read a request, record it and answer it; return whether the connection stays open."""
        request = self.read_request(connection)
        if request is None:
            return False
        with self.lock:
            number = len(self.received)
            self.received.append(request)
        responder_of_path = self.by_path.get(request.target.partition("?")[0])
        responder = responder_of_path or self.responders[min(number, len(self.responders) - 1)]
        return responder(Peer(connection, self.stopped)) and not self.stopped.is_set()

    def read_request(self, connection: socket.socket) -> RawRequest | None:
        """Read one request; return None if the client closed the connection."""
        content = b""
        while b"\r\n\r\n" not in content:
            piece = connection.recv(1 << 16)
            if not piece:
                return None
            content += piece
        head, _, body = content.partition(b"\r\n\r\n")
        if self.early_response:
            self.received.append(RawRequest(head, b""))
            connection.sendall(self.early_response)
            return None
        length = int(RawRequest(head, b"").headers.get("content-length", "0"))
        pieces, remaining = [body], length - len(body)
        while remaining > 0:
            piece = connection.recv(min(remaining, 1 << 16))
            if not piece:
                return None
            pieces.append(piece)
            remaining -= len(piece)
            if self.seconds_per_64_kb:
                self.stopped.wait(self.seconds_per_64_kb * len(piece) / (1 << 16))
        return RawRequest(head, b"".join(pieces))


def closed_port(host: str = "127.0.0.1") -> int:
    """Return a port without a listener."""
    with socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as server:
        port: int = server.getsockname()[1]
        return port


def has_ipv6() -> bool:
    """Return whether this machine has an IPv6 loopback."""
    try:
        closed_port("::1")
    except OSError:
        return False
    return True
