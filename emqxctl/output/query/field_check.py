"""The check of field names and values in `--where`, `--sort` and `--fields`.

A field is known if the facts about the list, its columns or any row have it. An unknown field is a usage
error that suggests similar names. A value that can never match the type of its field is a usage error too.
Without facts and rows nothing can be checked: the field is accepted with a note.
"""

from collections.abc import Iterable, Iterator, Sequence

from emqxctl.emqx.row_fields import (
    FieldType,
    FieldTypes,
    find_close_names,
    get_field_type,
    get_field_types,
    get_parent_types,
)
from emqxctl.errors import UsageError
from emqxctl.output.formats.batches import take_batch
from emqxctl.output.query.fields import find_field
from emqxctl.output.results import Row
from emqxctl.output.view import Condition, View, list_conditions
from emqxctl.resource import Column
from emqxctl.text.partial_rows import MISSING
from emqxctl.text.row_page import RowPage

SAMPLE_ROWS = 1000  # read ahead for names and types that the facts lack; at most the first page
MAX_HINT_FIELDS = 12  # known fields in a hint
FREE_NAME_TYPES = frozenset({FieldType.MAP, FieldType.LIST, FieldType.ANY})  # their fields may have any name
TYPE_NAMES = {
    FieldType.BOOLEAN: "a boolean",
    FieldType.NUMBER: "a number",
    FieldType.OBJECT: "an object",
    FieldType.MAP: "an object",
}


class FieldCheck:
    """The fields and values of one command line, checked against the facts, else against the rows."""

    def __init__(
        self, view: View, columns: Sequence[Column] = (), path: str = "", plural_noun: str = "rows"
    ) -> None:
        """Prepare; `path` is the path of the list, which has the facts."""
        self.field_types = get_field_types(path) if path else {}
        self.column_fields = [column.field for column in columns]
        self.plural_noun = plural_noun
        self.option_by_field = list_option_fields(view)
        self.row_names: dict[str, None] = {}
        self.unknown_names = {name for name in self.option_by_field if not self.is_known(name)}
        self.conditions = list_conditions(view.where)
        self.untyped_conditions = [
            condition for condition in self.conditions if FieldType.ANY in self.get_types(condition.field)
        ]
        self.row_types: dict[str, set[FieldType]] = {
            condition.field: set() for condition in self.untyped_conditions
        }

    @property
    def needs_rows(self) -> bool:
        """Whether rows are needed to check a field or a type."""
        return bool(self.unknown_names or self.untyped_conditions)

    def is_known(self, name: str) -> bool:
        """Return whether facts or columns have a field, or it is in an object with free names."""
        parent_types = get_parent_types(name, self.field_types)
        return name in self.field_types or name in self.column_fields or bool(parent_types & FREE_NAME_TYPES)

    def get_types(self, name: str) -> FieldTypes:
        """Return the types of a field according to the facts, else any."""
        return self.field_types.get(name, frozenset({FieldType.ANY}))

    def check_values(self) -> None:
        """Check values against the facts, before any request. Raises UsageError."""
        for condition in self.conditions:
            require_comparable(condition, self.get_types(condition.field))

    def check_pages(self, pages: Iterable[RowPage]) -> Iterator[RowPage]:
        """Yield the pages and check what the facts lack, in constant memory.

        The first rows are read ahead, so that usually nothing is printed before an error; a field that none
        of them has is searched in all others. Raises UsageError, at the latest after the last row.
        """
        source = iter(pages)
        if not self.needs_rows:
            yield from source
            return
        first_pages: list[RowPage] = []
        failure: BaseException | None = None
        is_exhausted = False
        while self.needs_rows and not is_exhausted and sum(map(len, first_pages)) < SAMPLE_ROWS:
            batch, failure = take_batch(source, 1)
            is_exhausted = not batch
            first_pages += batch
            self.read_rows(batch)
        has_rows = any(map(len, first_pages))
        if failure is None:
            self.check_row_types()
        if is_exhausted and failure is None:
            self.require_known_names(is_empty=not has_rows)
        yield from first_pages
        if failure:
            raise failure
        for page in source:
            self.read_rows([page])
            yield page
            if not self.unknown_names:
                yield from source
        self.require_known_names(is_empty=not has_rows)

    def read_rows(self, pages: Iterable[RowPage]) -> None:
        """Record the fields and types of the rows of pages."""
        for page in pages:
            for row in page.read_all():
                self.read_row(row)

    def read_row(self, row: Row) -> None:
        """Record the fields and types of one row."""
        self.row_names |= dict.fromkeys(row)
        self.unknown_names = {name for name in self.unknown_names if find_field(row, name) is MISSING}
        for condition in self.untyped_conditions:
            value = find_field(row, condition.field)
            value_type = None if value is MISSING else get_field_type(value)
            self.row_types[condition.field] |= {value_type} if value_type else set()
        self.untyped_conditions = [
            condition
            for condition in self.untyped_conditions
            if not can_match_any(condition, self.row_types[condition.field])
        ]

    def check_row_types(self) -> None:
        """Check values against the types of the rows. Raises UsageError."""
        for condition in self.untyped_conditions:
            if self.row_types[condition.field]:
                require_comparable(condition, frozenset(self.row_types[condition.field]))
        self.untyped_conditions = []

    def require_known_names(self, *, is_empty: bool) -> None:
        """Check that facts or rows have every field. Raises UsageError."""
        for name in self.option_by_field:
            if name in self.unknown_names and not (is_empty and self.may_exist(name)):
                message, hint = self.unknown_field_message(name), self.unknown_field_hint(name)
                raise UsageError(message, code="UNKNOWN_FIELD", hint=hint)

    def may_exist(self, name: str) -> bool:
        """Return whether the facts allow a field that they do not have."""
        return not self.field_types or FieldType.OBJECT in get_parent_types(name, self.field_types)

    def unchecked_notes(self) -> list[str]:
        """Return notes about the fields that could not be checked because there are no rows."""
        return [
            f"{self.option_by_field[name]}: field {name!r} was not checked: no rows"
            for name in sorted(self.unknown_names)
        ]

    def unknown_field_message(self, name: str) -> str:
        """Return the message about an unknown field."""
        return f"{self.option_by_field[name]}: unknown field {name!r} of {self.plural_noun}"

    def unknown_field_hint(self, name: str) -> str:
        """Return similar names, else some known fields."""
        names = list(dict.fromkeys([*self.column_fields, *self.row_names, *self.field_types]))
        similar_names = find_close_names(name, names)
        if similar_names:
            return f"did you mean {' or '.join(map(repr, similar_names))}?"
        ellipsis = ", ..." if len(names) > MAX_HINT_FIELDS else ""
        return f"known fields: {', '.join(names[:MAX_HINT_FIELDS])}{ellipsis}"


