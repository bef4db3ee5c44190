"""Why a client is not there, or not well: causes by the weight of what speaks for them. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from emqxctl.emqx.bans import describe_ban
from emqxctl.output.results import Row

Json = Mapping[str, object]
PATIENCE = 1.5  # times its keep-alive that a client may be silent, unless the configuration says otherwise
NEVER_ENDS = (None, "", "infinity", "undefined")


class Cause(NamedTuple):
    """A cause: `certain`, `likely` or `possible`; what speaks for it; the command to type next."""

    cause: str
    certainty: str
    words: str
    evidence: str = ""
    next: str = ""


class Known(NamedTuple):
    """All that was found out about a client.

    `session` is None where EMQX has none; `bans` hit it, `bans_open` may, as what they are by is not known.
    """

    clientid: str
    session: Json | None
    bans: Sequence[Row] = ()
    bans_open: Sequence[Row] = ()
    authentication: Sequence[Row] = ()
    subscriptions: Sequence[Row] = ()
    listeners: Sequence[Row] = ()
    alarms: Sequence[Row] = ()
    kicks: Sequence[Row] = ()
    slow: Sequence[Row] = ()
    trace: Json | None = None
    patience: float = PATIENCE
    unread: Mapping[str, str] = {}
    username: str | None = None
    address: str | None = None

    @property
    def connected(self) -> bool:
        """Whether it is connected now."""
        return bool(self.session and self.session.get("connected"))


NAMED = 3  # bans that may hit it that are named
AT_ONCE = 10.0  # seconds between a kick and its effect, over all nodes
RANK = {"certain": 0, "likely": 1, "possible": 2}


def causes(known: Known, trace_command: str) -> list[Cause]:
    """Give the causes, the surest first; `trace_command` is what shows the next attempt.

    What is only possible is left out where something is certain.
    """
    if known.connected:
        return ranked(troubles(known))
    found = list(absence(known))
    if any(one.certainty == "certain" for one in found):
        return ranked(one for one in found if one.certainty != "possible")
    return ranked(one._replace(next=one.next or trace_command) for one in (*found, *usual(known)))


def ranked(found: Iterable[Cause]) -> list[Cause]:
    """Put the surest first; among the same the order stays."""
    return sorted(found, key=lambda one: RANK[one.certainty])


def absence(known: Known) -> Iterator[Cause]:
    """Give what keeps it out or took it away, where something tells so."""
    yield from banned(known)
    yield from maybe_banned(known)
    yield from traced(known)
    yield from kicked(known)
    yield from no_listener(known)
    yield from not_known(known)


def banned(known: Known) -> Iterator[Cause]:
    """Give the bans that hit it."""
    for ban in known.bans:
        kind, who = str(ban.get("as")), str(ban.get("who"))
        end = "for ever" if ban.get("until") in NEVER_ENDS else f"until {ban.get('until')}"
        by = f"by {ban.get('by')}" if ban.get("by") else ""
        reason = f"reason: {ban.get('reason')}" if ban.get("reason") else ""
        said = ", ".join(one for one in (end, by, f"since {ban.get('at')}", reason) if one)
        words = f"it is banned by its {describe_ban(ban)}: {who}"
        yield Cause("banned", "certain", words, said, f"emqxctl banned delete {kind} {quoted(who)}")


def maybe_banned(known: Known) -> Iterator[Cause]:
    """Name the bans that may hit it, and the options that would tell."""
    if not known.bans_open:
        return
    told = [f"{ban.get('as')} {ban.get('who')}" for ban in known.bans_open[:NAMED]]
    more = len(known.bans_open) - NAMED
    told += [f"and {more} more"] if more > 0 else []
    asked = [
        (name, option)
        for name, option, prefix, value in (
            ("user name", "--username NAME", "username", known.username),
            ("address", "--ip ADDRESS", "peerhost", known.address),
        )
        if value is None and any(str(ban.get("as")).startswith(prefix) for ban in known.bans_open)
    ]
    words = f"its {' or '.join(name for name, _ in asked)} is banned, should it be one of these"
    again = f"emqxctl clients why {quoted(known.clientid)} {' '.join(option for _, option in asked)}"
    if not asked:  # patterns that only Erlang reads
        words, again = "it is banned by a pattern that cannot be judged here", "emqxctl banned list"
    yield Cause("banned", "possible", words, ", ".join(told), again)


def traced(known: Known) -> Iterator[Cause]:
    """Give what a trace says, unless the client has been let in since."""
    told = known.trace
    if told is None or known.connected:
        return
    session = known.session or {}
    after = seconds(session.get("connected_at"), told["at"])
    if after is not None and after < 0:
        return
    name, evidence = quoted(str(told["trace"])), f"trace {told['trace']}, {told['at']}"
    yield Cause(str(told["cause"]), "certain", str(told["words"]), evidence, f"emqxctl traces log {name}")


def seconds(earlier: object, later: object) -> float | None:
    """Give the seconds between two times; None where one is none, or only one has a zone."""
    try:
        return (datetime.fromisoformat(str(later)) - datetime.fromisoformat(str(earlier))).total_seconds()
    except (TypeError, ValueError):
        return None


def kicked(known: Known) -> Iterator[Cause]:
    """Give the last time that somebody kicked it, by the audit log: for certain if it went then."""
    for one in known.kicks:
        session, at = known.session or {}, one.get("created_at")
        after = seconds(session.get("connected_at"), at)
        if after is not None and after < 0:
            continue
        gap = seconds(at, session.get("disconnected_at"))
        sure = gap is not None and abs(gap) <= AT_ONCE
        words = f"it was kicked by {one.get('source') or one.get('from') or 'somebody'}"
        yield Cause(
            "kicked", "certain" if sure else "likely", words, f"audit log, {at}", "emqxctl audit list"
        )
        return


def no_listener(known: Known) -> Iterator[Cause]:
    """Say when there is nothing to connect to, or no room."""
    on = [one for one in known.listeners if one.get("enable") is not False and running(one)]
    if known.listeners and not on:
        yield Cause("no_listener", "certain", "no listener runs", "", "emqxctl listeners list")
        return
    full = [one for one in on if is_full(one)]
    if full and len(full) == len(on):
        yield Cause("listeners_full", "likely", "every listener is full", "", "emqxctl listeners list")


def running(listener: Json) -> bool:
    """Tell whether a listener runs; one that does not say so is taken to."""
    status = listener.get("status")
    return not (isinstance(status, Mapping) and status.get("running") is False)


def is_full(listener: Json) -> bool:
    """Tell whether a listener has as many connections as it takes."""
    status = listener.get("status")
    if not isinstance(status, Mapping):
        return False
    most, now = status.get("max_connections"), status.get("current_connections")
    return isinstance(most, int) and isinstance(now, int) and now >= most > 0


def not_known(known: Known) -> Iterator[Cause]:
    """Say when authentication has nobody of that name, or refuses some, but not whom."""
    chain = known.authentication
    if chain and all(one.get("known") is False for one in chain):
        user = next((str(one["user"]) for one in chain if one.get("user")), known.clientid)
        ids = ", ".join(str(one.get("id")) for one in chain)
        words = f"authentication knows no user {user!r}, so it refuses to let it in"
        yield Cause("unknown_user", "likely", words, ids, "emqxctl authentication list")
        return
    failed = sum(int(str(one["failed"])) for one in chain if isinstance(one.get("failed"), int))
    if failed and known.session is None:
        here = next((one for one in chain if one.get("known") is True), None)
        words = "a wrong password" + (f": its user {here['user']!r} exists" if here else "")
        evidence = f"authentication refused {failed} attempts, but EMQX does not count whose"
        yield Cause("wrong_password", "possible", words, evidence)


def usual(known: Known) -> Iterator[Cause]:
    """Give what is left when nothing tells: EMQX keeps no reason for those that went."""
    session = known.session
    if session is None:
        yield Cause("no_session", "possible", "it never connected, or it left and its session has ended")
        return
    alive = session.get("keepalive")
    if isinstance(alive, int) and alive > 0:
        words = f"keep-alive timeout: nothing came from it for {alive * known.patience:g} s"
        words += f" ({known.patience:g} times its keep-alive)"
        yield Cause("keepalive_timeout", "possible", words)
    yield Cause("connection_lost", "possible", "its connection broke off, or it disconnected by itself")
    yield Cause("kicked", "possible", "somebody kicked it")


def troubles(known: Known) -> Iterator[Cause]:
    """Give what is wrong with a client that is connected."""
    session = known.session or {}
    yield from (one._replace(words=f"{one.words}; it stays until it connects anew") for one in banned(known))
    name = quoted(known.clientid)
    length, room = number(session.get("mqueue_len")), number(session.get("mqueue_max"))
    sent, window = number(session.get("inflight_cnt")), number(session.get("inflight_max"))
    if window and sent >= window:
        words = f"it does not acknowledge: {sent} of {window} messages in flight"
        yield Cause("not_acknowledging", "certain", words, "", f"emqxctl clients inflight {name}")
    if room and length >= room:
        words = f"its queue is full ({length} of {room}): further messages are lost"
        yield Cause("queue_full", "certain", words, "", f"emqxctl clients mqueue {name}")
    elif number(session.get("mqueue_dropped")):
        words = f"its queue has dropped {session['mqueue_dropped']} messages"
        yield Cause("queue_dropped", "certain", words, "", f"emqxctl clients mqueue {name}")
    for one in known.subscriptions:
        judged = one.get("authorization")
        if isinstance(judged, Mapping) and judged.get("result") == "deny":
            words = f"authorization denies {one.get('topic')} by now: it would not get it again"
            yield Cause(
                "subscription_denied", "likely", words, str(judged.get("rule") or judged.get("source"))
            )
    for one in known.alarms:
        yield Cause(
            "alarm", "certain", f"alarm {one.get('name')}", str(one.get("message", "")), "emqxctl alarms list"
        )
    if known.slow:
        worst = max(number(one.get("timespan")) for one in known.slow)
        words = f"it is slow: a message took {worst} ms"
        yield Cause("slow", "certain", words, "", "emqxctl slow-subscriptions list")


def number(value: object) -> int:
    """Take a count; 0 for what is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def quoted(text: str) -> str:
    """Quote a word for the shell."""
    from shlex import quote

    return quote(text)
