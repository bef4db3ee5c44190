"""`emqxctl check`: check the cluster against thresholds, for people and monitoring systems."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.param_types import DURATION
from emqxctl.cli.session import Session
from emqxctl.commands.check._completion import complete_checks, complete_limits
from emqxctl.commands.check._limits import CHECKS, DEFAULT_SECONDS, NEEDS_LOGIN, CheckOptions, Level
from emqxctl.diagnosis.snapshot import PART_CALLS
from emqxctl.errors import EmqxctlError, ExitCode, UsageError
from emqxctl.output.formatters import color_state, format_plain
from emqxctl.output.results import Result, Row, Rows, Text
from emqxctl.resource import Column
from emqxctl.text.nouns import count_noun

if TYPE_CHECKING:
    from emqxctl.commands.check._plan import CheckPlan

app = new_group("Check the cluster against thresholds.")

COLUMNS = (
    Column("status", style=color_state),
    Column("check"),
    Column("value_text", "VALUE", align_right=True),
    Column("warn_text", "WARN", align_right=True),
    Column("crit_text", "CRIT", align_right=True),
    Column("detail", format=format_plain, wrap=True),
)
TABLE_FIELDS = ("value_text", "warn_text", "crit_text")  # programs get the numbers instead
# The exit codes 0 to 3, by their meaning for Nagios instead of ours.
NAGIOS_EXIT_CODES = {
    Level.OK: ExitCode.OK,
    Level.WARNING: ExitCode.FAILED,
    Level.CRITICAL: ExitCode.USAGE,
    Level.UNKNOWN: ExitCode.CONFIG,
}
CHECK_CALLS = tuple(
    dict.fromkeys(
        PART_CALLS[part]
        for part in (*(check.part for check in CHECKS.values()), "cluster", "topology")
        if part in PART_CALLS
    )
)
DOWN_EXIT_CODES = frozenset({ExitCode.UNREACHABLE, ExitCode.TIMED_OUT, ExitCode.NOT_READY})


class CheckFormat(StrEnum):
    """The formats of `check -o`: the usual ones, and those of monitoring systems."""

    text = "text"
    json = "json"
    nagios = "nagios"
    prometheus = "prometheus"
    table = "table"
    wide = "wide"
    jsonl = "jsonl"
    yaml = "yaml"
    csv = "csv"
    tsv = "tsv"
    md = "md"
    name = "name"


WarnOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=VALUE", help="Warning threshold, such as memory=70%. Comma-separated or repeatable."
    ),
]
CritOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=VALUE", help="Critical threshold, or NAME=off for none. Comma-separated or repeatable."
    ),
]


@app.command()
@command(
    calls=("GET /status", *CHECK_CALLS, "GET /sources/{id}/metrics", "GET /configs", "GET /api_key"),
    examples=(
        "emqxctl check",
        "emqxctl check --warn memory=70% --crit memory=85%,nodes=2 --skip alarms",
        "emqxctl check --only nodes,certificates --warn certificates=60d -o nagios",
        "emqxctl check --only rules,drops --over 30s",
        "emqxctl check --only api-keys --username monitor --password-file pw",
        "emqxctl check -o prometheus > /var/lib/node_exporter/emqx.prom",
    ),
    login=True,
    multi_profile=True,
    completes={
        "only": complete_checks,
        "skip": complete_checks,
        "warn": complete_limits,
        "crit": complete_limits,
    },
)
def check(
    session: Session,
    warn: WarnOption = None,
    crit: CritOption = None,
    only: Annotated[
        list[str] | None, typer.Option(metavar="A,B", help="Comma-separated checks to run.")
    ] = None,
    skip: Annotated[
        list[str] | None, typer.Option(metavar="A,B", help="Comma-separated checks to skip.")
    ] = None,
    over: Annotated[
        float,
        typer.Option(
            click_type=DURATION,
            help="Time to measure counters over, such as 30s (default 5s; 0: since start).",
        ),
    ] = DEFAULT_SECONDS,
    output: Annotated[
        CheckFormat | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FORMAT",
            help="Output format: text, json, nagios, prometheus, csv ...",
            case_sensitive=False,
        ),
    ] = None,
) -> Result:
    """Check the cluster against thresholds.

    Exits with 8 if a check is not ok. The checks, with their default thresholds (warning, critical):

    \b
    nodes           running nodes (critical below the number of known nodes)
    memory          memory use of the worst node (80%, 90%)
    load            1-minute load of the worst node (none)
    connections     connected clients, of the cluster and by node (none)
    sessions        sessions, connected or not, and by node (none)
    listeners       enabled listeners that are not running (critical: 1)
    connectors      enabled connectors that are not connected (critical: 1)
    actions, sources
                    enabled ones that are not connected, or that lose 10% or
                    more of their messages (critical: 1)
    alarms          active alarms (warning: 1)
    rules           failures of the worst rule (1%, 10%)
    drops           messages lost, by all counters of losses (0.1%, 1%)
    configs         nodes whose configuration differs (warning: 1)
    license         time until the license expires (30d, 7d)
    license-use     licensed connections in use (80%, 95%)
    certificates    time until a listener certificate expires (30d, 7d)
    api-keys        time until an API key expires (14d, 3d); skipped without
                    --username, since API keys cannot list API keys

    Counters (actions, sources, rules, drops) are read twice, --over apart. The most severe check is first.

    A check that cannot be read is unknown, with the reason; a check that this EMQX does not support is
    skipped. With -o nagios the exit code is 0, 1, 2 or 3, as Nagios expects. -o prometheus writes
    emqxctl_check_status 2 or 3, and emqxctl_check_error, if the checks cannot run.
    """  # noqa: D301  # `\b` keeps the lines of the paragraph
    options = CheckOptions(warn or (), crit or (), only or (), skip or (), over)
    try:
        return run_checks(session, options, output)
    except EmqxctlError as error:
        if session.prefix_messages:
            raise
        if output == CheckFormat.nagios:
            return build_nagios_failure(error)
        if output == CheckFormat.prometheus and error.exit_code is not ExitCode.USAGE:
            session.log(f"emqxctl: {error.message} [{error.code}]")
            return build_prometheus_failure(error)
        raise


def run_checks(session: Session, options: CheckOptions, output: CheckFormat | None) -> Result:
    """Run the checks and return the result in the output format."""
    from emqxctl.commands.check._evaluate import evaluate_checks
    from emqxctl.commands.check._plan import build_plan

    plan = build_plan(options)
    require_supported(session, plan, output)
    level, rows = evaluate_checks(session, plan)
    if output == CheckFormat.nagios:
        from emqxctl.commands.check._formats import format_nagios

        return Text(format_nagios(level, rows), exit_code=NAGIOS_EXIT_CODES[level])
    exit_code = ExitCode.OK if level is Level.OK else ExitCode.NOT_READY
    if output == CheckFormat.prometheus:
        from emqxctl.commands.check._formats import format_prometheus

        return Text(format_prometheus(level, rows), exit_code=exit_code)
    return build_rows(session, rows, level, exit_code)


def build_rows(session: Session, rows: list[Row], level: Level, exit_code: ExitCode) -> Rows:
    """Return a row for each check, with the fields of the table only in a table."""
    is_table = (session.settings.output or "table") in {"table", "wide", "md"}
    if not is_table:
        rows = [{name: value for name, value in row.items() if name not in TABLE_FIELDS} for row in rows]
    completed_rows = [row for row in rows if row["status"] != "skipped"]
    ok_count = sum(row["status"] == "ok" for row in completed_rows)
    return Rows(
        rows,
        COLUMNS if is_table else (),
        key="check",
        plural_noun="checks",
        notes=(f"{level.word}: {ok_count} of {count_noun(len(completed_rows), 'check')} ok",),
        exit_code=exit_code,
    )


def require_supported(session: Session, plan: "CheckPlan", output: CheckFormat | None) -> None:
    """Check that formats and checks for one cluster are not used with several profiles. Raises UsageError."""
    if session.prefix_messages and output in {CheckFormat.nagios, CheckFormat.prometheus}:
        message = f"-o {output} supports only one profile"
        raise UsageError(message, hint="run the command once per profile, or use -o json")
    if session.prefix_messages and plan.is_login_requested and NEEDS_LOGIN in plan.names:
        message = "check api-keys supports only one profile, since it needs a password"
        raise UsageError(message, hint="run the command once per profile: -p NAME")


def failure_level(error: EmqxctlError) -> Level:
    """Return the level of a run without checks: critical if the cluster is not reachable, else unknown."""
    return Level.CRITICAL if error.exit_code in DOWN_EXIT_CODES else Level.UNKNOWN


def build_prometheus_failure(error: EmqxctlError) -> Text:
    """Return an error as Prometheus metrics, so that a file of the textfile collector says so too."""
    from emqxctl.commands.check._formats import format_prometheus

    text = format_prometheus(failure_level(error), [], error)
    return Text(text, exit_code=error.exit_code)


def build_nagios_failure(error: EmqxctlError) -> Text:
    """Return an error as Nagios output."""
    from emqxctl.commands.check._formats import escape_text

    level = failure_level(error)
    line = f"EMQX {level.name} - {escape_text(error.message)} [{error.code}]\n"
    return Text(line, exit_code=NAGIOS_EXIT_CODES[level])
