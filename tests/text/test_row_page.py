"""A page reads the same whether msgspec or json decodes it: rows, fields, texts, errors."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emqxctl.output.query.fields import find_field
from emqxctl.text import row_page
from emqxctl.text.json_rows import find_items
from emqxctl.text.partial_rows import MISSING, read_columns
from emqxctl.text.row_page import ListPage, NotAPageError, ParsedPage, RowPage, SourcePage, parse_page
from tests.support.recordings import iter_exchanges

FIELDS = ["clientid", "a", "a.b", "a.b.c", "b", "recv_msg.qos1"]
NUMBERS = st.integers() | st.floats() | st.sampled_from([1 << 63, 1 << 64, -(1 << 63) - 1, 10**30, -0.0])
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["b", "c"]) | st.text(), inner, max_size=3)
    ),
    max_leaves=12,
)
ROWS = st.lists(st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=3), JSON, max_size=4), max_size=4)
# Texts that one of the two decoders could read otherwise than the other.
TRAPS = [
    '{"a":NaN}',
    '{"b":-Infinity,"a":1}',
    '{"a":"\\ud800"}',
    '{"x":"\\ud800","a":1}',
    '{"a":"\\ud83d\\ude00"}',
    '{"a":1,"a":2}',
    '{"a":{"b":1},"a.b":2}',
    '{"\\u0061":3}',
    '{"a":1e400}',
    '{"x":1e400,"a":1}',
    '{"a":123456789012345678901234567890,"b":18446744073709551616}',
    '{"a":1.7976931348623159e308}',
    '{"a":-0}',
    '{"a":1.0}',
    '{"a":{"b":[1,{"c":null}]},"b":[]}',
    '{ "a" : 1 , "b":\t2 }',
    '{"a":"\x7f\u202e\U000e0041"}',
    "{}",
]
BROKEN = [
    '{"data":[1',
    '{"data":[{]}',
    '{"data":[{"a":1},]}',
    '{"data":[]',
    "",
    "[",
    '{"data":[{"a":1} {"b":2}]}',
    "nope",
    "[{}]x",
    '[{"a":"\t"}]',
    '[{"b":"\\x"}]',
    '[{"b":01}]',
    '[{"b":tru}]',
]
NO_LISTS = ["null", "5", '"text"', "{}", '{"data":null}', '{"data":{"a":1}}']
NO_OBJECTS = ["[1]", '{"data":[{},null]}', "[[]]"]


def parse(content: bytes, *, with_msgspec: bool, fields: Sequence[str] = ()) -> ListPage:
    """Parse a page of any size with msgspec first, or with json alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(row_page, "SMALL_BYTES", 0 if with_msgspec else len(content) + 1)
        return parse_page(content, fields)


def texts_of(page: RowPage) -> list[str] | None:
    """Return the texts of a page's rows."""
    texts = page.texts()
    return (
        None if texts is None else [text if isinstance(text, str) else bytes(text).decode() for text in texts]
    )


def contents(page: RowPage, fields: Sequence[str]) -> list[object]:
    """Return all that can be read of a page, so that it can be compared (NaN equals itself)."""
    values = [[repr(find_field(row, field)) for field in fields] for row in page.read(fields)]
    return [len(page), values, repr(page.read_all()), texts_of(page)]


def require_same(content: bytes, fields: Sequence[str]) -> None:
    """Compare both ways of parsing a page, and of keeping a part of it."""
    expected = parse(content, with_msgspec=False)
    page = parse(content, with_msgspec=True, fields=fields[:1])
    assert isinstance(expected.rows, ParsedPage)
    assert repr(page.meta) == repr(expected.meta)
    assert contents(page.rows, fields) == contents(expected.rows, fields)
    odd = range(1, len(page.rows), 2)
    assert contents(page.rows.keep(odd), fields) == contents(expected.rows.keep(odd), fields)
    last = [len(odd) - 1] if odd else []
    assert contents(page.rows.keep(odd).keep(last), fields) == contents(
        expected.rows.keep(odd).keep(last), fields
    )


@given(
    rows=ROWS,
    meta=JSON,
    fields=st.lists(st.sampled_from(FIELDS), unique=True),
    enveloped=st.booleans(),
    compact=st.booleans(),
    ascii_only=st.booleans(),
    lines=st.sampled_from([None, 1]),
)
def test_generated_pages(
    rows: list[dict[str, object]],
    meta: object,
    fields: list[str],
    *,
    enveloped: bool,
    compact: bool,
    ascii_only: bool,
    lines: int | None,
) -> None:
    separators = (",", ":") if compact else None
    page = {"data": rows, "meta": meta} if enveloped else rows
    text = json.dumps(page, separators=separators, ensure_ascii=ascii_only, indent=lines)
    require_same(text.encode("utf-8", "surrogatepass"), fields)


