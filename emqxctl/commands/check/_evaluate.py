"""The verdict of `emqxctl check`: what was measured, held against the limits."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from emqxctl.api.status import Broker, ask_status
from emqxctl.cli.session import Session
from emqxctl.commands.check._limits import CHECKS, Level, Limits, worst, written
from emqxctl.commands.check._measures import MEASURES, Measured, between, known_nodes
from emqxctl.diagnosis.snapshot import Survey
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


def looked(session: Session, plan: Plan) -> Survey:
    """Read what the checks need, the counters twice where they are judged over a time."""
    from emqxctl.diagnosis.snapshot import survey

    broker = running(session)
    parts = dict.fromkeys(part for name in plan.names for part in (CHECKS[name].part, *ALSO.get(name, ())))
    needed = [part for part in parts if part != "api-keys"]
    counters = [part for part in COUNTERS if part in needed and plan.over]
    api = session.api
    before = survey(api, counters, broker).found if counters else {}
    if counters:
        SLEEP(plan.over)
    found = survey(api, needed, broker) if needed else Survey({}, {}, {})
    spent = {name: between(before[name], found.found[name]) for name in before if name in found.found}
    found = found._replace(found={**found.found, **spent})
    return with_keys(session, found) if "api-keys" in parts else found


def running(session: Session) -> Broker:
    """Ask what runs there. Raises NotYetError unless EMQX does."""
    url = session.api.connection.url
    broker = ask_status(session.stranger)
    if broker is None:
        message = f"what answers at {url} is not EMQX"
        raise EmqxctlError(message, code="NOT_EMQX", hint="check the profile's url, and proxies on the way")
    if not broker.running:
        message = f"EMQX at {url} is still starting"
        raise NotYetError(message, code="BOOTING", hint="emqxctl wait --for cluster=healthy")
    return broker


def with_keys(session: Session, found: Survey) -> Survey:
    """Read the API keys as well, which only a dashboard user may."""
    from emqxctl.api.pagination import data
    from emqxctl.cli.dashboard_login import dashboard

    try:
        keys = data(dashboard(session).get("/api_key"))
    except EmqxctlError as error:
        return found._replace(failed={**found.failed, "api-keys": error})
    return found._replace(found={**found.found, "api-keys": keys})


def row(name: str, plan: Plan, found: Survey) -> Row:
    """Judge one check."""
    check, limits = CHECKS[name], plan.limits[name]
    if name == "nodes" and name not in plan.limited:
        limits = Limits(crit=known_nodes(found.found))
    measured = measure(name, found)
    if measured.values:
        level = worst([limits.judge(check, value) for value in measured.values.values()]).word
        gravest = (min if check.falling else max)(measured.values.values())
    else:
        level, gravest = (
            without_value(measured, fits=check.part in found.found, asked=name in plan.asked),
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


def measure(name: str, found: Survey) -> Measured:
    """Measure, or say why that cannot be."""
    part = CHECKS[name].part
    if part in found.lacking:
        return Measured({}, nothing=f"it {found.lacking[part]}")
    if part in found.failed:
        error = found.failed[part]
        return Measured({}, missing=f"{error.message} [{error.code}]")
    return MEASURES[name](found.found)
