"""`emqxctl metrics history`: rates and counts over time, as charts on a terminal."""

import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.param_types import PAST_TIME, UnitType, parse_past_time
from emqxctl.cli.prompts import is_terminal
from emqxctl.cli.session import Session
from emqxctl.cli.view import split_names, terminal_width, use_color
from emqxctl.commands._counters import NodeOption
from emqxctl.errors import UsageError
from emqxctl.output.formatters import format_plain
from emqxctl.output.results import Result, Row, Rows, Text
from emqxctl.resource import Column
from emqxctl.text.units import format_epoch


def parse_start(text: str) -> datetime:
    """Parse a time, a duration before now, or a number of seconds before now. Raises ValueError."""
    return parse_past_time(f"{text}s" if text.strip().isdecimal() else text)


START = UnitType("TIME", parse_start, example="1h", hint=PAST_TIME.hint)
DEFAULT_SPAN = timedelta(minutes=10)
TIME_FIELD = "time_stamp"


def format_time(value: object) -> str:
    """Format the time of a sample, epoch milliseconds, as RFC 3339."""
    return format_epoch(value) or format_plain(value)


HISTORY_COLUMNS = (
    Column(TIME_FIELD, "TIME", format=format_time),
    Column("live_connections", "CONNECTIONS", align_right=True),
    Column("connections", "SESSIONS", align_right=True),
    Column("subscriptions", align_right=True),
    Column("topics", align_right=True),
    Column("received", align_right=True),
    Column("sent", align_right=True),
    Column("dropped", align_right=True),
)


@command(
    calls=("GET /monitor", "GET /monitor/nodes/{node}"),
    examples=(
        "emqxctl metrics history",
        "emqxctl metrics history --since 1h --fields received,dropped",
        "emqxctl metrics history --since 1d -o csv > history.csv",
    ),
)
def history(
    session: Session,
    node: NodeOption = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            "--since",
            "--latest",
            click_type=START,
            help="Start, such as 1h, 7d or a time (default 10m).",
        ),
    ] = None,
) -> Rows:
    """Show rates and counts over time.

    On a terminal each series is drawn as a chart; counts of messages are drawn as rates per second. --fields
    selects the series. A table of the numbers is printed with -o wide, --where, --sort or --limit, and if the
    output is not a terminal.
    """
    seconds = (datetime.now(UTC) - (since or datetime.now(UTC) - DEFAULT_SPAN)).total_seconds()
    if seconds <= 0:
        message = "--since is in the future"
        raise UsageError(message, hint="use a duration before now, such as 1h")
    query = {"latest": max(1, round(seconds))}
    if node is None:
        samples = session.client.get_list("/monitor", query=query)
    else:
        samples = session.client.get_list("/monitor/nodes/{node}", node, query=query)
    chart = draw_chart_if_terminal(session, samples)
    if chart is not None:
        return chart  # type: ignore[return-value]  # a command that lists rows, with the options of lists
    if session.settings.output in {None, "", "table", "wide", "md"}:
        samples = [row for row in samples if len(row) > 1]  # a time alone: EMQX takes a sample every 10 s
    return Rows(samples, HISTORY_COLUMNS, key=TIME_FIELD, plural_noun="samples")


def draw_chart_if_terminal(session: Session, samples: list[Row]) -> Result | None:
    """Return the charts for a terminal; None if rows were asked for, or a field that no sample has."""
    settings = session.settings
    fields = split_names(settings.fields)
    has_row_options = settings.where or settings.sort or settings.query or settings.limit
    is_table = settings.output in {None, "", "table"} and not has_row_options
    if not is_table or not is_terminal(sys.stdout) or session.prefix_messages:
        return None
    if any(not any(field in row for row in samples) for field in fields):
        return None  # the list reports the unknown field
    from emqxctl.commands.metrics._history_chart import draw_history

    color = use_color(settings, session.environ, terminal=True)
    return Text(draw_history(samples, fields, terminal_width(session.environ), color=color))