@pytest.mark.parametrize("trap", TRAPS)
@pytest.mark.parametrize("form", ["[%s]", '{"data":[%s],"meta":{"page":1}}', '{"data":[{},%s,{"a":5}]}'])
@pytest.mark.parametrize("fields", [[], ["a"], ["b", "a.b"], ["clientid"]])
def test_what_the_decoders_could_read_otherwise(trap: str, form: str, fields: list[str]) -> None:
    require_same((form % trap).encode(), fields)


def test_every_recorded_list() -> None:
    decoded_by_msgspec = 0
    for exchange in iter_exchanges():
        try:
            items = find_items(json.loads(exchange.response_bytes))
        except ValueError:
            continue
        if items and all(isinstance(item, dict) for item in items):
            require_same(exchange.response_bytes, [*items[0], "clientid", "node_status.0.node"])
            page = parse(exchange.response_bytes, with_msgspec=True).rows
            decoded_by_msgspec += isinstance(page, SourcePage)
    assert decoded_by_msgspec > 100


@pytest.mark.parametrize("text", BROKEN)
def test_what_is_not_json_is_refused(text: str) -> None:
    for with_msgspec in (False, True):
        with pytest.raises(ValueError):  # noqa: PT011  # json's own words
            parse(text.encode(), with_msgspec=with_msgspec, fields=["a"])


@pytest.mark.parametrize("content", [b'[{"a":"\xff"}]', b'[{"b":"\xff","a":1}]', b'[{"a":"\xc3"}]'])
def test_what_is_not_utf_8_is_refused(content: bytes) -> None:
    for with_msgspec in (False, True):
        with pytest.raises(UnicodeDecodeError):
            parse(content, with_msgspec=with_msgspec, fields=["a"])


@pytest.mark.parametrize("text", [*NO_LISTS, *NO_OBJECTS])
def test_what_is_not_a_list_of_objects_is_refused(text: str) -> None:
    errors = []
    for with_msgspec in (False, True):
        with pytest.raises(NotAPageError) as caught:
            parse(text.encode(), with_msgspec=with_msgspec)
        errors.append((caught.value.value, caught.value.is_element))
    assert errors[0] == errors[1]


def test_only_the_fields_that_are_read_are_decoded() -> None:
    page = parse(b'[{"a":1,"b":2,"c":{"d":3}}]', with_msgspec=True, fields=["a"]).rows
    assert isinstance(page, SourcePage)
    row = page.read(["a"])[0]
    assert (row["a"], row.get("a"), "a" in row, "b" in row, row.get("b", 5)) == (1, 1, True, False, 5)
    wider_row = page.read(["c.d"])[0]
    assert [find_field(wider_row, name) for name in ("a", "c.d", "b")] == [1, 3, MISSING]
    assert find_field(page.read(["\udcff"])[0], "\udcff") is MISSING, "a name that is not Unicode"
    assert page.read_all() == [{"a": 1, "b": 2, "c": {"d": 3}}]


def test_columns_are_the_values_of_rows() -> None:
    rows = parse(b'[{"a":1,"b":null},{"b":[2]}]', with_msgspec=True, fields=["a", "b"]).rows.read(["a", "b"])
    assert read_columns(rows, ["b", "a"]) == [(None, [2]), (1, MISSING)]
    assert read_columns(rows, ["b"]) == [[None, [2]]]
    for fields in ([], ["a", "c"], ["c"]):
        assert read_columns(rows, fields) is None
    assert read_columns([], ["a"]) is None
    assert read_columns([{"a": 1}], ["a"]) is None


def test_the_text_of_a_row_is_the_row() -> None:
    page = parse(b'{"data":[{"a":1.50},{"a":"\\u00e9"}],"meta":{}}', with_msgspec=True).rows
    assert texts_of(page) == ['{"a":1.50}', '{"a":"\\u00e9"}']


def test_a_row_over_several_lines_has_no_text() -> None:
    for with_msgspec in (False, True):
        assert parse(b'{"data":[{"a":\n1}]}', with_msgspec=with_msgspec).rows.texts() is None