def list_option_fields(view: View) -> dict[str, str]:
    """Return each field on the command line with its option; with --query, --fields is about its result."""
    fields_and_options = [(condition.field, "--where") for condition in list_conditions(view.where)]
    fields_and_options += [(key.field, "--sort") for key in view.sort]
    fields_and_options += [(name, "--fields") for name in view.fields] if view.query is None else []
    options: dict[str, str] = {}
    for name, option in fields_and_options:
        options.setdefault(name, option)
    return options


def require_comparable(condition: Condition, types: FieldTypes) -> None:
    """Check that a value can match a field of these types. Raises UsageError."""
    if can_match_any(condition, types):
        return
    operator = " in " if condition.operator == "in" else condition.operator
    condition_text = f"{condition.field}{operator}{condition.value}"
    type_names = " or ".join(dict.fromkeys(TYPE_NAMES[name] for name in sorted(types) if name in TYPE_NAMES))
    if condition.operator in {"=", "!=", "in"} or FieldType.NUMBER in types:
        reason = f"{condition.value!r} cannot be compared with {condition.field!r}, which is {type_names}"
    else:
        reason = f"{condition.operator!r} is not supported for {condition.field!r}, which is {type_names}"
    message = f"--where {condition_text!r}: {reason}"
    raise UsageError(message, code="VALUE_TYPE", hint=value_hint(condition, types))


def value_hint(condition: Condition, types: FieldTypes) -> str:
    """Return the hint about what a field of these types can be compared with."""
    if FieldType.NUMBER in types:
        return "use a number, a size such as 64K or a duration such as 90s"
    if FieldType.BOOLEAN in types:
        return f"use {condition.field}=true or {condition.field}=false"
    return f"compare one of its fields, such as {condition.field}.NAME, or match its JSON with ~"


def can_match_any(condition: Condition, types: Iterable[FieldType]) -> bool:
    """Return whether a condition can match a value of one of these types."""
    return any(can_match(condition, field_type) for field_type in types)


def can_match(condition: Condition, field_type: FieldType) -> bool:
    """Return whether a condition can match a value of a type; with `in`, every listed value can."""
    from emqxctl.output.query.where import parse_operand

    if condition.operator == "~" or field_type in {FieldType.TEXT, FieldType.LIST, FieldType.ANY}:
        return True
    is_equality = condition.operator in {"=", "!=", "in"}
    texts = [condition.value]
    if condition.operator == "in":
        texts = [part.strip() for part in condition.value.split(",") if part.strip()]
    operands = [parse_operand(text, quoted=condition.is_quoted) for text in texts]
    match field_type:
        case FieldType.BOOLEAN:
            return is_equality and all(
                operand.is_null or operand.text.lower() in {"true", "false"} for operand in operands
            )
        case FieldType.NUMBER if is_equality:
            return all(operand.is_null or operand.number is not None for operand in operands)
        case FieldType.NUMBER:
            return all(operand.number is not None or operand.timestamp is not None for operand in operands)
        case _:
            return is_equality and all(operand.is_null for operand in operands)
