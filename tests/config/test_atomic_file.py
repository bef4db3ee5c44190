"""Saving despite kills, full disks and two hundred writers: the file is the old or the new one, complete."""

import multiprocessing
import os
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from emqxctl.cli.app import main
from emqxctl.config import profiles as config
from emqxctl.config.profiles import Config, Profile
from emqxctl.errors import ConfigError
from tests.support.sandboxes import EMQXCTL

pytestmark = pytest.mark.slow

BIG = "x" * 20_000  # more than one write's worth, so that a kill may fall into the middle
ADD = ("--url", "http://127.0.0.1:9", "--api-key", "4f33d24d", "--no-verify", "--quiet", "-o", "name")


@pytest.fixture
def path(home: Path) -> Path:
    """Return the file of the profiles, with one profile in it."""
    config_file = home / "config" / "config.toml"
    config_file.parent.mkdir(mode=0o700)
    config.save_config(Config(config_file, current="old", profiles={"old": Profile("old", url="http://h:1")}))
    return config_file


@pytest.fixture
def secret(tmp_path: Path) -> str:
    """Return the name of a file with a secret."""
    file = tmp_path / "secret"
    file.write_text("s3cret-of-the-test\n")
    return str(file)


def save_for_ever(pipe_end: int) -> None:
    """Save different configurations one after the other; write a byte to the pipe after each."""
    number = 0
    while True:
        number += 1
        with config.edit_config() as edit:
            edit.config = edit.config.with_profile(Profile("new", url=f"http://h:{number}", ca_file=BIG))
        os.write(pipe_end, b".")


def kill_saver(saves: int) -> None:
    """Start a process that saves, and kill it after as many saves: somewhere within the next."""
    parent_end, child_end = os.pipe()
    child = multiprocessing.get_context("fork").Process(target=save_for_ever, args=(child_end,))
    child.start()
    os.close(child_end)
    for _ in range(saves):
        assert os.read(parent_end, 1) == b"."
    assert child.pid
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    os.close(parent_end)
    assert child.exitcode == -signal.SIGKILL


def test_a_kill_during_a_thousand_saves_leaves_a_whole_file_each_time(path: Path) -> None:
    for number in range(100):
        kill_saver(5 + number % 11)
        loaded_config = config.load_config()
        assert loaded_config.profiles["old"].url == "http://h:1"
        assert loaded_config.profiles["new"].ca_file == BIG
    with config.edit_config() as edit:
        edit.config = edit.config.without_profile("new")
    assert sorted(file.name for file in path.parent.iterdir()) == ["config.toml", "config.toml.lock"]


def add_in_a_process(number: int, secret: str) -> None:
    """Run `keys add` in a process of its own, which ends with its exit code."""
    sys.exit(main(["keys", "add", f"p{number}", *ADD, "--api-secret-file", secret]))


def test_two_hundred_parallel_adds_lose_none(path: Path, secret: str) -> None:
    fork = multiprocessing.get_context("fork")
    processes = [fork.Process(target=add_in_a_process, args=(number, secret)) for number in range(200)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert {process.exitcode for process in processes} == {0}
    assert set(config.load_config().profiles) == {"old", *(f"p{number}" for number in range(200))}


def test_parallel_runs_of_the_installed_program_lose_none(path: Path, secret: str) -> None:
    words = [*ADD, "--api-secret-file", secret]
    processes = [
        subprocess.Popen([EMQXCTL, "keys", "add", f"p{number}", *words], stdout=subprocess.DEVNULL)
        for number in range(12)
    ]
    assert [process.wait(timeout=60) for process in processes] == [0] * 12
    assert set(config.load_config().profiles) == {"old", *(f"p{number}" for number in range(12))}


def run_with_size_limit(blocks: int, words: list[str]) -> "subprocess.CompletedProcess[str]":
    """Run the program where no file may be larger than blocks of 512 bytes (RLIMIT_FSIZE: a full disk)."""
    line = ["/bin/sh", "-c", f'ulimit -f {blocks}; exec "$@"', "sh", EMQXCTL, *words]
    return subprocess.run(line, capture_output=True, text=True, check=False, timeout=60)


def test_a_full_disk_leaves_the_old_file(path: Path, secret: str) -> None:
    before = path.read_bytes()
    words = ["keys", "add", "big", *ADD, "--api-secret-file", secret, "--ca-file", BIG]
    result = run_with_size_limit(4, words)
    assert result.returncode == 3
    assert "cannot write" in result.stderr
    assert "file too large" in result.stderr
    assert "s3cret" not in result.stderr + result.stdout
    assert path.read_bytes() == before
    assert sorted(file.name for file in path.parent.iterdir()) == ["config.toml", "config.toml.lock"]
    assert run_with_size_limit(200, words).returncode == 0


def test_a_linked_file_stays_linked_through_the_program(path: Path, secret: str, tmp_path: Path) -> None:
    dotfiles = tmp_path / "dotfiles"
    dotfiles.mkdir()
    path.rename(dotfiles / "emqx.toml")
    path.symlink_to(dotfiles / "emqx.toml")
    assert main(["keys", "add", "new", *ADD, "--api-secret-file", secret]) == 0
    assert path.readlink() == dotfiles / "emqx.toml"
    assert set(tomllib.loads((dotfiles / "emqx.toml").read_text())["profiles"]) == {"old", "new"}
    assert [file.name for file in dotfiles.iterdir()] == ["emqx.toml"]


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b'current = "a"\n[profiles.a\n', "line 2, column 12"),
        (b'current = "a"\n\n  x = \n', "line 3, column 7"),
        (b'a = "\xe9"\n', "line 1, column 6"),
        (b'current = "a"\nb = "\xc3\xa9\xff"\n', "line 2, column 7"),
    ],
)
def test_the_error_of_an_invalid_file_has_line_and_column(path: Path, content: bytes, place: str) -> None:
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=place):
        config.load_config()


def test_a_byte_order_mark_is_accepted(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert config.load_config().current == "old"
