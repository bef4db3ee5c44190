"""What was found out about a client, as a page."""

from collections.abc import Mapping, Sequence

from emqxctl.commands.clients.why._causes import Cause, Known, number
from emqxctl.errors import ExitCode
from emqxctl.output.formatters import color_state, format_relative_time
from emqxctl.output.results import Report, Row, Section
from emqxctl.resource import Column
from emqxctl.text.units import format_age, format_duration

SHOWN = 5  # rules of a source that are written out; a program gets all
SUBSCRIPTIONS = (
    Column("topic"),
    Column("qos", "QOS", align_right=True),
    Column("authorization.result", "ALLOWED BY NOW", style=color_state),
    Column("authorization.rule", "RULE"),
)
BANS = (
    Column("as"),
    Column("who"),
    Column("until", format=format_relative_time),
    Column("by"),
    Column("reason"),
)
AUTHENTICATION = (
    Column("id", "ID"),
    Column("user"),
    Column("known", format=lambda value: {True: "yes", False: "no"}.get(bool(value), "")),
    Column("success", align_right=True),
    Column("failed", align_right=True),
    Column("nomatch", "NO MATCH", align_right=True),
)


def first(causes: object) -> str:
    """Say the first cause, and how sure it is."""
    one = causes[0] if isinstance(causes, list) and causes else None
    return f"{one['certainty']}: {one['words']}" if isinstance(one, Mapping) else "-"


ONE_OF_SEVERAL = (
    Column("clientid", "CLIENT ID"),
    Column("state", style=color_state),
    Column("client.node", "NODE"),
    Column("causes", "CAUSE", format=first, wrap=True),
)


def page(known: Known, causes: Sequence[Cause], authorization: Row) -> Report:
    """Make the page; exit 8 when the client is not connected."""
    state_ = "connected" if known.connected else "disconnected" if known.session is not None else "no session"
    data: Row = {
        "clientid": known.clientid,
        "state": state_,
        "connected": known.connected,
        "causes": [one._asdict() for one in causes],
        "client": dict(known.session) if known.session is not None else None,
        "username": known.username,
        "address": known.address,
        "subscriptions": list(known.subscriptions),
        "bans": list(known.bans),
        "bans_open": len(known.bans_open),
        "authentication": list(known.authentication),
        "authorization": authorization,
        "alarms": list(known.alarms),
        "slow_subscriptions": list(known.slow),
        "kicks": list(known.kicks),
        "trace": dict(known.trace) if known.trace else None,
        "unread": dict(known.unread),
    }
    sections = (
        Section("causes" if not known.connected else "findings", facts=list(map(fact, causes))),
        Section("client", facts=facts(known)),
        Section("subscriptions", rows=known.subscriptions, columns=SUBSCRIPTIONS),
        Section("bans", rows=known.bans, columns=BANS),
        Section("authentication", rows=known.authentication, columns=AUTHENTICATION),
        Section("authorization", facts=deciding(authorization)),
        Section("not known", facts=list(known.unread.items())),
        Section("next", lines=steps(causes)),
    )
    style = "green" if known.connected else "red"
    code = ExitCode.OK if known.connected else ExitCode.NOT_YET
    return Report(
        data,
        lead(known, causes),
        sections,
        style=style,
        key="clientid",
        exit_code=code,
        columns=ONE_OF_SEVERAL,
    )


def lead(known: Known, causes: Sequence[Cause]) -> str:
    """Say in a sentence how it stands, and the first cause."""
    name, session = known.clientid, known.session
    if session is None:
        told = f"{name} is not connected and has no session"
    elif known.connected:
        told = f"{name} is connected to {session.get('node')} since {told_time(session.get('connected_at'))}"
    else:
        told = f"{name} is gone since {told_time(session.get('disconnected_at'))}; its session waits for it"
    first = causes[0] if causes else None
    if first and first.certainty != "possible":
        return f"{told}: {first.words}."
    return told + (". Nothing wrong was found." if known.connected else ". EMQX does not tell why.")


