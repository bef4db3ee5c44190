"""The dispatch from a result to the module of its format; yields chunks of text, prints nothing.

The first row is read before the first chunk, so an error on page one leaves stdout empty.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, assert_never

from emqxctl.output.formats.rows import render_listing
from emqxctl.output.pages import all_rows, iterate_pages, printed_fields, prints_texts
from emqxctl.output.results import (
    MAX_SHOWN_TARGETS,
    BulkResult,
    Bytes,
    Document,
    Done,
    Record,
    Report,
    Result,
    Row,
    Rows,
    Text,
    Value,
)
from emqxctl.output.view import STRUCTURED_FORMATS, Chunk, Format, Note, View
from emqxctl.resource import Column
from emqxctl.text.row_page import ParsedPage, RowPage

if TYPE_CHECKING:
    from emqxctl.output.query.field_check import FieldCheck


def render(result: Result, view: View) -> Iterator[Chunk]:  # noqa: PLR0911  # one for each result
    """Yield a result as text or bytes for stdout, with Notes for stderr in between."""
    match result:
        case Bytes():
            return iter(result.chunks)
        case Text():
            return iter([result.text] if result.text else [])
        case Document():
            return render_document(result, view)
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


def render_document(result: Document, view: View) -> Iterator[Chunk]:
    """Yield a page: laid out on a terminal, as an object for a program, else as Markdown."""
    if view.format in STRUCTURED_FORMATS or view.query is not None:
        return render_value({"topic": result.topic, "markdown": result.markdown}, view)
    if not view.is_terminal or view.format is Format.MD:
        return iter([result.markdown])
    from emqxctl.output.formats.rich_markdown import format_markdown

    return iter([format_markdown(result.markdown, view)])


def render_rows(result: Rows, view: View) -> Iterator[Chunk]:
    """Yield a list after --where, --sort, --limit, --query and --fields, streamed."""
    view = with_field_names(view._replace(name_fields=result.name_fields), result.columns, result.path)
    try:
        if view.query is not None:
            from emqxctl.output.query.select import check_query

            check_query(view.query)  # before the first request
        check = make_field_check(view, result)
        pages = iterate_pages(result, view)
        source = filter(len, pages if check is None else check.check_pages(pages))
        first_page = next(source, None)
        if check is not None and first_page is None and not view.quiet:
            yield from map(Note, check.unchecked_notes())
        has_rows = first_page is not None
        pages = choose_rows(chain([first_page], source) if first_page is not None else source, view, result)
        first_page = None  # or it would be in memory to the end
        if view.query is not None:
            yield from render_json(list(all_rows(pages)), view, result.columns, result.key)
        else:
            yield from render_listing(pages, result, view, has_rows=has_rows)
    finally:
        close = getattr(result.rows, "close", None)
        if close:
            close()  # cancels a page that is being prefetched


def with_field_names(
    view: View, columns: Sequence[Column], path: str = "", object_fields: Collection[str] = ()
) -> View:
    """Return a view with the names of fields in place of the titles of columns."""
    if not (view.fields or view.where or view.sort):
        return view
    from emqxctl.output.query.titles import resolve_titles

    return resolve_titles(view, columns, path, object_fields)


def make_field_check(view: View, result: Rows) -> "FieldCheck | None":
    """Return the check of --where, --sort and --fields after checking values against the facts.

    None for live rows, which may have different fields and cannot be read ahead. Raises UsageError.
    """
    if result.is_live or view.is_after_change or not (view.where or view.sort or view.fields):
        return None
    from emqxctl.output.query.field_check import FieldCheck

    check = FieldCheck(view, result.columns, result.path, result.plural_noun)
    check.check_values()
    return check


def check_object(data: Row, view: View, columns: Sequence[Column] = (), path: str = "") -> Iterator[Note]:
    """Check --fields against one object. Raises UsageError; after a change, yields notes instead."""
    if not view.fields or view.query is not None:
        return
    from emqxctl.output.query.field_check import FieldCheck

    check = FieldCheck(View(fields=view.fields), columns, path, "this object")
    check.read_row(data)
    if not view.is_after_change:
        check.require_known_names(is_empty=False)
    elif not view.quiet:
        yield from (Note(check.unknown_field_message(name)) for name in sorted(check.unknown_names))


def check_query_result(data: object, view: View) -> None:
    """Check --fields against the objects that a query returned. Raises UsageError."""
    rows = [row for row in (data if isinstance(data, list) else [data]) if isinstance(row, dict)]
    if not view.fields or not rows or view.is_after_change:
        return
    from emqxctl.output.query.field_check import FieldCheck

    check = FieldCheck(View(fields=view.fields), plural_noun="the result of the query")
    for row in rows:
        check.read_row(row)
    check.require_known_names(is_empty=False)


def choose_rows(pages: Iterator[RowPage], view: View, result: Rows) -> Iterator[RowPage]:
    """Filter, sort and limit rows; import the module that filters and sorts only when needed."""
    if not view.where and not view.sort and view.limit is None:
        return pages
    from emqxctl.output.query.select import select_pages

    def detach(page: RowPage) -> ParsedPage:
        return detach_printed(page, view, result.columns, result.key)

    return select_pages(pages, view, result.columns, detach)


def detach_printed(page: RowPage, view: View, columns: Sequence[Column], key: str) -> ParsedPage:
    """Return what is printed of the rows of a page, so that the page itself is not kept."""
    fields = printed_fields(view, columns, key)
    if not prints_texts(view):
        return ParsedPage([*(page.read_all() if fields is None else page.read(fields))])
    from emqxctl.output.formats.json import format_compact

    texts = page.texts()
    if texts is None:
        return ParsedPage([{}] * len(page), [format_compact(row) for row in page.read_all()])
    return ParsedPage([{}] * len(page), [text if isinstance(text, str) else bytes(text) for text in texts])


def render_bulk_result(result: BulkResult, view: View) -> Iterator[Chunk]:
    """Yield the outcome of each target; for a person, the first of those without a hidden status.

    No limit applies: a preference for lists must not hide what a change did.
    """
    rows, view = result.rows, view._replace(limit=None)
    rest = 0
    if view.format.is_human_readable:
        rows = [row for row in rows if row.get("status") not in result.hidden_statuses]
        rest = max(len(rows) - MAX_SHOWN_TARGETS, 0)
        rows = rows[:MAX_SHOWN_TARGETS]
    if rows or not view.format.is_human_readable:
        targets = Rows(rows, columns=result.columns, key=result.key, plural_noun="targets")
        yield from render_rows(targets, view)
    if rest and not view.quiet:
        yield Note(f"({rest} more {'target' if rest == 1 else 'targets'})")


def render_record(result: Record, view: View) -> Iterator[Chunk]:
    """Yield one object: a table of its fields for a person."""
    view = with_field_names(view, result.columns, result.path, result.data)
    if view.query is not None:
        yield from render_json(result.data, view, result.columns, result.key)
        return
    yield from check_object(result.data, view, result.columns, result.path)
    data = keep_selected_fields(result.data, view)
    if view.format not in (Format.TABLE, Format.WIDE):
        yield from render_object(data, view, result.key)  # programs get the server's order of fields
        return
    from emqxctl.output.formats.value import format_record

    if not view.fields:
        data = {column.field: data[column.field] for column in result.columns if column.field in data} | data
    yield format_record(data, result.columns, view)


def render_report(result: Report, view: View) -> Iterator[Chunk]:
    """Yield a report for a person; its object for a program, and with --fields or --query."""
    if not view.format.is_human_readable or view.fields or view.query is not None:
        return render_record(Record(result.data, key=result.key), view)
    from emqxctl.output.formats.report import format_report

    return format_report(result, view)


def render_done(result: Done, view: View) -> Iterator[Chunk]:
    """Yield the object of a completed change for a program; a person reads its message on stderr."""
    data = dict(result.data)
    if view.query is not None:
        return render_json(data, view, (), result.key)
    if view.format.is_human_readable:
        return iter(())
    text = render_object(keep_selected_fields(data, view), view, result.key)
    return chain(check_object(data, view), text)


def render_value(data: object, view: View) -> Iterator[Chunk]:
    """Yield any JSON value; a list of objects is a list like any other."""
    if isinstance(data, list) and data and all(isinstance(item, dict) for item in data):
        return render_rows(Rows(data), view)
    return render_json(data, view)


def render_json(data: object, view: View, columns: Sequence[Column] = (), key: str = "") -> Iterator[Chunk]:
    """Yield any JSON value after --query; `columns` and `key` of its rows are used if they still fit."""
    from emqxctl.output.formats.value import render_list, render_scalar

    if view.query is not None:
        from emqxctl.output.query.select import apply_query

        data = apply_query(data, view.query)
        check_query_result(data, view)
    if isinstance(data, dict):
        return render_object(keep_selected_fields(data, view), view, key)
    return render_list(data, view, columns, key) if isinstance(data, list) else render_scalar(data, view)


def render_object(data: Row, view: View, key: str) -> Iterator[Chunk]:
    """Yield one object: as JSON or YAML (JSON for a table), in a delimited format, or in Markdown."""
    if view.format in STRUCTURED_FORMATS or view.format in (Format.TABLE, Format.WIDE):
        from emqxctl.output.formats.json import format_structured_value

        return iter(
            [format_structured_value(data, view.format if view.format in STRUCTURED_FORMATS else Format.JSON)]
        )
    from emqxctl.output.formats.value import format_object

    return format_object(data, view, key)


def keep_selected_fields(data: Row, view: View) -> Row:
    """Return the object with the fields of --fields only, if there are any."""
    if not view.fields:
        return data
    from emqxctl.output.query.fields import keep_fields

    return keep_fields(data, view.fields)
