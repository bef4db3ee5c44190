"""The rows of a list in JSON text, decoded by msgspec only in part, or parsed by json as a whole.

msgspec decodes of each row exactly the fields that are wanted, and finds where each row begins and ends:
three to ten times as fast as making a dict of all of every row. It refuses what json accepts: NaN, lone
surrogates, numbers out of range.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from operator import attrgetter, itemgetter
from typing import Any

Row = dict[str, Any]
Text = str | bytes | memoryview
LIST_START = re.compile(r'\s*(\{\s*"data"\s*:\s*)?\[')
SPACES = re.compile(r"\s*")
ROW_BOUNDARY = re.compile(rb"\},\{")

scan_value = json.JSONDecoder().scan_once  # type: ignore[attr-defined]  # not documented, in CPython since 2.7


def is_utf8(content: bytes) -> bool:
    """Return whether bytes are UTF-8, which msgspec checks only where it decodes."""
    try:
        return content.isascii() or bool(content.decode())
    except UnicodeDecodeError:
        return False


def as_meta(value: object) -> Mapping[str, object]:
    """Return the `meta` of a response, empty if it is not an object."""
    return value if isinstance(value, dict) else {}


def find_items(value: object) -> list[Any] | None:
    """Return the elements of a list: a bare array, or `data` of an envelope; None for any other JSON."""
    items = value.get("data") if isinstance(value, dict) else value
    return items if isinstance(items, list) else None


@cache
def make_decoder(row_type: Any) -> Callable[[bytes], tuple[list[Any], object] | None]:  # noqa: ANN401  # a type
    """Return a decoder of a list of one type of row: its rows and `meta`, None for what msgspec refuses."""
    from msgspec import MsgspecError, defstruct
    from msgspec.json import Decoder

    def parse_float(text: str) -> float:
        row_type.has_floats = True
        return float(text)

    envelope = defstruct("Envelope", [("data", list[row_type]), ("meta", Any, None)])
    float_hook = parse_float if hasattr(row_type, "has_floats") else None
    decode_array = Decoder(list[row_type], float_hook=float_hook).decode
    decode_envelope = Decoder(envelope, float_hook=float_hook).decode

    def decode(content: bytes) -> tuple[list[Any], object] | None:
        try:
            if content.startswith(b"["):
                return decode_array(content), None
            page: Any = decode_envelope(content)
        except (MsgspecError, ValueError, RecursionError):
            return None
        return page.data, page.meta

    return decode


@cache
def make_row_type(fields: frozenset[str]) -> Any:  # noqa: ANN401  # a type
    """Return the type of a row with those of these fields that it has; for `a.b` also with `a`.

    Its objects are read like dicts, and are a sixth of their size. `has_floats` becomes true with the first
    float in any of them. Raises ValueError for names that msgspec does not find.
    """
    from msgspec import defstruct

    parts = [field.split(".") for field in fields]
    names = sorted({".".join(words[:count]) for words in parts for count in range(1, len(words) + 1)})
    attributes = {name: f"f{number}" for number, name in enumerate(names)}
    row_type = defstruct(
        "PartialRow",
        [(attribute, Any, MISSING) for attribute in attributes.values()],
        rename={attribute: name for name, attribute in attributes.items()},
        namespace={"attributes": attributes, "has_floats": False, **PARTIAL_ROW_METHODS},
        gc=False,
    )
    Mapping.register(row_type)
    return row_type


class Missing:
    """The type of MISSING."""

    __slots__ = ()


MISSING = Missing()  # what a row has in place of a field that the server did not send


def get_field(row: Any, name: str, default: object = None) -> Any:  # noqa: ANN401  # JSON is Any
    """Return a field of a partial row."""
    attribute = row.attributes.get(name)
    value = MISSING if attribute is None else getattr(row, attribute)
    return default if value is MISSING else value


def has_field(row: Any, name: str) -> bool:  # noqa: ANN401  # a partial row
    """Return whether a partial row has a field."""
    return get_field(row, name, MISSING) is not MISSING


PARTIAL_ROW_METHODS = {"get": get_field, "__getitem__": get_field, "__contains__": has_field}


def read_columns(rows: Sequence[Any], fields: Sequence[str]) -> Sequence[Sequence[Any]] | None:
    """Return the values of fields of partial rows, MISSING where a row lacks one; None for other rows.

    A field is read by its name alone: `a.b` is not searched in `a`.
    """
    if not have_fields(rows, fields):
        return None
    attributes = rows[0].attributes
    if len(fields) == 1 or len(fields) * 3 < len(attributes):
        return [list(map(attrgetter(attributes[field]), rows)) for field in fields]
    return list(zip(*read_tuples(rows, fields), strict=True))


def read_cells(rows: Sequence[Any], fields: Sequence[str]) -> Iterable[tuple[Any, ...]] | None:
    """Return the values of at least two fields of partial rows, row by row; MISSING where a row lacks one.

    None for other rows, and if a field `a.b` may be in an object `a`.
    """
    if not have_fields(rows, fields):
        return None
    for parent in {field.partition(".")[0] for field in fields if "." in field}:
        columns = read_columns(rows, [parent])
        if columns is None or any(value is not MISSING and value for value in columns[0]):
            return None
    return read_tuples(rows, fields)


def have_fields(rows: Sequence[Any], fields: Sequence[str]) -> bool:
    """Return whether rows are partial rows of one type with these fields."""
    attributes = getattr(rows[0], "attributes", None) if rows and fields else None
    return attributes is not None and len(set(map(type, rows))) == 1 and attributes.keys() >= set(fields)


def read_tuples(rows: Sequence[Any], fields: Sequence[str]) -> Iterable[tuple[Any, ...]]:
    """Return the values of at least two fields of partial rows, row by row."""
    from msgspec.structs import astuple

    indexes = {name: index for index, name in enumerate(rows[0].attributes)}
    return map(itemgetter(*[indexes[field] for field in fields]), map(astuple, rows))


def encode_cells(rows: Sequence[Any], cells: Iterable[tuple[Any, ...]]) -> bytes | None:
    """Return the cells of partial rows as one JSON array per row, each on a line, MISSING as empty text.

    None for other rows, and for those with floats, which msgspec writes in another form than json.
    """
    return None if getattr(rows[0], "has_floats", True) else build_line_encoder()(cells)


@cache
def build_line_encoder() -> Callable[[Iterable[tuple[Any, ...]]], bytes]:
    """Return the function that encodes each value as JSON on a line."""
    from msgspec.json import Encoder

    return Encoder(enc_hook=lambda _missing: "").encode_lines


def decode_fields(content: bytes, fields: frozenset[str]) -> tuple[list[Row], object] | None:
    """Decode some fields of all rows, and `meta`; None for what msgspec refuses."""
    try:
        return make_decoder(make_row_type(fields))(content)
    except ValueError:
        return None


def join_rows(content: bytes, row_count: int, separator: bytes) -> bytes | None:
    """Return the JSON of all rows of a valid list with a separator between them, which has no backslash.

    None where only decoding shows where rows end: what separates them is not `},{`, or is elsewhere too, in
    a string or in an array of objects.
    """
    text = find_rows(content) if row_count and not has_line_breaks(content) else None
    if text is None:
        return None
    joined, boundary_count = ROW_BOUNDARY.subn(b"}%b{" % separator, text)
    return bytes(joined) if boundary_count == row_count - 1 else None


def find_rows(content: bytes) -> memoryview | None:
    """Return the part of a valid list from its first row to its last, if `},{` seems to separate them.

    None if it does not. The first and the last row are parsed: a server separates all rows in the same way.
    """
    match = LIST_START.match(content[:100].decode("utf-8", "replace"))
    first_start = match.end() if match else 0
    first_end, last_start = content.find(b"},{") + 1, content.rfind(b"},{") + 2
    if first_end == 0:
        first_end, last_start = first_start, first_start
    try:
        if first_end > first_start:
            json.loads(content[first_start:first_end])
        last_text = content[last_start:].decode()
        last_row = last_text[: scan_value(last_text, 0)[1]]
    except (StopIteration, ValueError, RecursionError):
        return None
    is_row = content[first_start : first_start + 1] == b"{"
    return memoryview(content)[first_start : last_start + len(last_row.encode())] if is_row else None


def decode_rows(content: bytes) -> list[Row]:
    """Decode all rows with all their fields."""
    decoded = make_decoder(Row)(content)
    return parse_items(content) if decoded is None else decoded[0]


def parse_items(content: bytes) -> list[Any]:
    """Parse the elements of a list with json."""
    return find_items(json.loads(content)) or []


def decode_texts(content: bytes) -> list[Text] | None:
    """Return the JSON of all rows, as parts of the bytes; None if `parse_json` returns none."""
    from msgspec import Raw

    if has_line_breaks(content) or not LIST_START.match(content[:100].decode("utf-8", "replace")):
        return None
    decoded = make_decoder(Raw)(content)
    return None if decoded is None else decoded[0]


def has_line_breaks(text: Any) -> bool:  # noqa: ANN401  # text or bytes
    """Return whether JSON stands on several lines: its rows cannot be printed one per line as they are."""
    return (b"\n" in text or b"\r" in text) if isinstance(text, bytes) else ("\n" in text or "\r" in text)


def parse_json(content: bytes) -> tuple[Any, list[Text] | None]:
    """Parse JSON, and return the text of each element if it begins as a list and stands on one line.

    Raises ValueError or RecursionError for what is not JSON.
    """
    text = content.decode(json.detect_encoding(content), "surrogatepass")
    start = LIST_START.match(text)
    if start is None or has_line_breaks(text):
        return json.loads(text), None
    try:
        items, texts, end = parse_elements(text, start.end())
        if start[1]:
            return {**json.loads('{"data":0' + text[end:]), "data": items}, texts
        if not text[end:].strip():
            return items, texts
    except (StopIteration, IndexError):
        pass
    return json.loads(text), None  # raises the error with its position


def parse_elements(text: str, start: int) -> tuple[list[Any], list[Text], int]:
    """Parse the elements of an array after its bracket: values, texts, and the position after its end.

    Raises StopIteration or IndexError for anything else.
    """
    values: list[Any] = []
    texts: list[Text] = []
    start = skip_spaces(text, start)
    if text[start] == "]":
        return values, texts, start + 1
    while True:
        value, end = scan_value(text, start)
        values.append(value)
        texts.append(text[start:end])
        end = skip_spaces(text, end)
        if text[end] == "]":
            return values, texts, end + 1
        if text[end] != ",":
            raise IndexError
        start = skip_spaces(text, end + 1)


def skip_spaces(text: str, start: int) -> int:
    """Return the position of the next character that is not a space."""
    match = SPACES.match(text, start)
    return match.end() if match else start
