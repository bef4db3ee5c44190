"""Why a client is disconnected or unhealthy: causes in order of likelihood. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from emqxctl.diagnosis.causes import Cause, quote_for_shell, sort_by_certainty
from emqxctl.emqx.bans import describe_ban
from emqxctl.output.results import Row

Json = Mapping[str, object]
KEEPALIVE_MULTIPLIER = 1.5  # of the keepalive interval without a packet, unless configured otherwise
ENDLESS = (None, "", "infinity", "undefined")
BAN_SAMPLE = 3  # possible bans that are named
KICK_TOLERANCE = 10.0  # seconds between a kick and the disconnect, with the clocks of all nodes


class ClientFacts(NamedTuple):
    """All that was read about a client.

    `session` is None if EMQX has none. `bans` apply to the client; `possible_bans` may, as its username or
    address is unknown.
    """

    clientid: str
    session: Json | None
    bans: Sequence[Row] = ()
    possible_bans: Sequence[Row] = ()
    authentication: Sequence[Row] = ()
    subscriptions: Sequence[Row] = ()
    listeners: Sequence[Row] = ()
    alarms: Sequence[Row] = ()
    kicks: Sequence[Row] = ()
    slow_subscriptions: Sequence[Row] = ()
    trace: Json | None = None
    keepalive_multiplier: float = KEEPALIVE_MULTIPLIER
    unavailable: Mapping[str, str] = {}
    username: str | None = None
    address: str | None = None
    stopped_nodes: Sequence[str] = ()

    @property
    def is_connected(self) -> bool:
        """Whether the client is connected now."""
        return bool(self.session and self.session.get("connected"))


def list_causes(facts: ClientFacts, trace_command: str) -> list[Cause]:
    """Return the causes, the most certain first; `trace_command` shows the client's next attempt.

    Causes that are only possible are omitted if one is certain.
    """
    if facts.is_connected:
        return sort_by_certainty(connected_causes(facts))
    causes = list(disconnect_causes(facts))
    if any(cause.certainty == "certain" for cause in causes):
        return sort_by_certainty(cause for cause in causes if cause.certainty != "possible")
    causes += generic_causes(facts)
    return sort_by_certainty(cause._replace(next_step=cause.next_step or trace_command) for cause in causes)


def disconnect_causes(facts: ClientFacts) -> Iterator[Cause]:
    """Yield the causes of a disconnect for which there is evidence."""
    yield from ban_causes(facts)
    yield from possible_ban_causes(facts)
    yield from trace_causes(facts)
    yield from kick_causes(facts)
    yield from node_causes(facts)
    yield from listener_causes(facts)
    yield from authentication_causes(facts)


def ban_causes(facts: ClientFacts) -> Iterator[Cause]:
    """Yield the bans that apply to the client."""
    for ban in facts.bans:
        kind, who = str(ban.get("as")), str(ban.get("who"))
        end = "permanent" if ban.get("until") in ENDLESS else f"until {ban.get('until')}"
        author = f"by {ban.get('by')}" if ban.get("by") else ""
        reason = f"reason: {ban.get('reason')}" if ban.get("reason") else ""
        evidence = ", ".join(text for text in (end, author, f"since {ban.get('at')}", reason) if text)
        message = f"banned by {describe_ban(ban)}: {who}"
        command = f"emqxctl banned delete {kind} {quote_for_shell(who)}"
        yield Cause("banned", "certain", message, evidence, command)


def possible_ban_causes(facts: ClientFacts) -> Iterator[Cause]:
    """Yield the bans that may apply, with the options that would decide it."""
    if not facts.possible_bans:
        return
    samples = [f"{ban.get('as')} {ban.get('who')}" for ban in facts.possible_bans[:BAN_SAMPLE]]
    omitted_count = len(facts.possible_bans) - BAN_SAMPLE
    samples += [f"and {omitted_count} more"] if omitted_count > 0 else []
    candidates = (
        ("username", "--username NAME", "username", facts.username),
        ("address", "--ip ADDRESS", "peerhost", facts.address),
    )
    missing = [
        (name, option)
        for name, option, prefix, value in candidates
        if value is None and any(str(ban.get("as")).startswith(prefix) for ban in facts.possible_bans)
    ]
    message = f"possibly banned by {' or '.join(name for name, _ in missing)}"
    options = " ".join(option for _, option in missing)
    command = f"emqxctl clients why {quote_for_shell(facts.clientid)} {options}"
    if not missing:  # patterns in Erlang's syntax
        message, command = "possibly banned by a pattern that only EMQX can evaluate", "emqxctl banned list"
    yield Cause("banned", "possible", message, ", ".join(samples), command)


def trace_causes(facts: ClientFacts) -> Iterator[Cause]:
    """Yield the cause that a trace contains, unless the client has connected since."""
    trace = facts.trace
    if trace is None or facts.is_connected:
        return
    session = facts.session or {}
    delay = seconds_between(session.get("connected_at"), trace["at"])
    if delay is not None and delay < 0:
        return
    name, evidence = quote_for_shell(str(trace["trace"])), f"trace {trace['trace']}, {trace['at']}"
    command = f"emqxctl traces log {name}"
    yield Cause(str(trace["cause"]), "certain", str(trace["message"]), evidence, command)


def seconds_between(earlier: object, later: object) -> float | None:
    """Return the seconds between two times; None if one is invalid, or only one has a time zone."""
    try:
        return (datetime.fromisoformat(str(later)) - datetime.fromisoformat(str(earlier))).total_seconds()
    except (TypeError, ValueError):
        return None


def kick_causes(facts: ClientFacts) -> Iterator[Cause]:
    """Yield the last kick in the audit log: certain if the client disconnected at that time."""
    for entry in facts.kicks:
        session, time = facts.session or {}, entry.get("created_at")
        delay = seconds_between(session.get("connected_at"), time)
        if delay is not None and delay < 0:
            continue
        gap = seconds_between(time, session.get("disconnected_at"))
        certainty = "certain" if gap is not None and abs(gap) <= KICK_TOLERANCE else "likely"
        message = f"kicked by {entry.get('source') or entry.get('from') or 'an unknown user'}"
        yield Cause("kicked", certainty, message, f"audit log, {time}", "emqxctl audit list")
        return


def node_causes(facts: ClientFacts) -> Iterator[Cause]:
    """Yield the stopped nodes: certain if the session was on one, likely if there is no session."""
    if not facts.stopped_nodes:
        return
    names, node = ", ".join(facts.stopped_nodes), (facts.session or {}).get("node")
    if node in facts.stopped_nodes:
        message = f"the client was connected to node {node}, which is stopped"
        yield Cause("node_stopped", "certain", message, "", "emqxctl nodes list")
    elif facts.session is None:
        message = f"a node is stopped: {names}; clients connected to it lost their connection and session"
        yield Cause("node_stopped", "likely", message, "", "emqxctl nodes list")


def listener_causes(facts: ClientFacts) -> Iterator[Cause]:
    """Yield a cause if no listener accepts connections."""
    enabled = [listener for listener in facts.listeners if listener.get("enable") is not False]
    running = [listener for listener in enabled if is_running(listener)]
    if facts.listeners and not running:
        yield Cause("no_listener", "certain", "no listener is running", "", "emqxctl listeners list")
    elif running and all(is_full(listener) for listener in running):
        yield Cause("listeners_full", "likely", "all listeners are full", "", "emqxctl listeners list")


def is_running(listener: Json) -> bool:
    """Return whether a listener runs; True if it has no status."""
    status = listener.get("status")
    return not (isinstance(status, Mapping) and status.get("running") is False)


def is_full(listener: Json) -> bool:
    """Return whether a listener has reached its maximum number of connections."""
    status = listener.get("status")
    if not isinstance(status, Mapping):
        return False
    maximum, current = status.get("max_connections"), status.get("current_connections")
    return isinstance(maximum, int) and isinstance(current, int) and current >= maximum > 0


def authentication_causes(facts: ClientFacts) -> Iterator[Cause]:
    """Yield a cause if no authenticator has the user, or attempts failed that EMQX counts for all clients."""
    chain = facts.authentication
    if chain and all(authenticator.get("user_exists") is False for authenticator in chain):
        users = (str(authenticator["user"]) for authenticator in chain if authenticator.get("user"))
        message = f"user {next(users, facts.clientid)!r} not found in any authenticator"
        ids = ", ".join(str(authenticator.get("id")) for authenticator in chain)
        yield Cause("unknown_user", "likely", message, ids, "emqxctl authentication list")
        return
    failed_count = sum(count_or_zero(authenticator.get("failed")) for authenticator in chain)
    if failed_count and facts.session is None:
        users = (str(authenticator["user"]) for authenticator in chain if authenticator.get("user_exists"))
        user = next(users, None)
        message = "wrong password" + (f": user {user!r} exists" if user is not None else "")
        evidence = f"{failed_count} failed attempts; EMQX does not count them by client"
        yield Cause("wrong_password", "possible", message, evidence)


def generic_causes(facts: ClientFacts) -> Iterator[Cause]:
    """Yield the causes that need no evidence: EMQX does not store why a client disconnected.

    A kick ends the session: a client that still has one was not kicked.
    """
    session = facts.session
    if session is None:
        message = "the client never connected, or its session has ended: expired, closed or kicked"
        yield Cause("no_session", "possible", message)
        return
    interval = session.get("keepalive")
    if isinstance(interval, int) and interval > 0:
        message = f"keepalive timeout: no packet for {interval * facts.keepalive_multiplier:g} s"
        message += f" ({facts.keepalive_multiplier:g} times the keepalive interval)"
        yield Cause("keepalive_timeout", "possible", message)
    yield Cause("connection_lost", "possible", "the connection was lost, or the client disconnected")


def connected_causes(facts: ClientFacts) -> Iterator[Cause]:
    """Yield the problems of a client that is connected."""
    for cause in ban_causes(facts):
        yield cause._replace(message=f"{cause.message}; the ban applies at its next connect")
    yield from queue_causes(facts)
    for subscription in facts.subscriptions:
        verdict = subscription.get("authorization")
        if isinstance(verdict, Mapping) and verdict.get("result") == "deny":
            message = f"authorization now denies the subscription to {subscription.get('topic')}"
            evidence = str(verdict.get("rule") or verdict.get("source"))
            yield Cause("subscription_denied", "likely", message, evidence)
    for alarm in facts.alarms:
        message, evidence = f"alarm {alarm.get('name')}", str(alarm.get("message", ""))
        yield Cause("alarm", "certain", message, evidence, "emqxctl alarms list")
    if facts.slow_subscriptions:
        latency = max(count_or_zero(row.get("timespan")) for row in facts.slow_subscriptions)
        message = f"slow delivery: a message took {latency} ms"
        yield Cause("slow", "certain", message, "", "emqxctl slow-subscriptions list")


def queue_causes(facts: ClientFacts) -> Iterator[Cause]:
    """Yield the problems of a client's in-flight window and message queue."""
    session, clientid = facts.session or {}, quote_for_shell(facts.clientid)
    length, capacity = count_or_zero(session.get("mqueue_len")), count_or_zero(session.get("mqueue_max"))
    inflight, window = count_or_zero(session.get("inflight_cnt")), count_or_zero(session.get("inflight_max"))
    if window and inflight >= window:
        message = f"messages are not acknowledged: {inflight} of {window} in flight"
        yield Cause("not_acknowledging", "certain", message, "", f"emqxctl clients inflight {clientid}")
    command = f"emqxctl clients mqueue {clientid}"
    if capacity and length >= capacity:
        message = f"the queue is full ({length} of {capacity}): further messages are dropped"
        yield Cause("queue_full", "certain", message, "", command)
    elif count_or_zero(session.get("mqueue_dropped")):
        message = f"the queue dropped {session['mqueue_dropped']} messages"
        yield Cause("queue_dropped", "certain", message, "", command)


def count_or_zero(value: object) -> int:
    """Return a count; 0 for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
