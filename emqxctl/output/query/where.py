"""`--where`: conditions on a row's fields, read from text and turned into tests.

What the compared text means depends on what stands in the row:

- a number is compared as one; `64K`, `1.5G` are bytes and `90s`, `2h30m` seconds (milliseconds where the
  server counts these);
- text that is a size (`1.95G`) or a number is ordered as one, so `memory_used>1G` works;
- text that is a time is ordered as one; a duration stands for the moment that long ago, so `connected_at>1h`
  means within the last hour and `connected_at<1h` longer ago than that;
- other text is ordered with its numbers counted: `5.8.9` before `5.8.10`;
- `=` and `!=` compare text exactly, so a client id `1e3` is not `1000`; in a list any element may match;
- `null` means null, `"null"` the text; a missing field is null; nothing but `!=` and `=null` holds for null.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from math import inf
from typing import NamedTuple

from emqxctl.errors import UsageError
from emqxctl.output.query.fields import Read, raw, reader
from emqxctl.output.results import Row
from emqxctl.output.view import Condition
from emqxctl.text.units import SIZES, parse_duration, parse_size, parse_time

Test = Callable[[Row], bool]

SYNTAX = re.compile(
    r"\s*(?P<field>[^\s=!<>~]+)\s*(?P<operator>!=|>=|<=|==|=~|=|>|<|~|(?<=\s)in(?=\s))\s*(?P<value>.*?)\s*",
    re.DOTALL,
)
SPELLINGS = {"==": "=", "=~": "~"}
ACCEPT: Mapping[str, Callable[[int], bool]] = {
    ">": lambda sign: sign > 0,
    ">=": lambda sign: sign >= 0,
    "<": lambda sign: sign < 0,
    "<=": lambda sign: sign <= 0,
}
EXAMPLES = (
    "Write it like 'mqueue_len>1000', 'username=null', 'clientid~^sensor-', 'connected_at>1h' (in the last "
    "hour) or 'ip_address in 10.0.0.0/8'."
)

NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
DURATION = re.compile(r"([0-9]+(\.[0-9]+)?(ms|[smhdw]) ?)+")
SIZE = re.compile(r"[0-9]+(\.[0-9]+)?(B|[KMGT](i?B)?)")
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ].*)?")
NETWORK = re.compile(r"([0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*)/[0-9]+")
DIGITS = re.compile(r"[0-9]+")


class Literal(NamedTuple):
    """The compared text and all that it can mean.

    `number` is a plain number, bytes or seconds; `seconds` is set for a duration, `moment` (epoch seconds)
    for a time and for a duration, as that long ago; `null` for the bare word.
    """

    text: str
    number: float | None = None
    seconds: float | None = None
    moment: float | None = None
    null: bool = False


def parse_condition(text: str) -> Condition:
    """Read `mqueue_len>1000`; quotes around the value keep its spaces. Raises UsageError naming the text."""
    found = SYNTAX.fullmatch(text)
    if not found:
        message = f"--where {text!r} is not a field, an operator and a value"
        raise UsageError(message, hint=EXAMPLES)
    value, operator = found["value"], found["operator"]
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    value = value[1:-1] if quoted else value
    condition = Condition(found["field"], SPELLINGS.get(operator, operator), value, quoted)
    odd = value[:1] in ("=", ">", "<") and condition.operator != "~"
    if not quoted and (odd or (not value and condition.operator not in ("=", "!="))):
        message = f"--where {text!r} has no value after {operator!r}"
        raise UsageError(message, hint=EXAMPLES)
    compile_condition(condition)
    return condition


def compile_condition(condition: Condition, thousand: bool = False) -> Test:
    """Make the test that a row passes when the condition holds.

    `thousand` tells that this field counts milliseconds. Raises UsageError for a bad expression or network.
    """
    read = reader(condition.field)
    match condition.operator:
        case "~":
            return matching(read, condition)
        case "in":
            return among(read, condition)
        case "=":
            wanted = literal(condition.value, quoted=condition.quoted)
            return lambda row: equal(read(row), wanted)
        case "!=":
            unwanted = literal(condition.value, quoted=condition.quoted)
            return lambda row: not equal(read(row), unwanted)
        case operator:
            return ordered(read, operator, literal(condition.value), thousand)


def matching(read: Read, condition: Condition) -> Test:
    """Make the test of `~`: the expression is found somewhere in the value; never in null."""
    try:
        search = re.compile(condition.value).search
    except (re.error, RecursionError, OverflowError) as error:
        message = f"--where: {condition.value!r} is not a regular expression: {error}"
        raise UsageError(message, hint=r"Write a literal dot, plus or bracket as \., \+ or \[.") from error

    def test(row: Row) -> bool:
        value = read(row)
        return value is not None and search(raw(value)) is not None

    return test


def among(read: Read, condition: Condition) -> Test:
    """Make the test of `in`: one of the values, or inside one of the networks."""
    items = [item.strip() for item in condition.value.split(",") if item.strip()]
    networks = [network(item) for item in items if NETWORK.fullmatch(item)]
    literals = [literal(item) for item in items]

    def test(row: Row) -> bool:
        value = read(row)
        if any(equal(value, item) for item in literals):
            return True
        addresses = value if isinstance(value, list) else (value,)
        return any(inside(address) for inside in networks for address in addresses)

    return test


def network(text: str) -> Callable[[object], bool]:
    """Make the test whether an address (`10.1.2.3`, `10.1.2.3:1883`) lies in a network."""
    from ipaddress import IPv6Address, ip_address, ip_network

    try:
        block = ip_network(text, strict=False)
    except ValueError as error:
        message = f"--where: {text!r} is not a network: {error}"
        raise UsageError(message, hint="Write a network like 10.0.0.0/8 or fd00::/8.") from error

    def inside(value: object) -> bool:
        if not isinstance(value, str):
            return False
        try:
            address = ip_address(value.rsplit(":", 1)[0] if value.count(":") == 1 else value.strip("[]"))
        except ValueError:
            return False
        if isinstance(address, IPv6Address) and address.ipv4_mapped and block.version == 4:
            address = address.ipv4_mapped
        return address in block

    return inside


def ordered(read: Read, operator: str, wanted: Literal, thousand: bool) -> Test:
    """Make the test of `>`, `>=`, `<` or `<=`."""
    accept = ACCEPT[operator]
    factor = 1000 if thousand and wanted.seconds is not None else 1

    def test(row: Row) -> bool:
        value = read(row)
        values = value if isinstance(value, list) else (value,)
        signs = (compare(item, wanted, factor) for item in values)
        return any(sign is not None and accept(sign) for sign in signs)

    return test


def literal(text: str, *, quoted: bool = False) -> Literal:
    """Work out all that a compared text can mean."""
    if quoted:
        return Literal(text, number(text))
    if TIME.fullmatch(text):
        try:
            return Literal(text, moment=parse_time(text).timestamp())
        except ValueError:
            return Literal(text)
    if DURATION.fullmatch(text):
        seconds = parse_duration(text)
        return Literal(text, seconds, seconds, datetime.now(UTC).timestamp() - seconds)
    return Literal(text, number(text), null=text == "null")


def number(text: str) -> float | None:
    """Read a number, a size with its unit or EMQX's `infinity`; None when the text is none of them."""
    if text == "infinity":
        return inf
    if NUMBER.fullmatch(text):
        return float(text) if set(text) & set(".eE") else whole(text)
    return parse_size(text) if text[-1:] in SIZES and SIZE.fullmatch(text) else None


