"""The state of `emqxctl top`: pure functions from keys and samples to the next state."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from emqxctl.commands.top._row_actions import KICK, TRACE, WHY, RowAction, find_row_action
from emqxctl.commands.top._views import VIEWS, VIEWS_BY_NAME, Sample, TopView
from emqxctl.output.results import Row

MAX_BASELINE_AGE = 60.0  # seconds since a row was last read, so that a filter does not hide the rates
HISTORY_LENGTH = 240  # values of a sparkline, more than a terminal has columns
MIN_INTERVAL, MAX_INTERVAL = 0.5, 60.0  # seconds between polls
CLUSTER_FIGURES = ("received_msg_rate", "sent_msg_rate", "dropped_msg_rate", "live_connections")


@dataclass(frozen=True)
class State:
    """Everything that the display depends on.

    `typed_filter` is the filter while it is typed, else None. `selected` is the key of the selected row, None
    if none is. `pending_action` waits for a confirmation, `requested_action` is to be run now. `baselines`
    are the last rows of each view by key, with the time they were read at, which rates are computed from.
    """

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
    baselines: Mapping[str, Mapping[str, tuple[float, Row]]] = field(default_factory=dict)
    selected: str | None = None
    notice: str = ""
    is_help_shown: bool = False
    pending_action: RowAction | None = None
    requested_action: RowAction | None = None

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
    baseline = state.baselines.get(state.view_name, {})
    rates = compute_rates(state.view, baseline, sample)
    oldest = sample.read_at - MAX_BASELINE_AGE
    key = state.view.key
    rows = {str(row.get(key)): (sample.read_at, row) for row in sample.rows}
    recent = {name: entry for name, entry in baseline.items() if entry[0] >= oldest}
    baselines = {**state.baselines, state.view_name: {**recent, **rows}}
    return replace(state, sample=sample, rates=rates, history=history, error="", baselines=baselines)


def compute_rates(
    view: TopView, baseline: Mapping[str, tuple[float, Row]], current: Sample
) -> Mapping[str, Row]:
    """Return rates per second of the rows that were read before, each since its last reading."""
    rates: dict[str, Row] = {}
    for row in current.rows:
        key = str(row.get(view.key))
        read_at, previous_row = baseline.get(key, (current.read_at, row))
        if view.rates and read_at < current.read_at:
            rates[key] = {
                name: compute_rate(previous_row, row, counters, current.read_at - read_at)
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
    state = replace(state, notice="")
    if state.is_help_shown:
        return replace(state, is_help_shown=False)
    if state.pending_action is not None:
        action = state.pending_action if key in {"y", "enter"} else None
        return replace(state, pending_action=None, requested_action=action)
    return handle_view_key(state, key, page_rows)


def handle_view_key(state: State, key: str, page_rows: int) -> State:
    """Return the state after a key that selects a view or a row, or acts on them."""
    if key in VIEW_KEYS:
        return switch_view(state, VIEW_KEYS[key])
    if key in ROW_ACTION_KEYS:
        return request_row_action(state, ROW_ACTION_KEYS[key])
    return KEY_ACTIONS[key](state) if key in KEY_ACTIONS else move_selection(state, key, page_rows)


def request_row_action(state: State, action_name: str) -> State:
    """Return the state with an action for the selected row; it waits if a person has to confirm it here."""
    if state.selected is None or state.selected not in list_keys(state):
        return replace(state, notice=f"select a row to {action_name}: up and down")
    action = find_row_action(action_name, state.view_name, state.selected)
    if action is None:
        return replace(state, notice=f"{action_name} is not available for {state.view.plural_noun}")
    return replace(state, pending_action=action) if action.asks else replace(state, requested_action=action)


def list_keys(state: State) -> list[str]:
    """Return the keys of the rows in their order on the screen."""
    return [str(row.get(state.view.key)) for row in state.sorted_rows()]


def move_selection(state: State, key: str, page_rows: int) -> State:
    """Return the state after a key that moves the selection; the screen scrolls with it.

    The first move selects the first visible row.
    """
    keys = list_keys(state)
    steps = {"up": -1, "k": -1, "down": 1, "j": 1, "page up": -page_rows, "page down": page_rows}
    if not keys or key not in {*steps, "home", "end"}:
        return state
    last = len(keys) - 1
    if key in {"home", "end"}:
        index = 0 if key == "home" else last
    elif state.selected in keys:
        index = min(max(0, keys.index(state.selected) + steps[key]), last)
    else:
        index = min(state.offset, last)
    offset = min(max(state.offset, index - page_rows + 1), index)
    return replace(state, selected=keys[index], offset=min(offset, max(0, len(keys) - page_rows)))


def leave_selection_or_filter(state: State) -> State:
    """Return the state without its selection; without the filter if no row is selected."""
    return apply_filter(state, "") if state.selected is None else replace(state, selected=None)


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
    sample = select_rows(state, text) if state.filter_text in text else None
    return replace(state, typed_filter=None, filter_text=text, offset=0, sample=sample, selected=None)


def select_rows(state: State, text: str) -> Sample | None:
    """Return the rows that are shown until the server has applied a narrower filter; None without any."""
    if state.sample is None:
        return None
    rows = [row for row in state.sample.rows if text in str(row.get(state.view.key))]
    return replace(state.sample, rows=rows, total=len(rows)) if rows else None


def switch_view(state: State, view_name: str) -> State:
    """Return the state with another view, without a filter."""
    if view_name == state.view_name:
        return state
    empty = replace(state, filter_text="", offset=0, sample=None, rates={}, error="", selected=None)
    return replace(empty, view_name=view_name)


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
ROW_ACTION_KEYS = {"enter": WHY, "w": WHY, "x": KICK, "t": TRACE}
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
    "esc": leave_selection_or_filter,
    "?": lambda state: replace(state, is_help_shown=True),
    " ": toggle_pause,
    "p": toggle_pause,
    "+": lambda state: scale_interval(state, 0.5),
    "-": lambda state: scale_interval(state, 2),
}
