"""Clients whose sessions lose messages: the counters of two samples, and the causes they name. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from emqxctl.commands.messages.why._cause import Cause, count_many
from emqxctl.commands.messages.why._counters import describe_setting
from emqxctl.diagnosis.causes import quote_for_shell
from emqxctl.output.results import Row
from emqxctl.text.units import format_duration

Session = Mapping[str, object]  # a row of /clients
MAX_SHOWN_CLIENTS = 10  # in a table; programs get MAX_LISTED_CLIENTS
MAX_LISTED_CLIENTS = 100
QOS0_DROPS = "send_msg.dropped.qos0_msg"  # not a field of EMQX: the rest of send_msg.dropped
SENT_DROPS = ("queue_full", "expired", "too_large")
QUEUE_DROPS = "mqueue_dropped"  # full queue and QoS 0; not the expired and too large ones
FIELDS = (
    "clientid",
    "node",
    "connected",
    "expiry_interval",
    "mqueue_len",
    "mqueue_max",
    "mqueue_dropped",
    "inflight_cnt",
    "inflight_max",
    "send_msg.dropped",
    "send_msg.dropped.expired",
    "send_msg.dropped.queue_full",
    "send_msg.dropped.too_large",
    "recv_msg.dropped",
    "recv_msg.dropped.await_pubrel_timeout",
)


class ClientLoss(NamedTuple):
    """A reason for which a client loses messages: its counter, the sentence, and what to change."""

    counter: str
    cause: str
    sentence: str
    advice: str
    settings: tuple[str, ...] = ()


LOSSES = (
    ClientLoss(
        "send_msg.dropped.queue_full",
        "queue_full",
        "dropped for client {}: its queue was full",
        "raise {}, or make the client faster",
        ("mqtt.max_mqueue_len", "mqtt.max_inflight"),
    ),
    ClientLoss(
        QOS0_DROPS,
        "qos0",
        "of QoS 0 dropped for client {}: it is offline or too slow, and QoS 0 is not queued for it",
        "publish and subscribe with QoS 1, or set {} to true",
        ("mqtt.mqueue_store_qos0",),
    ),
    ClientLoss(
        "send_msg.dropped.expired",
        "expired",
        "dropped for client {}: they expired before it received them",
        "raise the publisher's Message-Expiry-Interval or {}, or make the client faster",
        ("mqtt.message_expiry_interval",),
    ),
    ClientLoss(
        "send_msg.dropped.too_large",
        "too_large",
        "dropped for client {}: larger than its Maximum-Packet-Size",
        "raise Maximum-Packet-Size in the client's CONNECT, or publish less than that",
    ),
    ClientLoss(
        "recv_msg.dropped.await_pubrel_timeout",
        "await_pubrel_timeout",
        "of QoS 2 from client {} dropped: it did not send PUBREL in time",
        "raise {}, or fix the client",
        ("mqtt.await_rel_timeout",),
    ),
)


def read_count(row: Session, field: str) -> int:
    """Return a count of a client's row; 0 if it is missing."""
    if field == QOS0_DROPS:
        drops_with_reason = sum(read_count(row, f"send_msg.dropped.{reason}") for reason in SENT_DROPS)
        return max(read_count(row, "send_msg.dropped") - drops_with_reason, 0)
    value = row.get(field)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def compute_growth(before: Session | None, after: Session, field: str) -> int:
    """Return how much a client's counter grew; all of it if the session is new, or was reset."""
    last = read_count(after, field)
    if before is None:
        return 0
    first = read_count(before, field)
    return last if last < first else last - first


def rank_clients(before: Mapping[str, Session], after: Mapping[str, Session]) -> list[Row]:
    """Return a row for each client that lost messages, most of them during the measurement first."""
    rows = []
    for clientid, session in after.items():
        total = count_drops(session)
        if total:
            rows.append(
                {
                    "clientid": clientid,
                    "node": session.get("node"),
                    "connected": session.get("connected"),
                    "increase": max(total - count_drops(before[clientid]), 0) if clientid in before else 0,
                    "dropped": total,
                    "mqueue_len": session.get("mqueue_len"),
                    "mqueue_max": session.get("mqueue_max"),
                    "inflight_cnt": session.get("inflight_cnt"),
                    "inflight_max": session.get("inflight_max"),
                    **{loss.counter: read_count(session, loss.counter) for loss in LOSSES},
                }
            )
    rows.sort(key=lambda row: (-int(str(row["increase"])), -int(str(row["dropped"])), str(row["clientid"])))
    return rows[:MAX_LISTED_CLIENTS]


def count_drops(session: Session) -> int:
    """Return how many messages were dropped for a client, in both directions.

    Dropped messages of the queue are part of `send_msg.dropped`, which stays behind in some versions.
    """
    sent_drops = max(read_count(session, "send_msg.dropped"), read_count(session, QUEUE_DROPS))
    return sent_drops + read_count(session, "recv_msg.dropped")


