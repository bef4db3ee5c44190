"""`emqxctl check`: the cluster against limits, for people and for monitoring systems."""

from collections.abc import Collection
from enum import StrEnum
from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.commands.check._limits import CHECKS, Level, chosen, limits, read
from emqxctl.diagnosis.snapshot import PART_CALLS
from emqxctl.errors import EmqxctlError, ExitCode, UsageError
from emqxctl.output.formatters import color_state, format_plain
from emqxctl.output.results import Result, Rows, Text
from emqxctl.resource import Column
from emqxctl.text.units import parse_duration

app = new_group("The cluster against limits: for you, CI and monitoring.")

COLUMNS = (
    Column("status", style=color_state),
    Column("check"),
    Column("shown", "VALUE", align_right=True),
    Column("warn_shown", "WARN", align_right=True),
    Column("crit_shown", "CRIT", align_right=True),
    Column("detail", format=format_plain, wrap=True),
)
SHOWN = ("shown", "warn_shown", "crit_shown")  # for tables: programs get the numbers
# The exit codes that Nagios wants; what our own ones mean does not count there.
NAGIOS = {
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
DOWN = frozenset({ExitCode.UNREACHABLE, ExitCode.TIMED_OUT, ExitCode.NOT_YET})


class CheckFormat(StrEnum):
    """The formats of `check -o`: those of every command, and those of monitoring systems."""

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


Limit = Annotated[
    list[str] | None, typer.Option(metavar="NAME=VALUE", help="Warn from here on; A=1,B=2, or repeated.")
]
Names = Annotated[list[str] | None, typer.Option(metavar="A,B", help="Only these checks.")]


@app.command()
@command(
    calls=("GET /status", *CHECK_CALLS, "GET /api_key"),
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
)
def check(
    session: Session,
    warn: Limit = None,
    crit: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="Critical from here on; NAME=off: never.")
    ] = None,
    only: Names = None,
    skip: Annotated[list[str] | None, typer.Option(metavar="A,B", help="All but these checks.")] = None,
    over: Annotated[
        str, typer.Option(metavar="TIME", help="Judge rules and drops by this time from now on: 30s.")
    ] = "0",
    output: Annotated[
        CheckFormat | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FORMAT",
            help="text, json, nagios, prometheus, csv ...",
            case_sensitive=False,
        ),
    ] = None,
) -> Result:
    r"""Check the cluster against limits; exit 8 when one is passed.

    \b
    nodes         running; critical below all it knows of
    memory load   of the worst node: 80% and 90%; load has no limit
    connections   connected clients; no limit
    listeners connectors actions sources
                  enabled and not working: critical from 1
    alarms        active: warning from 1
    rules         failures of the worst rule: 1% and 10%
    drops         messages lost to full queues: 0.1% and 1%
    license license-use
                  expires in less than 30d and 7d; used by 80% and 95%
    certificates  of listeners: less than 30d and 7d
    api-keys      less than 14d and 3d; needs --username, so only when named

    What cannot be read is unknown, and says why; what this EMQX does not have is skipped. With -o nagios
    the exit code is 0, 1, 2 or 3 as Nagios wants it.
    """
    by_nagios = output == CheckFormat.nagios
    try:
        return report(session, (warn or [], crit or []), (only or [], skip or []), over, output)
    except EmqxctlError as error:
        if not by_nagios or session.prefix_messages:
            raise
        return told_nagios(error)


def report(
    session: Session,
    given: tuple[list[str], list[str]],
    choice: tuple[list[str], list[str]],
    over: str,
    output: CheckFormat | None,
) -> Result:
    """Check, and write the verdict in the format asked for."""
    from emqxctl.commands.check._evaluate import Plan, verdict

    limited = frozenset({*read("--warn", given[0]), *read("--crit", given[1])})
    names = chosen(*choice, limited)
    alone(session, names, output)
    asked = limited | (frozenset(names) if choice[0] else frozenset())
    level, rows = verdict(session, Plan(names, limits(*given), limited, asked, span(over)))
    if output == CheckFormat.nagios:
        from emqxctl.commands.check._formats import nagios

        return Text(nagios(level, rows), exit_code=NAGIOS[level])
    code = ExitCode.OK if level is Level.OK else ExitCode.NOT_YET
    if output == CheckFormat.prometheus:
        from emqxctl.commands.check._formats import prometheus

        return Text(prometheus(level, rows), exit_code=code)
    for_people = (session.settings.output or "table") in {"table", "wide", "md"}
    if not for_people:
        rows = [{name: value for name, value in row.items() if name not in SHOWN} for row in rows]
    done = [row for row in rows if row["status"] != "skipped"]
    notes = (f"{level.word}: {sum(row['status'] == 'ok' for row in done)} of {len(done)} checks are ok",)
    return Rows(
        rows, COLUMNS if for_people else (), key="check", plural_noun="checks", notes=notes, exit_code=code
    )


def alone(session: Session, names: Collection[str], output: CheckFormat | None) -> None:
    """Refuse on several profiles what only one can have. Raises UsageError."""
    if session.prefix_messages and output in {CheckFormat.nagios, CheckFormat.prometheus}:
        message = f"-o {output} is of one cluster"
        raise UsageError(message, hint="one run for each, or -o json of all")
    if session.prefix_messages and "api-keys" in names:
        message = "api-keys needs a login, and a password goes to one cluster only"
        raise UsageError(message, hint="one run for each profile: -p NAME")


def span(over: str) -> float:
    """Read --over. Raises UsageError."""
    try:
        return parse_duration(over)
    except ValueError as error:
        message = f"--over: {error}"
        raise UsageError(message) from error


def told_nagios(error: EmqxctlError) -> Text:
    """Write a failure as Nagios wants it: one line of stdout; a cluster that is not there is critical."""
    from emqxctl.commands.check._formats import plain as harmless

    level = Level.CRITICAL if error.exit_code in DOWN else Level.UNKNOWN
    line = f"EMQX {level.name} - {harmless(error.message)} [{error.code}]\n"
    return Text(line, exit_code=NAGIOS[level])
