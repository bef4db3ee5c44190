"""Selection of rows: `--where`, `--sort`, `--limit`, and `--query`."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from emqxctl.errors import UsageError
from emqxctl.output.results import Row
from emqxctl.output.view import SortKey, Term, View, list_conditions
from emqxctl.resource import Column
from emqxctl.text.row_page import ParsedPage, RowPage
from emqxctl.text.units import format_milliseconds

JMESPATH_NOISE = r"(?i)(invalid|bad) jmespath expression: |: parse error at .*"
QUERY_HINT = (
    "use JMESPath, such as '[].clientid' or '[?mqueue_len > `0`].[clientid, node]'; put a field with dots "
    "in double quotes: '[].\"recv_msg.qos1\"'"
)


def parse_conditions(texts: Iterable[str]) -> tuple[Term, ...]:
    """Parse the texts of --where: the terms that a row must all match. Raises UsageError that quotes one."""
    from emqxctl.output.query.where_grammar import parse_where

    return tuple(term for text in texts for term in parse_where(text))


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


def detach_rows(page: RowPage) -> ParsedPage:
    """Return the rows of a page with all their fields."""
    return ParsedPage([*page.read_all()])


def select_pages(
    pages: Iterable[RowPage],
    view: View,
    columns: Sequence[Column] = (),
    detach: Callable[[RowPage], ParsedPage] = detach_rows,
) -> Iterator[RowPage]:
    """Filter, sort and limit rows lazily; only sorting reads them all.

    `columns` show which fields are in milliseconds; `detach` takes what is printed of the sorted rows out of
    their page.
    """
    matching_pages = filter_pages(pages, view.where, columns) if view.where else iter(pages)
    if view.sort:
        from emqxctl.output.query.sort import sort_pages

        return sort_pages(matching_pages, view.sort, view.limit, detach)
    return matching_pages if view.limit is None else limit_pages(matching_pages, view.limit)


def limit_pages(pages: Iterable[RowPage], limit: int) -> Iterator[RowPage]:
    """Yield the first rows; no page is requested after the last of them."""
    source = iter(pages)
    while limit > 0:
        page = next(source, None)
        if page is None:
            return
        yield page if len(page) <= limit else page.keep(range(limit))
        limit -= len(page)


def filter_pages(
    pages: Iterable[RowPage],
    where: Sequence[Term],
    columns: Sequence[Column],
    *,
    selecting: bool = False,
) -> Iterator[RowPage]:
    """Yield the rows that match all conditions; `selecting` as in `compile_term`."""
    from emqxctl.output.query.where_grammar import compile_term

    millisecond_fields = {column.field for column in columns if is_in_milliseconds(column)}
    tests = [compile_term(term, millisecond_fields, selecting=selecting) for term in where]
    fields = [condition.field for condition in list_conditions(where)]
    for page in pages:
        rows = page.read(fields)
        indexes: Sequence[int] = range(len(rows))
        for test in tests:
            indexes = [index for index in indexes if test(rows[index])]
        if indexes:
            yield page if len(indexes) == len(rows) else page.keep(indexes)


def is_in_milliseconds(column: Column) -> bool:
    """Return whether a field is in milliseconds: its formatter shows 1000 as one second."""
    try:
        return column.format is not None and column.format(1000) == format_milliseconds(1000)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return False


def matches_conditions(row: Row, where: Sequence[Term], columns: Sequence[Column] = ()) -> bool:
    """Return whether a row matches all conditions."""
    return any(True for _ in filter_pages([ParsedPage([row])], where, columns))


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
