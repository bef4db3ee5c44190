"""The evaluation of `emqxctl check`: measurements compared with thresholds."""

from emqxctl.cli.session import Session
from emqxctl.commands.check._limits import (
    CHECKS,
    Level,
    Limits,
    find_worst,
    format_measurement,
)
from emqxctl.commands.check._measures import MEASURES, Measurement, count_known_nodes
from emqxctl.commands.check._plan import CheckPlan
from emqxctl.commands.check._read import read_measurements
from emqxctl.diagnosis.snapshot import Snapshot
from emqxctl.output.results import Row

SEVERITIES = ("critical", "warning", "unknown", "ok", "skipped")


def evaluate_checks(session: Session, plan: CheckPlan) -> tuple[Level, list[Row]]:
    """Return the most severe level and a row for each check.

    Raises errors that concern the whole cluster: not reachable, still starting, wrong key.
    """
    snapshot = read_measurements(session, plan)
    rows = [evaluate_check(name, plan, snapshot) for name in plan.names]
    rows.sort(key=lambda row: SEVERITIES.index(str(row["status"])))
    return find_worst(Level[str(row["status"]).upper()] for row in rows if row["status"] != "skipped"), rows


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
