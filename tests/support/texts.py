"""The texts that users read: help of commands and parameters, errors and hints, each with its location."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from emqxctl.cli.root import build_root, walk_commands
from emqxctl.emqx.error_codes.own import ALL_CODES

PACKAGE = Path(__file__).parents[2] / "emqxctl"
MESSAGE_WORDS = ("message", "note", "notes", "reason")
PLACEHOLDER = "X"  # in place of a value in the text of an f-string


class UserText(NamedTuple):
    """A text that a user reads; `kind` is help, hint or message."""

    location: str
    kind: str
    text: str


def hide_value(_value: ast.expr) -> str:
    """Return the placeholder for any value in a text."""
    return PLACEHOLDER


def read_texts() -> list[UserText]:
    """Return the help of all commands, and the hints and messages of the source and the catalog."""
    return [*help_texts(), *catalog_texts(), *source_texts()]


def help_texts() -> Iterator[UserText]:
    """Yield the help of each command and of its own arguments and options, and each shared option once."""
    root = build_root()
    shared_names = {option.name for option in root.params}
    for option in root.params:
        yield UserText(f"emqxctl {option.opts[0]}", "help", getattr(option, "help", "") or "")
    for path, command in walk_commands(root):
        yield UserText(path, "help", command.help or "")
        for parameter in command.params:
            is_shared = parameter.name in shared_names and parameter.name not in command.spec.parameters
            if not is_shared and not getattr(parameter, "hidden", False):
                yield UserText(f"{path} {parameter.opts[0]}", "help", getattr(parameter, "help", "") or "")


def catalog_texts() -> Iterator[UserText]:
    """Yield meaning and hint of each error code."""
    for code, entry in ALL_CODES.items():
        yield UserText(f"error code {code}", "message", entry.meaning)
        yield UserText(f"error code {code}", "hint", entry.hint)


def source_texts(name_value: Callable[[ast.expr], str] = hide_value) -> Iterator[UserText]:
    """Yield the literals that the source uses as hints, messages and notes."""
    for file in sorted(PACKAGE.rglob("*.py")):
        location = str(file.relative_to(PACKAGE))
        if location.startswith("sandbox/"):
            continue  # the texts of EMQX, as it writes them
        for node in ast.walk(ast.parse(file.read_text())):
            for kind, expression in read_text_expressions(node):
                for text in literals(expression, name_value):
                    yield UserText(f"{location}:{expression.lineno}", kind, text)


def read_text_expressions(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield the expressions of a node that become a hint or a message, by their keyword, name or function."""
    if isinstance(node, ast.keyword) and node.arg:
        yield from classify(node.arg, node.value)
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            yield from classify(target.id if isinstance(target, ast.Name) else "", node.value)
    elif isinstance(node, ast.AnnAssign | ast.AugAssign):
        if node.value and isinstance(node.target, ast.Name):
            yield from classify(node.target.id, node.value)
    elif isinstance(node, ast.FunctionDef) and "hint" in node.name:
        for inner in ast.walk(node):
            if isinstance(inner, ast.Return) and inner.value:
                yield "hint", inner.value
    elif isinstance(node, ast.Call) and node.args and is_message_call(node.func):
        yield "message", node.args[0]


def is_message_call(function: ast.expr) -> bool:
    """Return whether the first argument of a call is a text for users: an error, a result, a log line."""
    if isinstance(function, ast.Attribute):
        return function.attr in {"info", "confirm"}
    name = getattr(function, "id", "")
    return name == "Done" or name.endswith(("Error", "_error"))


def classify(name: str, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """Yield a value with the kind of text that its name says it is."""
    if "hint" in name.lower():
        yield "hint", value
    elif name in MESSAGE_WORDS:
        yield "message", value


def literals(expression: ast.expr, name_value: Callable[[ast.expr], str] = hide_value) -> Iterator[str]:
    """Yield the texts that an expression may be; a value within a text is what `name_value` returns."""
    match expression:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else name_value(part) for part in parts
            )
        case _:
            for part in text_parts(expression):
                yield from literals(part, name_value)


def text_parts(expression: ast.expr) -> list[ast.expr]:
    """Return the parts of an expression that are texts themselves: of choices, lists, sums and tables."""
    match expression:
        case ast.IfExp(body=body, orelse=other):
            return [body, other]
        case ast.BinOp(left=left, right=right):
            return [left, right]
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.BoolOp(values=items) | ast.Dict(values=items):
            return [item.value if isinstance(item, ast.Starred) else item for item in items]
        case _:
            return []
