"""A TLS port that serves what the simulated cluster's listener is configured with."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from emqxctl.sandbox.server import Sandbox
from tests.faults.certificates import Identity


class TlsListener:
    """A TLS server on a free port; `is_stuck` keeps its certificate whatever is configured."""

    def __init__(self, cluster: Sandbox, identity: Identity, listener_id: str = "ssl:default") -> None:
        """Bind the listener of the cluster to the port, and configure its first certificate."""
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.is_stuck = False
        self.listener = cluster.cluster.listeners[listener_id]
        self.config["bind"] = f"127.0.0.1:{self.port}"
        self.config["ssl_options"]["certfile"] = str(identity.file)
        self.config["ssl_options"]["keyfile"] = str(identity.key_file)
        self.context = self.load()
        self.greeting = b""  # what is read before the handshake

    @property
    def config(self) -> dict[str, Any]:
        """The present configuration, which a change replaces."""
        return self.listener.config

    def load(self) -> ssl.SSLContext:
        """Return a context with the configured certificate, which is a file or PEM text."""
        files = []
        for name in ("certfile", "keyfile"):
            value = self.config["ssl_options"][name]
            if value.startswith("-----BEGIN"):
                file = Path.cwd() / f"served-{name}.pem"
                file.write_text(value)
                value = str(file)
            files.append(value)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*files)
        if self.config["ssl_options"].get("fail_if_no_peer_cert"):
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def serve(self) -> None:
        """Answer each connection with a handshake, until the socket is closed."""
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.socket.accept()
                if not self.is_stuck:
                    self.context = self.load()
                with contextlib.suppress(OSError), connection:
                    if self.config.get("proxy_protocol"):
                        self.greeting = connection.recv(len(b"PROXY UNKNOWN\r\n"))
                    with self.context.wrap_socket(connection, server_side=True) as tls_socket:
                        tls_socket.recv(1)


@contextmanager
def run_tls_listener(cluster: Sandbox, identity: Identity) -> Iterator[TlsListener]:
    """Run a TLS listener in a thread."""
    listener = TlsListener(cluster, identity)
    thread = threading.Thread(target=listener.serve, daemon=True)
    thread.start()
    try:
        yield listener
    finally:
        with contextlib.suppress(OSError):
            listener.socket.shutdown(socket.SHUT_RDWR)
        listener.socket.close()
        thread.join(5)
