"""What a kind of thing in EMQX looks like: its columns, filters and path, as plain data."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import NamedTuple


class Paging(StrEnum):
    """How the server hands out a list (api.md §2)."""

    NONE = "none"  # a bare array in one answer
    PAGES = "pages"  # page and limit, `{"data": [...], "meta": {...}}`
    CURSOR = "cursor"  # limit and an opaque cursor
    ENVELOPE = "envelope"  # `{"data": [...]}` in one answer


class Column(NamedTuple):
    """One field of a row as a person reads it.

    `field` names the server's field (`a.b` for a nested one, tried as a whole first); `title` heads the
    column (default: the field in capitals, `_` as space); `write` turns its value into text; `wide` columns
    show only under `-o wide`; `style` gives a value's colour on a terminal; what `folds` goes on below
    itself where the terminal is too narrow, instead of being cut.
    """

    field: str
    title: str = ""
    write: Callable[[object], str] | None = None
    wide: bool = False
    style: Callable[[object], str] | None = None
    right: bool = False
    folds: bool = False

    @property
    def heading(self) -> str:
        """The column's title, or its field in capitals."""
        return self.title or self.field.replace("_", " ").replace(".", " ").upper()


class Kind(StrEnum):
    """What a server filter's value is, and so how it is checked and sent."""

    TEXT = "text"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    TIME = "time"  # RFC 3339 or a duration ago (`5m`), sent as epoch milliseconds
    CHOICE = "choice"


class Check(NamedTuple):
    """What a filter means for a row: `holds(value of the field, value of the filter)`."""

    field: str
    holds: Callable[[object, object], bool]


class Filter(NamedTuple):
    """A filter that the server applies to a list.

    `param` is its query parameter (api.md §2.4); the option is `--param` with dashes unless `option` names
    it. `repeat` lets it be given several times (any of them matches). `check` tests the rows once more.
    """

    param: str
    help: str
    kind: Kind = Kind.TEXT
    choices: tuple[str, ...] = ()
    repeat: bool = False
    option: str = ""
    check: Check | None = None

    @property
    def flag(self) -> str:
        """The option on the command line, `--like-clientid`."""
        return "--" + (self.option or self.param).replace("_", "-")


class Setting(NamedTuple):
    """A part of a body that people set most often, as an option of create and update.

    `param` is its place in the body (`a.b` for a nested one); the option is `--param` with dashes unless
    `option` names it. `repeat` makes a list of what is given.
    """

    param: str
    help: str
    kind: Kind = Kind.TEXT
    choices: tuple[str, ...] = ()
    repeat: bool = False
    option: str = ""

    @property
    def flag(self) -> str:
        """The option on the command line, `--sql`."""
        return "--" + (self.option or self.param).replace("_", "-").replace(".", "-")


class Resource(NamedTuple):
    """A kind of thing: what it is called, where it lives, what is shown of it, how it is changed.

    `noun` and `plural` are for sentences ("client", "clients"); `path` is that of the list below `/api/v5`,
    `item` that of one thing, both with the placeholders of EMQX's documents (`/rules/{id}`); those in `path`
    are arguments of every verb. `key` is the field that names one thing.

    For changes: `settings` are typed options, `computed` the fields the server adds and does not want back,
    `identify` gives the fields of a new thing's body that its key makes (default: the key field),
    `address` completes a key for its path, given the one before: `tcp:a` of `stomp` is `stomp:tcp:a`,
    `keeps_masks` tells that `******` sent back keeps the stored secret (api.md §5.4).

    For lists: `exact` are fields that are also filters matching them to the letter, `cuttable` those that the
    server's `fields` parameter knows, `unique` those that tell one row of a paged list from all others.
    """

    noun: str
    path: str
    key: str
    columns: tuple[Column, ...]
    plural: str = ""
    item: str = ""
    filters: tuple[Filter, ...] = ()
    paging: Paging = Paging.NONE
    settings: tuple[Setting, ...] = ()
    computed: tuple[str, ...] = ()
    identify: Callable[[str], dict[str, object]] | None = None
    address: Callable[[str, str], str] | None = None
    keeps_masks: bool = False
    exact: frozenset[str] = frozenset()
    cuttable: frozenset[str] = frozenset()
    unique: tuple[str, ...] = ()

    @property
    def nouns(self) -> str:
        """The plural for sentences."""
        return self.plural or self.noun + "s"

    @property
    def item_path(self) -> str:
        """The path template of one thing, with a placeholder for its key."""
        return self.item or f"{self.path}/{{{self.key}}}"

    def places(self, given: Sequence[str]) -> list[str]:
        """Give what fills the placeholders of `item_path`, the key last and complete."""
        return [*given[:-1], self.address(given[-2], given[-1])] if self.address else list(given)

    def identity(self, key: str) -> dict[str, object]:
        """Give the fields that name a new thing in its body."""
        return self.identify(key) if self.identify else {self.key: key}
