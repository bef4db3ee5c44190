"""What `emqxctl top` knows and shows: pure, from keys and samples to the next state."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from emqxctl.commands.top._views import BY_NAME, SUBJECTS, Sample, Subject
from emqxctl.output.results import Row

KEPT = 240  # points of the sparklines, more than any terminal has columns for
FASTEST, SLOWEST = 0.5, 60.0  # seconds between two looks
FIGURES = ("received_msg_rate", "sent_msg_rate", "dropped_msg_rate", "live_connections")


@dataclass(frozen=True)
class State:
    """All that the screen depends on. `typing` is the filter while it is typed, None otherwise."""

    place: str = ""
    view: str = "cluster"
    interval: float = 2.0
    most: int = 1000
    orders: Mapping[str, tuple[str, bool]] = field(default_factory=dict)
    wanted: str = ""
    typing: str | None = None
    paused: bool = False
    offset: int = 0
    over: bool = False
    sample: Sample | None = None
    rates: Mapping[str, Row] = field(default_factory=dict)
    history: Sequence[Row] = ()
    trouble: str = ""

    @property
    def subject(self) -> Subject:
        """The view that is shown."""
        return BY_NAME[self.view]

    @property
    def order(self) -> tuple[str, bool]:
        """The field sorted by, and whether the largest come first."""
        subject = self.subject
        return self.orders.get(self.view, (subject.sort, subject.sort != subject.key))

    @property
    def asked(self) -> tuple[str, str]:
        """What a sample must be about to be shown: the view, and what it is narrowed to."""
        return self.view, self.wanted

    def rows(self) -> list[Row]:
        """Give the rows with their rates, in order; those without a value come last."""
        subject, (name, descending) = self.subject, self.order
        given = self.sample.rows if self.sample else ()
        found = [{**row, **self.rates.get(str(row.get(subject.key)), {})} for row in given]
        told = [row for row in found if row.get(name) is not None]
        told.sort(key=lambda row: weight(row[name]), reverse=descending)
        return told + [row for row in found if row.get(name) is None]


def weight(value: object) -> tuple[float, str]:
    """Give what a value is sorted by: numbers by size, before them texts by alphabet."""
    if isinstance(value, int | float):
        return float(value), ""
    return float("-inf"), str(value).lower()


def accept(state: State, sample: Sample) -> State:
    """Take a sample of what is shown: rates come from it and the one before."""
    history = state.history
    if sample.head:
        figures = {name: sample.head.get(name) for name in FIGURES}
        history = (*history, figures)[-KEPT:]
    rates = made_rates(state.subject, state.sample, sample)
    return replace(state, sample=sample, rates=rates, history=history, trouble="")


def made_rates(subject: Subject, old: Sample | None, new: Sample) -> Mapping[str, Row]:
    """Make rates a second of counters that were seen twice; a counter that fell was reset, so it has none."""
    if old is None or not subject.rates or new.at <= old.at:
        return {}
    before = {str(row.get(subject.key)): row for row in old.rows}
    found: dict[str, Row] = {}
    for row in new.rows:
        key = str(row.get(subject.key))
        if key in before:
            found[key] = {
                name: slope(before[key], row, counters, new.at - old.at)
                for name, counters in subject.rates.items()
            }
    return found


def slope(before: Row, after: Row, counters: Sequence[str], seconds: float) -> float | None:
    """Give the growth of counters together, a second; None where one is missing or fell."""
    grown = 0.0
    for name in counters:
        first, last = before.get(name), after.get(name)
        if not isinstance(first, int | float) or not isinstance(last, int | float) or last < first:
            return None
        grown += last - first
    return grown / seconds


def press(state: State, key: str, page: int) -> State:
    """Take a key; `page` is how many rows the screen holds."""
    if key == "gone":
        return replace(state, over=True)
    if state.typing is not None:
        return type_on(state, state.typing, key)
    if key in VIEW_KEYS:
        return turn(state, VIEW_KEYS[key])
    return KEYS[key](state) if key in KEYS else scroll(state, key, page)


def scroll(state: State, key: str, page: int) -> State:
    """Take a key that moves through the rows."""
    last = max(0, len(state.sample.rows if state.sample else ()) - page)
    steps = {
        "up": -1,
        "k": -1,
        "down": 1,
        "j": 1,
        "page up": -page,
        "page down": page,
        "home": -last,
        "end": last,
    }
    if key not in steps:
        return state
    target = {"home": 0, "end": last}.get(key, state.offset + steps[key])
    return replace(state, offset=min(max(0, target), last))


def type_on(state: State, text: str, key: str) -> State:
    """Take a key while the filter is typed."""
    if key == "enter":
        return narrow(state, text)
    if key == "esc":
        return replace(state, typing=None)
    if key == "backspace":
        return replace(state, typing=text[:-1])
    return replace(state, typing=text + key) if len(key) == 1 else state


def narrow(state: State, text: str) -> State:
    """Show only rows whose name contains a text."""
    if text == state.wanted:
        return replace(state, typing=None)
    return replace(state, typing=None, wanted=text, offset=0, sample=None, rates={})


def turn(state: State, view: str) -> State:
    """Turn to another view, which is not narrowed."""
    if view == state.view:
        return state
    return replace(state, view=view, wanted="", offset=0, sample=None, rates={}, trouble="")


def neighbour(state: State, step: int) -> State:
    """Turn to the next view."""
    names = [one.name for one in SUBJECTS]
    return turn(state, names[(names.index(state.view) + step) % len(names)])


def sort_next(state: State, step: int) -> State:
    """Sort by the next column; figures largest first, words from A to Z."""
    columns = state.subject.columns
    names = [one.field for one in columns]
    column = columns[(names.index(state.order[0]) + step) % len(columns)]
    return replace(state, orders={**state.orders, state.view: (column.field, column.align_right)}, offset=0)


def reverse(state: State) -> State:
    """Sort the other way round."""
    name, descending = state.order
    return replace(state, orders={**state.orders, state.view: (name, not descending)}, offset=0)


def pace(state: State, factor: float) -> State:
    """Look less or more often."""
    return replace(state, interval=min(max(state.interval * factor, FASTEST), SLOWEST))


def pause(state: State) -> State:
    """Stop looking, or go on."""
    return replace(state, paused=not state.paused)


VIEW_KEYS = {str(number): one.name for number, one in enumerate(SUBJECTS, 1)}
KEYS: Mapping[str, Callable[[State], State]] = {
    "q": lambda state: replace(state, over=True),
    "tab": lambda state: neighbour(state, 1),
    "right": lambda state: neighbour(state, 1),
    "back tab": lambda state: neighbour(state, -1),
    "left": lambda state: neighbour(state, -1),
    "s": lambda state: sort_next(state, 1),
    "S": lambda state: sort_next(state, -1),
    "r": reverse,
    "/": lambda state: replace(state, typing=state.wanted),
    "esc": lambda state: narrow(state, ""),
    " ": pause,
    "p": pause,
    "+": lambda state: pace(state, 0.5),
    "-": lambda state: pace(state, 2),
}
