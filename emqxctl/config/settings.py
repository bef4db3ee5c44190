"""What one run goes by: option before environment before profile before preference before default.

What selects the targets of a change, or agrees to it, comes from the command line only.
"""

import os
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from emqxctl.config.profiles import Config, Profile
from emqxctl.errors import ConfigError

PREFIX = "EMQXCTL_"
TRUE, FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off", ""})
OUTPUTS = ("table", "wide", "json", "jsonl", "yaml", "csv", "tsv", "md", "name")
COLOR_MODES = ("auto", "always", "never")


class Settings(NamedTuple):
    """Every shared option with the value it has in this run; the field's name is the option's.

    `timeout` is in seconds, `limit` counts rows (0: all), `verbose` counts `-v`. `protected`, `readonly` and
    `banner` are the profile's guards and colour. `warnings` are for stderr.
    """

    profile: str = ""
    url: str = ""
    api_key: str = ""
    api_secret_file: str = ""
    ca_file: str = ""
    client_cert: str = ""
    client_key: str = ""
    insecure: bool = False
    proxy: str = ""
    timeout: float = 30.0
    retries: int = 3
    output: str = ""
    json: bool = False
    fields: str = ""
    sort: str = ""
    where: tuple[str, ...] = ()
    query: str = ""
    csv_safe: bool = False
    limit: int = 0
    quiet: bool = False
    verbose: bool = False
    debug: bool = False
    color: str = "auto"
    no_input: bool = False
    yes: bool = False
    confirm: str = ""
    dry_run: bool = False
    ids: str = ""
    all: bool = False
    rate: float = 0.0
    batch: int = 0
    workers: int = 1
    fail_fast: bool = False
    report: str = ""
    resume: str = ""
    username: str = ""
    password_file: str = ""
    protected: bool = False
    readonly: bool = False
    banner: str = ""
    warnings: tuple[str, ...] = ()


GUARDS = frozenset({"protected", "readonly", "banner", "warnings"})
OPTIONS = tuple(name for name in Settings._fields if name not in GUARDS)
FROM_PROFILE = ("url", "api_key", "ca_file", "client_cert", "client_key", "insecure", "proxy", "timeout")
# These belong to the profile's own server: they prove who we are there, or say whom to trust there.
BOUND_TO_ORIGIN = frozenset({"api_key", "ca_file", "client_cert", "client_key", "insecure"})
# What selects the targets of a change, or agrees to it: on the command line only. A variable that was
# forgotten in a shell or a CI job must neither choose victims nor confirm.
COMMAND_LINE_ONLY = frozenset({"where", "ids", "all", "limit", "resume", "yes", "confirm"})
FROM_PREFERENCES = frozenset(
    {"output", "color", "timeout", "retries", "limit", "no_input", "quiet", "proxy", "ca_file", "csv_safe"}
)
CHOICES = {"output": OUTPUTS, "color": COLOR_MODES}
DEFAULTS: Mapping[str, object] = Settings._field_defaults


def resolve_settings(
    options: Mapping[str, object], environ: Mapping[str, str], config: Config, preferred: Mapping[str, object]
) -> Settings:
    """Settle every shared option.

    `given` holds those on the command line, `preferred` the preferences. Raises ConfigError for a variable or
    a preference of the wrong type, and for a profile that does not exist.
    """
    name = str(options.get("profile") or environ.get(PREFIX + "PROFILE") or config.current)
    profile = select_profile(name, options, environ, config)
    values: dict[str, object] = {"profile": profile.name}
    elsewhere = is_other_origin(profile, options, environ)
    for option in OPTIONS:
        if option == "profile":
            continue
        own = getattr(profile, option) if option in FROM_PROFILE else None
        if elsewhere and option in BOUND_TO_ORIGIN:
            own = None
        values[option] = resolve_option(option, options, environ, (own, preferred))
    unknown = [key for key in preferred if key not in FROM_PREFERENCES]
    warnings = [*config.warnings, *(f"preferences.toml: unknown key {key!r}" for key in unknown)]
    warnings += ignored_variables(environ)
    guards = {"protected": profile.protected, "readonly": profile.readonly, "banner": profile.color}
    return Settings(**values, **guards, warnings=tuple(warnings))  # type: ignore[arg-type]  # settle() saw each


def ignored_variables(environ: Mapping[str, str]) -> list[str]:
    """Warn of each set variable of an option that is read from the command line only."""
    return [
        f"{PREFIX}{option.upper()} is ignored: --{option} is read from the command line only"
        for option in sorted(COMMAND_LINE_ONLY)
        if environ.get(PREFIX + option.upper())
    ]


