"""Equal by meaning: 15s and 15000, 1MB and 1048576, 80% and 0.8 are the same setting."""

import re
from hashlib import md5

DURATION_UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
SIZE_UNITS = {"b": 1, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30, "tb": 1 << 40}
DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|[smhdw]))+")
DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhdw])")
SIZE = re.compile(r"(\d+(?:\.\d+)?)([kmgt]?b)")
PERCENT = re.compile(r"(\d+(?:\.\d+)?)%")
RATE = re.compile(r"(\d+(?:\.\d+)?(?:[kmgt]?b)?)/(\d*)(ms|[smhd])?")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
PORT = re.compile(r":?(\d{1,5})")
# Fields whose text is the user's own, so that `60s` and `1m` differ in them.
FREE_TEXT = frozenset(
    {"description", "name", "sql", "rules", "source", "topic", "payload", "template", "body", "key", "value"}
    | {"title", "query", "command", "system_prompt", "clientid", "username", "password", "secret", "reason"}
)


def same_value(value: object, other: object, type_name: str = "", field: str = "") -> bool:
    """Return whether two scalars mean the same; `type_name` is the server's name of the type, if known."""
    if isinstance(value, bool) or isinstance(other, bool):
        return value is other or str(value).lower() == str(other).lower()
    if value == other:
        return True
    if type_name == "string" or (not type_name and field in FREE_TEXT):
        return False
    if field == "bind" or type_name.startswith("ip_port"):
        return bind_port(value) is not None and bind_port(value) == bind_port(other)
    if is_number_text(value) and is_number_text(other):
        return False  # 007 and 7 are different ids
    return quantities(value) is not None and quantities(value) == quantities(other)


def is_number_text(value: object) -> bool:
    """Return whether a value is a text that holds a number alone."""
    return isinstance(value, str) and NUMBER.fullmatch(value.strip()) is not None


def bind_port(value: object) -> str | None:
    """Return the port of `1883` or `:1883`, which mean the same; None for any other address."""
    match = PORT.fullmatch(str(value))
    return match[1] if match else None


def quantities(value: object) -> tuple[str, float] | None:
    """Return what a value measures; a number is milliseconds, bytes or a share, as the other side has it."""
    if isinstance(value, int | float):
        return "number", float(value)
    if not isinstance(value, str):
        return None
    text = value.strip().lower()
    number = parse_number(text)
    return parse_rate(text) if number is None else ("number", number)


def parse_number(text: str) -> float | None:
    """Return the number of a number, a duration (in ms), a size (in bytes) or a percentage (as a share)."""
    if NUMBER.fullmatch(text):
        return float(text)
    if DURATION.fullmatch(text):
        parts = DURATION_PART.findall(text)
        return float(sum(float(number) * DURATION_UNITS[unit] for number, unit in parts))
    if match := SIZE.fullmatch(text):
        return float(match[1]) * SIZE_UNITS[match[2]]
    match = PERCENT.fullmatch(text)
    return float(match[1]) / 100 if match else None


def parse_rate(text: str) -> tuple[str, float] | None:
    """Return the amount a second of `1000/s`, `100/10s`, `1MB/1m`; None for anything else."""
    match = RATE.fullmatch(text)
    if not match or not match[3]:
        return None
    amount = quantities(match[1])
    period = float(match[2] or 1) * DURATION_UNITS[match[3]]
    return ("rate", amount[1] / period) if amount and period else None


def is_empty(value: object) -> bool:
    """Return whether a value says nothing: a field that is absent means the same."""
    return value is None or value in ("", [], {})


def same_certificate(stated: object, actual: object) -> bool:
    """Return whether the server keeps a PEM text at a path: its name ends in 8 bytes of the text's MD5."""
    if not isinstance(stated, str) or "-----BEGIN" not in stated or not isinstance(actual, str):
        return False
    digest = md5(stated.encode(), usedforsecurity=False).digest()[:8].hex()
    return actual.lower().endswith(f"-{digest}")
