"""`emqxctl top`: the cluster, its clients, topics, rules and actions, live."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from threading import current_thread, main_thread
from time import monotonic, sleep
from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.interrupts import InterruptGuard, stdout_closed
from emqxctl.cli.prompts import is_terminal
from emqxctl.cli.session import Session
from emqxctl.cli.view import terminal_width, use_color
from emqxctl.commands.top._live import live
from emqxctl.commands.top._model import FASTEST, FIGURES, SLOWEST, State, accept
from emqxctl.commands.top._render import TITLES
from emqxctl.commands.top._render import once as frame_once
from emqxctl.commands.top._views import BY_NAME, INTEGRATION
from emqxctl.errors import UsageError
from emqxctl.output.results import Result, Row, Rows, Text
from emqxctl.output.streams import ClosedPipe
from emqxctl.resource import Column
from emqxctl.text.units import parse_duration


class ViewName(StrEnum):
    """The views."""

    cluster = "cluster"
    clients = "clients"
    topics = "topics"
    rules = "rules"
    actions = "actions"


FIGURE_COLUMNS = tuple(
    Column(name, title.upper(), align_right=True) for name, title in zip(FIGURES, TITLES, strict=True)
)
LINES = 20  # rows of a view that is no screen
app = new_group("What goes on in the cluster, live.")


@app.command()
@command(
    calls=(
        "GET /monitor_current",
        "GET /nodes",
        "GET /clients",
        "GET /mqtt/topic_metrics",
        f"GET {INTEGRATION}",
    ),
    examples=(
        "emqxctl top",
        "emqxctl top clients --sort mqueue_len",
        "emqxctl top rules --once",
        "emqxctl top cluster --interval 10s -o jsonl >> rates.jsonl",
    ),
)
def top(
    session: Session,
    view: Annotated[ViewName, typer.Argument(help="What is shown first.")] = ViewName.cluster,
    interval: Annotated[str, typer.Option(metavar="TIME", help="How often to look: 1s, 1m.")] = "2s",
    once: Annotated[bool, typer.Option("--once", help="Look one time, and end.")] = False,
    sort: Annotated[
        str | None, typer.Option(metavar="FIELD", help="Sort by this column, -FIELD: the other way.")
    ] = None,
    filter_: Annotated[
        str, typer.Option("--filter", metavar="TEXT", help="Only names that contain it.")
    ] = "",
    most: Annotated[
        int, typer.Option("--scan", metavar="N", min=1, max=10000, help="How many clients are looked at.")
    ] = 1000,
) -> Result:
    """Show what goes on in the cluster, live.

    EMQX sorts nothing: of many clients only the first are looked at, and the screen says so. Off a terminal,
    and with --once, it is shown one time; -o jsonl goes on, with a line a row.
    """
    state = State(
        place=session.target_name, view=view.value, interval=pace(interval), wanted=filter_, most=most
    )
    state = replace(state, orders=ordered(state, sort))
    output = session.settings.output
    several = current_thread() is not main_thread()  # one of several profiles: no screen is its own
    if output in {None, "", "table", "wide"} and not several:
        if once or not is_terminal(sys.stdout) or session.environ.get("TERM") == "dumb":
            return shown_once(session, state)
        return live(session, state, colour=painted(session))
    forever = output == "jsonl" and not once and not several
    rows = logged(session, state, forever=forever)
    columns = FIGURE_COLUMNS if view is ViewName.cluster else state.subject.columns
    key = columns[0].field
    if output in {"csv", "tsv"}:
        columns = (Column("at"), *columns)
    return Rows(rows, columns, key=key, plural_noun="rows", is_live=forever)


def pace(text: str) -> float:
    """Read --interval. Raises UsageError."""
    try:
        seconds = parse_duration(text)
    except ValueError as error:
        message = f"--interval: {error}"
        raise UsageError(message) from error
    if not FASTEST <= seconds <= 86400:
        message = f"--interval {text}: at least {FASTEST:g} s, so that the cluster has other things to do"
        raise UsageError(message)
    return seconds


def ordered(state: State, sort: str | None) -> dict[str, tuple[str, bool]]:
    """Read --sort, by field or heading. Raises UsageError."""
    if not sort:
        return {}
    name = sort.removeprefix("-")
    for column in state.subject.columns:
        if name.lower() in {column.field, column.heading.lower()}:
            return {state.view: (column.field, column.align_right != sort.startswith("-"))}
    fields = ", ".join(column.field for column in BY_NAME[state.view].columns)
    message = f"--sort {sort}: {state.view} has no such column"
    raise UsageError(message, hint=f"it has {fields}")


def painted(session: Session) -> bool:
    """Tell whether to colour."""
    return use_color(session.settings, session.environ, terminal=is_terminal(sys.stdout))


def look(session: Session, state: State) -> State:
    """Look one time."""
    return accept(state, state.subject.read(session.client, state.wanted, state.most))


def look_well(session: Session, state: State) -> State:
    """Look as often as rates need: twice where they are made from counters."""
    state = look(session, state)
    if not state.subject.rates:
        return state
    sleep(min(state.interval, SLOWEST))
    return look(session, state)


def shown_once(session: Session, state: State) -> Text:
    """Show a view one time."""
    state = look_well(session, state)
    return Text(frame_once(state, terminal_width(session.environ), LINES, colour=painted(session)))


def logged(session: Session, state: State, *, forever: bool) -> Iterator[Row]:
    """Give the rows of a view, each with the time; again and again when `forever`."""
    with InterruptGuard() as ending:
        state = look_well(session, state)
        while True:
            yield from moment(state)
            if not forever:
                return
            due = monotonic() + state.interval
            while monotonic() < due:
                sleep(min(0.5, max(0.0, due - monotonic())))
                ending.raise_pending()
                if stdout_closed():
                    raise ClosedPipe
            state = look(session, state)


def moment(state: State) -> Iterator[Row]:
    """Give what was seen at one time: the cluster as one row with its nodes, else a row for each thing."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    rows = state.rows()
    if state.view == "cluster":
        head = state.sample.head if state.sample else {}
        yield {"at": now, **head, "nodes": rows}
        return
    yield from ({"at": now, **row} for row in rows[:LINES])
