"""The user's files: profiles in `config.toml`, preferences in `preferences.toml`; found, loaded, saved."""

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from emqxctl.errors import ConfigError

SANDBOX = "sandbox"  # the reserved profile of the simulated cluster
COLORS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")


NO_HOME = Path(os.devnull, "no-home")  # nothing can be read there or written
EMPTY: Mapping[str, object] = MappingProxyType({})


class Profile(NamedTuple):
    """A named cluster: where it is, the API key for it, and the guards around it.

    The secret is kept as one of: `api_secret` itself, `secret_file`, `secret_env` (a variable's name), or
    `secret_command` (a command whose first line of output it is). `timeout` is in seconds.
    """

    name: str
    url: str = ""
    api_key: str = ""
    api_secret: str = ""
    secret_file: str = ""
    secret_env: str = ""
    secret_command: tuple[str, ...] = ()
    ca_file: str = ""
    client_cert: str = ""
    client_key: str = ""
    insecure: bool = False
    proxy: str = ""
    timeout: float = 0.0
    protected: bool = False
    readonly: bool = False
    color: str = ""
    extra: Mapping[str, object] = EMPTY  # keys of a newer emqxctl: kept when saved

    def to_table(self) -> dict[str, object]:
        """Give the profile as a TOML table: only what is set."""
        written = {name: getattr(self, name) for name in PROFILE_KEYS}
        plain = {name: list(value) if isinstance(value, tuple) else value for name, value in written.items()}
        return {name: value for name, value in plain.items() if value} | dict(self.extra)


PROFILE_KEYS = tuple(name for name in Profile._fields if name not in {"name", "extra"})
NO_PROFILES: Mapping[str, Profile] = MappingProxyType({})


class Config(NamedTuple):
    """What `config.toml` holds. `warnings` name keys in it that mean nothing to emqxctl."""

    path: Path
    current: str = ""
    previous: str = ""
    profiles: Mapping[str, Profile] = NO_PROFILES
    warnings: tuple[str, ...] = ()
    extra: Mapping[str, object] = EMPTY

    def get_profile(self, name: str) -> Profile:
        """Find a profile. Raises ConfigError naming it and those that exist."""
        if name in self.profiles:
            return self.profiles[name]
        known = ", ".join(sorted(self.profiles)) or "none yet"
        message = f"there is no profile {name!r}"
        raise ConfigError(
            message,
            code="NO_SUCH_PROFILE",
            hint=f"profiles: {known}; add one with: emqxctl keys add {name} --url URL",
        )

    def with_profile(self, profile: Profile) -> "Config":
        """Give this configuration with a profile added or replaced."""
        return self._replace(profiles={**self.profiles, profile.name: profile})

    def without_profile(self, name: str) -> "Config":
        """Give this configuration with a profile gone; nothing is current or previous that is gone."""
        left = {key: profile for key, profile in self.profiles.items() if key != name}
        return self._replace(
            profiles=left,
            current="" if self.current == name else self.current,
            previous="" if self.previous == name else self.previous,
        )

    def with_current(self, name: str) -> "Config":
        """Give this configuration with another current profile, the old one remembered for `keys use -`."""
        return self if name == self.current else self._replace(current=name, previous=self.current)


def config_path(environ: Mapping[str, str] = os.environ) -> Path:
    """Find `config.toml`: EMQXCTL_CONFIG (the file or its folder), else in the platform's folder."""
    moved = environ.get("EMQXCTL_CONFIG", "")
    if moved:
        path = expand_path(moved)
        return path if path.suffix == ".toml" and not path.is_dir() else path / "config.toml"
    from platformdirs import user_config_path

    return user_folder(user_config_path) / "config.toml"


def expand_path(name: str) -> Path:
    """Give a path with its leading `~` expanded; as it stands where nobody has that home, as a shell does."""
    return Path(os.path.expanduser(name))  # noqa: PTH111  # Path.expanduser raises


def user_folder(folder: Callable[[str], Path]) -> Path:
    """Give a folder of the user's, or one that cannot be where there is no home.

    In a container whose user has no name it might be a folder called `~` wherever the command is run.
    """
    try:
        path = folder("emqxctl")
    except RuntimeError:
        return NO_HOME
    return path if path.is_absolute() else NO_HOME


def state_path(environ: Mapping[str, str] = os.environ) -> Path:
    """Find the folder of what is remembered between runs: beside a moved configuration, or the platform's."""
    if environ.get("EMQXCTL_CONFIG"):
        return config_path(environ).parent / "state"
    from platformdirs import user_state_path

    return user_folder(user_state_path)