def select_profile(
    name: str, options: Mapping[str, object], environ: Mapping[str, str], config: Config
) -> Profile:
    """Find the profile of a run; the remembered one may be gone when the URL comes from elsewhere."""
    if not name:
        return Profile("")
    stray = not options.get("profile") and (options.get("url") or environ.get(PREFIX + "URL"))
    if stray and name not in config.profiles:
        return Profile("")
    return config.profiles[name] if name in config.profiles else config.get_profile(name)


def is_other_origin(profile: Profile, options: Mapping[str, object], environ: Mapping[str, str]) -> bool:
    """Tell whether the run goes to another origin than its profile's, so that the key must stay home."""
    url = str(options.get("url") or environ.get(PREFIX + "URL") or "")
    return bool(url and profile.url) and url_origin(url) != url_origin(profile.url)


def resolve_option(
    option: str,
    options: Mapping[str, object],
    environ: Mapping[str, str],
    lower: tuple[object, Mapping[str, object]],
) -> object:
    """Give one option's value by precedence; `lower` is the profile's value and the preferences."""
    if options.get(option) not in (None, (), []):
        value = options[option]
        return tuple(value) if isinstance(value, list | tuple) else value
    variable = PREFIX + option.upper()
    if option not in COMMAND_LINE_ONLY and environ.get(variable):
        return parse_variable(variable, option, environ[variable])
    own, preferred = lower
    if own:
        return own
    if option in FROM_PREFERENCES and option in preferred:
        return parse_preference(option, preferred[option])
    return DEFAULTS[option]


def parse_variable(variable: str, option: str, text: str) -> object:
    """Read an environment variable as its option's type. Raises ConfigError naming the variable."""
    default = DEFAULTS[option]
    try:
        if isinstance(default, bool):
            return parse_boolean(text)
        if isinstance(default, int | float):
            return (
                parse_seconds(text) if option == "timeout" else float(text) if option == "rate" else int(text)
            )
    except ValueError as error:
        message = f"{variable}: {error}"
        raise ConfigError(message, hint=f"unset {variable}, or give it a value of the right kind") from error
    if isinstance(default, tuple):
        return (text,)
    if option in CHOICES and text not in CHOICES[option]:
        message = f"{variable} is {text!r}"
        raise ConfigError(message, hint=f"one of: {', '.join(CHOICES[option])}")
    return text


def parse_preference(option: str, value: object) -> object:
    """Take a preference. Raises ConfigError when it is of the wrong kind."""
    if option in CHOICES and value not in CHOICES[option]:
        message = f"preferences.toml: {option} is {value!r}"
        raise ConfigError(message, hint=f"one of: {', '.join(CHOICES[option])}")
    if isinstance(value, str) and not isinstance(DEFAULTS[option], str):
        return parse_variable(f"preferences.toml: {option}", option, value)
    kind = (int, float) if option == "timeout" else type(DEFAULTS[option])
    if not isinstance(value, kind):
        message = f"preferences.toml: {option} has the wrong type: {value!r}"
        raise ConfigError(message, hint="emqxctl help environment lists the options and their kinds")
    return value


def parse_boolean(text: str) -> bool:
    """Read `1 true yes on` or `0 false no off`. Raises ValueError otherwise."""
    if text.lower() in TRUE:
        return True
    if text.lower() in FALSE:
        return False
    message = f"{text!r} is neither true nor false"
    raise ValueError(message)


def parse_seconds(text: str) -> float:
    """Read a duration in seconds, `30` or `1m`. Raises ValueError otherwise."""
    from emqxctl.text.units import parse_duration

    return parse_duration(text)


def normalize_url(url: str) -> str:
    """Clean a cluster's URL: scheme, host, port and perhaps a path, without `/api/v5`.

    Raises ConfigError when it is none, or carries a user and password.
    """
    parts = urlsplit(url.strip())
    try:
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound or any(ord(character) <= 32 for character in url.strip()):
        message = f"{url!r} is not a URL of an EMQX cluster"
        hint = "give scheme, host and port: http://localhost:18083 or https://emqx.example.com:18084"
        raise ConfigError(message, code="BAD_URL", hint=hint)
    if "@" in parts.netloc:
        message = "the URL carries a user name or password"
        raise ConfigError(message, code="BAD_URL", hint="give the API key with --api-key, not in the URL")
    path = parts.path.rstrip("/").removesuffix("/api/v5").rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{path}"


def url_origin(url: str) -> tuple[str, str, int]:
    """Give scheme, host and port of a URL: what credentials belong to."""
    parts = urlsplit(normalize_url(url))
    return (
        parts.scheme,
        (parts.hostname or "").lower(),
        parts.port or (443 if parts.scheme == "https" else 80),
    )


def process_environment() -> Mapping[str, str]:
    """Give the process's environment: the one place that reads it besides config."""
    return os.environ
