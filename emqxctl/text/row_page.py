"""Pages of rows: JSON text that is decoded only as far as it is read.

A page holds the bytes of a response, and decodes of its rows the fields that are read. Small pages, and
what msgspec refuses, are parsed by json at once, with the same rows and texts.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from emqxctl.text.json_rows import (
    Row,
    Text,
    as_meta,
    decode_rows,
    decode_texts,
    find_items,
    is_utf8,
    parse_json,
)
from emqxctl.text.partial_rows import decode_fields

# Smaller pages are parsed by json, in less time than importing msgspec takes.
SMALL_BYTES = 1 << 17


class RowPage(Protocol):
    """Some rows of a list, in order."""

    def __len__(self) -> int:
        """Return the number of rows."""

    def read(self, fields: Sequence[str]) -> list[Row]:
        """Return the rows with at least these fields if the server sent them, also those named `a.b`.

        They are read like dicts, but may lack other fields, and cannot be changed.
        """

    def read_all(self) -> list[Row]:
        """Return the rows with all their fields."""

    def texts(self) -> "Sequence[Text] | None":
        """Return the JSON of each row as the server sent it, on one line; None if there is none."""

    def keep(self, indexes: Sequence[int]) -> "RowPage":
        """Return a page of the rows at these indexes."""


class ParsedPage:
    """Rows that are dicts already, and the JSON they were parsed from, if it is known."""

    __slots__ = ("rows", "source_texts")

    def __init__(self, rows: list[Row], source_texts: list[Text] | None = None) -> None:
        """Keep the rows."""
        self.rows, self.source_texts = rows, source_texts

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    def read(self, _fields: Sequence[str]) -> list[Row]:
        """Return the rows."""
        return self.rows

    def read_all(self) -> list[Row]:
        """Return the rows."""
        return self.rows

    def texts(self) -> Sequence[Text] | None:
        """Return the JSON of each row."""
        return self.source_texts

    def keep(self, indexes: Sequence[int]) -> "ParsedPage":
        """Return a page of the rows at these indexes."""
        texts = self.source_texts
        return ParsedPage(
            [self.rows[index] for index in indexes],
            None if texts is None else [texts[index] for index in indexes],
        )

    def extend(self, page: "ParsedPage") -> "ParsedPage":
        """Add the rows of another page to this one, and return it; an empty page is replaced."""
        if not self.rows:
            return page
        self.rows += page.rows
        if self.source_texts is None or page.source_texts is None:
            self.source_texts = None
        else:
            self.source_texts += page.source_texts
        return self


class SourcePage:
    """Rows in the bytes of a response, decoded when they are read; `indexes` are those of the page's rows."""

    __slots__ = ("content", "fields", "indexes", "rows")

    def __init__(
        self,
        content: bytes,
        fields: frozenset[str],
        rows: list[Row],
        indexes: Sequence[int] | None = None,
    ) -> None:
        """Keep the bytes, and the rows as far as they are decoded: with `fields`."""
        self.content, self.fields, self.rows, self.indexes = content, fields, rows, indexes

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    def read(self, fields: Sequence[str]) -> list[Row]:
        """Return the rows with at least these fields, decoded again if one of them is not decoded yet."""
        if not self.fields.issuperset(fields):
            all_fields = self.fields.union(fields)
            decoded = decode_fields(self.content, all_fields)
            if decoded is None:
                return self.read_all()
            self.rows, self.fields = self.pick(decoded[0]), all_fields
        return self.rows

    def read_all(self) -> list[Row]:
        """Return the rows with all their fields; they are not kept."""
        return self.pick(decode_rows(self.content))

    def texts(self) -> Sequence[Text] | None:
        """Return the JSON of each row; None for JSON over several lines."""
        texts = decode_texts(self.content)
        return None if texts is None else self.pick(texts)

    def keep(self, indexes: Sequence[int]) -> RowPage:
        """Return a page of the rows at these indexes, of the same bytes."""
        own_indexes = indexes if self.indexes is None else [self.indexes[index] for index in indexes]
        return SourcePage(self.content, self.fields, [self.rows[index] for index in indexes], own_indexes)

    def pick(self, items: list[Any]) -> list[Any]:
        """Return the items of the page's rows, of the items of all rows in the bytes."""
        return items if self.indexes is None else [items[index] for index in self.indexes]


