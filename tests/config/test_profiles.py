"""The user's files: saved completely or not at all, without lost changes, readable by the user only."""

import multiprocessing
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emqxctl.config import profiles as config
from emqxctl.config.profiles import Config, Profile
from emqxctl.errors import ConfigError
from tests.conftest import Run

TEXT = st.text(alphabet=st.characters(codec="utf-8"), max_size=20)
PROFILES = st.builds(
    Profile,
    name=st.text("abcdefghij-_.0123456789", min_size=1, max_size=10),
    url=TEXT,
    api_key=TEXT,
    api_secret=TEXT,
    secret_command=st.lists(TEXT, max_size=3).map(tuple),
    timeout=st.floats(min_value=0, max_value=1e6),
    insecure=st.booleans(),
    protected=st.booleans(),
    readonly=st.booleans(),
    extra=st.just({}),
)


@settings(max_examples=40, deadline=None)
@given(profiles=st.lists(PROFILES, max_size=4), current=st.sampled_from(["", "a"]))
def test_what_is_saved_is_loaded(
    profiles: list[Profile], current: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("c") / "config.toml"
    config_to_save = Config(path, current=current, profiles={profile.name: profile for profile in profiles})
    config.save_config(config_to_save)
    assert config.load_config({"EMQXCTL_CONFIG": str(path)}) == config_to_save


def add_profile(path: str, number: int) -> None:
    """Add a profile in a process of its own."""
    with config.edit_config({"EMQXCTL_CONFIG": path}) as edit:
        edit.config = edit.config.with_profile(Profile(f"p{number}", url="http://h:1"))


def test_parallel_writers_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    with multiprocessing.get_context("fork").Pool(8) as pool:
        pool.starmap(add_profile, [(str(path), number) for number in range(200)])
    assert len(config.load_config({"EMQXCTL_CONFIG": str(path)}).profiles) == 200


def test_a_full_disk_leaves_the_old_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "config.toml"
    config.save_config(Config(path, current="old"))
    before = path.read_bytes()

    def refuse(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(ConfigError, match="no space left"):
        config.save_config(Config(path, current="new"))
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["config.toml"]


def test_a_symlink_stays_one(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles" / "real.toml"
    real.parent.mkdir()
    link = tmp_path / "config.toml"
    link.symlink_to(real)
    config.save_config(Config(link, current="x"))
    assert link.is_symlink()
    assert 'current = "x"' in real.read_text()
    assert stat.S_IMODE(real.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("profiles = 3\n", "profiles must be a table"),
        ("[profiles.a]\nurl = 3\n", "profiles.a.url must be a string"),
        ("[profiles.a]\nreadonly = 'yes'\n", "profiles.a.readonly must be true or false"),
        ("[profiles.a]\nsecret_command = 'x'\n", "profiles.a.secret_command must be a list"),
        ("[profiles.a\n", "line 1"),
        ("\xff", "not valid TOML"),
    ],
)
def test_a_wrong_file_is_explained(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(ConfigError, match=words) as error:
        config.load_config({"EMQXCTL_CONFIG": str(path)})
    assert str(path) in error.value.message


def test_a_folder_in_its_place_is_explained(tmp_path: Path) -> None:
    (tmp_path / "config.toml").mkdir()
    with pytest.raises(ConfigError, match="cannot read"):
        config.load_config({"EMQXCTL_CONFIG": str(tmp_path)})


def test_no_file_is_an_empty_configuration(tmp_path: Path) -> None:
    empty_config = config.load_config({"EMQXCTL_CONFIG": str(tmp_path / "nothing" / "here.toml")})
    assert (empty_config.profiles, empty_config.current) == ({}, "")


def test_going_back_remembers_one_step() -> None:
    steps = (
        Config(Path("x"), profiles={"a": Profile("a"), "b": Profile("b")}).with_current("a").with_current("b")
    )
    assert (steps.current, steps.previous) == ("b", "a")
    assert steps.with_current("b") == steps
    assert steps.without_profile("a").previous == ""
    assert steps.without_profile("b").current == ""


def test_a_secret_command_written_as_text_is_shown_as_a_list(run: Run, home: Path) -> None:
    folder = home / "config"
    folder.mkdir(mode=0o700)
    (folder / "config.toml").write_text("[profiles.a]\nurl = 'http://h:1'\nsecret_command = 'pass emqx/a'\n")
    result = run("-p", "a", "nodes", "list")
    assert (result.code, 'secret_command = ["pass", "emqx/a"]' in result.err) == (3, True)


def test_a_profile_without_a_url_is_named(run: Run, home: Path) -> None:
    folder = home / "config"
    folder.mkdir(mode=0o700)
    (folder / "config.toml").write_text("[profiles.a]\napi_key = 'k'\n")
    result = run("-p", "a", "nodes", "list")
    assert (result.code, "profile 'a' has no url" in result.err) == (3, True)
    assert 'url = "http://HOST:18083"' in result.err
