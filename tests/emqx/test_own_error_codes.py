"""emqxctl's own error codes: each that the source raises is explained, and no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from emqxctl.cli.root import build_root, walk_commands
from emqxctl.emqx.error_codes import CATALOG
from emqxctl.emqx.error_codes.own import ALL_CODES, OWN_CODES, SHARED_CODES, find_raiser
from emqxctl.errors import EmqxctlError, ExitCode
from tests.emqx.test_error_codes import find_commands, is_fragment, starts_with_path
from tests.support.texts import PACKAGE

CODE = re.compile(r"[A-Z][A-Z_]*[A-Z]")
ERRORS: list[type[EmqxctlError]] = [EmqxctlError, *EmqxctlError.__subclasses__()]
# The argument of a call that is a code: `Problem("NOT_YAML", …)`.
POSITIONS = {"Problem": 0, "fail": 0, "unexpected_shape_error": 2, "Finding": 4}


def read_raised_codes() -> dict[str, list[str]]:
    """Return the codes that the source writes into errors, findings and problems, with their files."""
    codes: dict[str, list[str]] = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        location = str(file.relative_to(PACKAGE))
        if location.startswith(("sandbox/", "emqx/error_codes/")):
            continue  # what EMQX raises, and the catalogs themselves
        for code in codes_of_module(file):
            codes.setdefault(code, []).append(location)
    return codes


def codes_of_module(file: Path) -> Iterator[str]:
    """Yield the codes that a module raises."""
    tree = ast.parse(file.read_text())
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        for expression in code_expressions(node):
            value = constants.get(expression.id) if isinstance(expression, ast.Name) else expression
            for part in ast.walk(value) if value else ():
                if isinstance(part, ast.Constant) and CODE.fullmatch(str(part.value)):
                    yield str(part.value)


def code_expressions(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the expressions of a node that become a code."""
    match node:
        case ast.keyword(arg="code", value=value):
            yield value.body if isinstance(value, ast.IfExp) else value
            if isinstance(value, ast.IfExp):
                yield value.orelse
        case ast.Dict(keys=keys, values=values):
            for key, value in zip(keys, values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "code":
                    yield value
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=arguments):
            yield from arguments[POSITIONS[name] :][:1] if name in POSITIONS else ()
        case ast.FunctionDef(name="fallback_code"):
            yield from (part.value for part in ast.walk(node) if isinstance(part, ast.Return) and part.value)


def class_codes(parent: type[EmqxctlError] = EmqxctlError) -> set[str]:
    """Return the codes of the exceptions themselves, for errors without a code of their own."""
    return {parent.code}.union(*(class_codes(child) for child in parent.__subclasses__()))


def test_every_code_that_is_raised_is_explained_and_no_other() -> None:
    raised = read_raised_codes()
    codes = raised.keys() | class_codes()
    assert len(codes) > 100
    assert {
        code: raised.get(code) for code in codes if code not in OWN_CODES and code not in SHARED_CODES
    } == {}
    assert {code for code in OWN_CODES if code not in codes and not code.startswith("HTTP_")} == set()
    assert codes >= SHARED_CODES
    assert CATALOG.keys() >= SHARED_CODES


def test_no_code_has_two_explanations() -> None:
    assert OWN_CODES.keys() & CATALOG.keys() == set()
    assert len(ALL_CODES) == len(OWN_CODES) + len(CATALOG)
    assert [find_raiser(code) for code in ("READONLY", "NOT_FOUND", "BAD_TOPIC", "HTTP_502")] == [
        "emqxctl", "EMQX, emqxctl", "EMQX", "emqxctl",
    ]  # fmt: skip


def test_meanings_and_hints_are_lines_whose_commands_exist() -> None:
    texts = [text for entry in OWN_CODES.values() for text in (entry.meaning, entry.hint)]
    assert [text for text in texts if not is_fragment(text) and not text.startswith(("--", "MQTT"))] == []
    paths = {path for path, _command in walk_commands(build_root())}
    commands = [command for entry in OWN_CODES.values() for command in find_commands(entry.hint)]
    assert [command for command in commands if not starts_with_path(command, paths)] == []


def raised_exit_codes() -> Iterator[tuple[str, str]]:
    """Yield each code with the name of the exit code that it is raised with."""
    defaults = {error.__name__: error.exit_code.name for error in ERRORS}
    for file in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in defaults:
                words = {keyword.arg: keyword.value for keyword in node.keywords}
                exit_code = words.get("exit_code")
                code = words.get("code")
                name = exit_code.attr if isinstance(exit_code, ast.Attribute) else ""
                if isinstance(code, ast.Constant) and (exit_code is None or name in ExitCode.__members__):
                    yield str(code.value), name or defaults[node.func.id]


def test_the_exit_code_is_one_that_the_code_is_raised_with() -> None:
    exit_codes: dict[str, set[str]] = {}
    for code, name in raised_exit_codes():
        exit_codes.setdefault(code, set()).add(name)
    for error in ERRORS:
        exit_codes[error.code] = {error.exit_code.name}
    explained = {code: names for code, names in exit_codes.items() if code in OWN_CODES}
    assert len(explained) > 60
    assert {
        code: names for code, names in explained.items() if OWN_CODES[code].exit_code.name not in names
    } == {}
