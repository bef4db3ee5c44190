"""A sandbox in the state in which the exchanges with EMQX 5.8.9 were recorded."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from emqxctl.sandbox.server import Sandbox
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.records import Alarm, Ban, Message
from tests.support.recordings import Exchange

NODES = ("emqx1@127.0.0.1", "emqx2@127.0.0.1", "emqx3@127.0.0.1")
NOW = datetime.fromisoformat("2026-11-22T23:53:23+00:00").timestamp()
CHOSEN = ("node", "connected", "username", "clean_start")
PLACED = ("proto_ver", "proto_name", "listener", "peersni", "ws_cookie", "ip_address", "expiry_interval")


def parse_epoch(text: str) -> float:
    """Read a recorded time."""
    return datetime.fromisoformat(text).timestamp()


def iterate_rows(operation: str, exchanges: list[Exchange]) -> Iterator[dict[str, Any]]:
    """Go through every object that the answers of one operation hold."""
    for exchange in exchanges:
        if exchange.operation != operation or not isinstance(exchange.body, dict | list):
            continue
        body = exchange.body
        rows = body if isinstance(body, list) else body.get("data", [body])
        yield from (row for row in rows if isinstance(row, dict) and "code" not in row)


def build_recorded_sandbox(exchanges: list[Exchange]) -> Sandbox:
    """Make a sandbox that holds what the recorded cluster held."""
    sandbox = Sandbox(clients=0, nodes=NODES, clock=lambda: NOW)
    cluster = sandbox.cluster
    for held in (cluster.retained, cluster.bans, cluster.alarms, cluster.past_alarms):
        held.clear()
    for fill in (fill_clients, fill_subscriptions, fill_queues, fill_retained, fill_bans, fill_alarms):
        fill(cluster, exchanges)
    return sandbox


def fill_clients(cluster: Cluster, exchanges: list[Exchange]) -> None:
    """Add each client that a recorded row names, by what would be chosen when it connects, and no counter."""
    for row in iterate_rows("GET /clients", exchanges):
        if len(row) < 20 or row["clientid"] in cluster.clients:
            continue
        chosen = {name: row[name] for name in (*CHOSEN, *PLACED) if name in row}
        chosen |= {name: parse_epoch(row[name]) for name in row if name.endswith("ed_at")}
        cluster.add_client(row["clientid"], **chosen)
    for row in iterate_rows("GET /clients/{clientid}/authorization/cache", exchanges):
        cluster.clients["traffic-pub"].authz_cache.append(row)


def fill_subscriptions(cluster: Cluster, exchanges: list[Exchange]) -> None:
    """Subscribe the clients to what recorded rows name, but for what the recording itself subscribed."""
    for operation in ("GET /clients/{clientid}/subscriptions", "GET /subscriptions"):
        for row in iterate_rows(operation, exchanges):
            if row["clientid"] in cluster.clients and not row["topic"].startswith(("rec/", "x/", "a/#")):
                options = {name: row[name] for name in ("qos", "nl", "rap", "rh")}
                cluster.add_subscription(row["clientid"], row["topic"], **options)


def fill_queues(cluster: Cluster, exchanges: list[Exchange]) -> None:
    """Queue the recorded messages, by the very times of their insertion."""
    for exchange in exchanges:
        _, _, queue = exchange.operation.rpartition("/")
        if queue not in ("mqueue_messages", "inflight_messages") or not isinstance(exchange.body, dict):
            continue
        client = cluster.clients.get(unquote(exchange.request["path"].split("/")[-2]))
        if client is None:
            continue
        waiting = client.mqueue if queue.startswith("mqueue") else client.inflight
        known_times = {message.inserted_at for message in waiting}
        for row in exchange.body.get("data", []):
            queued_message = parse_queued_message(row)
            if queued_message.inserted_at not in known_times:
                waiting.append(queued_message)
                known_times.add(queued_message.inserted_at)
        waiting.sort(key=lambda message: message.inserted_at)


@dataclass(frozen=True)
class QueuedMessage(Message):
    """A message whose time of insertion was recorded."""

    inserted: int = 0

    @property
    def inserted_at(self) -> int:
        """Give the recorded time."""
        return self.inserted


def parse_queued_message(row: dict[str, Any]) -> QueuedMessage:
    """Read a queued message back; a payload that was asked for as text is not decoded."""
    return QueuedMessage(
        row["topic"],
        b"text",
        row["qos"],
        row["publish_at"] / 1000,
        from_clientid=row["from_clientid"],
        from_username=row["from_username"],
        inserted=int(row["inserted_at"]),
    )


def fill_retained(cluster: Cluster, exchanges: list[Exchange]) -> None:
    """Retain the recorded messages."""
    for operation in ("GET /mqtt/retainer/messages", "GET /mqtt/retainer/message/{topic}"):
        for row in iterate_rows(operation, exchanges):
            payload = base64.b64decode(row.get("payload", ""))
            if row["topic"] == "big/above-1MiB":
                payload = bytes(1_100_000)
            at = parse_epoch(row["publish_at"])
            cluster.retained[row["topic"]] = Message(row["topic"], payload, row["qos"], at)


def fill_bans(cluster: Cluster, exchanges: list[Exchange]) -> None:
    """Ban the clients that the recorded rows name."""
    for row in iterate_rows("GET /banned", exchanges):
        end = row["until"] if row["until"] == "infinity" else int(parse_epoch(row["until"]))
        ban = Ban(row["as"], row["who"], row["by"], row["reason"], int(parse_epoch(row["at"])), end)
        cluster.bans[ban.subject_type, ban.subject] = ban


def fill_alarms(cluster: Cluster, exchanges: list[Exchange]) -> None:
    """Raise the recorded alarms, each once for its node."""
    for row in iterate_rows("GET /alarms", exchanges):
        ended_at = parse_epoch(row["deactivate_at"]) if "deactivate_at" in row else None
        alarm = Alarm(
            row["node"],
            row["name"],
            row["message"],
            row["details"],
            parse_epoch(row["activate_at"]),
            ended_at,
        )
        alarms = cluster.alarms if ended_at is None else cluster.past_alarms
        if (alarm.name, alarm.node) not in {(other.name, other.node) for other in alarms}:
            alarms.append(alarm)
