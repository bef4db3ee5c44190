"""What a kind of object in EMQX looks like: its columns, filters and path, as plain data."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from emqxctl.text.nouns import pluralize


class Paging(StrEnum):
    """How the server splits a list (api.md §2)."""

    NONE = "none"  # a bare array in one response
    PAGES = "pages"  # page and limit, `{"data": [...], "meta": {...}}`
    CURSOR = "cursor"  # limit and an opaque cursor
    ENVELOPE = "envelope"  # `{"data": [...]}` in one response


class Column(NamedTuple):
    """One column of a table.

    `field` is the server's field (`a.b` for a nested one; a field of that whole name comes first); `title` is
    the heading (default: the field in capitals, `_` as space); `format` turns its value into text; `wide`
    columns are shown under `-o wide` only, and `optional` ones if one of the first rows has a value; `style`
    returns a value's color on a terminal; `wrap` continues a long value on the next line if the terminal is
    too narrow, instead of cutting it.
    """

    field: str
    title: str = ""
    format: Callable[[object], str] | None = None
    wide: bool = False
    style: Callable[[object], str] | None = None
    align_right: bool = False
    wrap: bool = False
    optional: bool = False

    @property
    def heading(self) -> str:
        """The column's title, or its field in capitals."""
        return self.title or self.field.replace("_", " ").replace(".", " ").upper()


class ValueType(StrEnum):
    """The type of a filter's or setting's value: how it is checked and sent."""

    TEXT = "text"
    INTEGER = "integer"
    COUNT = "count"  # a whole number, sent as one, or a word such as `infinity`
    BOOLEAN = "boolean"
    TIME = "time"  # RFC 3339 or a duration ago (`5m`), sent as epoch milliseconds
    TOPIC = "topic"  # a topic without wildcards
    CHOICE = "choice"
    TEXT_FILE = "text file"  # the option takes a file; its text is the value
    FIRST_LINE = "first line"  # the option takes a file; its first line, a secret, is the value


class RowCheck(NamedTuple):
    """What a filter means for a row: `matches(value of the field, value of the filter)`."""

    field: str
    matches: Callable[[object, object], bool]


class Filter(NamedTuple):
    """A filter that the server applies to a list.

    `param` is its query parameter (api.md §2.4); the option is `--param` with dashes unless `option` names
    it. A `multiple` filter is repeatable (any value matches). `row_check` checks the rows again in emqxctl;
    an `is_local` filter is checked there alone, and not sent.
    """

    param: str
    help: str
    value_type: ValueType = ValueType.TEXT
    choices: tuple[str, ...] = ()
    multiple: bool = False
    option: str = ""
    row_check: RowCheck | None = None
    is_local: bool = False
    since: tuple[int, int, int] | None = None

    @property
    def flag(self) -> str:
        """The option on the command line, `--like-clientid`."""
        return "--" + (self.option or self.param).replace("_", "-")


class Setting(NamedTuple):
    """A common field of a body, as an option of create and update.

    `param` is its path in the body (`a.b` for a nested one); the option is `--param` with dashes unless
    `option` names it. A `multiple` setting is repeatable and becomes a list. Of `choices`, `true` and `false`
    are sent as booleans. EMQX before `since` does not know the field.
    """

    param: str
    help: str
    value_type: ValueType = ValueType.TEXT
    choices: tuple[str, ...] = ()
    multiple: bool = False
    option: str = ""
    since: tuple[int, int, int] | None = None

    @property
    def flag(self) -> str:
        """The option on the command line, `--sql`."""
        return "--" + (self.option or self.param).replace("_", "-").replace(".", "-")


JsonObject = dict[str, Any]


def add_article(noun: str) -> str:
    """Return a noun after its article, which follows pronunciation: `a user`, `an AI provider`."""
    word = noun.partition(" ")[0]
    vowels = SPOKEN_WITH_VOWEL if word.isupper() else "aeio"
    return f"{'an' if word[:1] in vowels else 'a'} {noun}"


SPOKEN_WITH_VOWEL = "AEFHILMNORSX"  # the names of these letters begin with a vowel: an SSO backend

SAMPLE_KEYS = 3  # keys that a sentence about several objects names


