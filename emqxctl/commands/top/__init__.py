"""`emqxctl top`: show live activity of the cluster, its clients, topics, rules and actions."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from threading import current_thread, main_thread
from time import monotonic, sleep
from typing import TYPE_CHECKING, Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.interrupts import InterruptGuard, stdout_closed
from emqxctl.cli.param_types import DURATION
from emqxctl.cli.prompts import is_terminal
from emqxctl.cli.session import Session
from emqxctl.cli.view import terminal_width, use_color
from emqxctl.commands.top._live import run_live
from emqxctl.commands.top._model import CLUSTER_FIGURES, MAX_INTERVAL, MIN_INTERVAL, State, add_sample
from emqxctl.commands.top._render import FIGURE_TITLES, draw_once
from emqxctl.commands.top._views import INTEGRATION_METRICS_PATH, VIEWS_BY_NAME
from emqxctl.errors import UsageError
from emqxctl.output.results import Result, Row, Rows, Text
from emqxctl.output.streams import ClosedPipe
from emqxctl.resource import Column
from emqxctl.text.units import DAY, format_duration

if TYPE_CHECKING:
    from emqxctl.cli.completion.candidates import Candidate
    from emqxctl.cli.completion.request import CompletionRequest


class ViewName(StrEnum):
    """The names of the views."""

    cluster = "cluster"
    clients = "clients"
    topics = "topics"
    rules = "rules"
    actions = "actions"


FIGURE_COLUMNS = tuple(
    Column(name, title.upper(), align_right=True)
    for name, title in zip(CLUSTER_FIGURES, FIGURE_TITLES, strict=True)
)
MAX_PRINTED_ROWS = 20  # without a full-screen display
app = new_group("Show live activity of the cluster.")


def complete_columns(request: "CompletionRequest") -> "Iterable[Candidate]":
    """Return the columns of the view that is typed."""
    from emqxctl.cli.completion.candidates import Candidate

    sign = "-" if request.typed.startswith("-") else ""
    view = VIEWS_BY_NAME[str(request.values.get("view") or "cluster")]
    return [Candidate(sign + column.field, column.heading) for column in view.columns]


@app.command()
@command(
    calls=(
        "GET /monitor_current",
        "GET /nodes",
        "GET /clients",
        "GET /mqtt/topic_metrics",
        f"GET {INTEGRATION_METRICS_PATH}",
    ),
    examples=(
        "emqxctl top",
        "emqxctl top clients --sort mqueue_len",
        "emqxctl top rules --once",
        "emqxctl top cluster --interval 10s -o jsonl >> rates.jsonl",
    ),
    completes={"sort": complete_columns},
)
def top(
    session: Session,
    view: Annotated[
        ViewName,
        typer.Argument(metavar="VIEW", help="First view: cluster, clients, topics, rules or actions."),
    ] = ViewName.cluster,
    interval: Annotated[
        float, typer.Option(click_type=DURATION, help="Refresh interval, such as 1s or 1m (default 2s).")
    ] = 2.0,
    once: Annotated[bool, typer.Option("--once", help="Print one snapshot and exit.")] = False,
    sort: Annotated[
        str | None, typer.Option(metavar="FIELD", help="Column to sort by (-FIELD for reverse order).")
    ] = None,
    filter_: Annotated[
        str, typer.Option("--filter", metavar="TEXT", help="Show only rows whose name contains this text.")
    ] = "",
    scan: Annotated[
        int,
        typer.Option(
            "--scan", metavar="N", min=1, max=10000, help="Maximum number of clients to fetch (default 1000)."
        ),
    ] = 1000,
) -> Result:
    """Show live activity of the cluster.

    EMQX cannot sort clients: only the first --scan clients are fetched and sorted; the display shows how many
    there are. With --once, or if the output is not a terminal, one snapshot is printed. -o jsonl prints rows
    until it is interrupted.

    Keys: 1-5 or Tab selects the view, s sorts by the next column, r reverses the order, / filters by name,
    Space pauses, + and - change the interval, ? shows all keys, q quits. Up and down select a row: Enter
    explains it, x kicks the client, t traces it; both are confirmed first.
    """
    require_interval(interval)
    state = State(
        target_name=session.target_name,
        view_name=view.value,
        interval=interval,
        filter_text=filter_,
        max_rows=scan,
    )
    state = replace(state, sort_orders=parse_sort(state, sort))
    output = session.settings.output
    is_one_of_several = current_thread() is not main_thread()  # profiles: no full-screen display
    if output in {None, "", "table", "wide"} and not is_one_of_several:
        if once or not is_terminal(sys.stdout) or session.environ.get("TERM") == "dumb":
            return build_text(session, state)
        return run_live(session, state, color=is_colored(session))
    is_endless = output == "jsonl" and not once and not is_one_of_several
    rows = iterate_log_rows(session, state, is_endless=is_endless)
    columns = FIGURE_COLUMNS if view is ViewName.cluster else state.view.columns
    key = columns[0].field
    if output in {"csv", "tsv"}:
        columns = (Column("at"), *columns)
    return Rows(rows, columns, key=key, plural_noun="rows", is_live=is_endless)


def require_interval(seconds: float) -> None:
    """Check the refresh interval. Raises UsageError."""
    if not MIN_INTERVAL <= seconds <= DAY:
        message = f"--interval {format_duration(seconds)}: must be between {MIN_INTERVAL:g} s and 1 day"
        raise UsageError(message)


def parse_sort(state: State, sort: str | None) -> dict[str, tuple[str, bool]]:
    """Parse --sort, by field or heading. Raises UsageError."""
    if not sort:
        return {}
    column_name = sort.removeprefix("-")
    for column in state.view.columns:
        if column_name.lower() in {column.field, column.heading.lower()}:
            return {state.view_name: (column.field, column.align_right != sort.startswith("-"))}
    fields = ", ".join(column.field for column in VIEWS_BY_NAME[state.view_name].columns)
    message = f"--sort {sort}: column not found in view {state.view_name}"
    raise UsageError(message, hint=f"columns: {fields}")


def is_colored(session: Session) -> bool:
    """Return whether stdout is colored."""
    return use_color(session.settings, session.environ, terminal=is_terminal(sys.stdout))


def poll_once(session: Session, state: State) -> State:
    """Read the view once."""
    return add_sample(state, state.view.read(session.client, state.filter_text, state.max_rows))


def poll_with_rates(session: Session, state: State) -> State:
    """Read the view, twice if its rates are computed from counters."""
    state = poll_once(session, state)
    if not state.view.rates:
        return state
    sleep(min(state.interval, MAX_INTERVAL))
    return poll_once(session, state)


def build_text(session: Session, state: State) -> Text:
    """Return one snapshot of the view as text."""
    state = poll_with_rates(session, state)
    return Text(
        draw_once(state, terminal_width(session.environ), MAX_PRINTED_ROWS, color=is_colored(session))
    )


def iterate_log_rows(session: Session, state: State, *, is_endless: bool) -> Iterator[Row]:
    """Yield the rows of a view, each with the time; repeatedly if `is_endless`."""
    with InterruptGuard() as guard:
        state = poll_with_rates(session, state)
        while True:
            yield from build_log_rows(state)
            if not is_endless:
                return
            due = monotonic() + state.interval
            while monotonic() < due:
                sleep(min(0.5, max(0.0, due - monotonic())))
                guard.raise_pending()
                if stdout_closed():
                    raise ClosedPipe
            state = poll_once(session, state)


def build_log_rows(state: State) -> Iterator[Row]:
    """Yield the rows of one sample: the cluster as one row with its nodes, else a row per object."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    rows = state.sorted_rows()
    if state.view_name == "cluster":
        cluster_rates = state.sample.cluster_rates if state.sample else {}
        yield {"at": now, **cluster_rates, "nodes": rows}
        return
    yield from ({"at": now, **row} for row in rows[:MAX_PRINTED_ROWS])
