"""A result in the format asked for, as chunks of text: nothing is printed here.

The first row is there before the first chunk, so an error on page one leaves stdout empty.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import assert_never

from emqxctl.output.formats.rows import missing_fields, render_listing, suggest_field
from emqxctl.output.results import BulkResult, Bytes, Done, Record, Report, Result, Row, Rows, Text, Value
from emqxctl.output.view import STRUCTURED_FORMATS, Chunk, Format, Note, View
from emqxctl.resource import Column


def render(result: Result, view: View) -> Iterator[Chunk]:  # noqa: PLR0911  # one for each result
    """Write a result: text or bytes for stdout, now and then a Note for stderr."""
    match result:
        case Bytes():
            return iter(result.chunks)
        case Text():
            return iter([result.text] if result.text else [])
        case Rows():
            return render_rows(result, view)
        case BulkResult():
            return render_bulk_result(result, view)
        case Record():
            return render_record(result, view)
        case Report():
            return render_report(result, view)
        case Value():
            return render_value(result.data, view)
        case Done():
            return render_done(result, view)
        case _:
            assert_never(result)


def render_bulk_result(result: BulkResult, view: View) -> Iterator[Chunk]:
    """Write what became of several targets; a person sees those that did not go as wished."""
    rows = result.rows
    if view.format.is_human_readable:
        rows = [row for row in rows if row.get("status") not in result.hidden_statuses]
        if not rows:
            return iter(())
    return render_rows(Rows(rows, columns=result.columns, key=result.key, plural_noun="targets"), view)


def render_rows(result: Rows, view: View) -> Iterator[Chunk]:
    """Write a list: filtered, sorted, cut, narrowed, streamed."""
    try:
        if view.query is not None:
            from emqxctl.output.query.select import check_query

            check_query(view.query)  # before the first request
        source = iter(result.rows)
        sample = next(source, None)
        rows = choose_rows(source if sample is None else chain([sample], source), view, result.columns)
        if view.query is not None:
            yield from render_query(list(rows), view, result.columns, result.key)
        else:
            yield from render_listing(rows, result, view, sample)
    finally:
        close = getattr(result.rows, "close", None)
        if close:
            close()  # a page being fetched ahead is not wanted any more


def choose_rows(rows: Iterable[Row], view: View, columns: Sequence[Column]) -> Iterable[Row]:
    """Filter, sort and cut rows; the module that can is imported only for the first two."""
    if not view.where and not view.sort:
        return rows if view.limit is None else islice(rows, view.limit)
    from emqxctl.output.query.select import select_rows

    return select_rows(rows, view, columns)


def render_query(data: object, view: View, columns: Sequence[Column] = (), key: str = "") -> Iterator[Chunk]:
    """Write what a query leaves of any JSON value, or the value where there is no query."""
    from emqxctl.output.formats.value import render_json_value

    if view.query is not None:
        from emqxctl.output.query.select import apply_query

        data = apply_query(data, view.query)
    return render_json_value(data, view, columns, key)


def render_record(result: Record, view: View) -> Iterator[Chunk]:
    """Write one thing."""
    if view.query is not None:
        yield from render_query(result.data, view, result.columns, result.key)
        return
    for field in missing_fields(() if view.quiet else view.fields, (), [result.data]):
        yield Note(f"There is no field {field!r} here.{suggest_field(field, list(result.data))}")
    data = keep_fields(result.data, view)
    if view.format not in (Format.TABLE, Format.WIDE):
        yield from render_object(data, view, result.key)  # programs get the server's own order
        return
    from emqxctl.output.formats.value import format_record

    if not view.fields:
        data = {column.field: data[column.field] for column in result.columns if column.field in data} | data
    yield format_record(data, result.columns, view)


def render_report(result: Report, view: View) -> Iterator[Chunk]:
    """Write a page for a person; a program, and who asks for a part of it, gets its object."""
    if not view.format.is_human_readable or view.fields or view.query is not None:
        return render_record(Record(result.data, key=result.key), view)
    from emqxctl.output.formats.report import format_report

    return format_report(result, view)


def render_done(result: Done, view: View) -> Iterator[Chunk]:
    """Write what a change came to: its object for a program; a person reads the message on stderr."""
    data = dict(result.data)
    if view.query is not None:
        return render_query(data, view, (), result.key)
    if view.format.is_human_readable:
        return iter(())
    return render_object(keep_fields(data, view), view, result.key)


def keep_fields(data: Row, view: View) -> Row:
    """Keep the fields asked for."""
    if not view.fields:
        return data
    from emqxctl.output.query.fields import keep_fields

    return keep_fields(data, view.fields)


def render_object(data: Row, view: View, key: str) -> Iterator[Chunk]:
    """Write one object in a format for programs, or in Markdown."""
    if view.format in STRUCTURED_FORMATS:
        from emqxctl.output.formats.json import format_structured_value

        return iter([format_structured_value(data, view.format)])
    from emqxctl.output.formats.value import format_object

    return format_object(data, view, key)


def render_value(data: object, view: View) -> Iterator[Chunk]:
    """Write any JSON value; a list of objects is a list like any other."""
    if isinstance(data, list) and data and all(isinstance(item, dict) for item in data):
        return render_rows(Rows(data), view)
    return render_query(data, view)
