"""House rules that the linter does not hold: import contracts, room sizes, who prints, who exits."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "emqxctl"
MODULES = sorted(PACKAGE.rglob("*.py"))
NAMES = [str(path.relative_to(PACKAGE)) for path in MODULES]
DATA = frozenset({"emqx/operations_data.py", "emqx/row_fields_data.py"})  # a line for each operation or list


def test_imports_point_one_way() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    ran = subprocess.run(
        [linter, "--no-cache"], cwd=PACKAGE.parent, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout[-3000:]


@pytest.mark.parametrize("name", NAMES)
def test_a_module_fits_its_one_sentence(name: str) -> None:
    lines = (PACKAGE / name).read_text().splitlines()
    assert lines[0].lstrip("r").startswith('"""'), "every module says what it holds"
    assert len(lines) <= 300 or name in DATA


@pytest.mark.parametrize("name", NAMES)
def test_printing_and_exiting_have_their_places(name: str) -> None:
    text = (PACKAGE / name).read_text()
    if not name.startswith(("output/", "sandbox/")) and name != "__main__.py":
        assert not re.search(r"(?<![\w.])print\(|typer\.echo|sys\.std(out|err)\.write", text)
    if not name.startswith(("cli/", "sandbox/")) and name != "__main__.py":
        assert not re.search(r"sys\.exit|raise SystemExit|typer\.Exit", text)


@pytest.mark.parametrize("name", NAMES)
def test_no_module_is_a_drawer(name: str) -> None:
    assert not {"utils", "helpers", "manager", "base", "common", "misc"} & set(Path(name).stem.split("_"))