def list_client_causes(
    clientid: str, before: Session | None, after: Session | None, settings: Mapping[str, object]
) -> Iterator[Cause]:
    """Yield why a client does not receive messages: from its session in two samples (None: no session)."""
    command = f"emqxctl clients why {quote_for_shell(clientid)}"
    if after is None:
        yield Cause(
            "no_session",
            "certain",
            f"client {clientid!r} has no session: messages that are published now are not stored for it",
            "",
            "connect the client; to keep its messages while it is offline: no clean start, and a session"
            " expiry interval",
            command,
            rank=0,
        )
        return
    losses = list(list_losses(clientid, before, after, settings, command))
    yield from losses
    yield from queue_causes(clientid, after, settings, command, has_losses=bool(losses))


def list_losses(
    clientid: str,
    before: Session | None,
    after: Session,
    settings: Mapping[str, object],
    command: str,
) -> Iterator[Cause]:
    """Yield a cause for each counter of a client that moved, else for those that counted before."""
    for is_past in (False, True):
        has_causes = False
        for loss in LOSSES:
            growth = compute_growth(before, after, loss.counter)
            count = read_count(after, loss.counter) if is_past else growth
            if count <= 0:
                continue
            has_causes = True
            message = f"{count_many(count, 'message')} {loss.sentence.format(repr(clientid))}"
            names = ", ".join(describe_setting(name, settings) for name in loss.settings)
            yield Cause(
                loss.cause,
                "certain",
                message,
                describe_session(after),
                loss.advice.format(names),
                command,
                past=is_past,
                rank=0,
                counter=loss.counter,
                messages=count,
            )
        if has_causes:
            return


def queue_causes(
    clientid: str, session: Session, settings: Mapping[str, object], command: str, *, has_losses: bool
) -> Iterator[Cause]:
    """Yield what the state of a client's queue means for the next messages."""
    length, capacity = read_count(session, "mqueue_len"), read_count(session, "mqueue_max")
    inflight, window = read_count(session, "inflight_cnt"), read_count(session, "inflight_max")
    is_connected = session.get("connected") is not False
    name, evidence = repr(clientid), describe_session(session)
    queue_settings = ", ".join(
        describe_setting(setting, settings) for setting in ("mqtt.max_mqueue_len", "mqtt.max_inflight")
    )
    advice = f"raise {queue_settings}, or make the client faster"
    if capacity and length >= capacity and not has_losses:
        message = f"the queue of client {name} is full: its next messages are dropped"
        yield Cause("queue_full", "certain", message, evidence, advice, command, rank=0)
    elif window and inflight >= window and is_connected:
        message = f"client {name} does not acknowledge: messages wait in its queue"
        yield Cause("not_acknowledging", "certain", message, evidence, advice, command, loss=False, rank=0)
    elif not is_connected:
        yield describe_offline(clientid, session, command)
    elif session.get("expiry_interval") == 0:
        message = f"messages are not stored for client {name} while it is offline: its session ends with the"
        message += " connection"
        advice = "connect with a session expiry interval (MQTT 5), or with clean session off (MQTT 3.1.1)"
        yield Cause("session_ends", "possible", message, evidence, advice, command, loss=False, rank=2)


def describe_offline(clientid: str, session: Session, command: str) -> Cause:
    """Return the cause of a client that is not connected and has a session."""
    expiry = read_count(session, "expiry_interval")
    message = f"client {clientid!r} is offline: messages of QoS 1 and 2 wait in its session"
    message += f", which is kept for {format_duration(expiry)} after the disconnect" if expiry else ""
    advice = "connect the client before its session expires; mqtt.session_expiry_interval is the default"
    evidence = describe_session(session)
    return Cause("offline", "certain", message, evidence, advice, command, loss=False, rank=0)


def describe_session(session: Session) -> str:
    """Return the state of a client's session in a few words."""
    state = "connected" if session.get("connected") is not False else "offline"
    queue = f"{format_count(session.get('mqueue_len'))} of {format_count(session.get('mqueue_max'))} queued"
    window = f"{format_count(session.get('inflight_cnt'))} of {format_count(session.get('inflight_max'))}"
    node = f"on {session['node']}" if session.get("node") else ""
    return ", ".join(part for part in (state, queue, f"{window} in flight", node) if part)


def format_count(value: object) -> str:
    """Format a count; it is missing in a durable session whose client is disconnected."""
    return "?" if value is None else str(value)


def name_worst_clients(causes: Sequence[Cause], rows: Sequence[Row]) -> list[Cause]:
    """Return the causes, those that EMQX counts by client with the clients that lost most."""
    counters = {loss.cause: loss.counter for loss in LOSSES}
    return [
        add_clients(cause, counters[cause.cause], rows) if cause.rank and cause.cause in counters else cause
        for cause in causes
    ]


def add_clients(cause: Cause, counter: str, rows: Sequence[Row]) -> Cause:
    """Return a cause with the clients that lost most of it, and the command that explains the first."""
    candidates = [row for row in rows if row.get(counter) and (cause.past or row["increase"])]
    if not candidates:
        return cause
    names = [f"{row['clientid']} ({describe_session(row)})" for row in candidates[:3]]
    omission = f" and {len(candidates) - 3} more" if len(candidates) > 3 else ""
    evidence = f"{cause.evidence}; clients: {'; '.join(names)}{omission}"
    return cause._replace(
        evidence=evidence, next_step=f"emqxctl clients why {quote_for_shell(str(candidates[0]['clientid']))}"
    )
