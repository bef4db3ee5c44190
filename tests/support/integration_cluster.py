"""A cluster with the states of rules, actions, sources and connectors that a test describes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, Self
from urllib.parse import unquote, urlsplit

BASE = "/api/v5"
NODES = ("emqx1@127.0.0.1", "emqx2@127.0.0.1", "emqx3@127.0.0.1")
KINDS = ("connectors", "actions", "sources", "rules")
EVENTS = ("$events/client_connected", "$events/client_disconnected", "$events/message_dropped")
# The counters of EMQX 5.8.9, as recorded; all others of an object are 0.
CHANNEL_COUNTERS = (
    *("dropped", "dropped.expired", "dropped.other", "dropped.queue_full", "dropped.resource_not_found"),
    *("dropped.resource_stopped", "failed", "inflight", "late_reply", "matched", "queuing", "queuing_bytes"),
    *("rate", "rate_last5m", "rate_max", "received", "retried", "success"),
)
RULE_COUNTERS = (
    *("actions.discarded", "actions.failed", "actions.failed.out_of_service", "actions.failed.unknown"),
    *("actions.success", "actions.total", "failed", "failed.exception", "failed.no_result", "matched"),
    *("matched.rate", "matched.rate.last5m", "matched.rate.max", "passed"),
)
Counters = Mapping[str, float]


def build_states(
    status: str, reason: str = "", nodes: Mapping[str, tuple[str, str]] | None = None
) -> dict[str, Any]:
    """Return the status fields of an object: one status, or those of single nodes beside it."""
    states = dict.fromkeys(NODES, (status, reason)) | dict(nodes or {})
    rows = [{"node": name, "status": own, "status_reason": why} for name, (own, why) in states.items()]
    total = status if len({own for own, _ in states.values()}) == 1 else "inconsistent"
    return {"status": total, "status_reason": reason, "node_status": rows}


@dataclass
class IntegrationCluster:
    """Answers the reads and the tests of `why`, and accepts every write; `requests` are what it received.

    `counters` contain two samples by kind and id; `failures` answers a path with a status and a body instead;
    `probe` is EMQX's refusal of a test, empty if it works.
    """

    rows: dict[str, dict[str, dict[str, Any]]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    counters: dict[tuple[str, str], tuple[Counters, Counters]] = field(default_factory=dict)
    failures: dict[str, tuple[int, Any]] = field(default_factory=dict)
    probe: str = ""
    nodes: tuple[str, ...] = NODES
    requests: list[tuple[str, str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Prepare the server."""
        self.lock, self.samples = Lock(), dict[str, int]()
        cluster = self

        class Handler(BaseHTTPRequestHandler):
            """Passes requests to the cluster."""

            protocol_version = "HTTP/1.1"

            def respond(self) -> None:
                """Answer a request."""
                length = int(self.headers.get("content-length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                path = unquote(urlsplit(self.path).path.removeprefix(BASE))
                with cluster.lock:
                    cluster.requests.append((self.command, path, body))
                    status, answer = cluster.answer(self.command, path, body)
                content = b"" if answer is None else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_DELETE = respond  # noqa: N815  # names of the library

            def log_message(self, *_arguments: object) -> None:
                """Write nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True

    def __enter__(self) -> Self:
        """Start serving."""
        Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        """Stop serving."""
        self.server.shutdown()
        self.server.server_close()

    @property
    def env(self) -> dict[str, str]:
        """The variables that make emqxctl use this cluster."""
        url = f"http://127.0.0.1:{self.server.server_port}"
        return {
            "EMQXCTL_URL": url,
            "EMQXCTL_API_KEY": "k",
            "EMQXCTL_API_SECRET": "s",
            "EMQXCTL_RETRIES": "0",
        }

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:  # noqa: PLR0911  # one per kind of path
        """Return status and body of an answer."""
        if path in self.failures:
            return self.failures[path]
        if method == "POST" and path.endswith("_probe"):
            return (400, {"code": "TEST_FAILED", "message": self.probe}) if self.probe else (204, None)
        kind, _, rest = path.removeprefix("/").partition("/")
        key, _, last = rest.partition("/")
        if kind == "nodes":
            return 200, [{"node": name, "node_status": "running", "version": "5.8.9"} for name in self.nodes]
        if kind == "rule_events":
            return 200, [{"event": name} for name in EVENTS]
        if kind in self.rows and method in {"POST", "PUT"}:
            return 201, body
        if kind not in self.rows or method != "GET":
            return 404, {"code": "NOT_FOUND", "message": "Not Found"}
        if last == "metrics":
            return 200, self.sample(kind, key)
        if key:
            row = self.rows[kind].get(key)
            return (200, row) if row else (404, {"code": "NOT_FOUND", "message": f"{key} not found"})
        rows = list(self.rows[kind].values())
        return 200, {"data": rows, "meta": {"hasnext": False}} if kind == "rules" else rows

    def sample(self, kind: str, key: str) -> dict[str, Any]:
        """Return the next sample of counters, all on the first node."""
        number = self.samples.get(f"{kind}/{key}", 0)
        self.samples[f"{kind}/{key}"] = number + 1
        changes = self.counters.get((kind, key), ({}, {}))[min(number, 1)]
        names = RULE_COUNTERS if kind == "rules" else CHANNEL_COUNTERS
        zeros = dict.fromkeys(names, 0)
        counters = [zeros | dict(changes) if node == self.nodes[0] else zeros for node in self.nodes]
        by_node = [{"node": node, "metrics": row} for node, row in zip(self.nodes, counters, strict=True)]
        return {"metrics": zeros | dict(changes), "node_metrics": by_node}

    def add_connector(self, key: str, status: str = "connected", reason: str = "", **fields: Any) -> None:
        """Add a connector; its address is a port without a server unless `fields` say otherwise."""
        kind, _, name = key.partition(":")
        address = {"url": "http://127.0.0.1:9"} if kind == "http" else {"server": "127.0.0.1:9"}
        nodes = fields.pop("nodes", None)
        row = {"type": kind, "name": name, "enable": True, "ssl": {"enable": False}, **address, **fields}
        self.rows["connectors"][key] = row | build_states(status, reason, nodes)

    def add_channel(
        self, kind: str, key: str, connector: str, status: str = "connected", reason: str = "", **fields: Any
    ) -> None:
        """Add an action or source."""
        type_, _, name = key.partition(":")
        nodes = fields.pop("nodes", None)
        row = {"type": type_, "name": name, "connector": connector, "enable": True, "error": reason, **fields}
        self.rows[kind][key] = row | build_states(status, reason, nodes)

    def add_rule(
        self, key: str, actions: list[Any], topics: tuple[str, ...] = ("t/#",), **fields: Any
    ) -> None:
        """Add a rule."""
        row = {"id": key, "actions": actions, "from": list(topics), "enable": True, "sql": "SELECT 1"}
        self.rows["rules"][key] = row | fields

    def add_chain(self, status: str = "connected", reason: str = "", **fields: Any) -> None:
        """Add a rule `r`, an action `http:a` and a connector `http:c` in one state."""
        dependent = "" if status == "connected" else "Resource not operational"
        self.add_connector("http:c", status, reason, **fields)
        self.add_channel("actions", "http:a", "c", status, dependent)
        self.add_rule("r", ["http:a"])
