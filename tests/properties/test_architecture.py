"""Rules of the house that the linter does not check: imports, folders, sizes, who prints and who exits."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from emqxctl.cli.root import build_root, find_entry

TOP = Path(__file__).parents[2]
PACKAGE = TOP / "emqxctl"
SOURCES = {str(path.relative_to(PACKAGE)): path.read_text() for path in sorted(PACKAGE.rglob("*.py"))}
DATA = frozenset({"emqx/operations_data.py", "emqx/row_fields_data.py"})  # a line for each operation or list
MAX_LINES = 300
MAX_SANDBOX_LINES = 10_000
VAGUE_NAMES = frozenset({"utils", "helpers", "manager", "base", "common", "misc"})
PRINTING = re.compile(r"(?<![\w.])print\(|typer\.echo|sys\.std(out|err)\.write")
EXITING = re.compile(r"sys\.exit|raise SystemExit|typer\.Exit")


def test_imports_point_one_way() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([linter, "--no-cache"], cwd=TOP, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-3000:]


def test_no_import_is_circular() -> None:
    modules = {module_name(file) for file in SOURCES}
    imports = {module_name(file): imported_modules(source, modules) for file, source in SOURCES.items()}
    assert sorted(sorted(circle) for circle in find_circles(imports)) == []


def test_a_circle_is_found_wherever_the_import_stands() -> None:
    lazy = "def f():\n    from emqxctl.b import x\n"
    for_types = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from emqxctl import a\n"
    modules = {"emqxctl", "emqxctl.a", "emqxctl.b", "emqxctl.c"}
    sources = {"emqxctl.a": lazy, "emqxctl.b": for_types, "emqxctl.c": "import emqxctl.a\n"}
    imports = {name: imported_modules(source, modules) for name, source in sources.items()}
    assert [sorted(circle) for circle in find_circles(imports)] == [["emqxctl.a", "emqxctl.b"]]


def test_modules_are_small_described_and_well_named() -> None:
    offenders = []
    for file, source in SOURCES.items():
        lines = source.splitlines()
        if not lines or not lines[0].lstrip("r").startswith('"""'):
            offenders.append(f"{file}: no docstring on the first line")
        if len(lines) > MAX_LINES and file not in DATA:
            offenders.append(f"{file}: {len(lines)} lines")
        if VAGUE_NAMES & set(Path(file).stem.split("_")):
            offenders.append(f"{file}: its name does not say what it holds")
    assert not offenders, "\n".join(offenders)


def test_the_sandbox_stays_small() -> None:
    lines = sum(len(source.splitlines()) for file, source in SOURCES.items() if file.startswith("sandbox/"))
    assert lines <= MAX_SANDBOX_LINES, "an operation is a row of sandbox/data before it is a function"


def test_only_output_prints_and_only_cli_exits() -> None:
    offenders = []
    for file, source in SOURCES.items():
        if file == "__main__.py" or file.startswith("sandbox/"):
            continue
        if not file.startswith("output/") and PRINTING.search(source):
            offenders.append(f"{file} prints")
        if not file.startswith("cli/") and EXITING.search(source):
            offenders.append(f"{file} exits")
    assert not offenders, "\n".join(offenders)


def test_folders_are_the_command_tree() -> None:
    root = build_root()
    offenders = [
        str(path.relative_to(TOP))
        for path, words in command_modules(PACKAGE / "commands")
        if not is_entry(root, words)
    ]
    offenders += [
        f"no module of group {name}"
        for name, group in root.commands.items()
        if not group.hidden and not has_module(PACKAGE / "commands", name)
    ]
    assert not offenders, "\n".join(offenders)


def test_folders_of_tests_are_the_command_tree() -> None:
    root = build_root()
    folder = TOP / "tests" / "commands"
    packages = {
        path.parent.relative_to(PACKAGE / "commands") for path in PACKAGE.rglob("commands/**/__init__.py")
    }
    folders = {
        path.relative_to(folder) for path in folder.rglob("*") if path.is_dir() and path.name != "__pycache__"
    }
    offenders = [f"{path}: not a package of commands" for path in sorted(folders - packages)]
    for path in sorted(folder.rglob("test_*.py")):
        name = path.stem.removeprefix("test_")
        words = [*path.parent.relative_to(folder).parts, name]
        private_module = PACKAGE / "commands" / path.parent.relative_to(folder) / f"_{name}.py"
        if not is_entry(root, words) and not private_module.exists() and name not in path.parent.parts[-1:]:
            offenders.append(f"{path.relative_to(TOP)}: not a command")
    assert not offenders, "\n".join(offenders)


def test_groups_import_their_private_modules_and_constants_of_others() -> None:
    offenders = []
    for file, source in SOURCES.items():
        if not file.startswith("commands/"):
            continue
        group = Path(file).with_suffix("").parts[1]
        for node in ast.walk(ast.parse(source)):
            if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("emqxctl.commands"):
                continue
            names = [alias.name for alias in node.names]
            parts = [*str(node.module).split(".")[2:], *names][:2]
            is_private = any(part.startswith("_") for part in [*str(node.module).split("."), *names])
            if parts[0] == group:
                is_lazy = Path(file).name == "__init__.py" and not is_private and node.col_offset == 0
                offenders += [f"{file}: imports {node.module}, a command of its own"] if is_lazy else []
            elif not is_private and not all(name.isupper() for name in names):
                offenders.append(f"{file}: imports {', '.join(names)} of {node.module}")
    assert not offenders, "\n".join(offenders)


def module_name(file: str) -> str:
    """Return the module of a file: `cli/run.py` is `emqxctl.cli.run`."""
    return ".".join(["emqxctl", *Path(file).with_suffix("").parts]).removesuffix(".__init__")


def imported_modules(source: str, modules: set[str]) -> set[str]:
    """Return the modules that a source imports, inside functions and under TYPE_CHECKING too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                submodule = f"{node.module}.{alias.name}"
                names.add(submodule if submodule in modules else node.module)
    return names & modules


def find_circles(imports: Mapping[str, set[str]]) -> Iterator[set[str]]:
    """Yield each set of modules that import each other, directly or through others of the set."""
    reachable = {name: reach(imports, name) for name in imports}
    seen: set[str] = set()
    for name in imports:
        circle = {other for other in reachable[name] if name in reachable.get(other, ())}
        if circle and name not in seen:
            seen |= circle
            yield circle


def reach(imports: Mapping[str, set[str]], start: str) -> set[str]:
    """Return the modules that a module imports directly or through others."""
    reached: set[str] = set()
    pending = list(imports.get(start, ()))
    while pending:
        name = pending.pop()
        if name not in reached:
            reached.add(name)
            pending += imports.get(name, ())
    return reached


def command_modules(folder: Path) -> Iterator[tuple[Path, list[str]]]:
    """Yield the modules and packages below a folder whose names are words that a user types."""
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).with_suffix("").parts
        is_module = path.suffix == ".py" or (path.is_dir() and path.name != "__pycache__")
        if is_module and not any(part.startswith("_") for part in parts):
            yield path, [part.replace("_", "-") for part in parts]


def is_entry(root: Any, words: list[str]) -> bool:
    """Return whether words lead to a command or group."""
    entry = root
    for word in words:
        entry = find_entry(entry, word.replace("_", "-"), root)
        if entry is None:
            return False
    return True


def has_module(folder: Path, name: str) -> bool:
    """Return whether a group has a module or package."""
    path = folder / name.replace("-", "_")
    return path.with_suffix(".py").exists() or path.is_dir()
