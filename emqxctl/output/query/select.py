"""Selection of rows: `--where`, `--sort`, `--limit`, and `--query`."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from emqxctl.errors import UsageError
from emqxctl.output.results import Row
from emqxctl.output.view import Condition, SortKey, View
from emqxctl.resource import Column
from emqxctl.text.units import format_milliseconds

JMESPATH_NOISE = r"(?i)(invalid|bad) jmespath expression: |: parse error at .*"
QUERY_HINT = (
    "use JMESPath, such as '[].clientid' or '[?mqueue_len > `0`].[clientid, node]'; put a field with dots "
    "in double quotes: '[].\"recv_msg.qos1\"'"
)


def parse_condition(text: str) -> Condition:
    """Parse `mqueue_len>1000`. Raises UsageError that quotes the text."""
    from emqxctl.output.query import where

    return where.parse_condition(text)


def parse_sort(text: str) -> tuple[SortKey, ...]:
    """Parse `a,-b`: by a, then by b descending. Raises UsageError that quotes the text."""
    keys = tuple(
        SortKey(part.strip().lstrip("+-"), descending=part.strip().startswith("-"))
        for part in text.split(",")
    )
    if not all(key.field for key in keys):
        message = f"invalid --sort {text!r}: not a list of fields"
        raise UsageError(message, hint="example: --sort node,-mqueue_len (-FIELD for descending)")
    return keys


def select_rows(rows: Iterable[Row], view: View, columns: Sequence[Column] = ()) -> Iterator[Row]:
    """Filter, sort and limit rows lazily; only sorting reads them all.

    `columns` show which fields are in milliseconds.
    """
    matching_rows = filter_rows(rows, view.where, columns) if view.where else iter(rows)
    if view.sort:
        from emqxctl.output.query.sort import sort_rows

        return iter(sort_rows(matching_rows, view.sort, view.limit))
    return matching_rows if view.limit is None else islice(matching_rows, view.limit)


def filter_rows(
    rows: Iterable[Row], where: Sequence[Condition], columns: Sequence[Column], *, selecting: bool = False
) -> Iterator[Row]:
    """Yield the rows that match all conditions; `selecting` as in `compile_condition`."""
    from emqxctl.output.query.where import compile_condition

    millisecond_fields = {column.field for column in columns if is_in_milliseconds(column)}
    matching_rows = iter(rows)
    for condition in where:
        matching_rows = filter(
            compile_condition(condition, condition.field in millisecond_fields, selecting=selecting),
            matching_rows,
        )
    return matching_rows


def is_in_milliseconds(column: Column) -> bool:
    """Return whether a field is in milliseconds: its formatter shows 1000 as one second."""
    try:
        return column.format is not None and column.format(1000) == format_milliseconds(1000)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return False


def matches_conditions(row: Row, where: Sequence[Condition], columns: Sequence[Column] = ()) -> bool:
    """Return whether a row matches all conditions."""
    return any(True for _ in filter_rows([row], where, columns))


def check_query(expression: str) -> str:
    """Return a JMESPath expression after checking its syntax. Raises UsageError with the position."""
    import jmespath
    from jmespath.exceptions import JMESPathError

    try:
        jmespath.compile(expression)
    except JMESPathError as error:
        raise query_error(expression, error) from error
    return expression


def apply_query(data: object, expression: str) -> object:
    """Apply a JMESPath expression. Raises UsageError if it is invalid or does not fit the data."""
    import jmespath
    from jmespath.exceptions import JMESPathError

    try:
        return jmespath.search(expression, data)
    except JMESPathError as error:
        raise query_error(expression, error) from error


def query_error(expression: str, error: Exception) -> UsageError:
    """Return the error for a JMESPath expression, with the reason and the position."""
    reason = re.sub(JMESPATH_NOISE, "", str(error).splitlines()[0]).rstrip(": ")
    position = getattr(error, "lex_position", None)
    location = "" if position is None else f" at character {position + 1}"
    return UsageError(f"invalid --query {expression!r}{location}: {reason}", hint=QUERY_HINT)
