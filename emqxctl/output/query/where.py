"""`--where`: conditions on a row's fields, parsed from text and compiled into tests.

The meaning of the compared text depends on the value in the row:

- a number is compared as a number; `64K`, `1.5G` are bytes and `90s`, `2h30m` seconds (milliseconds if the
  field is in milliseconds);
- text that is a size (`1.95G`) or a number is ordered as a number, so `memory_used>1G` works;
- text that is a time is ordered as a time; a duration means that long ago, so `connected_at>1h` is within the
  last hour and `connected_at<1h` earlier;
- other text is in natural order: `5.8.9` before `5.8.10`;
- `=` and `!=` compare text exactly, so client ID `1e3` is not `1000`; in a list any element may match;
- `null` means null, `"null"` the text; a missing field is null; only `!=` and `=null` match null.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from math import inf
from typing import NamedTuple

from emqxctl.errors import UsageError
from emqxctl.output.query.fields import FieldReader, find_field, format_raw, make_field_reader
from emqxctl.output.query.networks import NETWORK, compile_network_test
from emqxctl.output.results import Row
from emqxctl.output.view import Condition
from emqxctl.text.partial_rows import MISSING
from emqxctl.text.units import BYTES_PER_UNIT, parse_duration, parse_size, parse_time

RowTest = Callable[[Row], bool]

# A field is one word, or the words of a column's title, such as IN FLIGHT.
JOINTS = r"and|or|&&|\|\|"
FIELD = (
    rf"(?!(?:{JOINTS})\s)(?P<field>[^\s=!<>~]+"
    rf"(?:[ ](?!(?:{JOINTS}|in|not)[\s(])[^\s=!<>~]+){{0,3}}?)"
)
OPERATOR = r"(?P<operator>!=|>=|<=|==|=~|=|>|<|~|(?<=\s)in(?=\s))"
SYNTAX = re.compile(rf"\s*{FIELD}\s*{OPERATOR}\s*(?P<value>.*?)\s*", re.DOTALL)
HEAD = re.compile(rf"\s*{FIELD}\s*(?P<negation>(?<=\s)not\s+(?=in\s))?{OPERATOR}\s*", re.DOTALL)
SPELLINGS = {"==": "=", "=~": "~"}
ACCEPT: Mapping[str, Callable[[int], bool]] = {
    ">": lambda compare_order: compare_order > 0,
    ">=": lambda compare_order: compare_order >= 0,
    "<": lambda compare_order: compare_order < 0,
    "<=": lambda compare_order: compare_order <= 0,
}
EXAMPLES = (
    "examples: 'mqueue_len>1000', 'username=null', 'clientid~^sensor-', 'connected_at>1h' (in the last "
    "hour), 'ip_address in 10.0.0.0/8'"
)

NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
DURATION = re.compile(r"([0-9]+(\.[0-9]+)?(ms|[smhdw]) ?)+")
SIZE = re.compile(r"[0-9]+(\.[0-9]+)?(B|[KMGT](i?B)?)")
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ].*)?")
DIGITS = re.compile(r"[0-9]+")


class Operand(NamedTuple):
    """The compared text and its possible meanings.

    `number`: a plain number, bytes or seconds. `seconds`: set for a duration. `timestamp` (epoch seconds):
    set for a time, and for a duration as that long ago. `is_null`: the unquoted word null.
    """

    text: str
    number: float | None = None
    seconds: float | None = None
    timestamp: float | None = None
    is_null: bool = False


def parse_condition(text: str, *, whole: str = "") -> Condition:
    """Parse `mqueue_len>1000`; quotes around the value keep its spaces.

    Raises UsageError that quotes the text, or the `whole` that it is a part of.
    """
    quoted = whole or text
    match = SYNTAX.fullmatch(text)
    if not match:
        message = f"invalid --where {quoted!r}: not a field, an operator and a value"
        raise UsageError(message, hint=EXAMPLES)
    value, operator = match["value"], match["operator"]
    is_quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    value = value[1:-1] if is_quoted else value
    condition = Condition(match["field"], SPELLINGS.get(operator, operator), value, is_quoted)
    has_operator_in_value = value[:1] in ("=", ">", "<") and condition.operator != "~"
    if not is_quoted and (has_operator_in_value or (not value and condition.operator not in ("=", "!="))):
        message = f"invalid --where {quoted!r}: value required after {operator!r}"
        raise UsageError(message, hint=EXAMPLES)
    compile_condition(condition)
    return condition


def compile_condition(
    condition: Condition, in_milliseconds: bool = False, *, selecting: bool = False
) -> RowTest:
    """Return the function that tests whether a row matches the condition.

    `in_milliseconds`: the field is in milliseconds. `selecting`: the matching rows are the targets of a
    change; a row without the field is then not selected by `!=`, since its value is unknown. (Null is a
    value: `username!=x` selects clients without a username.) Raises UsageError for an invalid expression or
    network.
    """
    read = make_field_reader(condition.field)
    match condition.operator:
        case "~":
            return compile_regex_test(read, condition)
        case "in":
            return compile_membership_test(read, condition)
        case "=":
            operand = parse_operand(condition.value, quoted=condition.is_quoted)
            return lambda row: is_equal(read(row), operand)
        case "!=":
            excluded_operand = parse_operand(condition.value, quoted=condition.is_quoted)
            if selecting:
                return lambda row: (
                    find_field(row, condition.field) is not MISSING
                    and not is_equal(read(row), excluded_operand)
                )
            return lambda row: not is_equal(read(row), excluded_operand)
        case operator:
            return compile_order_test(read, operator, parse_operand(condition.value), in_milliseconds)


def compile_regex_test(read: FieldReader, condition: Condition) -> RowTest:
    """Return the test for `~`: the expression matches somewhere in the value; never in null."""
    try:
        search = re.compile(condition.value).search
    except (re.error, RecursionError, OverflowError) as error:
        message = f"invalid --where: {condition.value!r} is not a regular expression: {error}"
        raise UsageError(message, hint=r"escape a literal dot, plus or bracket: \., \+, \[") from error

    def test(row: Row) -> bool:
        value = read(row)
        return value is not None and search(format_raw(value)) is not None

    return test


def compile_membership_test(read: FieldReader, condition: Condition) -> RowTest:
    """Return the test for `in`: one of the values, or inside one of the networks."""
    items = [item.strip() for item in condition.value.split(",") if item.strip()]
    networks = [compile_network_test(item) for item in items if NETWORK.fullmatch(item)]
    operands = [parse_operand(item) for item in items]

    def test(row: Row) -> bool:
        value = read(row)
        if any(is_equal(value, item) for item in operands):
            return True
        addresses = value if isinstance(value, list) else (value,)
        return any(is_inside(address) for is_inside in networks for address in addresses)

    return test


def compile_order_test(read: FieldReader, operator: str, operand: Operand, in_milliseconds: bool) -> RowTest:
    """Return the test for `>`, `>=`, `<` or `<=`."""
    accept = ACCEPT[operator]
    factor = 1000 if in_milliseconds and operand.seconds is not None else 1

    def test(row: Row) -> bool:
        value = read(row)
        values = value if isinstance(value, list) else (value,)
        signs = (compare_value(item, operand, factor) for item in values)
        return any(sign is not None and accept(sign) for sign in signs)

    return test


def parse_operand(text: str, *, quoted: bool = False) -> Operand:
    """Parse the compared text into its possible meanings."""
    if quoted:
        return Operand(text, parse_number(text))
    if TIME.fullmatch(text):
        try:
            return Operand(text, timestamp=parse_time(text).timestamp())
        except ValueError:
            return Operand(text)
    if DURATION.fullmatch(text):
        seconds = parse_duration(text)
        return Operand(text, seconds, seconds, datetime.now(UTC).timestamp() - seconds)
    return Operand(text, parse_number(text), is_null=text == "null")


def parse_number(text: str) -> float | None:
    """Parse a number, a size with its unit or EMQX's `infinity`; return None for other text."""
    if text == "infinity":
        return inf
    if NUMBER.fullmatch(text):
        return float(text) if set(text) & set(".eE") else parse_integer(text)
    return parse_size(text) if text[-1:] in BYTES_PER_UNIT and SIZE.fullmatch(text) else None