class Resource(NamedTuple):
    """A kind of object: its names, its paths, its columns, how it is changed.

    `noun` and `plural` are for sentences ("client", "clients"); `path` is the path of the list, relative to
    `/api/v5`, `item_template` that of one object, both with the placeholders of EMQX's documents
    (`/rules/{id}`); those in `path` are arguments of every verb. `key` is the field that identifies one.

    For changes: `settings` are typed options; `read_only_fields` are added by the server and rejected in a
    body; `key_to_fields` returns the fields of a new object's body for its key (default: the key field);
    `qualify_key` completes a key with its parent for the path: `tcp:a` of `stomp` is `stomp:tcp:a`;
    `check_key` returns a key as it was typed or raises UsageError, if EMQX crashes on an invalid one;
    `accepts_masked_secrets`: `******` sent back keeps the stored secret (api.md §5.4).

    For lists: `exact_filters` are fields that are also filters for the exact value, `selectable_fields` those
    that the server's `fields` parameter supports, `selectable_objects` those of them that are objects, which
    it selects only as a whole, `row_key` those that identify a row of a paged list,
    `name_fields` those that `get` and `delete` take as arguments if the key is not enough.

    Where a resource differs from the others: `key_metavar` names its key in usage lines (default: the key's
    name); `key_in_body=False` says that its body is a document in which the key field means something else.
    `normalize` turns the body that a user gave into the one that is sent; `from_response` turns the server's
    answer about one object into the row that is shown. `finish_body` turns the whole object, which has its
    type, into the one that is sent, by create and update. `variant_fields` are fields of nested objects
    (`a.type`) that decide which fields are beside them: an update that changes one replaces the object.
    `update_path` is where PUT goes if not to `item_path`,
    `fields_in_update` those of the key's fields that the body of a PUT must have; `before_update` drops from
    the object that GET returned what PUT refuses. `checks_existence` reads an object before an operation that
    succeeds without one; `switch_by_update` enables and disables by sending
    the object back. `notes_after_write` returns the notes on an object as it is after create and update.
    `same_type_fields` are fields of the body with the name of an object of the key's TYPE, without that type.
    """

    noun: str
    path: str
    key: str
    columns: tuple[Column, ...]
    plural: str = ""
    item_template: str = ""
    filters: tuple[Filter, ...] = ()
    paging: Paging = Paging.NONE
    settings: tuple[Setting, ...] = ()
    read_only_fields: tuple[str, ...] = ()
    key_to_fields: Callable[[str], dict[str, object]] | None = None
    qualify_key: Callable[[str, str], str] | None = None
    check_key: Callable[[str], str] | None = None
    accepts_masked_secrets: bool = False
    exact_filters: frozenset[str] = frozenset()
    selectable_fields: frozenset[str] = frozenset()
    selectable_objects: frozenset[str] = frozenset()
    row_key: tuple[str, ...] = ()
    name_fields: tuple[str, ...] = ()
    key_metavar: str = ""
    key_in_body: bool = True
    normalize: Callable[[JsonObject], JsonObject] | None = None
    from_response: Callable[[Any], Any] | None = None
    update_path: str = ""
    fields_in_update: tuple[str, ...] = ()
    checks_existence: bool = False
    switch_by_update: bool = False
    notes_after_write: Callable[[JsonObject], tuple[str, ...]] | None = None
    same_type_fields: tuple[str, ...] = ()
    before_update: Callable[[JsonObject], JsonObject] | None = None
    finish_body: Callable[[JsonObject], JsonObject] | None = None
    variant_fields: tuple[str, ...] = ()

    @property
    def plural_noun(self) -> str:
        """The plural for sentences."""
        return self.plural or pluralize(self.noun)

    @property
    def noun_with_article(self) -> str:
        """The noun with its article, for sentences: `a rule`."""
        return add_article(self.noun)

    @property
    def item_path(self) -> str:
        """The path template of one object, with a placeholder for its key."""
        return self.item_template or f"{self.path}/{{{self.key}}}"

    def path_arguments(self, keys: Sequence[str]) -> list[str]:
        """Return the arguments for the placeholders of `item_path`; the last key is qualified."""
        return [*keys[:-1], self.qualify_key(keys[-2], keys[-1])] if self.qualify_key else list(keys)

    def identity_fields(self, key: str) -> dict[str, object]:
        """Return the fields that identify a new object in its body."""
        return self.key_to_fields(key) if self.key_to_fields else {self.key: key}

    def describe(self, keys: Sequence[str]) -> str:
        """Return the objects of these keys, for sentences: `rule 'a'`, `2 rules ('a', 'b')`."""
        if len(keys) == 1:
            return f"{self.noun} {keys[0]!r}"
        sample = ", ".join(map(repr, keys[:SAMPLE_KEYS])) + (", ..." if len(keys) > SAMPLE_KEYS else "")
        return f"{len(keys)} {self.plural_noun} ({sample})" if keys else self.noun
