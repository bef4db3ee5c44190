"""The state of `emqxctl top`: pure functions from keys and samples to the next state."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from emqxctl.commands.top._views import VIEWS, VIEWS_BY_NAME, Sample, TopView
from emqxctl.output.results import Row

HISTORY_LENGTH = 240  # values of a sparkline, more than a terminal has columns
MIN_INTERVAL, MAX_INTERVAL = 0.5, 60.0  # seconds between polls
CLUSTER_FIGURES = ("received_msg_rate", "sent_msg_rate", "dropped_msg_rate", "live_connections")


@dataclass(frozen=True)
class State:
    """Everything that the display depends on; `typed_filter` is the filter while it is typed, else None."""

    target_name: str = ""
    view_name: str = "cluster"
    interval: float = 2.0
    max_rows: int = 1000
    sort_orders: Mapping[str, tuple[str, bool]] = field(default_factory=dict)
    filter_text: str = ""
    typed_filter: str | None = None
    is_paused: bool = False
    offset: int = 0
    is_finished: bool = False
    sample: Sample | None = None
    rates: Mapping[str, Row] = field(default_factory=dict)
    history: Sequence[Row] = ()
    error: str = ""

    @property
    def view(self) -> TopView:
        """The current view."""
        return VIEWS_BY_NAME[self.view_name]

    @property
    def sort_order(self) -> tuple[str, bool]:
        """The sort field, and whether the largest values come first."""
        view = self.view
        return self.sort_orders.get(self.view_name, (view.default_sort, view.default_sort != view.key))

    @property
    def request_key(self) -> tuple[str, str]:
        """What a sample must match to be shown: the view and the filter."""
        return self.view_name, self.filter_text

    def sorted_rows(self) -> list[Row]:
        """Return the rows with their rates, sorted; rows without a value come last."""
        view, (field_name, descending) = self.view, self.sort_order
        sample_rows = self.sample.rows if self.sample else ()
        rows = [{**row, **self.rates.get(str(row.get(view.key)), {})} for row in sample_rows]
        rows_with_value = [row for row in rows if row.get(field_name) is not None]
        rows_with_value.sort(key=lambda row: sort_key(row[field_name]), reverse=descending)
        return rows_with_value + [row for row in rows if row.get(field_name) is None]


def sort_key(value: object) -> tuple[float, str]:
    """Return the sort key of a value: texts in alphabetical order, then numbers."""
    if isinstance(value, int | float):
        return float(value), ""
    return float("-inf"), str(value).lower()


def add_sample(state: State, sample: Sample) -> State:
    """Return the state with a new sample; rates are computed from it and the previous one."""
    history = state.history
    if sample.cluster_rates:
        figures = {name: sample.cluster_rates.get(name) for name in CLUSTER_FIGURES}
        history = (*history, figures)[-HISTORY_LENGTH:]
    rates = compute_rates(state.view, state.sample, sample)
    return replace(state, sample=sample, rates=rates, history=history, error="")


def compute_rates(view: TopView, previous: Sample | None, current: Sample) -> Mapping[str, Row]:
    """Return rates per second of counters in both samples; a counter that fell was reset and has no rate."""
    if previous is None or not view.rates or current.read_at <= previous.read_at:
        return {}
    previous_rows = {str(row.get(view.key)): row for row in previous.rows}
    rates: dict[str, Row] = {}
    for row in current.rows:
        key = str(row.get(view.key))
        if key in previous_rows:
            rates[key] = {
                name: compute_rate(previous_rows[key], row, counters, current.read_at - previous.read_at)
                for name, counters in view.rates.items()
            }
    return rates


def compute_rate(before: Row, after: Row, counters: Sequence[str], seconds: float) -> float | None:
    """Return the total increase of counters per second; None if one is missing or fell."""
    increase = 0.0
    for name in counters:
        first, last = before.get(name), after.get(name)
        if not isinstance(first, int | float) or not isinstance(last, int | float) or last < first:
            return None
        increase += last - first
    return increase / seconds


def handle_key(state: State, key: str, page_rows: int) -> State:
    """Return the state after a key; `page_rows` is the number of visible rows."""
    if key == "gone":
        return replace(state, is_finished=True)
    if state.typed_filter is not None:
        return type_filter(state, state.typed_filter, key)
    if key in VIEW_KEYS:
        return switch_view(state, VIEW_KEYS[key])
    return KEY_ACTIONS[key](state) if key in KEY_ACTIONS else scroll(state, key, page_rows)


def scroll(state: State, key: str, page_rows: int) -> State:
    """Return the state after a key that scrolls."""
    last_offset = max(0, len(state.sample.rows if state.sample else ()) - page_rows)
    steps = {
        "up": -1,
        "k": -1,
        "down": 1,
        "j": 1,
        "page up": -page_rows,
        "page down": page_rows,
        "home": -last_offset,
        "end": last_offset,
    }
    if key not in steps:
        return state
    target = {"home": 0, "end": last_offset}.get(key, state.offset + steps[key])
    return replace(state, offset=min(max(0, target), last_offset))


def type_filter(state: State, text: str, key: str) -> State:
    """Return the state after a key while the filter is typed."""
    if key == "enter":
        return apply_filter(state, text)
    if key == "esc":
        return replace(state, typed_filter=None)
    if key == "backspace":
        return replace(state, typed_filter=text[:-1])
    return replace(state, typed_filter=text + key) if len(key) == 1 else state


def apply_filter(state: State, text: str) -> State:
    """Return the state that shows only rows whose name contains a text."""
    if text == state.filter_text:
        return replace(state, typed_filter=None)
    return replace(state, typed_filter=None, filter_text=text, offset=0, sample=None, rates={})


def switch_view(state: State, view_name: str) -> State:
    """Return the state with another view, without a filter."""
    if view_name == state.view_name:
        return state
    return replace(state, view_name=view_name, filter_text="", offset=0, sample=None, rates={}, error="")


def next_view(state: State, step: int) -> State:
    """Return the state with the next or previous view."""
    names = [view.name for view in VIEWS]
    return switch_view(state, names[(names.index(state.view_name) + step) % len(names)])


def sort_next(state: State, step: int) -> State:
    """Return the state sorted by the next column: numbers largest first, texts from A to Z."""
    columns = state.view.columns
    fields = [column.field for column in columns]
    column = columns[(fields.index(state.sort_order[0]) + step) % len(columns)]
    return replace(
        state,
        sort_orders={**state.sort_orders, state.view_name: (column.field, column.align_right)},
        offset=0,
    )


def reverse_order(state: State) -> State:
    """Return the state with the reverse sort order."""
    name, descending = state.sort_order
    return replace(
        state, sort_orders={**state.sort_orders, state.view_name: (name, not descending)}, offset=0
    )


def scale_interval(state: State, factor: float) -> State:
    """Return the state with a shorter or longer interval."""
    return replace(state, interval=min(max(state.interval * factor, MIN_INTERVAL), MAX_INTERVAL))


def toggle_pause(state: State) -> State:
    """Return the state with polling paused or resumed."""
    return replace(state, is_paused=not state.is_paused)


VIEW_KEYS = {str(number): view.name for number, view in enumerate(VIEWS, 1)}
KEY_ACTIONS: Mapping[str, Callable[[State], State]] = {
    "q": lambda state: replace(state, is_finished=True),
    "tab": lambda state: next_view(state, 1),
    "right": lambda state: next_view(state, 1),
    "back tab": lambda state: next_view(state, -1),
    "left": lambda state: next_view(state, -1),
    "s": lambda state: sort_next(state, 1),
    "S": lambda state: sort_next(state, -1),
    "r": reverse_order,
    "/": lambda state: replace(state, typed_filter=state.filter_text),
    "esc": lambda state: apply_filter(state, ""),
    " ": toggle_pause,
    "p": toggle_pause,
    "+": lambda state: scale_interval(state, 0.5),
    "-": lambda state: scale_interval(state, 2),
}