def told_time(value: object) -> str:
    """Write a time and how long ago that is."""
    return f"{value} ({format_age(value)})" if value else "an unknown time"


def fact(cause: Cause) -> tuple[str, str]:
    """Write a cause as a fact: how sure, what, and what speaks for it."""
    return cause.certainty, cause.words + (f" ({cause.evidence})" if cause.evidence else "")


def facts(known: Known) -> list[tuple[str, str]]:
    """Say how the client and its session stand."""
    session = known.session
    if session is None:
        asked = [("User name", known.username), ("Address", known.address)]
        return [(name, text) for name, text in asked if text]
    told = [
        ("User name", str(session.get("username") or "none")),
        ("Address", place(session)),
        ("Protocol", protocol(session)),
        ("Keep-alive", keepalive(session.get("keepalive"), known.patience)),
        ("Session", lasting(session)),
        ("Queue", queue(session)),
    ]
    if session.get("mountpoint"):
        told.append(("Mountpoint", f"{session['mountpoint']} stands before each of its topics"))
    if session.get("auth_expire_at"):
        told.append(("Admitted", f"until {session['auth_expire_at']}"))
    return told


def place(session: Mapping[str, object]) -> str:
    """Say where it comes from, and where it came in."""
    address, port, listener = (session.get(name) for name in ("ip_address", "port", "listener"))
    return f"{address}:{port}, listener {listener or 'not known'}" if address else "not known"


def queue(session: Mapping[str, object]) -> str:
    """Say what waits for it, and what it has not acknowledged."""
    length, room, lost, sent, window = (
        text(session.get(name))
        for name in ("mqueue_len", "mqueue_max", "mqueue_dropped", "inflight_cnt", "inflight_max")
    )
    return f"{length} of {room}, {lost} dropped; in flight {sent} of {window}"


def text(value: object) -> str:
    """Write a number that may be missing, as it is of a durable session whose client is gone."""
    return "?" if value is None else str(value)


def protocol(session: Mapping[str, object]) -> str:
    """Name the protocol: `MQTT 3.1.1`."""
    versions = {3: "3.1", 4: "3.1.1", 5: "5"}
    version = session.get("proto_ver")
    known = versions.get(version, version) if isinstance(version, int) else version
    return f"{session.get('proto_name')} {known}"


def keepalive(value: object, patience: float) -> str:
    """Say when a silent client is cut off."""
    seconds = number(value)
    return (
        f"{seconds} s; cut off after {seconds * patience:g} s of silence"
        if seconds
        else "none: never cut off"
    )


def lasting(session: Mapping[str, object]) -> str:
    """Say how long the session lasts, in memory or durable."""
    kind = "durable" if session.get("durable") else "in memory"
    if session.get("is_expired"):
        return f"{kind}, expired"
    length = number(session.get("expiry_interval"))
    kept = f"kept {format_duration(length)} after it goes" if length else "ends with the connection"
    return f"{kind}, {kept}; since {session.get('created_at')}"


def deciding(authorization: Row) -> list[tuple[str, str]]:
    """Say what authorization goes by, in order."""
    if authorization["superuser"]:
        return [("superuser", "may do all")]
    told = [("first", str(authorization["caveat"]))] if authorization["caveat"] else []
    sources = authorization["sources"]
    told += [
        (str(source["source"]), some(source["rules"]) if source["shown"] else source["why"] or "not shown")
        for source in (sources if isinstance(sources, list) else [])
    ]
    told.append(("no match", str(authorization["no_match"] or "not known")))
    return told


def some(rules: Sequence[Row]) -> str:
    """Write the first rules, and how many more there are."""
    told = [
        str(one["rule"]) + ("" if one["whose"] == "of the file" else f" ({one['whose']})")
        for one in rules[:SHOWN]
    ]
    more = [f"and {len(rules) - SHOWN} more"] if len(rules) > SHOWN else []
    return "; ".join([*told, *more]) or "no rule for it"


def steps(causes: Sequence[Cause]) -> list[str]:
    """Give what to type next, each command once."""
    found = [one.next for one in causes if one.next]
    return list(dict.fromkeys(found))
