"""Rules run: a statement evaluated over the columns of one message or event."""

import json
import operator
from collections.abc import Callable, Iterator

from emqxctl.emqx.topics import topic_matches
from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.rule_engine.sql import CALL, CONSTANT, NEGATION, PATH, Expression, Statement


def to_text(value: Json) -> str:
    """Format a value as text."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


ORDERS: dict[str, Callable[[Json, Json], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<>": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}
SUMS: dict[str, Callable[[Json, Json], Json]] = {
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "DIV": operator.floordiv,
    "MOD": operator.mod,
}
FUNCTIONS: dict[str, Callable[..., Json]] = {
    "abs": abs,
    "concat": lambda *parts: "".join(to_text(part) for part in parts),
    "float": float,
    "int": int,
    "is_null": lambda value: value is None,
    "is_not_null": lambda value: value is not None,
    "json_decode": json.loads,
    "json_encode": lambda value: json.dumps(value, separators=(",", ":")),
    "lower": str.lower,
    "round": round,
    "str": to_text,
    "strlen": len,
    "upper": str.upper,
}


class EvaluationError(Exception):
    """A statement that fails on these columns: an unknown function, or a value it cannot take."""


def look_up(columns: Json, path: tuple[object, ...]) -> Json:
    """Follow a path; text on the way is decoded as JSON. None where it leads nowhere."""
    value = columns
    for part in path:
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError:
                return None
        if not isinstance(value, dict):
            return None
        value = value.get(part)
    return value


def evaluate(expression: Expression, columns: Row) -> Json:
    """Evaluate an expression. Raises RunError."""
    match expression:
        case (kind, *path) if kind == PATH:
            return look_up(columns, tuple(path))
        case (kind, value) if kind == CONSTANT:
            return value
        case (kind, inner) if kind == NEGATION and isinstance(inner, tuple):
            return not evaluate(inner, columns)
        case (kind, str(name), *arguments) if kind == CALL:
            return call_function(
                name, [evaluate(argument, columns) for argument in arguments if isinstance(argument, tuple)]
            )
        case (str(sign), tuple(left), tuple(right)):
            return combine(sign, left, right, columns)
    raise EvaluationError(str(expression))


def call_function(name: str, arguments: list[Json]) -> Json:
    """Call a function. Raises RunError."""
    try:
        return FUNCTIONS[name](*arguments)
    except (KeyError, TypeError, ValueError) as error:
        raise EvaluationError(name) from error


def combine(sign: str, left: Expression, right: Expression, columns: Row) -> Json:
    """Evaluate two sides and what joins them. Raises RunError."""
    first = evaluate(left, columns)
    if sign == "AND":
        return bool(first) and bool(evaluate(right, columns))
    if sign == "OR":
        return bool(first) or bool(evaluate(right, columns))
    second = evaluate(right, columns)
    if sign == "=~":
        return topic_matches(to_text(first), to_text(second))
    if sign in ORDERS:
        return compare(sign, first, second)
    try:
        if sign == "+":
            return to_text(first) + to_text(second) if isinstance(first, str) else first + second
        return SUMS[sign](first, second)
    except (TypeError, ZeroDivisionError) as error:
        raise EvaluationError(sign) from error


def compare(sign: str, first: Json, second: Json) -> bool:
    """Compare two values; a number in text counts as a number beside one."""
    if isinstance(first, str) != isinstance(second, str):
        try:
            first, second = float(first), float(second)
        except (TypeError, ValueError):
            return sign in ("!=", "<>")
    try:
        return ORDERS[sign](first, second)
    except TypeError:
        return False


def select_columns(statement: Statement, columns: Row) -> Row:
    """Return the selected columns; what is not there is `undefined`, as EMQX writes it."""
    if not statement.columns:
        return dict(columns)
    row: Row = {}
    for column in statement.columns:
        if not column.name:
            row |= columns
            continue
        value = evaluate(column.value, columns)
        place = row
        for part in column.name[:-1]:
            inner = place.get(part)
            place[part] = dict(inner) if isinstance(inner, dict) else {}
            place = place[part]
        place[column.name[-1]] = "undefined" if value is None else value
    return row


def run_statement(statement: Statement, columns: Row) -> list[Row] | None:
    """Run a statement over the columns; None when its condition does not hold. Raises RunError."""
    if statement.condition is not None and evaluate(statement.condition, columns) is not True:
        return None
    if statement.foreach is None:
        return [select_columns(statement, columns)]
    return list(run_foreach(statement, columns))


def run_foreach(statement: Statement, columns: Row) -> Iterator[Row]:
    """Yield what FOREACH makes of an array."""
    items = evaluate(statement.foreach or (), columns)
    for item in items if isinstance(items, list) else ():
        own = {**columns, statement.item: item}
        if statement.incase is None or evaluate(statement.incase, own) is True:
            yield select_columns(statement, own)


def reads_from(statement: Statement, topic: str, event: str) -> bool:
    """Return whether a statement reads from a topic, or, if it is no publication, from an event."""
    if event == "message_publish":
        return any(topic_matches(topic, source) for source in statement.topics if source[:1] != "$")
    return any(source in (f"$events/{event}", f"$events/sys/{event}") for source in statement.topics)
