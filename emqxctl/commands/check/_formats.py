"""The verdict of `emqxctl check` as monitoring systems read it: Nagios' one line, Prometheus' metrics."""

from collections.abc import Iterable, Sequence

from emqxctl.commands.check._limits import CHECKS, Level
from emqxctl.output.results import Row
from emqxctl.text.escaping import escape_control_characters


def nagios(level: Level, rows: Sequence[Row]) -> str:
    """Write one line: the verdict, what is wrong, and all values as performance data."""
    wrong = [row for row in rows if row["status"] not in {"ok", "skipped"}]
    words = "; ".join(map(sentence, wrong))
    fine = f"{sum(row['status'] == 'ok' for row in rows)} checked"
    line = f"EMQX {level.name} - {plain(words or fine)}"
    data = " ".join(perfdata(rows))
    return f"{line} | {data}\n" if data else f"{line}\n"


def sentence(row: Row) -> str:
    """Say what a check found: its name, its value where it has one, and its words."""
    value = "" if row["value"] is None else f" {row['shown']}"
    return f"{row['check']}{value}" + (f" ({row['detail']})" if row["detail"] else "")


def plain(text: str) -> str:
    """Take out of words what would end them: a bar begins the performance data."""
    return escape_control_characters(text).replace("|", "/")


def perfdata(rows: Iterable[Row]) -> Iterable[str]:
    """Write values as `'label'=value[unit];warn;crit`; a limit that is not to be undercut ends in a colon."""
    for row in rows:
        check, values = str(row["check"]), row["values"]
        for name, value in values.items() if isinstance(values, dict) else ():
            label = plain(f"{check} {name}".strip()).replace("'", "").replace("=", "_")
            colon = ":" if CHECKS[check].falling else ""
            limits = [
                f"{row[side]:.10g}{colon}" if row[side] is not None else "" for side in ("warn", "crit")
            ]
            yield f"'{label}'={value:.10g}{row['unit']};{limits[0]};{limits[1]}".rstrip(";")


def prometheus(level: Level, rows: Sequence[Row]) -> str:
    """Write metrics: a status for the whole and for each check, values and limits beside it."""
    lines = [
        "# HELP emqxctl_check_status What emqxctl check says: 0 ok, 1 warning, 2 critical, 3 unknown.",
        "# TYPE emqxctl_check_status gauge",
        f"emqxctl_check_status {int(level)}",
        "# HELP emqxctl_check_result The same of each check.",
        "# TYPE emqxctl_check_result gauge",
    ]
    done = [row for row in rows if row["status"] != "skipped"]
    lines += [sample("emqxctl_check_result", row, Level[str(row["status"]).upper()]) for row in done]
    lines += [
        "# HELP emqxctl_check_value What was measured: a count, a percentage, or seconds.",
        "# TYPE emqxctl_check_value gauge",
    ]
    for row in done:
        values = row["values"]
        lines += [
            sample("emqxctl_check_value", row, value, name)
            for name, value in (values.items() if isinstance(values, dict) else ())
        ]
    lines += [
        "# HELP emqxctl_check_limit The value from which on it is a warning, or critical.",
        "# TYPE emqxctl_check_limit gauge",
    ]
    for row in done:
        lines += [
            sample("emqxctl_check_limit", row, row[side], level_of=word)
            for side, word in (("warn", "warning"), ("crit", "critical"))
            if row[side] is not None
        ]
    return "\n".join(lines) + "\n"


def sample(metric: str, row: Row, value: object, of: str = "", level_of: str = "") -> str:
    """Write one sample with its labels."""
    labels = {"check": row["check"], "unit": row["unit"], "of": of, "level": level_of}
    written = ",".join(f'{name}="{escaped(str(text))}"' for name, text in labels.items() if text)
    number = f"{value:.10g}" if isinstance(value, int | float) else "NaN"
    return f"{metric}{{{written}}} {number}"


def escaped(text: str) -> str:
    """Escape a label's value as Prometheus' text format wants it."""
    return escape_control_characters(text).replace("\\", "\\\\").replace('"', '\\"')
