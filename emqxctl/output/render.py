"""A result in the format asked for, as chunks of text: nothing is printed here.

The first row is there before the first chunk, so an error on page one leaves stdout empty.
"""

from collections.abc import Iterator
from itertools import chain
from typing import assert_never

from emqxctl.output.columns import known
from emqxctl.output.data import all_are, render_data
from emqxctl.output.fields import narrow
from emqxctl.output.formats import Chunk, Format, Note, View
from emqxctl.output.listing import render_listing, suggestion
from emqxctl.output.objects import one_object, record_table
from emqxctl.output.results import Bytes, Data, Done, Partial, Record, Result, Rows, Text
from emqxctl.output.select import parse_query, query, select


def render(result: Result, view: View) -> Iterator[Chunk]:  # noqa: PLR0911  # one for each result
    """Write a result: text or bytes for stdout, now and then a Note for stderr."""
    match result:
        case Bytes():
            return iter(result.chunks)
        case Text():
            return iter([result.text] if result.text else [])
        case Rows():
            return render_rows(result, view)
        case Partial():
            rows = Rows(result.rows, columns=result.columns, key=result.key, nouns="targets")
            return render_rows(rows, view)
        case Record():
            return render_record(result, view)
        case Data():
            return render_any(result.data, view)
        case Done():
            return render_done(result, view)
        case _:
            assert_never(result)


def render_rows(result: Rows, view: View) -> Iterator[Chunk]:
    """Write a list: filtered, sorted, cut, narrowed, streamed."""
    try:
        if view.query is not None:
            parse_query(view.query)  # before the first request
        source = iter(result.rows)
        sample = next(source, None)
        rows = select(source if sample is None else chain([sample], source), view, result.columns)
        if view.query is not None:
            yield from render_data(query(list(rows), view.query), view, result.columns, result.key)
        else:
            yield from render_listing(rows, result, view, sample)
    finally:
        close = getattr(result.rows, "close", None)
        if close:
            close()  # a page being fetched ahead is not wanted any more


def render_record(result: Record, view: View) -> Iterator[Chunk]:
    """Write one thing."""
    data = result.data
    if view.query is not None:
        yield from render_data(query(data, view.query), view, result.columns, result.key)
        return
    if view.fields:
        data = narrow(data, view.fields)
        missing = [field for field in view.fields if not known(field, (), [result.data])]
        for field in [] if view.quiet else missing:
            yield Note(f"There is no field {field!r} here.{suggestion(field, list(result.data))}")
    else:
        data = {column.field: data[column.field] for column in result.columns if column.field in data} | data
    if view.format in (Format.TABLE, Format.WIDE):
        yield record_table(data, result.columns, view)
    else:
        # Programs get the server's own order.
        yield from one_object(data if view.fields else result.data, view, result.key)


def render_done(result: Done, view: View) -> Iterator[Chunk]:
    """Write what a change came to: its object for a program; a person reads the message on stderr."""
    if view.query is not None:
        return render_data(query(result.data, view.query), view, (), result.key)
    if view.format.human:
        return iter(())
    return one_object(narrow(result.data, view.fields) if view.fields else result.data, view, result.key)


def render_any(data: object, view: View) -> Iterator[Chunk]:
    """Write any JSON value; a list of objects is a list like any other."""
    if isinstance(data, list) and all_are(dict, data):
        return render_rows(Rows(data), view)
    return render_data(data if view.query is None else query(data, view.query), view)
