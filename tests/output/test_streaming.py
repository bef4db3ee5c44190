"""Long lists: read as lazily as can be, shown as soon as can be, ended well when the source fails."""

import json
from collections.abc import Iterator

import pytest

from emqxctl.errors import TimedOutError
from emqxctl.output.formats.batches import BATCH_ROWS, FIRST_TABLE_BATCH_ROWS
from emqxctl.output.query.select import parse_sort
from emqxctl.output.query.where import parse_condition
from emqxctl.output.render import render
from emqxctl.output.results import Row, Rows
from emqxctl.output.view import Chunk, Format, View
from emqxctl.resource import Column

COLUMNS = (Column("id"), Column("n"))
TABLES = {Format.TABLE, Format.WIDE}


class Source:
    """A list of clients that counts what was taken, and may fail."""

    def __init__(self, size: int = 50_000, fails_at: int = -1) -> None:
        """Hold this many rows."""
        self.size, self.fails_at, self.taken, self.closed = size, fails_at, 0, False

    def __iter__(self) -> Iterator[Row]:
        """Return rows, counting."""
        for number in range(self.size):
            if number == self.fails_at:
                message = "the page did not come"
                raise TimedOutError(message)
            self.taken += 1
            yield {"id": f"client-{number}", "n": number}

    def close(self) -> None:
        """Record that the rows were closed."""
        self.closed = True


def rows(source: Source, **options: bool) -> Rows:
    return Rows(source, COLUMNS, "id", "clients", **options)  # type: ignore[arg-type]  # live is all there is


def collect(source: Source, view: View) -> tuple[str, BaseException | None]:
    out = ""
    try:
        for chunk in render(rows(source), view):
            assert isinstance(chunk, str)
            out += chunk
    except TimedOutError as error:
        return out, error
    return out, None


@pytest.mark.parametrize("terminal", [False, True])
@pytest.mark.parametrize("form", list(Format))
def test_the_first_rows_come_before_the_rest_is_read(form: Format, terminal: bool) -> None:
    source = Source()
    chunks = render(rows(source), View(form, is_terminal=terminal))
    first = next(chunks)
    assert isinstance(first, str)
    assert "client-0" in first
    assert source.taken <= (FIRST_TABLE_BATCH_ROWS if form in TABLES else BATCH_ROWS)
    chunks.close()  # type: ignore[attr-defined]  # a generator, as the caller of a broken pipe knows
    assert source.closed


@pytest.mark.parametrize("form", list(Format))
def test_a_limit_reads_no_more_than_it_needs(form: Format) -> None:
    source = Source()
    out, _ = collect(source, View(form, limit=10))
    assert source.taken == 10
    assert "client-9" in out
    assert "client-10" not in out
    assert source.closed


def test_a_limit_after_a_condition_stops_when_it_is_full() -> None:
    source = Source()
    out, _ = collect(source, View(Format.NAME, where=(parse_condition("n>=100"),), limit=3))
    assert out == "client-100\nclient-101\nclient-102\n"
    assert source.taken == 103


@pytest.mark.parametrize("form", list(Format))
def test_every_row_is_there_once(form: Format) -> None:
    out, _ = collect(Source(5_000), View(form))
    assert out.count("client-") == 5_000


@pytest.mark.parametrize("form", list(Format))
def test_an_error_on_the_first_page_leaves_stdout_empty(form: Format) -> None:
    out, error = collect(Source(fails_at=0), View(form))
    assert out == ""
    assert isinstance(error, TimedOutError)


@pytest.mark.parametrize("form", list(Format))
@pytest.mark.parametrize("fails_at", [1, BATCH_ROWS, BATCH_ROWS + 50, FIRST_TABLE_BATCH_ROWS + 250])
def test_an_error_later_keeps_what_came(form: Format, fails_at: int) -> None:
    out, error = collect(Source(fails_at=fails_at), View(form))
    assert isinstance(error, TimedOutError)
    assert out.count("client-") == fails_at
    assert out.endswith("\n")
    if form is Format.JSON:
        assert len(json.loads(out)) == fails_at


def test_ctrl_c_closes_the_array_too() -> None:
    def source() -> Iterator[Row]:
        yield {"id": 1}
        raise KeyboardInterrupt

    out: list[Chunk] = []
    with pytest.raises(KeyboardInterrupt):
        out.extend(render(Rows(source()), View(Format.JSON)))
    assert out == ['[\n{"id":1}', "\n]\n"]


def test_sorting_shows_nothing_when_the_source_fails() -> None:
    out, error = collect(Source(fails_at=500), View(Format.JSON, sort=parse_sort("-n"), limit=3))
    assert (out, type(error)) == ("", TimedOutError)


@pytest.mark.parametrize("form", list(Format))
def test_live_rows_are_written_one_by_one(form: Format) -> None:
    source = Source()
    chunks: Iterator[Chunk] = render(rows(source, is_live=True), View(form))
    for number in range(3):
        assert f"client-{number}" in str(next(chunks))
        assert source.taken == number + 1


def test_a_bad_query_is_found_before_anything_is_read() -> None:
    from emqxctl.errors import UsageError

    source = Source()
    with pytest.raises(UsageError):
        next(render(rows(source), View(query="[?")))
    assert source.taken == 0
