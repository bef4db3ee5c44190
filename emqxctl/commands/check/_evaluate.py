"""The verdict of `emqxctl check`: what was measured, held against the limits."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from emqxctl.api.status import BrokerStatus, fetch_status
from emqxctl.cli.session import Session
from emqxctl.commands.check._limits import CHECKS, Level, Limits, worst, written
from emqxctl.commands.check._measures import MEASURES, Measured, between, known_nodes
from emqxctl.diagnosis.snapshot import Snapshot
from emqxctl.errors import EmqxctlError, NotYetError
from emqxctl.output.results import Row

COUNTERS = ("metrics", "rule metrics")  # what --over looks at twice
ALSO = {"nodes": ("cluster", "topology"), "license-use": ("nodes",)}  # what a check looks at besides
SLEEP: Callable[[float], None] = time.sleep


class Plan(NamedTuple):
    """What to check, by which limits, over how many seconds.

    `limited` are those that were given a limit, `asked` all that were named.
    """

    names: Sequence[str]
    limits: Mapping[str, Limits]
    limited: frozenset[str]
    asked: frozenset[str]
    over: float = 0.0


def verdict(session: Session, plan: Plan) -> tuple[Level, list[Row]]:
    """Look at the cluster and judge it: the gravest level, and a row for each check.

    Raises what concerns the whole: a cluster that is not there or still starting, a wrong key.
    """
    found = looked(session, plan)
    rows = [row(name, plan, found) for name in plan.names]
    return worst([Level[str(one["status"]).upper()] for one in rows if one["status"] != "skipped"]), rows


def looked(session: Session, plan: Plan) -> Snapshot:
    """Read what the checks need, the counters twice where they are judged over a time."""
    from emqxctl.diagnosis.snapshot import read_snapshot

    broker = running(session)
    parts = dict.fromkeys(part for name in plan.names for part in (CHECKS[name].part, *ALSO.get(name, ())))
    needed = [part for part in parts if part != "api-keys"]
    counters = [part for part in COUNTERS if part in needed and plan.over]
    api = session.client
    before = read_snapshot(api, counters, broker).parts if counters else {}
    if counters:
        SLEEP(plan.over)
    found = read_snapshot(api, needed, broker) if needed else Snapshot({}, {}, {})
    spent = {name: between(before[name], found.parts[name]) for name in before if name in found.parts}
    found = found._replace(parts={**found.parts, **spent})
    return with_keys(session, found) if "api-keys" in parts else found


def running(session: Session) -> BrokerStatus:
    """Ask what runs there. Raises NotYetError unless EMQX does."""
    url = session.client.connection.url
    broker = fetch_status(session.anonymous_client.transport)
    if broker is None:
        message = f"what answers at {url} is not EMQX"
        raise EmqxctlError(message, code="NOT_EMQX", hint="check the profile's url, and proxies on the way")
    if not broker.is_running:
        message = f"EMQX at {url} is still starting"
        raise NotYetError(message, code="BOOTING", hint="emqxctl wait --for cluster=healthy")
    return broker


def with_keys(session: Session, found: Snapshot) -> Snapshot:
    """Read the API keys as well, which only a dashboard user may."""
    from emqxctl.api.pagination import page_rows
    from emqxctl.cli.dashboard_login import log_in

    try:
        keys = page_rows(log_in(session).get("/api_key"))
    except EmqxctlError as error:
        return found._replace(errors={**found.errors, "api-keys": error})
    return found._replace(parts={**found.parts, "api-keys": keys})


def row(name: str, plan: Plan, found: Snapshot) -> Row:
    """Judge one check."""
    check, limits = CHECKS[name], plan.limits[name]
    if name == "nodes" and name not in plan.limited:
        limits = Limits(crit=known_nodes(found.parts))
    measured = measure(name, found)
    if measured.values:
        level = worst([limits.judge(check, value) for value in measured.values.values()]).word
        gravest = (min if check.falling else max)(measured.values.values())
    else:
        level, gravest = (
            without_value(measured, fits=check.part in found.parts, asked=name in plan.asked),
            None,
        )
    return {
        "check": name,
        "status": level,
        "value": None if gravest is None else round(gravest, 4),
        "unit": check.unit,
        "warn": limits.warn,
        "crit": limits.crit,
        "detail": measured.words or measured.missing or measured.nothing,
        "values": {label: round(value, 4) for label, value in measured.values.items()},
        "shown": written(check, gravest),
        "warn_shown": written(check, limits.warn),
        "crit_shown": written(check, limits.crit),
    }


def without_value(measured: Measured, *, fits: bool, asked: bool) -> str:
    """Tell what no value means: nothing to look at is fine, unless this EMQX cannot tell and was asked to."""
    if not measured.nothing:
        return "unknown"
    return "ok" if fits else "unknown" if asked else "skipped"


def measure(name: str, found: Snapshot) -> Measured:
    """Measure, or say why that cannot be."""
    part = CHECKS[name].part
    if part in found.unsupported:
        return Measured({}, nothing=f"it {found.unsupported[part]}")
    if part in found.errors:
        error = found.errors[part]
        return Measured({}, missing=f"{error.message} [{error.code}]")
    return MEASURES[name](found.parts)