def whole(text: str) -> float:
    """Read an integer exactly, unless it is longer than Python converts."""
    try:
        return int(text)
    except ValueError:
        return float(text)


def equal(value: object, wanted: Literal) -> bool:
    """Tell whether a value is the one wanted: text exactly, numbers as numbers, any element of a list."""
    match value:
        case None:
            return wanted.null
        case str():
            return value == wanted.text and not wanted.null
        case bool():
            return wanted.text.lower() == raw(value)
        case int() | float():
            return wanted.number is not None and value == wanted.number
        case list():
            return any(equal(item, wanted) for item in value)
        case _:
            return False


def compare(value: object, wanted: Literal, factor: int = 1) -> int | None:
    """Compare a value with the one wanted: negative, 0 or positive; None when they have no order."""
    match value:
        case bool():
            return None
        case int() | float():
            if wanted.number is not None:
                return sign(value, wanted.number * factor)
            return None if wanted.moment is None else sign(epoch(value), wanted.moment)
        case str():
            return compare_text(value, wanted)
        case _:
            return None


def compare_text(value: str, wanted: Literal) -> int | None:
    """Compare text as a time, a duration, a number or a size if both are one, else in natural order."""
    if wanted.moment is not None:
        moment = timestamp(value)
        if moment is not None:
            return sign(moment, wanted.moment)
    if wanted.seconds is not None:
        return sign(parse_duration(value), wanted.seconds) if DURATION.fullmatch(value) else None
    if wanted.moment is not None:
        return None
    if wanted.number is None:
        return sign(natural(value), natural(wanted.text))
    counted = number(value)
    if counted is not None:
        return sign(counted, wanted.number)
    # `version>=5.8`: "5.8.9" is no number; but "N/A" is neither more nor less than one.
    return sign(natural(value), natural(wanted.text)) if value[:1].isdecimal() else None


def sign(left: float | str, right: float | str) -> int:
    """Tell which of two numbers or two texts is greater: -1, 0 or 1."""
    return (left > right) - (left < right)  # type: ignore[operator]  # the callers pass two of a kind


def epoch(value: float) -> float:
    """Read epoch seconds or milliseconds as seconds; no date of ours is beyond the year 5000 in seconds."""
    return value / 1000 if value > 1e11 else value


def timestamp(text: str) -> float | None:
    """Read an RFC 3339 time as epoch seconds; None when the text is none."""
    if not TIME.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).astimezone().timestamp()
    except (ValueError, OverflowError):
        return None


def natural(text: str) -> str:
    """Make a text that sorts naturally: `node2` before `node10`, `5.8.9` before `5.8.10`."""
    return DIGITS.sub(lambda found: found.group().lstrip("0").zfill(20), text) if text else text
