r"""JSON and JSON Lines for programs, and the dispatch to YAML.

Values are written as the server sent them. Text stays readable, but characters that a terminal would
interpret (DEL, C1 controls, bidirectional marks, lone surrogates ...) are escaped, as in `\u202e`: the same
value to a program.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, NamedTuple

from emqxctl.output.formats.batches import concatenate
from emqxctl.output.view import Format
from emqxctl.text.escaping import control_character_pattern, escape_for_json

if TYPE_CHECKING:
    from emqxctl.text.row_page import RowPage

# Parsed data has no circular references; not checking saves a dictionary entry per container.
encode_compact = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, separators=(",", ":"), default=str
).encode
encode_indented = json.JSONEncoder(ensure_ascii=False, allow_nan=False, indent=2, default=str).encode


def format_structured(batches: Iterable[Sequence[object]], form: Format) -> Iterator[str | bytes]:
    """Yield a list as JSON, JSON Lines or YAML."""
    if form is Format.YAML:
        from emqxctl.output.formats import yaml

        return yaml.format_items(batches)
    return format_array(batches) if form is Format.JSON else format_lines(batches)


def format_structured_value(value: object, form: Format) -> str:
    """Format one value as JSON, a JSON line or YAML."""
    if form is Format.YAML:
        from emqxctl.output.formats import yaml

        return yaml.format_document(value)
    return format_document(value) if form is Format.JSON else format_compact(value) + "\n"


def escape_unsafe(text: str) -> str:
    """Escape what a terminal would interpret in the encoder's output."""
    if text.isascii() and "\x7f" not in text:
        return text
    # The encoder escapes C0 inside strings; outside of them there are only its own line feeds.
    return control_character_pattern(exclude="\x00-\x1f").sub(escape_for_json, text)


def format_compact(value: object) -> str:
    """Format one value on one line."""
    try:
        return escape_unsafe(encode_compact(value))
    except ValueError:
        return escape_unsafe(encode_compact(replace_non_finite(value)))


def format_document(value: object) -> str:
    """Format one value on several lines, indented by 2, with a final line feed."""
    try:
        return escape_unsafe(encode_indented(value)) + "\n"
    except ValueError:
        return escape_unsafe(encode_indented(replace_non_finite(value))) + "\n"


def replace_non_finite(value: object) -> object:
    """Replace NaN and infinities, which Python parses but JSON lacks, by null."""
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: replace_non_finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [replace_non_finite(item) for item in value]
    return value


class JsonLines(NamedTuple):
    """A batch of rows as JSON texts, each on one line."""

    texts: Sequence[str]


class JsonPage(NamedTuple):
    """A batch of rows whose JSON is printed as the server sent it, as far as it is on one line per row."""

    page: "RowPage"


def join_batch(batch: Sequence[object], separator: str) -> str | bytes:
    """Encode and join a batch quickly: control characters are searched in the whole of it at once."""
    if isinstance(batch, JsonPage):
        joined = batch.page.join_texts(separator)
        return join_batch(batch.page.read_all(), separator) if joined is None else escape_joined(joined)
    if isinstance(batch, JsonLines):
        return escape_unsafe(separator.join(batch.texts))
    try:
        return escape_unsafe(separator.join(map(encode_compact, batch)))
    except ValueError:
        return separator.join(map(format_compact, batch))


def escape_joined(joined: str | bytes) -> str | bytes:
    """Escape what a terminal would interpret; bytes stay bytes unless there is something to escape."""
    if isinstance(joined, str):
        return escape_unsafe(joined)
    return joined if joined.isascii() and b"\x7f" not in joined else escape_unsafe(joined.decode())


def format_array(batches: Iterable[Sequence[object]]) -> Iterator[str | bytes]:
    """Yield one array, one row per line, closed even when a later batch raises."""
    is_open = False
    try:
        for batch in batches:
            yield concatenate(",\n" if is_open else "[\n", join_batch(batch, ",\n"))
            is_open = True
    except GeneratorExit:  # a generator must not yield after close()
        raise
    except BaseException:
        if is_open:
            yield "\n]\n"
        raise
    yield "\n]\n" if is_open else "[]\n"


def format_lines(batches: Iterable[Sequence[object]]) -> Iterator[str | bytes]:
    """Yield one value per line."""
    for batch in batches:
        lines = join_batch(batch, "\n")
        yield lines + "\n" if isinstance(lines, str) else lines + b"\n"