def load_config(environ: Mapping[str, str] = os.environ) -> Config:
    """Load the profiles; no file is an empty configuration.

    Raises ConfigError when the file cannot be read or parsed (line and column named), when a value has the
    wrong type, or when others could read a secret in it.
    """
    path = config_path(environ)
    table = read_table(path)
    extra = {key: value for key, value in table.items() if key not in {"current", "previous", "profiles"}}
    warnings = [f"{path}: unknown key {key!r}" for key in extra]
    profiles: dict[str, Profile] = {}
    entries = table.get("profiles", {})
    if not isinstance(entries, dict):
        raise wrong_type_error(path, "profiles", "a table")
    for name, entry in entries.items():
        if not isinstance(entry, dict):
            raise wrong_type_error(path, f"profiles.{name}", "a table")
        profiles[name], unknown = parse_profile(path, name, entry)
        warnings += unknown
    if any(profile.api_secret for profile in profiles.values()):
        reject_shared_file(path)
    return Config(
        path, get_text(table, "current"), get_text(table, "previous"), profiles, tuple(warnings), extra
    )


def load_preferences(environ: Mapping[str, str] = os.environ) -> Mapping[str, object]:
    """Load the user's preferences (`preferences.toml` beside the profiles); never written by emqxctl."""
    return read_table(config_path(environ).with_name("preferences.toml"))


def read_table(path: Path) -> dict[str, object]:
    """Read a TOML file. A missing one is empty. Raises ConfigError with line and column."""
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        message = f"cannot read {path}: {error.strerror}"
        raise ConfigError(message, hint="set EMQXCTL_CONFIG to a file that can be read") from error
    import tomllib

    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        words = describe_bad_byte(content, error.start) if isinstance(error, UnicodeDecodeError) else error
        message = f"{path} is not valid TOML: {words}"
        raise ConfigError(message, hint=f"mend that line in {path}") from error


def describe_bad_byte(content: bytes, start: int) -> str:
    """Name the place of a byte that is no UTF-8, in tomllib's words."""
    before = content[:start].decode(errors="replace")
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return f"not UTF-8 (at line {line}, column {column})"


def parse_profile(path: Path, name: str, entry: Mapping[str, object]) -> tuple[Profile, list[str]]:
    """Make a profile of a TOML table, and warnings. Raises ConfigError for a value of the wrong type."""
    kinds = {key: Profile.__annotations__[key] for key in PROFILE_KEYS}
    known = {
        key: check_value(path, f"profiles.{name}.{key}", kinds[key], value)
        for key, value in entry.items()
        if key in kinds
    }
    extra = {key: value for key, value in entry.items() if key not in kinds}
    warnings = [f"{path}: unknown key {key!r} in profile {name!r}" for key in extra]
    profile = Profile(name, extra=extra)._replace(**known)  # type: ignore[arg-type]  # checked() saw each type
    return profile, warnings


def check_value(path: Path, where: str, kind: object, value: object) -> object:
    """Check one value of a profile against its field's type. Raises ConfigError naming file and key."""
    if kind is bool and isinstance(value, bool):
        return value
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if kind is str and isinstance(value, str):
        return value
    if kind == tuple[str, ...] and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    words = {bool: "true or false", float: "a number of seconds", str: "a text in quotes"}
    raise wrong_type_error(path, where, words.get(kind, "a list of texts"))  # type: ignore[call-overload]  # any key


def wrong_type_error(path: Path, where: str, expected: str) -> ConfigError:
    """Say that a key of a file must hold something else."""
    return ConfigError(f"{path}: {where} must be {expected}", hint=f"mend it in {path}")


def get_text(table: Mapping[str, object], key: str) -> str:
    """Take a text out of a TOML table, or nothing."""
    value = table.get(key, "")
    return value if isinstance(value, str) else ""


def reject_shared_file(path: Path) -> None:
    """Refuse a file with secrets that others may read. Raises ConfigError with the command that mends it."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and mode & 0o077:
        message = f"{path} holds a secret but others may read it (mode {mode:04o})"
        raise ConfigError(message, code="CONFIG_READABLE", hint=f"chmod 600 {path}")


@contextmanager
def edit_config(environ: Mapping[str, str] = os.environ) -> Iterator["ConfigEdit"]:
    """Load the configuration under a lock; save what `edit.config` is when the block ends well."""
    from emqxctl.config.atomic_file import lock_file

    path = config_path(environ)
    with lock_file(path):
        edit = ConfigEdit(load_config(environ))
        before = edit.config
        yield edit
        if edit.config != before:
            save_config(edit.config)


@dataclass(slots=True)
class ConfigEdit:
    """A configuration being changed under its lock."""

    config: Config


def save_config(config: Config) -> None:
    """Write the profiles: whole or not at all, mode 0600. Raises ConfigError when the disk refuses."""
    import tomli_w

    from emqxctl.config.atomic_file import replace_file

    table: dict[str, object] = dict(config.extra)
    if config.current:
        table["current"] = config.current
    if config.previous:
        table["previous"] = config.previous
    table["profiles"] = {name: profile.to_table() for name, profile in sorted(config.profiles.items())}
    replace_file(config.path, tomli_w.dumps(table).encode())
