"""The report of `clients why`."""

from collections.abc import Mapping, Sequence

from emqxctl.commands.clients.why._causes import ClientFacts, count_or_zero
from emqxctl.diagnosis.causes import Cause, cause_to_fact, format_first_cause, list_next_steps
from emqxctl.errors import ExitCode
from emqxctl.output.formatters import color_state, format_relative_time
from emqxctl.output.results import Report, Row, Section
from emqxctl.resource import Column
from emqxctl.text.units import format_age, format_duration

MAX_RULES = 5  # rules of one source in a table; other formats contain all
SUBSCRIPTION_COLUMNS = (
    Column("topic"),
    Column("qos", "QOS", align_right=True),
    Column("authorization.result", "ALLOWED NOW", style=color_state),
    Column("authorization.rule", "RULE"),
)
BAN_COLUMNS = (
    Column("as"),
    Column("who"),
    Column("until", format=format_relative_time),
    Column("by"),
    Column("reason"),
)
AUTHENTICATION_COLUMNS = (
    Column("id", "ID"),
    Column("user"),
    Column("user_exists", format=lambda value: {True: "yes", False: "no"}.get(bool(value), "")),
    Column("success", align_right=True),
    Column("failed", align_right=True),
    Column("nomatch", "NO MATCH", align_right=True),
)


SUMMARY_COLUMNS = (
    Column("clientid", "CLIENT ID"),
    Column("state", style=color_state),
    Column("client.node", "NODE"),
    Column("causes", "CAUSE", format=format_first_cause, wrap=True),
)


def build_report(facts: ClientFacts, causes: Sequence[Cause], authorization: Row) -> Report:
    """Build the report; its exit code is 8 if the client is not connected."""
    sections = (
        Section("findings" if facts.is_connected else "causes", facts=list(map(cause_to_fact, causes))),
        Section("client", facts=list_session_facts(facts)),
        Section("subscriptions", rows=facts.subscriptions, columns=SUBSCRIPTION_COLUMNS),
        Section("bans", rows=facts.bans, columns=BAN_COLUMNS),
        Section("authentication", rows=facts.authentication, columns=AUTHENTICATION_COLUMNS),
        Section("authorization", facts=list_authorization_facts(authorization)),
        Section("unavailable", facts=list(facts.unavailable.items())),
        Section("next steps", lines=list_next_steps(causes)),
    )
    return Report(
        build_data(facts, causes, authorization),
        describe_state(facts, causes),
        sections,
        style="green" if facts.is_connected else "red",
        key="clientid",
        exit_code=ExitCode.OK if facts.is_connected else ExitCode.NOT_READY,
        columns=SUMMARY_COLUMNS,
    )


def build_data(facts: ClientFacts, causes: Sequence[Cause], authorization: Row) -> Row:
    """Build the report as one object."""
    has_session = facts.session is not None
    state = "connected" if facts.is_connected else "disconnected" if has_session else "no session"
    return {
        "clientid": facts.clientid,
        "state": state,
        "connected": facts.is_connected,
        "causes": [cause._asdict() for cause in causes],
        "client": dict(facts.session) if facts.session is not None else None,
        "username": facts.username,
        "address": facts.address,
        "subscriptions": list(facts.subscriptions),
        "bans": list(facts.bans),
        "possible_bans": len(facts.possible_bans),
        "authentication": list(facts.authentication),
        "authorization": authorization,
        "alarms": list(facts.alarms),
        "slow_subscriptions": list(facts.slow_subscriptions),
        "kicks": list(facts.kicks),
        "trace": dict(facts.trace) if facts.trace else None,
        "unavailable": dict(facts.unavailable),
    }


def describe_state(facts: ClientFacts, causes: Sequence[Cause]) -> str:
    """Return a sentence with the client's state and the first cause."""
    name, session = facts.clientid, facts.session
    if session is None:
        state = f"{name} is not connected and has no session"
    elif facts.is_connected:
        state = (
            f"{name} is connected to {session.get('node')} since {format_time(session.get('connected_at'))}"
        )
    else:
        time = format_time(session.get("disconnected_at"))
        state = f"{name} is disconnected since {time}; its session still exists"
    first = causes[0] if causes else None
    if first and first.certainty != "possible":
        return f"{state}: {first.message}."
    return state + (". No problems found." if facts.is_connected else ". The cause is not certain.")


