"""The output of `emqxctl check` for monitoring systems: Nagios and Prometheus."""

from collections.abc import Iterable, Iterator, Sequence

from emqxctl.commands.check._limits import CHECKS, Level
from emqxctl.errors import EmqxctlError
from emqxctl.output.results import Row
from emqxctl.text.escaping import escape_control_characters


def format_nagios(level: Level, rows: Sequence[Row]) -> str:
    """Format one line: the overall status, the checks that are not ok, and all values as performance data."""
    failed_rows = [row for row in rows if row["status"] not in {"ok", "skipped"}]
    summary = "; ".join(map(format_check, failed_rows))
    ok_summary = f"{sum(row['status'] == 'ok' for row in rows)} checked"
    line = f"EMQX {level.name} - {escape_text(summary or ok_summary)}"
    performance_data = " ".join(format_performance_data(sort_in_fixed_order(rows)))
    return f"{line} | {performance_data}\n" if performance_data else f"{line}\n"


def sort_in_fixed_order(rows: Iterable[Row]) -> list[Row]:
    """Return the rows in the order of the checks: programs that draw values expect the same each time."""
    return sorted(rows, key=lambda row: list(CHECKS).index(str(row["check"])))


def format_check(row: Row) -> str:
    """Format a check: its name, its value if there is one, and its detail."""
    value = "" if row["value"] is None else f" {row['value_text']}"
    return f"{row['check']}{value}" + (f" ({row['detail']})" if row["detail"] else "")


def escape_text(text: str) -> str:
    """Escape control characters and the bar, which starts the performance data."""
    return escape_control_characters(text).replace("|", "/")


def format_performance_data(rows: Iterable[Row]) -> Iterator[str]:
    """Yield values as `'label'=value[unit];warn;crit`; a lower threshold ends in a colon."""
    for row in rows:
        check, values = str(row["check"]), row["values"]
        colon = ":" if CHECKS[check].lower_is_worse else ""
        warn, crit = (
            f"{row[side]:.10g}{colon}" if row[side] is not None else "" for side in ("warn", "crit")
        )
        for name, value in values.items() if isinstance(values, dict) else ():
            label = escape_text(f"{check} {name}".strip()).replace("'", "").replace("=", "_")
            yield f"'{label}'={value:.10g}{row['unit']};{warn};{crit}".rstrip(";")


def format_prometheus(level: Level, rows: Sequence[Row], error: EmqxctlError | None = None) -> str:
    """Format metrics: the overall status, and the status, values and thresholds of each check.

    `error` is why there are no checks.
    """
    completed_rows = [row for row in sort_in_fixed_order(rows) if row["status"] != "skipped"]
    statuses = [
        format_sample("emqxctl_check_result", row, Level[str(row["status"]).upper()])
        for row in completed_rows
    ]
    errors = [f'emqxctl_check_error{{code="{escape_label(error.code)}"}} 1'] if error else []
    levels = "0 ok, 1 warning, 2 critical, 3 unknown"
    metrics = (
        ("emqxctl_check_status", f"Overall status: {levels}.", [f"emqxctl_check_status {int(level)}"]),
        ("emqxctl_check_result", f"Status of each check: {levels}.", statuses),
        (
            "emqxctl_check_value",
            "Measured value: a count, a percentage, or seconds.",
            list_values(completed_rows),
        ),
        ("emqxctl_check_limit", "Threshold for warning or critical.", list_limits(completed_rows)),
        ("emqxctl_check_error", "Whether the checks could not run, and the error code.", errors),
    )
    lines = [
        line
        for name, summary, samples in metrics
        if samples
        for line in (f"# HELP {name} {summary}", f"# TYPE {name} gauge", *samples)
    ]
    return "\n".join(lines) + "\n"


def list_values(rows: Sequence[Row]) -> list[str]:
    """Return the samples of the measured values."""
    return [
        format_sample("emqxctl_check_value", row, value, of=name)
        for row in rows
        for name, value in (row["values"].items() if isinstance(row["values"], dict) else ())
    ]


def list_limits(rows: Sequence[Row]) -> list[str]:
    """Return the samples of the thresholds."""
    return [
        format_sample("emqxctl_check_limit", row, row[side], level=level_name)
        for row in rows
        for side, level_name in (("warn", "warning"), ("crit", "critical"))
        if row[side] is not None
    ]


def format_sample(metric: str, row: Row, value: object, **more_labels: str) -> str:
    """Format one sample with its labels; empty labels are left out."""
    labels = {"check": row["check"], "unit": row["unit"], **more_labels}
    label_text = ",".join(f'{name}="{escape_label(str(text))}"' for name, text in labels.items() if text)
    number = f"{value:.10g}" if isinstance(value, int | float) else "NaN"
    return f"{metric}{{{label_text}}} {number}"


def escape_label(text: str) -> str:
    """Escape a label's value for Prometheus' text format."""
    return escape_control_characters(text).replace("\\", "\\\\").replace('"', '\\"')
