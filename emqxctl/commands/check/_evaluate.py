"""The evaluation of `emqxctl check`: measurements compared with thresholds."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from emqxctl.cli.session import Session
from emqxctl.commands.check._limits import (
    CHECKS,
    CheckOptions,
    Level,
    Limits,
    build_limits,
    find_worst,
    format_measurement,
    select_checks,
)
from emqxctl.commands.check._measures import MEASURES, Measurement, count_known_nodes, subtract_counters
from emqxctl.diagnosis.probe import require_running
from emqxctl.diagnosis.snapshot import Snapshot
from emqxctl.errors import EmqxctlError
from emqxctl.output.results import Row

COUNTER_PARTS = ("metrics", "rule metrics")  # read twice with --over
EXTRA_PARTS = {"nodes": ("cluster", "topology"), "license-use": ("nodes",)}  # besides Check.part
SLEEP: Callable[[float], None] = time.sleep


class CheckPlan(NamedTuple):
    """The checks to run, their thresholds, and the seconds to measure counters over.

    `with_limits` are the checks with thresholds on the command line.
    """

    names: Sequence[str]
    limits: Mapping[str, Limits]
    with_limits: frozenset[str]
    over: float = 0.0


def build_plan(options: CheckOptions) -> CheckPlan:
    """Return the plan for the options. Raises UsageError."""
    limits, with_limits = build_limits(options.warn, options.crit)
    names = select_checks(options.only, options.skip, with_limits)
    return CheckPlan(names, limits, with_limits, options.over)


def evaluate_checks(session: Session, plan: CheckPlan) -> tuple[Level, list[Row]]:
    """Return the most severe level and a row for each check.

    Raises errors that concern the whole cluster: not reachable, still starting, wrong key.
    """
    snapshot = read_measurements(session, plan)
    rows = [evaluate_check(name, plan, snapshot) for name in plan.names]
    return find_worst(Level[str(row["status"]).upper()] for row in rows if row["status"] != "skipped"), rows


def read_measurements(session: Session, plan: CheckPlan) -> Snapshot:
    """Read the parts that the checks need; counters twice with --over."""
    from emqxctl.diagnosis.snapshot import read_snapshot

    client = session.client
    broker = require_running(session.anonymous_client)
    needed_parts = dict.fromkeys(
        part for name in plan.names for part in (CHECKS[name].part, *EXTRA_PARTS.get(name, ()))
    )
    parts = [part for part in needed_parts if part != "api-keys"]
    counters = [part for part in COUNTER_PARTS if part in parts and plan.over]
    before = read_snapshot(client, counters, broker).parts if counters else {}
    if counters:
        SLEEP(plan.over)
    snapshot = read_snapshot(client, parts, broker) if parts else Snapshot({}, {}, {})
    increases = {
        name: subtract_counters(before[name], snapshot.parts[name])
        for name in before
        if name in snapshot.parts
    }
    snapshot = snapshot._replace(parts={**snapshot.parts, **increases})
    return add_api_keys(session, snapshot) if "api-keys" in needed_parts else snapshot


def add_api_keys(session: Session, snapshot: Snapshot) -> Snapshot:
    """Return the snapshot with the API keys, which only a dashboard user may list."""
    from emqxctl.cli.dashboard_login import log_in

    try:
        keys = log_in(session).get_list("/api_key")
    except EmqxctlError as error:
        return snapshot._replace(errors={**snapshot.errors, "api-keys": error})
    return snapshot._replace(parts={**snapshot.parts, "api-keys": keys})


def evaluate_check(name: str, plan: CheckPlan, snapshot: Snapshot) -> Row:
    """Return the row of one check."""
    check, limits = CHECKS[name], plan.limits[name]
    if name == "nodes" and name not in plan.with_limits:
        limits = Limits(crit=count_known_nodes(snapshot.parts))
    measurement = measure(name, snapshot)
    value: float | None = None
    if measurement.values:
        status = find_worst(limits.rate(check, value) for value in measurement.values.values()).word
        value = (min if check.lower_is_worse else max)(measurement.values.values())
    else:
        status = rate_missing_value(measurement, is_supported=check.part in snapshot.parts)
    return {
        "check": name,
        "status": status,
        "value": None if value is None else round(value, 4),
        "unit": check.unit,
        "warn": limits.warn,
        "crit": limits.crit,
        "detail": measurement.detail or measurement.unknown_reason or measurement.not_applicable,
        "values": {label: round(value, 4) for label, value in measurement.values.items()},
        "value_text": format_measurement(check, value),
        "warn_text": format_measurement(check, limits.warn),
        "crit_text": format_measurement(check, limits.crit),
    }


def rate_missing_value(measurement: Measurement, *, is_supported: bool) -> str:
    """Return the status without a value.

    Nothing to measure is ok; a check that this EMQX does not support is skipped, requested or not: one line
    of checks serves all editions.
    """
    if not measurement.not_applicable:
        return "unknown"
    return "ok" if is_supported else "skipped"


def measure(name: str, snapshot: Snapshot) -> Measurement:
    """Return the measurement of a check, or the reason why there is none."""
    part = CHECKS[name].part
    if part in snapshot.unsupported:
        return Measurement({}, not_applicable=snapshot.unsupported[part])
    if part in snapshot.errors:
        error = snapshot.errors[part]
        return Measurement({}, unknown_reason=f"{error.message} [{error.code}]")
    return MEASURES[name](snapshot.parts)
