"""A server that misbehaves to order: raw sockets, each request recorded, each answer a scripted fault."""

import contextlib
import select
import socket
import ssl
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from typing import Self

LINGER_NOT = struct.pack("ii", 1, 0)  # closing sends RST in place of FIN
SOON = 0.3  # seconds a connection that is to be closed waits for the other side to close first


@dataclass(frozen=True)
class Received:
    """One request as it came, byte for byte."""

    head: bytes
    body: bytes

    @property
    def method(self) -> str:
        """Its method."""
        return self.head.split(b" ", 1)[0].decode("latin-1")

    @property
    def target(self) -> str:
        """Its path and query."""
        return self.head.split(b" ", 2)[1].decode("latin-1")

    @property
    def headers(self) -> dict[str, str]:
        """Its headers, names in lower case."""
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


@dataclass(frozen=True)
class Peer:
    """The other side of a connection, as an answer sees it."""

    connection: socket.socket
    over: Event

    def send(self, content: bytes) -> None:
        """Send bytes; the other side may be gone."""
        self.connection.sendall(content)

    def reset(self) -> None:
        """Break the connection: the other side sees ECONNRESET."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
        self.connection.close()


Answer = Callable[[Peer], bool]  # gives whether the connection may serve another request


def answer(
    status: int = 200,
    body: bytes | str = b"",
    headers: Mapping[str, str] | None = None,
    *,
    kind: str = "application/json",
) -> Answer:
    """Answer soundly: any status, any body, Content-Length unless it is given."""
    content = body if isinstance(body, bytes) else body.encode()
    told = {"Content-Type": kind, "Content-Length": str(len(content)), **(headers or {})}
    return raw(head(status, told) + content, keep=True)


def head(status: int, headers: Mapping[str, str]) -> bytes:
    """Write a status line and headers."""
    lines = [f"HTTP/1.1 {status} {'OK' if status < 300 else 'Trouble'}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def raw(content: bytes, *, keep: bool = False, reset: bool = False) -> Answer:
    """Answer these very bytes, then keep the connection, close it or break it."""

    def play(peer: Peer) -> bool:
        peer.send(content)
        if reset:
            peer.reset()
        return keep

    return play


def broken() -> Answer:
    """Break the connection when the request has been read, without a byte."""

    def play(peer: Peer) -> bool:
        peer.reset()
        return False

    return play


def silent() -> Answer:
    """Never answer."""

    def play(peer: Peer) -> bool:
        peer.over.wait(20)
        return False

    return play


def dripping(content: bytes, drop: bytes = b" ", every: float = 0.02) -> Answer:
    """Answer with `content` and then a drop now and then, for ever."""

    def play(peer: Peer) -> bool:
        peer.send(content)
        while not peer.over.wait(every):
            peer.send(drop)
        return False

    return play


def flood(size: int, *, chunked: bool, status: int = 200) -> Answer:
    """Answer with a body of any size that is never in memory."""
    piece = b"x" * (1 << 16)
    told = {"Transfer-Encoding": "chunked"} if chunked else {"Content-Length": str(size)}

    def play(peer: Peer) -> bool:
        peer.send(head(status, {"Content-Type": "application/json", **told}))
        for _ in range(size // len(piece)):
            peer.send(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
        peer.send(b"0\r\n\r\n" if chunked else b"")
        return True

    return play


@dataclass
class FaultServer:
    """Serves on a free port of the loopback, gone when the `with` block ends.

    The nth request gets the nth answer and the last one all further; `at` holds answers for paths of their
    own. With `deaf` connections are broken before anything is read. `tls` wraps what is accepted.
    """

    answers: Sequence[Answer] = (answer(200, "[]"),)
    at: Mapping[str, Answer] = field(default_factory=dict)
    host: str = "127.0.0.1"
    tls: ssl.SSLContext | None = None
    deaf: bool = False
    slow: float = 0.0  # seconds for each 64 KB of a request's body
    greeting: bytes = b""  # sent before anything is read, and then the end
    mute: bool = False  # accepts, and neither reads nor writes
    early: bytes = b""  # an answer given when the head has been read, the body unread
    received: list[Received] = field(default_factory=list)
    accepted: int = 0
    troubles: list[BaseException] = field(default_factory=list)

    def __enter__(self) -> Self:
        """Listen."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        self.over, self.lock = Event(), Lock()
        self.open: set[socket.socket] = set()
        self.listener = socket.create_server((self.host, 0), family=family, backlog=64)
        self.port: int = self.listener.getsockname()[1]
        Thread(target=self.listen, daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        """Stop listening and end what is under way."""
        self.over.set()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        with self.lock:
            waiting = list(self.open)
        for connection in waiting:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    @property
    def url(self) -> str:
        """Where it is."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"

    @property
    def methods(self) -> list[str]:
        """The methods of all requests, in order."""
        return [one.method for one in self.received]

    def targets(self, method: str = "") -> list[str]:
        """Give the targets of all requests, or of those of a method, in order."""
        return [one.target for one in self.received if not method or one.method == method]

    def listen(self) -> None:
        """Accept until the end."""
        while not self.over.is_set():
            try:
                connection, _address = self.listener.accept()
            except OSError:
                return
            self.accepted += 1
            Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection: socket.socket) -> None:
        """Serve one connection until either side has had enough."""
        with self.lock:
            self.open.add(connection)
        if self.deaf:
            select.select([connection], [], [], SOON)
            Peer(connection, self.over).reset()
            return
        try:
            connection.settimeout(20)
            if self.mute:
                self.over.wait(20)
            if self.greeting:
                connection.sendall(self.greeting)
                self.leave(connection)
                return
            if self.tls:
                connection = self.secured(connection)
            while self.one(connection):
                pass
            self.leave(connection)
        except (OSError, ValueError) as error:
            self.troubles.append(error)
            self.leave(connection)

    def secured(self, connection: socket.socket) -> socket.socket:
        """Shake hands."""
        assert self.tls
        secured = self.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        with self.lock:
            self.open.add(secured)
        try:
            secured.do_handshake()
        except OSError:
            self.leave(secured)
            raise
        return secured

    def leave(self, connection: socket.socket) -> None:
        """Close politely: unread bytes would turn the end into a reset, and lose what was sent before it."""
        with contextlib.suppress(OSError, ValueError):
            connection.settimeout(SOON)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(1 << 16):
                pass
        connection.close()

    def one(self, connection: socket.socket) -> bool:
        """Read a request, record it and answer it; gives whether the connection lives on."""
        received = self.read(connection)
        if received is None:
            return False
        with self.lock:
            number = len(self.received)
            self.received.append(received)
        own = self.at.get(received.target.partition("?")[0])
        play = own or self.answers[min(number, len(self.answers) - 1)]
        return play(Peer(connection, self.over)) and not self.over.is_set()

    def read(self, connection: socket.socket) -> Received | None:
        """Read one request; None when the other side is gone."""
        content = b""
        while b"\r\n\r\n" not in content:
            piece = connection.recv(1 << 16)
            if not piece:
                return None
            content += piece
        first, _, body = content.partition(b"\r\n\r\n")
        if self.early:
            connection.sendall(self.early)
            self.received.append(Received(first, b""))
            return None
        length = int(Received(first, b"").headers.get("content-length", "0"))
        pieces, missing = [body], length - len(body)
        while missing > 0:
            piece = connection.recv(min(missing, 1 << 16))
            if not piece:
                return None
            pieces.append(piece)
            missing -= len(piece)
            if self.slow:
                self.over.wait(self.slow * len(piece) / (1 << 16))
        return Received(first, b"".join(pieces))


def closed_port(host: str = "127.0.0.1") -> int:
    """Give a port that nobody listens on."""
    with socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as server:
        port: int = server.getsockname()[1]
        return port


def has_ipv6() -> bool:
    """Tell whether this machine has an IPv6 loopback."""
    try:
        closed_port("::1")
    except OSError:
        return False
    return True


def paged(pages: Iterable[str]) -> list[Answer]:
    """Answer page after page."""
    return [answer(200, page) for page in pages]
