"""Rows as pages, for tests that look at rows."""

from collections.abc import Iterable, Iterator

from emqxctl.output.pages import all_rows, make_pages
from emqxctl.output.query.field_check import FieldCheck
from emqxctl.output.query.select import select_pages
from emqxctl.output.results import Row
from emqxctl.output.view import View


def select_rows(rows: Iterable[Row], view: View) -> Iterator[Row]:
    """Filter, sort and limit rows as a view says."""
    return all_rows(select_pages(make_pages(rows, 3), view))


def check_rows(check: FieldCheck, rows: Iterable[Row]) -> Iterator[Row]:
    """Yield rows that pass a check."""
    return all_rows(check.check_pages(make_pages(rows, 1)))
