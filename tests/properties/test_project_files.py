"""The project's own files: archives, workflows, image recipe, contribution papers."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from emqxctl import __version__
from emqxctl.guide import GUIDES
from tests.generate import build_files

TOP = Path(__file__).parents[2]
GITHUB = TOP / ".github"
PINNED = re.compile(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+|\./[\w./-]+")


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Build the source archive, and the wheel from its content, without network."""
    folder = tmp_path_factory.mktemp("dist")
    build_archive("sdist", TOP, folder)
    source = next(folder.glob("*.tar.gz"))
    shutil.unpack_archive(source, folder)
    build_archive("wheel", folder / f"emqxctl-{__version__}", folder)
    return {"sdist": source, "wheel": next(folder.glob("*.whl"))}


def build_archive(target: str, source: Path, folder: Path) -> None:
    """Build one archive from a folder with the project's files."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)


def test_the_wheel_has_what_runs_and_nothing_else(archives: dict[str, Path]) -> None:
    with zipfile.ZipFile(archives["wheel"]) as wheel:
        names = set(wheel.namelist())
        console = wheel.read(f"emqxctl-{__version__}.data/scripts/emqxctl")
    shared = f"emqxctl-{__version__}.data/data/share"
    expected = {f"emqxctl/guide/{topic}.md" for topic in GUIDES}
    expected |= {f"{shared}/man/man1/{Path(name).name}" for name in build_files() if name.endswith(".1")}
    expected |= {f"{shared}/bash-completion/completions/emqxctl", f"{shared}/zsh/site-functions/_emqxctl"}
    expected |= {f"{shared}/fish/vendor_completions.d/emqxctl.fish", "emqxctl/sandbox/__main__.py"}
    package = [path for path in (TOP / "emqxctl").rglob("*") if path.suffix in {".py", ".json", ".md", ".mo"}]
    expected |= {str(path.relative_to(TOP)) for path in package if "guide/reference" not in str(path)}
    assert expected - names == set()
    roots = {name.partition("/")[0] for name in names}
    assert roots == {"emqxctl", f"emqxctl-{__version__}.data", f"emqxctl-{__version__}.dist-info"}
    assert [name for name in names if "guide/reference" in name or "__pycache__" in name] == []
    assert console.startswith(b"#!python\n")


def test_the_source_archive_has_what_builds_and_tests(archives: dict[str, Path]) -> None:
    with tarfile.open(archives["sdist"]) as tar:
        names = {name.partition("/")[2] for name in tar.getnames()}
    assert {"pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", ".ci/run", "tests/generate.py"} <= names
    assert set(build_files()) <= names
    assert [name for name in names if name.split("/")[0] in {".venv", "build", "dist", ".git"}] == []


def test_the_wheel_runs_where_only_it_is_installed(archives: dict[str, Path], tmp_path: Path) -> None:
    prefix, home = tmp_path / "prefix", tmp_path / "home"
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--ignore-installed"]
    subprocess.run([*pip, "--prefix", str(prefix), str(archives["wheel"])], check=True, capture_output=True)
    package = next(prefix.rglob("site-packages"))
    libraries = next(path for path in sys.path if path.endswith("site-packages"))
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "EMQXCTL_CONFIG": str(home),
        "PYTHONPATH": f"{package}:{libraries}",
    }
    for words in (["--version"], ["-p", "sandbox", "nodes", "list", "-o", "name"], ["help", "install"]):
        result = subprocess.run(
            [prefix / "bin" / "emqxctl", *words], env=environ, cwd=tmp_path, capture_output=True, check=False
        )
        assert (result.returncode, b"Traceback" in result.stderr) == (0, False), result.stderr
    assert (prefix / "share" / "man" / "man1" / "emqxctl-clients.1").is_file()


def iterate_uses() -> Iterator[tuple[str, str]]:
    """Yield each action that a workflow or an action uses, with its file."""
    for path in [*GITHUB.rglob("*.yml")]:
        for match in re.finditer(r"uses: (.*)", path.read_text()):
            yield path.name, match[1].strip()


def test_every_action_is_pinned_by_its_hash() -> None:
    assert [use for use in iterate_uses() if not PINNED.fullmatch(use[1])] == []
    assert len(list(iterate_uses())) > 10


def test_workflows_grant_no_more_than_they_need() -> None:
    for path in (GITHUB / "workflows").glob("*.yml"):
        assert yaml.safe_load(path.read_text())["permissions"] == {"contents": "read"}, path.name
    release = yaml.safe_load((GITHUB / "workflows" / "release.yml").read_text())
    with_token = [name for name, job in release["jobs"].items() if "id-token" in job.get("permissions", {})]
    assert with_token == ["publish", "release"]  # the index, and the attestation
    assert set(release["jobs"]["verify"]["strategy"]["matrix"]["artefact"]) == {
        "wheel",
        "sdist",
        "onedir",
        "image",
        "action",
    }


def test_the_image_is_slim_has_no_root_and_no_secret() -> None:
    lines = (GITHUB / "Dockerfile").read_text().splitlines()
    bases = [line for line in lines if line.startswith("FROM")]
    assert all("-slim" in line for line in bases)
    assert [line for line in lines if line.startswith("USER")] == ["USER 10001:10001"]
    assert [line for line in lines if re.match(r"(ARG|ENV).*(SECRET|KEY)", line)] == []


@pytest.mark.parametrize(
    ("program", "files"), [("actionlint", "workflows/*.yml"), ("hadolint", "Dockerfile"), ("zizmor", "")]
)
def test_linters_of_workflows_and_image_find_nothing(program: str, files: str) -> None:
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"{program} is not installed")
    options = ["--offline", "--min-severity", "medium"] if program == "zizmor" else []
    names = [str(name) for name in sorted(GITHUB.glob(files))] if files else [str(GITHUB)]
    result = subprocess.run([path, *options, *names], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_contribution_papers_name_what_exists() -> None:
    papers = (GITHUB / "CONTRIBUTING.md", GITHUB / "SECURITY.md", TOP / "README.md")
    text = "".join(path.read_text() for path in papers)
    paths = re.findall(r"`((?:emqxctl|tests|completions|\.github|\.ci)/[\w./-]*)`", text)
    assert len(paths) > 5
    assert [path for path in paths if not (TOP / path).exists()] == []
    tasks = set(re.findall(r"`poe (\w+)`", text))
    assert [task for task in tasks if f"\n{task} = {{" not in (TOP / "pyproject.toml").read_text()] == []
