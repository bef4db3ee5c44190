"""The rule for field names and compared values in `--where`, `--sort` and `--fields`.

A name is valid if the facts about the list, its columns or any row have it. Any other name is a usage error
that gives the close names. A value that can never match the type of its field is a usage error too. Without
facts and without rows nothing can be checked: the name is accepted with a note.
"""

from collections.abc import Iterable, Iterator, Sequence

from emqxctl.emqx.row_fields import FieldType, Types, close_names, field_types, parent_types, type_of
from emqxctl.errors import UsageError
from emqxctl.output.formats.batches import take_batch
from emqxctl.output.query.fields import MISSING, find_field
from emqxctl.output.results import Row
from emqxctl.output.view import Condition, View
from emqxctl.resource import Column

SAMPLE = 1000  # rows read ahead to find a name or a type that the facts lack: never more than the first page
NAMED = 12  # known fields in a hint
FREE = frozenset({FieldType.MAP, FieldType.LIST, FieldType.ANY})  # what lies in these has any name
TYPE_NAMES = {
    FieldType.BOOLEAN: "a boolean",
    FieldType.NUMBER: "a number",
    FieldType.OBJECT: "an object",
    FieldType.MAP: "an object",
}


class FieldCheck:
    """The names and values that one command line uses, checked against facts first, else against rows."""

    def __init__(
        self, view: View, columns: Sequence[Column] = (), path: str = "", plural_noun: str = "rows"
    ) -> None:
        """Take what is used; `path` names the list that the facts are about."""
        self.types = field_types(path) if path else {}
        self.columns = [column.field for column in columns]
        self.plural_noun = plural_noun
        self.options = options_of(view)
        self.row_names: dict[str, None] = {}
        self.unknown = {name for name in self.options if not self.has_name(name)}
        self.untyped = [one for one in view.where if FieldType.ANY in self.types_of(one.field)]
        self.row_types: dict[str, set[FieldType]] = {one.field: set() for one in self.untyped}
        self.conditions = view.where

    @property
    def pending(self) -> bool:
        """Whether rows must show a name or a type."""
        return bool(self.unknown or self.untyped)

    def has_name(self, name: str) -> bool:
        """Tell whether facts or columns have a name, or it lies in a field with free names."""
        return name in self.types or name in self.columns or bool(parent_types(name, self.types) & FREE)

    def types_of(self, name: str) -> Types:
        """Give the types of a field that the facts name, else any."""
        return self.types.get(name, frozenset({FieldType.ANY}))

    def check_values(self) -> None:
        """Check values against the facts, before any request. Raises UsageError."""
        for condition in self.conditions:
            refuse_value(condition, self.types_of(condition.field))

    def rows(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Pass rows on and check what the facts lack, in constant memory.

        The first rows are read ahead, so that nearly always nothing is printed before an error; a name that
        none of them has is looked for in all others. Raises UsageError, at the latest after the last row.
        """
        source = iter(rows)
        if not self.pending:
            yield from source
            return
        ahead: list[Row] = []
        failure: BaseException | None = None
        ended = False
        while self.pending and not ended and len(ahead) < SAMPLE:
            some, failure = take_batch(source, 1)
            ended = not some
            ahead += some
            for row in some:
                self.read_row(row)
        if failure is None:
            self.settle_types()
        if ended and failure is None:
            self.finish(empty=not ahead)
        yield from ahead
        if failure:
            raise failure
        for row in source:
            self.read_row(row)
            yield row
            if not self.unknown:
                yield from source
        self.finish(empty=not ahead)

    def read_row(self, row: Row) -> None:
        """Take note of the names and types of one row."""
        self.row_names |= dict.fromkeys(row)
        self.unknown = {name for name in self.unknown if find_field(row, name) is MISSING}
        for condition in self.untyped:
            value = find_field(row, condition.field)
            kind = None if value is MISSING else type_of(value)
            self.row_types[condition.field] |= {kind} if kind else set()
        self.untyped = [one for one in self.untyped if not accepts_any(one, self.row_types[one.field])]

    def settle_types(self) -> None:
        """Refuse a value that fits none of the types seen. Raises UsageError."""
        for condition in self.untyped:
            if self.row_types[condition.field]:
                refuse_value(condition, frozenset(self.row_types[condition.field]))
        self.untyped = []

    def finish(self, *, empty: bool) -> None:
        """Refuse a name that neither facts nor rows have. Raises UsageError."""
        for name in self.options:
            if name in self.unknown and not (empty and self.may_exist(name)):
                raise UsageError(self.message(name), code="UNKNOWN_FIELD", hint=self.hint(name))

    def may_exist(self, name: str) -> bool:
        """Tell whether a name is possible as far as the facts go."""
        return not self.types or FieldType.OBJECT in parent_types(name, self.types)

    def unchecked(self) -> list[str]:
        """Say which names could not be checked, after an empty list."""
        return [
            f"{self.options[name]}: field {name!r} was not checked: no rows" for name in sorted(self.unknown)
        ]

    def message(self, name: str) -> str:
        """Say that a name is unknown."""
        return f"{self.options[name]}: unknown field {name!r} of {self.plural_noun}"

    def hint(self, name: str) -> str:
        """Give the close names, else some known ones."""
        names = list(dict.fromkeys([*self.columns, *self.row_names, *self.types]))
        close = close_names(name, names)
        if close:
            return f"did you mean {' or '.join(map(repr, close))}?"
        return f"known fields: {', '.join(names[:NAMED])}{', ...' if len(names) > NAMED else ''}"


def options_of(view: View) -> dict[str, str]:
    """Give each field that is used, with its option; after a query --fields name its result's fields."""
    used = [(one.field, "--where") for one in view.where]
    used += [(one.field, "--sort") for one in view.sort]
    used += [(name, "--fields") for name in view.fields] if view.query is None else []
    options: dict[str, str] = {}
    for name, option in used:
        options.setdefault(name, option)
    return options


def refuse_value(condition: Condition, types: Types) -> None:
    """Refuse a value that can never match a field of these types. Raises UsageError."""
    if accepts_any(condition, types):
        return
    operator = " in " if condition.operator == "in" else condition.operator
    text = f"{condition.field}{operator}{condition.value}"
    kind = " or ".join(dict.fromkeys(TYPE_NAMES[one] for one in sorted(types) if one in TYPE_NAMES))
    if condition.operator in {"=", "!=", "in"} or FieldType.NUMBER in types:
        words = f"{condition.value!r} cannot be compared with {condition.field!r}, which is {kind}"
    else:
        words = f"{condition.operator!r} is not supported for {condition.field!r}, which is {kind}"
    message = f"--where {text!r}: {words}"
    raise UsageError(message, code="VALUE_TYPE", hint=value_hint(condition, types))


def value_hint(condition: Condition, types: Types) -> str:
    """Say what a field of these types can be compared with."""
    if FieldType.NUMBER in types:
        return "write a number, a size such as 64K or a duration such as 90s"
    if FieldType.BOOLEAN in types:
        return f"write {condition.field}=true or {condition.field}=false"
    return f"compare one of its fields, such as {condition.field}.NAME, or match its JSON with ~"


def accepts_any(condition: Condition, types: Iterable[FieldType]) -> bool:
    """Tell whether a condition can hold for a value of one of these types."""
    return any(accepts(condition, one) for one in types)


def accepts(condition: Condition, kind: FieldType) -> bool:
    """Tell whether a condition can hold for some value of a type; of a list, each value must be possible."""
    from emqxctl.output.query.where import parse_operand

    if condition.operator == "~" or kind in {FieldType.TEXT, FieldType.LIST, FieldType.ANY}:
        return True
    equality = condition.operator in {"=", "!=", "in"}
    texts = [condition.value]
    if condition.operator == "in":
        texts = [part.strip() for part in condition.value.split(",") if part.strip()]
    operands = [parse_operand(text, quoted=condition.is_quoted) for text in texts]
    match kind:
        case FieldType.BOOLEAN:
            return equality and all(one.is_null or one.text.lower() in {"true", "false"} for one in operands)
        case FieldType.NUMBER if equality:
            return all(one.is_null or one.number is not None for one in operands)
        case FieldType.NUMBER:
            return all(one.number is not None or one.timestamp is not None for one in operands)
        case _:
            return equality and all(one.is_null for one in operands)
