"""Odd homes, locales and terminals: the installed program works, or says what to do; never a trace."""

import os
import pwd
import stat
import subprocess
from pathlib import Path

import pytest

from emqxctl.config import profiles as config
from emqxctl.errors import ConfigError
from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.sandboxes import EMQXCTL, replace_clients, sandbox_env

ADD = ("keys", "add", "a", "--url", "http://127.0.0.1:9", "--api-key", "k", "--no-verify")


def emqxctl(
    *arguments: str, cwd: Path, env: dict[str, str], stdin: bytes = b""
) -> "subprocess.CompletedProcess[bytes]":
    """Run the installed program with this environment and nothing else."""
    result = subprocess.run(
        [EMQXCTL, *arguments],
        input=stdin,
        cwd=cwd,
        capture_output=True,
        env={"PATH": os.environ["PATH"], **env},
        check=False,
        timeout=60,
    )
    assert b"Traceback" not in result.stderr
    assert b"UNEXPECTED" not in result.stderr
    return result


@pytest.fixture
def hostile_env(sandbox: Sandbox) -> dict[str, str]:
    """Return the environment that reaches a cluster with a hostile client id."""
    replace_clients(sandbox, ["caf\u00e9 \u4e2d \x1b[31m"])
    return sandbox_env(sandbox)


HOMES: dict[str, dict[str, str]] = {
    "none": {},
    "empty": {"HOME": ""},
    "relative": {"HOME": "rel"},
    "missing": {"HOME": "/nonexistent/home"},
    "a file": {"HOME": "/dev/null"},
    "relative XDG": {"HOME": "/nonexistent", "XDG_CONFIG_HOME": "rel", "XDG_STATE_HOME": "rel"},
    "nobody's": {"EMQXCTL_CONFIG": "~nobody-of-that-name/x"},
    "a file for a folder": {"EMQXCTL_CONFIG": "/dev/null/x"},
    "long": {"EMQXCTL_CONFIG": "/" + "x" * 5000},
}


@pytest.mark.parametrize("home", HOMES)
def test_reads_need_no_home(tmp_path: Path, hostile_env: dict[str, str], home: str) -> None:
    (tmp_path / "~").mkdir()  # a folder of that name is nobody's home
    result = emqxctl("clients", "list", "-o", "name", cwd=tmp_path, env={**HOMES[home], **hostile_env})
    if home == "long":
        assert (result.returncode, b"file name too long" in result.stderr) == (3, True)
        return
    assert (result.returncode, result.stderr) == (0, b"")
    assert result.stdout == "caf\u00e9 \u4e2d \x1b[31m\n".encode()
    assert [item.name for item in tmp_path.iterdir()] == ["~"] or home != "relative"
    assert not list((tmp_path / "~").iterdir())


@pytest.mark.parametrize("home", ["missing", "a file", "a file for a folder"])
def test_a_profile_that_cannot_be_saved_is_an_error(tmp_path: Path, home: str) -> None:
    if home == "missing" and os.geteuid() == 0:
        pytest.skip("the superuser may make any folder")
    folder = tmp_path / "here"
    folder.mkdir()
    arguments = (*ADD, "--api-secret-file", "-")
    result = emqxctl(*arguments, cwd=folder, env=HOMES[home], stdin=b"s3cret-of-the-test\n")
    assert result.returncode == 3
    assert b"cannot write" in result.stderr
    assert b"EMQXCTL_CONFIG" in result.stderr
    assert b"s3cret" not in result.stderr + result.stdout
    assert list(folder.iterdir()) == []


def test_a_folder_in_place_of_the_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "config.toml").mkdir()
    for arguments in (("keys", "list"), (*ADD, "--api-secret-file", "-")):
        result = emqxctl(*arguments, cwd=tmp_path, env={"EMQXCTL_CONFIG": str(tmp_path)}, stdin=b"x\n")
        assert (result.returncode, b"is a directory" in result.stderr) == (3, True)


def test_a_user_without_a_name_has_no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_uid: int) -> None:
        raise KeyError(_uid)

    for name in ("HOME", "EMQXCTL_CONFIG"):
        monkeypatch.delenv(name)
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    assert config.load_config({}).profiles == {}
    with pytest.raises(ConfigError, match="cannot write"), config.edit_config({}):
        pass


def test_a_folder_without_write_permission_is_an_error(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied")

    (home / "config").mkdir(mode=0o500)
    monkeypatch.setattr("tempfile.mkstemp", refuse)
    result = run(*ADD, "--api-secret-file", "-", stdin=b"s3cret-of-the-test\n")
    assert result.code == 3
    assert "permission denied" in result.err
    assert "EMQXCTL_CONFIG" in result.err
    assert "s3cret" not in result.err


def test_a_new_folder_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    env = {"EMQXCTL_CONFIG": str(tmp_path / "a" / "b")}
    previous_umask = os.umask(0)
    try:
        assert emqxctl(*ADD, "--api-secret-file", "-", cwd=tmp_path, env=env, stdin=b"x\n").returncode == 0
    finally:
        os.umask(previous_umask)
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "a" / "b" / "config.toml").stat().st_mode) == 0o600


VARIABLES = (
    *("LANG=C", "LC_ALL=C", "LC_ALL=POSIX", "LC_ALL=en_US.ISO-8859-1", "LANG=xx_YY.nonsense", "PYTHONUTF8=0"),
    *("PYTHONIOENCODING=ascii", "PYTHONIOENCODING=latin-1", "TERM=dumb", "TERM=", "NO_COLOR=1", "COLUMNS=0"),
    *("COLUMNS=-1", "COLUMNS=100000", "COLUMNS=9999999999999999999999", "COLUMNS=\u00b2", "COLUMNS=wide"),
    *("LINES=0", "TZ=nowhere/none", "TMPDIR=/nonexistent", "PYTHONWARNINGS=error", "PYTHONDEVMODE=1"),
)


@pytest.mark.parametrize("variable", VARIABLES)
def test_every_locale_and_terminal_works(tmp_path: Path, hostile_env: dict[str, str], variable: str) -> None:
    name, _, value = variable.partition("=")
    env = {"HOME": str(tmp_path), **hostile_env, name: value}
    if name == "PYTHONUTF8":
        env["LC_ALL"] = "C"
    list_result = emqxctl("clients", "list", "--color", "auto", cwd=tmp_path, env=env)
    assert (list_result.returncode, list_result.stderr) == (0, b"")
    assert b"\\x1b[31m" in list_result.stdout
    assert b"\x1b" not in list_result.stdout
    get_result = emqxctl("clients", "get", "caf\u00e9 \u4e2d \x1b[31m", "--json", cwd=tmp_path, env=env)
    assert (get_result.returncode, get_result.stderr) == (0, b"")
    assert "caf\u00e9 \u4e2d" in get_result.stdout.decode()
