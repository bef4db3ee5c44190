"""The user's files: profiles in `config.toml`, preferences in `preferences.toml`; found, loaded, saved."""

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from emqxctl.errors import ConfigError

SANDBOX = "sandbox"  # the reserved profile of the simulated cluster
COLORS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")


NOTHING: Mapping[str, object] = MappingProxyType({})


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
    extra: Mapping[str, object] = NOTHING  # keys of a newer emqxctl: kept when saved

    def table(self) -> dict[str, object]:
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
    extra: Mapping[str, object] = NOTHING

    def profile(self, name: str) -> Profile:
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

    def using(self, name: str) -> "Config":
        """Give this configuration with another current profile, the old one remembered for `keys use -`."""
        return self if name == self.current else self._replace(current=name, previous=self.current)


def config_path(environ: Mapping[str, str] = os.environ) -> Path:
    """Find `config.toml`: EMQXCTL_CONFIG (the file or its folder), else in the platform's folder."""
    moved = environ.get("EMQXCTL_CONFIG", "")
    if moved:
        path = Path(moved).expanduser()
        return path if path.suffix == ".toml" and not path.is_dir() else path / "config.toml"
    from platformdirs import user_config_path

    return user_config_path("emqxctl") / "config.toml"


def state_path(environ: Mapping[str, str] = os.environ) -> Path:
    """Find the folder of what is remembered between runs: beside a moved configuration, or the platform's."""
    if environ.get("EMQXCTL_CONFIG"):
        return config_path(environ).parent / "state"
    from platformdirs import user_state_path

    return user_state_path("emqxctl")


def load(environ: Mapping[str, str] = os.environ) -> Config:
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
        raise wrong_type(path, "profiles", "a table")
    for name, entry in entries.items():
        if not isinstance(entry, dict):
            raise wrong_type(path, f"profiles.{name}", "a table")
        profiles[name], unknown = parse_profile(path, name, entry)
        warnings += unknown
    if any(profile.api_secret for profile in profiles.values()):
        refuse_if_shared(path)
    return Config(path, text(table, "current"), text(table, "previous"), profiles, tuple(warnings), extra)


def preferences(environ: Mapping[str, str] = os.environ) -> Mapping[str, object]:
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
        return tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"{path} is not valid TOML: {error}"
        raise ConfigError(message, hint=f"mend that line in {path}") from error


def parse_profile(path: Path, name: str, entry: Mapping[str, object]) -> tuple[Profile, list[str]]:
    """Make a profile of a TOML table, and warnings. Raises ConfigError for a value of the wrong type."""
    kinds = {key: Profile.__annotations__[key] for key in PROFILE_KEYS}
    known = {
        key: checked(path, f"profiles.{name}.{key}", kinds[key], value)
        for key, value in entry.items()
        if key in kinds
    }
    extra = {key: value for key, value in entry.items() if key not in kinds}
    warnings = [f"{path}: unknown key {key!r} in profile {name!r}" for key in extra]
    profile = Profile(name, extra=extra)._replace(**known)  # type: ignore[arg-type]  # checked() saw each type
    return profile, warnings


def checked(path: Path, where: str, kind: object, value: object) -> object:
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
    raise wrong_type(path, where, words.get(kind, "a list of texts"))  # type: ignore[call-overload]  # any key


def wrong_type(path: Path, where: str, expected: str) -> ConfigError:
    """Say that a key of a file must hold something else."""
    return ConfigError(f"{path}: {where} must be {expected}", hint=f"mend it in {path}")


def text(table: Mapping[str, object], key: str) -> str:
    """Take a text out of a TOML table, or nothing."""
    value = table.get(key, "")
    return value if isinstance(value, str) else ""


def refuse_if_shared(path: Path) -> None:
    """Refuse a file with secrets that others may read. Raises ConfigError with the command that mends it."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and mode & 0o077:
        message = f"{path} holds a secret but others may read it (mode {mode:04o})"
        raise ConfigError(message, code="CONFIG_READABLE", hint=f"chmod 600 {path}")


@contextmanager
def editing(environ: Mapping[str, str] = os.environ) -> Iterator["Edit"]:
    """Load the configuration under a lock; save what `edit.config` is when the block ends well."""
    path = config_path(environ)
    with locked(path):
        edit = Edit(load(environ))
        before = edit.config
        yield edit
        if edit.config != before:
            save(edit.config)


@dataclass(slots=True)
class Edit:
    """A configuration being changed under its lock."""

    config: Config


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock beside a file (`config.toml.lock`) so that two writers lose nothing."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise cannot_write(path, error) from error
    try:
        if os.name == "posix":
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def save(config: Config) -> None:
    """Write the profiles: whole or not at all, mode 0600. Raises ConfigError when the disk refuses."""
    import tomli_w

    table: dict[str, object] = dict(config.extra)
    if config.current:
        table["current"] = config.current
    if config.previous:
        table["previous"] = config.previous
    table["profiles"] = {name: profile.table() for name, profile in sorted(config.profiles.items())}
    replace_file(config.path, tomli_w.dumps(table).encode())


def replace_file(path: Path, content: bytes) -> None:
    """Put new content in place of a file's: a kill or a full disk leaves the old one; a link stays a link."""
    import tempfile

    target = Path(os.path.realpath(path))
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)  # mode 0600
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink()
            raise
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise cannot_write(path, error) from error


def cannot_write(path: Path, error: OSError) -> ConfigError:
    """Say that a file could not be written, and what to do."""
    return ConfigError(
        f"cannot write {path}: {error.strerror or error}",
        code="CONFIG_NOT_WRITABLE",
        hint="make its folder writable, or set EMQXCTL_CONFIG to another file",
    )
