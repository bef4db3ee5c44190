"""The sandbox itself: a cluster, its management API, and the loopback port that it listens on."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import BinaryIO, Self

from emqxctl.errors import EmqxctlError
from emqxctl.sandbox import handlers
from emqxctl.sandbox.activity.activity import Activity
from emqxctl.sandbox.http.auth import Authenticator
from emqxctl.sandbox.http.dispatch import Dispatcher
from emqxctl.sandbox.http.routing import Router
from emqxctl.sandbox.messages import EarlyResponse, Request, Response, read_request
from emqxctl.sandbox.seed.fleet import seed_cluster
from emqxctl.sandbox.state.cluster import COMMUNITY, NODES, Clock, Cluster

HOST = "127.0.0.1"


@dataclass(frozen=True)
class ReceivedRequest:
    """One request that was received: `path` raw and without the query, header names in lower case."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: bytes
    status: int  # of the answer


class Sandbox:
    """A simulated three-node EMQX (5.8.9, or Enterprise 6.2.2) on a port of the loopback interface.

    `port` 0 takes a free one. `keep` bounds `requests` (0: all are kept). `clock` gives epoch seconds.
    `moving`: clients connect and disconnect as time goes by. `edition`: `community` or `enterprise`.
    """

    def __init__(  # noqa: PLR0913 - each is a choice of its own, and has a default
        self,
        *,
        port: int = 0,
        seed: int = 0,
        clients: int = 24,
        api_key: str = "sandbox",
        api_secret: str = "sandbox-secret",  # noqa: S107 - a made-up cluster's made-up secret
        nodes: Iterable[str] = NODES,
        clock: Clock = time.time,
        keep: int = 0,
        simulate_activity: bool = False,
        edition: str = COMMUNITY,
    ) -> None:
        """Create the cluster; nothing listens before `start`."""
        self.port, self.keep = port, keep
        self.api_key, self.api_secret = api_key, api_secret
        self.requests: list[ReceivedRequest] = []
        self.cluster = Cluster(seed=seed, node_names=nodes, clock=clock, edition=edition)
        seed_cluster(self.cluster, clients)
        if simulate_activity:
            self.cluster.activity = Activity(self.cluster)
        authenticator = Authenticator(self.cluster, api_key, api_secret)
        self._service = Dispatcher(authenticator, Router(handlers.routes(edition)))
        self._listener: socket.socket | None = None
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """Return the base URL, without `/api/v5`."""
        return f"http://{HOST}:{self.port}"

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    def start(self) -> Self:
        """Listen, and answer from daemon threads. Raises EmqxctlError when the port is taken."""
        try:
            self._listener = socket.create_server((HOST, self.port), backlog=128)
        except OSError as error:
            message = f"the sandbox cannot listen on {HOST}:{self.port}: {error.strerror}"
            raise EmqxctlError(
                message, code="PORT_TAKEN", hint="Choose another port, or 0 for a free one."
            ) from error
        self.port = self._listener.getsockname()[1]
        self._acceptor = threading.Thread(target=self._accept, args=(self._listener,), daemon=True)
        self._acceptor.start()
        return self

    def stop(self) -> None:
        """Stop listening and close every connection; a second stop does nothing."""
        with self._lock:
            listener, self._listener = self._listener, None
            connections, self._connections = self._connections, set()
        if listener is None:
            return
        # Closing a socket does not wake a thread that waits in accept(); a last connection does, everywhere.
        with contextlib.suppress(OSError), socket.create_connection((HOST, self.port), timeout=1):
            pass
        self._acceptor.join(timeout=1)  # while it waits in accept(), connections to a closed socket are reset
        listener.close()
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket) -> None:
        """Accept connections until stopped, each in its own thread."""
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with self._lock:
                if self._listener is not listener:
                    connection.close()
                    return
                self._connections.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        """Answer the requests of one connection until either side ends it."""
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with (
            connection,
            contextlib.suppress(OSError, ValueError),
            connection.makefile("rb") as stream,
            connection.makefile("wb") as reply,
        ):
            while self._respond_to_next(stream, reply):
                pass
        with self._lock:
            self._connections.discard(connection)

    def _respond_to_next(self, stream: BinaryIO, reply: BinaryIO) -> bool:
        """Answer one request; False when the connection ends with it."""
        try:
            request = read_request(stream, reply)
        except EarlyResponse as early:
            reply.write(early.response.encode(keep_alive=False))
            return False
        if request is None:
            return False
        answer = self._service.respond(request)
        self._record(request, answer)
        reply.write(answer.encode(keep_alive=request.keeps_alive, bodiless=request.method == "HEAD"))
        reply.flush()
        return request.keeps_alive

    def _record(self, request: Request, answer: Response) -> None:
        """Record a request before its response is sent, so that its receiver finds it recorded."""
        received = ReceivedRequest(
            request.method, request.path, request.query, dict(request.headers), request.body, answer.status
        )
        with self._lock:
            self.requests.append(received)
            if self.keep:
                del self.requests[: -self.keep]
