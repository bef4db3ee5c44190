"""The memory that JSON takes once it is parsed: up to fifty times its bytes."""

import re

# Lists and objects of less than the first size, and other values of the second, take less than the maximum.
SMALL_BYTES, SMALL_BYTES_OF_VALUES = 1 << 20, 4 << 20
MAX_JSON_MEMORY = 72 << 20  # a page of 10 000 clients takes about 55 MB
# Of a list with one element, an object with one member, and any other value in CPython 3.11.
LIST_BYTES, OBJECT_BYTES, VALUE_BYTES = 104, 240, 64
WIDE_CHARACTER = b"[\xf0-\xf4]"  # text with one of these takes four bytes for each character


def estimate_json_memory(content: bytes) -> int:
    """Return about how many bytes the parsed JSON and its text take; 0 for small JSON."""
    if len(content) < SMALL_BYTES:
        return 0
    width = 1 if content.isascii() else 4 if re.search(WIDE_CHARACTER, content) else 2
    objects = content.count(b"[") * LIST_BYTES + content.count(b"{") * OBJECT_BYTES
    values = content.count(b",") if len(content) > SMALL_BYTES_OF_VALUES else 0  # 30 times as slow to count
    return len(content) * (width + 1) + objects + values * VALUE_BYTES
