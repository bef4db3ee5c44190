"""Rows as JSON with the fields of --fields only, formatted field by field."""

from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring

from emqxctl.output.formats.columns import BOOLEANS, NULL, ToText, format_column, read_columns
from emqxctl.output.formats.json import JsonLines, encode_compact, format_compact
from emqxctl.output.results import Row

# As the encoder does, without looking at each value.
JSON_TEXTS: Mapping[type, ToText] = {
    str: encode_basestring,
    int: repr,
    bool: BOOLEANS.__getitem__,
    NULL: {None: "null"}.__getitem__,
}


def format_fields(rows: Sequence[Row], fields: Sequence[str]) -> JsonLines:
    """Format rows with these fields only, in this order; missing ones are null."""
    names = list(dict.fromkeys(fields))
    template = ",".join(encode_compact(name).replace("%", "%%") + ":%s" for name in names)
    template = "{" + template + "}"
    columns = [format_column(values, JSON_TEXTS, format_compact) for values in read_columns(rows, names)]
    return JsonLines([template % cells for cells in zip(*columns, strict=True)])
