"""The user's files: profiles in `config.toml`, preferences in `preferences.toml`."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from emqxctl.errors import ConfigError

SANDBOX = "sandbox"  # the reserved profile of the simulated cluster
COLORS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
NO_HOME = Path(os.devnull, "no-home")  # cannot be read or written
EMPTY: Mapping[str, object] = MappingProxyType({})


class Profile(NamedTuple):
    """A named cluster: its URL, its API key and its guards.

    The secret is one of: `api_secret` itself, `secret_file`, `secret_env` (a variable's name), or
    `secret_command` (whose first line of output is the secret). `timeout` is in seconds. `extra` are keys of
    a newer emqxctl, which are preserved.
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
    extra: Mapping[str, object] = EMPTY

    def to_table(self) -> dict[str, object]:
        """Return the profile as a TOML table, without empty values."""
        values = {name: getattr(self, name) for name in PROFILE_KEYS}
        table = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
        return {name: value for name, value in table.items() if value} | dict(self.extra)


PROFILE_KEYS = tuple(name for name in Profile._fields if name not in {"name", "extra"})
NO_PROFILES: Mapping[str, Profile] = MappingProxyType({})


class Config(NamedTuple):
    """The content of `config.toml`. `warnings` name its unknown keys."""

    path: Path
    current: str = ""
    previous: str = ""
    profiles: Mapping[str, Profile] = NO_PROFILES
    warnings: tuple[str, ...] = ()
    extra: Mapping[str, object] = EMPTY

    def get_profile(self, name: str) -> Profile:
        """Return a profile. Raises ConfigError that names it and the existing ones."""
        if name in self.profiles:
            return self.profiles[name]
        raise unknown_profile_error(name, self.profiles)

    def with_profile(self, profile: Profile) -> "Config":
        """Return the configuration with a profile added or replaced."""
        return self._replace(profiles={**self.profiles, profile.name: profile})

    def without_profile(self, name: str) -> "Config":
        """Return the configuration without a profile, which is then neither current nor previous."""
        return self._replace(
            profiles={key: profile for key, profile in self.profiles.items() if key != name},
            current="" if self.current == name else self.current,
            previous="" if self.previous == name else self.previous,
        )

    def with_current(self, name: str) -> "Config":
        """Return the configuration with another current profile; the old one is the previous one."""
        return self if name == self.current else self._replace(current=name, previous=self.current)


def unknown_profile_error(name: str, names: Iterable[str], *, is_pattern: bool = False) -> ConfigError:
    """Return the error for a profile that does not exist; the hint has the close name and all names.

    `is_pattern`: no profile matches the name, which has wildcards.
    """
    from difflib import get_close_matches

    names = sorted(names)
    close_names = get_close_matches(name, names, n=1)
    hint = f"did you mean {close_names[0]}?\n" if close_names else ""
    if names:
        hint += f"existing profiles: {', '.join(names)}; show them: emqxctl keys list"
    else:
        hint += "there are no profiles; add one: emqxctl keys add NAME --url URL"
    message = f"no profile matches {name!r}" if is_pattern else f"profile {name!r} not found"
    return ConfigError(message, code="NO_SUCH_PROFILE", hint=hint)


def config_path(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the path of `config.toml`: EMQXCTL_CONFIG (file or folder), else in the platform's folder."""
    custom_path = environ.get("EMQXCTL_CONFIG", "")
    if custom_path:
        path = expand_path(custom_path)
        return path if path.suffix == ".toml" and not path.is_dir() else path / "config.toml"
    from platformdirs import user_config_path

    return user_folder(user_config_path) / "config.toml"


def expand_path(name: str) -> Path:
    """Return a path with its leading `~` expanded; unchanged if that user has no home, like a shell."""
    return Path(os.path.expanduser(name))  # noqa: PTH111  # Path.expanduser raises


def user_folder(folder: Callable[[str], Path]) -> Path:
    """Return a folder of the user's, or an impossible one if the user has no home.

    In a container whose user has no name it could otherwise be a folder called `~` in the working directory.
    """
    try:
        path = folder("emqxctl")
    except RuntimeError:
        return NO_HOME
    return path if path.is_absolute() else NO_HOME


def state_path(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder for state between runs: next to a custom config.toml, else the platform's."""
    if environ.get("EMQXCTL_CONFIG"):
        return config_path(environ).parent / "state"
    from platformdirs import user_state_path

    return user_folder(user_state_path)


def cache_path(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder for what can be fetched again: next to a custom config.toml, else the platform's."""
    if environ.get("EMQXCTL_CONFIG"):
        return config_path(environ).parent / "cache"
    from platformdirs import user_cache_path

    return user_folder(user_cache_path)


def load_config(environ: Mapping[str, str] = os.environ) -> Config:
    """Load the profiles; a missing file is an empty configuration.

    Raises ConfigError if the file cannot be read or parsed (with line and column), if a value has the wrong
    type, or if other users can read a secret in it.
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
        profiles[name], profile_warnings = parse_profile(path, name, entry)
        warnings += profile_warnings
    if any(profile.api_secret for profile in profiles.values()):
        reject_shared_file(path)
    return Config(
        path, get_text(table, "current"), get_text(table, "previous"), profiles, tuple(warnings), extra
    )


def load_preferences(environ: Mapping[str, str] = os.environ) -> Mapping[str, object]:
    """Load the user's preferences (`preferences.toml` next to the profiles); emqxctl never writes them."""
    return read_table(config_path(environ).with_name("preferences.toml"))


def read_table(path: Path) -> dict[str, object]:
    """Read a TOML file; a missing file is empty. Raises ConfigError with line and column."""
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        message = f"cannot read {path}: {str(error.strerror).lower()}"
        raise ConfigError(message, hint="set EMQXCTL_CONFIG to a readable file") from error
    import tomllib

    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        reason = describe_bad_byte(content, error) if isinstance(error, UnicodeDecodeError) else error
        message = f"{path} is not valid TOML: {reason}"
        raise ConfigError(message, hint=f"fix this line in {path}") from error


def describe_bad_byte(content: bytes, error: UnicodeDecodeError) -> str:
    """Return the position of a byte that is not UTF-8, in the form of tomllib's messages."""
    before = content[: error.start].decode(errors="replace")
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return f"not UTF-8 (at line {line}, column {column})"


def parse_profile(path: Path, name: str, entry: Mapping[str, object]) -> tuple[Profile, list[str]]:
    """Parse a profile, and return it with warnings. Raises ConfigError for a value of the wrong type."""
    types = {key: Profile.__annotations__[key] for key in PROFILE_KEYS}
    fields = {
        key: check_value(path, f"profiles.{name}.{key}", types[key], value)
        for key, value in entry.items()
        if key in types
    }
    extra = {key: value for key, value in entry.items() if key not in types}
    warnings = [f"{path}: unknown key {key!r} in profile {name!r}" for key in extra]
    profile = Profile(name, extra=extra)._replace(**fields)  # type: ignore[arg-type]  # each type was checked
    return profile, warnings


def check_value(path: Path, key: str, expected_type: object, value: object) -> object:
    """Check the type of a profile's value. Raises ConfigError that names file and key."""
    if expected_type is bool and isinstance(value, bool):
        return value
    if expected_type is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if expected_type is str and isinstance(value, str):
        return value
    is_list = isinstance(value, list) and all(isinstance(item, str) for item in value)
    if expected_type == tuple[str, ...] and is_list:
        return tuple(value)  # type: ignore[arg-type]  # a list of strings
    if expected_type == tuple[str, ...] and isinstance(value, str):
        example = ", ".join(f'"{word}"' for word in value.split())
        message = f"{path}: {key} must be a list of strings"
        hint = f"write it as a list in {path}: {key.rpartition('.')[2]} = [{example}]"
        raise ConfigError(message, hint=hint)
    type_names = {bool: "true or false", float: "a number of seconds", str: "a string"}
    raise wrong_type_error(path, key, type_names.get(expected_type, "a list of strings"))  # type: ignore[call-overload]


def wrong_type_error(path: Path, key: str, expected: str) -> ConfigError:
    """Return the error for a key of a file whose value has the wrong type."""
    return ConfigError(f"{path}: {key} must be {expected}", hint=f"fix this key in {path}")


def get_text(table: Mapping[str, object], key: str) -> str:
    """Return a string of a TOML table; empty if it is missing."""
    value = table.get(key, "")
    return value if isinstance(value, str) else ""


def reject_shared_file(path: Path) -> None:
    """Refuse a file with secrets that other users can read. Raises ConfigError."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and mode & 0o077:
        message = f"{path} contains a secret but other users can read it (mode {mode:04o})"
        raise ConfigError(message, code="CONFIG_READABLE", hint=f"chmod 600 {path}")


@contextmanager
def edit_config(environ: Mapping[str, str] = os.environ) -> Iterator["ConfigEdit"]:
    """Load the configuration under a lock; save `edit.config` if the block succeeds and has changed it."""
    from emqxctl.config.atomic_file import lock_file

    path = config_path(environ)
    with lock_file(path):
        edit = ConfigEdit(load_config(environ))
        original = edit.config
        yield edit
        if edit.config != original:
            save_config(edit.config)


class ConfigEdit:
    """A configuration that is changed under its lock."""

    def __init__(self, config: Config) -> None:
        """Begin with the stored configuration."""
        self.config = config


def save_config(config: Config) -> None:
    """Write the profiles, completely or not at all, with mode 0600. Raises ConfigError."""
    import tomli_w

    from emqxctl.config.atomic_file import replace_file

    table: dict[str, object] = dict(config.extra)
    if config.current:
        table["current"] = config.current
    if config.previous:
        table["previous"] = config.previous
    table["profiles"] = {name: profile.to_table() for name, profile in sorted(config.profiles.items())}
    replace_file(config.path, tomli_w.dumps(table).encode())
