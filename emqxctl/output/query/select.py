"""Which rows, in which order, and what of them: `--where`, `--sort`, `--limit`, `--fields`, `--query`."""

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
    "Write JMESPath like '[].clientid' or '[?mqueue_len > `0`].[clientid, node]'; a field with dots stands "
    "in double quotes: '[].\"recv_msg.qos1\"'."
)


def parse_condition(text: str) -> Condition:
    """Read `mqueue_len>1000`. Raises UsageError naming the text."""
    from emqxctl.output.query import where

    return where.parse_condition(text)


def parse_sort(text: str) -> tuple[SortKey, ...]:
    """Read `a,-b`: by a, then by b descending. Raises UsageError naming the text."""
    keys = tuple(
        SortKey(part.strip().lstrip("+-"), descending=part.strip().startswith("-"))
        for part in text.split(",")
    )
    if not all(key.field for key in keys):
        message = f"--sort {text!r} is not a list of fields"
        raise UsageError(message, hint="Write it like --sort node,-mqueue_len ('-' for descending).")
    return keys


def select_rows(rows: Iterable[Row], view: View, columns: Sequence[Column] = ()) -> Iterator[Row]:
    """Filter, sort and cut rows, as lazily as that can be done: only sorting reads them all.

    `columns` tell which fields count milliseconds.
    """
    matching_rows = filter_rows(rows, view.where, columns) if view.where else iter(rows)
    if view.sort:
        from emqxctl.output.query.sort import sort_rows

        return iter(sort_rows(matching_rows, view.sort, view.limit))
    return matching_rows if view.limit is None else islice(matching_rows, view.limit)


def filter_rows(rows: Iterable[Row], where: Sequence[Condition], columns: Sequence[Column]) -> Iterator[Row]:
    """Keep the rows for which every condition holds."""
    from emqxctl.output.query.where import compile_condition

    millisecond_fields = {column.field for column in columns if is_in_milliseconds(column)}
    matching_rows = iter(rows)
    for condition in where:
        matching_rows = filter(
            compile_condition(condition, condition.field in millisecond_fields), matching_rows
        )
    return matching_rows


def is_in_milliseconds(column: Column) -> bool:
    """Tell whether a field counts milliseconds: its writer shows 1000 as one second."""
    try:
        return column.format is not None and column.format(1000) == format_milliseconds(1000)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return False


def matches_conditions(row: Row, where: Sequence[Condition], columns: Sequence[Column] = ()) -> bool:
    """Tell whether every condition holds for one row."""
    return any(True for _ in filter_rows([row], where, columns))


def check_query(expression: str) -> str:
    """Check a JMESPath expression before anything is sent. Raises UsageError that shows where it is wrong."""
    import jmespath
    from jmespath.exceptions import JMESPathError

    try:
        jmespath.compile(expression)
    except JMESPathError as error:
        raise query_error(expression, error) from error
    return expression


def apply_query(data: object, expression: str) -> object:
    """Apply a JMESPath expression. Raises UsageError when it is wrong or does not fit the data."""
    import jmespath
    from jmespath.exceptions import JMESPathError

    try:
        return jmespath.search(expression, data)
    except JMESPathError as error:
        raise query_error(expression, error) from error


def query_error(expression: str, error: Exception) -> UsageError:
    """Say what is wrong with a JMESPath expression, and where."""
    reason = re.sub(JMESPATH_NOISE, "", str(error).splitlines()[0]).rstrip(": ")
    position = getattr(error, "lex_position", None)
    place = "" if position is None else f" at character {position + 1}"
    return UsageError(f"--query {expression!r} fails{place}: {reason}", hint=QUERY_HINT)