def format_time(value: object) -> str:
    """Format a time with its age."""
    return f"{value} ({format_age(value)})" if value else "an unknown time"


def list_session_facts(facts: ClientFacts) -> list[tuple[str, str]]:
    """Return the facts about a client's connection and session."""
    session = facts.session
    if session is None:
        identity = [("Username", facts.username), ("Address", facts.address)]
        return [(name, text) for name, text in identity if text]
    rows = [
        ("Username", str(session.get("username") or "none")),
        ("Address", describe_address(session)),
        ("Protocol", describe_protocol(session)),
        ("Keepalive", describe_keepalive(session.get("keepalive"), facts.keepalive_multiplier)),
        ("Session", describe_lifetime(session)),
        ("Queue", describe_queue(session)),
    ]
    if session.get("mountpoint"):
        rows.append(("Mountpoint", f"{session['mountpoint']}, the prefix of all its topics"))
    if session.get("auth_expire_at"):
        rows.append(("Authentication", f"expires at {session['auth_expire_at']}"))
    return rows


def describe_address(session: Mapping[str, object]) -> str:
    """Return a client's address and the listener it is connected to."""
    address, port, listener = (session.get(name) for name in ("ip_address", "port", "listener"))
    return f"{address}:{port}, listener {listener or 'unknown'}" if address else "unknown"


def describe_queue(session: Mapping[str, object]) -> str:
    """Return the state of a client's message queue and in-flight window."""
    length, capacity, dropped, inflight, window = (
        format_count(session.get(name))
        for name in ("mqueue_len", "mqueue_max", "mqueue_dropped", "inflight_cnt", "inflight_max")
    )
    return f"{length} of {capacity}, {dropped} dropped; {inflight} of {window} in flight"


def format_count(value: object) -> str:
    """Format a count; it is missing in a durable session whose client is disconnected."""
    return "?" if value is None else str(value)


def describe_protocol(session: Mapping[str, object]) -> str:
    """Return the name of the protocol: `MQTT 3.1.1`."""
    names = {3: "3.1", 4: "3.1.1", 5: "5"}
    version = session.get("proto_ver")
    return (
        f"{session.get('proto_name')} {names.get(version, version) if isinstance(version, int) else version}"
    )


def describe_keepalive(value: object, multiplier: float) -> str:
    """Return the keepalive interval, and when a client that sends nothing is disconnected."""
    seconds = count_or_zero(value)
    if not seconds:
        return "none: no timeout"
    return f"{seconds} s; disconnected after {seconds * multiplier:g} s without a packet"


def describe_lifetime(session: Mapping[str, object]) -> str:
    """Return where a session is stored, and how long it lasts."""
    storage = "durable" if session.get("durable") else "in memory"
    if session.get("is_expired"):
        return f"{storage}, expired"
    expiry = count_or_zero(session.get("expiry_interval"))
    end = f"kept for {format_duration(expiry)} after a disconnect" if expiry else "ends with the connection"
    return f"{storage}, {end}; created at {session.get('created_at')}"


def list_authorization_facts(authorization: Row) -> list[tuple[str, str]]:
    """Return what decides authorization, in order."""
    if authorization["superuser"]:
        return [("superuser", "all operations are allowed")]
    facts = [("note", str(authorization["caveat"]))] if authorization["caveat"] else []
    sources = authorization["sources"]
    for source in sources if isinstance(sources, list) else []:
        rules = summarize_rules(source["rules"]) if source["visible"] else source["reason"] or "not visible"
        facts.append((str(source["source"]), rules))
    facts.append(("no match", str(authorization["no_match"] or "unknown")))
    return facts


def summarize_rules(rules: Sequence[Row]) -> str:
    """Return the first rules, and how many more there are."""
    texts = [
        str(rule["rule"]) + ("" if rule["scope"] == "of the file" else f" ({rule['scope']})")
        for rule in rules[:MAX_RULES]
    ]
    omitted = [f"and {len(rules) - MAX_RULES} more"] if len(rules) > MAX_RULES else []
    return "; ".join([*texts, *omitted]) or "no rules"
