r"""The names of rows that several fields identify: for `xargs -L1`, or `while IFS=$'\t' read`."""

from collections.abc import Iterable, Iterator, Sequence

from emqxctl.output.query.fields import format_raw, make_field_reader
from emqxctl.output.results import Row
from emqxctl.text.escaping import escape_control_characters

SEPARATORS = str.maketrans({"\t": "\\t", "\n": "\\n", "\r": "\\r"})


def format_name_rows(
    batches: Iterable[Sequence[Row]], fields: Sequence[str], is_terminal: bool
) -> Iterator[str]:
    """Yield the fields of each row on one line, separated by tabs; nothing for rows without any of them."""
    readers = [make_field_reader(field) for field in fields]
    for batch in batches:
        lines = []
        for row in batch:
            values = [read_field(row) for read_field in readers]
            if any(value is not None for value in values):
                lines.append("\t".join(format_part(value, is_terminal) for value in values) + "\n")
        yield "".join(lines)


def format_part(value: object, is_terminal: bool) -> str:
    """Format one field, so that it contains neither a tab nor a line break."""
    text = format_raw(value).translate(SEPARATORS)
    return escape_control_characters(text) if is_terminal else text