class TextPage:
    """Rows of which each has its JSON, decoded together when they are read."""

    __slots__ = ("source_texts",)

    def __init__(self, source_texts: Sequence[bytes]) -> None:
        """Keep the texts."""
        self.source_texts = source_texts

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.source_texts)

    def read(self, fields: Sequence[str]) -> list[Row]:
        """Return the rows with at least these fields."""
        return self.parse(fields).read(fields)

    def read_all(self) -> list[Row]:
        """Return the rows with all their fields."""
        return self.parse().read_all()

    def texts(self) -> Sequence[Text]:
        """Return the JSON of each row."""
        return self.source_texts

    def keep(self, indexes: Sequence[int]) -> RowPage:
        """Return a page of the rows at these indexes."""
        return TextPage([self.source_texts[index] for index in indexes])

    def parse(self, fields: Sequence[str] = ()) -> RowPage:
        """Return the page that decodes the rows."""
        return parse_page(b"[%b]" % b",".join(self.source_texts), fields).rows


class RowStream:
    """The rows of a list one by one; `pages` holds the same rows. Read one of the two, once."""

    def __init__(self, pages: Iterator[RowPage]) -> None:
        """Keep the pages; none is fetched."""
        self.pages = pages
        self.rows = chain.from_iterable(page.read_all() for page in pages)

    def __iter__(self) -> Iterator[Row]:
        """Return the iterator over the rows."""
        return self.rows

    def __next__(self) -> Row:
        """Return the next row."""
        return next(self.rows)

    def close(self) -> None:
        """Stop reading the list."""
        close = getattr(self.pages, "close", None)
        if close:
            close()


class ListPage(NamedTuple):
    """A response that contains a list: its rows, its `meta` (may be empty), and its size in memory."""

    rows: RowPage
    meta: Mapping[str, object] = MappingProxyType({})
    byte_count: int = 0


class NotAPageError(Exception):
    """JSON is not a list of objects: `value` is what it is, or with `is_element` what an element is."""

    def __init__(self, value: object, *, is_element: bool = False) -> None:
        """Keep the value."""
        super().__init__()
        self.value, self.is_element = value, is_element


def parse_page(content: bytes, fields: Sequence[str] = ()) -> ListPage:
    """Parse a response, `{"data": [...], "meta": {...}}` or `[...]`; `fields` are those to decode at once.

    Raises NotAPageError for other JSON, ValueError or RecursionError for what is not JSON.
    """
    return decode_page(content, fields) or page_of(*parse_json(content))


def decode_page(content: bytes, fields: Sequence[str] = ()) -> ListPage | None:
    """Decode a response in part; None for a small one, and for what msgspec refuses."""
    if len(content) < SMALL_BYTES or not is_utf8(content):
        return None
    all_fields = frozenset(fields)
    decoded = decode_fields(content, all_fields)
    if decoded is None:
        return None
    rows, meta = decoded
    return ListPage(SourcePage(content, all_fields, rows), as_meta(meta))


def page_of(value: object, texts: list[Text] | None = None) -> ListPage:
    """Return the page of a list that is parsed already; `texts` is the JSON of each element.

    Raises NotAPageError for JSON that is not a list of objects.
    """
    items = find_items(value)
    if items is None:
        raise NotAPageError(value)
    for item in items:
        if not isinstance(item, dict):
            raise NotAPageError(item, is_element=True)
    return ListPage(ParsedPage(items, texts), as_meta(value.get("meta") if isinstance(value, dict) else None))