def parse_integer(text: str) -> float:
    """Parse an integer exactly, or as a float if it has more digits than Python converts."""
    try:
        return int(text)
    except ValueError:
        return float(text)


def is_equal(value: object, operand: Operand) -> bool:
    """Return whether a value equals the operand: text exactly, numbers as numbers, any element of a list."""
    match value:
        case None:
            return operand.is_null
        case str():
            return value == operand.text and not operand.is_null
        case bool():
            return operand.text.lower() == format_raw(value)
        case int() | float():
            return operand.number is not None and value == operand.number
        case list():
            return any(is_equal(item, operand) for item in value)
        case _:
            return False


def compare_value(value: object, operand: Operand, factor: int = 1) -> int | None:
    """Compare a value with the operand: negative, 0 or positive; None if they have no order."""
    match value:
        case bool():
            return None
        case int() | float():
            if operand.number is not None:
                return compare_order(value, operand.number * factor)
            return (
                None
                if operand.timestamp is None
                else compare_order(to_epoch_seconds(value), operand.timestamp)
            )
        case str():
            return compare_text(value, operand)
        case _:
            return None


def compare_text(value: str, operand: Operand) -> int | None:
    """Compare text as times, durations, numbers or sizes if both are, else in natural order."""
    if operand.timestamp is not None:
        timestamp = parse_timestamp(value)
        if timestamp is not None:
            return compare_order(timestamp, operand.timestamp)
    if operand.seconds is not None:
        return compare_order(parse_duration(value), operand.seconds) if DURATION.fullmatch(value) else None
    if operand.timestamp is not None:
        return None
    if operand.number is None:
        return compare_order(make_natural_key(value), make_natural_key(operand.text))
    number = parse_number(value)
    if number is not None:
        return compare_order(number, operand.number)
    # `version>=5.8`: "5.8.9" is not a number but has an order; "N/A" has none.
    return (
        compare_order(make_natural_key(value), make_natural_key(operand.text))
        if value[:1].isdecimal()
        else None
    )


def compare_order(left: float | str, right: float | str) -> int:
    """Compare two numbers or two texts: -1, 0 or 1."""
    return (left > right) - (left < right)  # type: ignore[operator]  # the callers pass two of one type


def to_epoch_seconds(value: float) -> float:
    """Convert epoch seconds or milliseconds to seconds; values above 1e11 (year 5138) are milliseconds."""
    return value / 1000 if value > 1e11 else value


def parse_timestamp(text: str) -> float | None:
    """Parse an RFC 3339 time to epoch seconds; return None for other text."""
    if not TIME.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).astimezone().timestamp()
    except (ValueError, OverflowError):
        return None


def make_natural_key(text: str) -> str:
    """Return a key that sorts naturally: `node2` before `node10`, `5.8.9` before `5.8.10`."""
    return DIGITS.sub(lambda match: match.group().lstrip("0").zfill(20), text) if text else text
