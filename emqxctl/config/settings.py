"""What one run goes by: option before environment before profile before preference before default.

What selects the targets of a change, or agrees to it, comes from the command line only.
"""

import os
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from emqxctl.config.profiles import Config, Profile, load_preferences
from emqxctl.errors import ConfigError

PREFIX = "EMQXCTL_"
JSON_OUTPUTS = frozenset({"json", "jsonl"})  # with these, errors are JSON too
TRUE, FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off", ""})
OUTPUTS = ("table", "wide", "json", "jsonl", "yaml", "csv", "tsv", "md", "name")
COLOR_MODES = ("auto", "always", "never")


class Settings(NamedTuple):
    """Every shared option with its value in this run; a field has the option's name.

    `timeout` is in seconds, `limit` counts rows (0: all). `protected`, `readonly` and `banner` are the guards
    and the color of the profile. `warnings` are for stderr.
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
    workers: int = 0
    fail_fast: bool = False
    report: str = ""
    resume: str = ""
    namespace: str = ""
    ns: str = ""
    only_global: bool = False
    username: str = ""
    password_file: str = ""
    mfa_code: str = ""
    protected: bool = False
    readonly: bool = False
    banner: str = ""
    warnings: tuple[str, ...] = ()


GUARDS = frozenset({"protected", "readonly", "banner", "warnings"})
OPTIONS = tuple(name for name in Settings._fields if name not in GUARDS)
FROM_PROFILE = ("url", "api_key", "ca_file", "client_cert", "client_key", "insecure", "proxy", "timeout")
# These belong to the profile's own server: they are credentials for it, or decide which server to trust.
BOUND_TO_ORIGIN = frozenset({"api_key", "ca_file", "client_cert", "client_key", "insecure"})
# What selects the targets of a change, or confirms it: on the command line only. A variable that was
# forgotten in a shell or a CI job must neither select targets nor confirm.
COMMAND_LINE_ONLY = frozenset(
    {"where", "ids", "all", "limit", "resume", "yes", "confirm", "namespace", "ns", "only_global"}
)
FROM_PREFERENCES = frozenset(
    {"output", "color", "timeout", "retries", "limit", "no_input", "quiet", "proxy", "ca_file", "csv_safe"}
)
# A preference that is not an option: whether completion may run a profile's `secret_command`.
COMPLETION_SECRET_COMMAND = "completion_secret_command"  # noqa: S105  # a name
CHOICES = {"output": OUTPUTS, "color": COLOR_MODES}
DEFAULTS: Mapping[str, object] = Settings._field_defaults


def resolve_settings(
    options: Mapping[str, object],
    environ: Mapping[str, str],
    config: Config,
    preferences: Mapping[str, object],
) -> Settings:
    """Resolve every shared option from the command line, the environment, the profile and the preferences.

    Raises ConfigError for a variable or a preference of the wrong type, and for an unknown profile.
    """
    name = str(options.get("profile") or environ.get(PREFIX + "PROFILE") or config.current)
    profile = select_profile(name, options, environ, config)
    values: dict[str, object] = {"profile": profile.name}
    is_elsewhere = is_other_origin(profile, options, environ)
    for option in OPTIONS:
        if option == "profile":
            continue
        applies = option in FROM_PROFILE and not (is_elsewhere and option in BOUND_TO_ORIGIN)
        profile_value = getattr(profile, option) if applies else None
        values[option] = resolve_option(option, options, environ, (profile_value, preferences))
    known_keys = FROM_PREFERENCES | {COMPLETION_SECRET_COMMAND}
    unknown_keys = [key for key in preferences if key not in known_keys]
    warnings = [*config.warnings, *(f"preferences.toml: unknown key {key!r}" for key in unknown_keys)]
    warnings += list_ignored_variables(environ)
    guards = {"protected": profile.protected, "readonly": profile.readonly, "banner": profile.color}
    return Settings(**values, **guards, warnings=tuple(warnings))  # type: ignore[arg-type]  # each was checked


def list_ignored_variables(environ: Mapping[str, str]) -> list[str]:
    """Return a warning for each variable of an option that is read from the command line only."""
    ending = "is read from the command line only"
    return [
        f"{PREFIX}{option.upper()} is ignored: --{option.replace('_', '-')} {ending}"
        for option in sorted(COMMAND_LINE_ONLY)
        if environ.get(PREFIX + option.upper())
    ]


def select_profile(
    name: str, options: Mapping[str, object], environ: Mapping[str, str], config: Config
) -> Profile:
    """Return the profile of a run. Raises ConfigError for an unknown one.

    A current profile that no longer exists does not matter if the URL comes from an option or variable.
    """
    if not name:
        return Profile("")
    has_own_url = not options.get("profile") and (options.get("url") or environ.get(PREFIX + "URL"))
    if has_own_url and name not in config.profiles:
        return Profile("")
    return config.get_profile(name)


def is_other_origin(profile: Profile, options: Mapping[str, object], environ: Mapping[str, str]) -> bool:
    """Return whether the run goes to another origin than the profile's, whose key must not be sent there."""
    url = str(options.get("url") or environ.get(PREFIX + "URL") or "")
    return bool(url and profile.url) and url_origin(url) != url_origin(profile.url)


def resolve_option(
    option: str,
    options: Mapping[str, object],
    environ: Mapping[str, str],
    fallbacks: tuple[object, Mapping[str, object]],
) -> object:
    """Return an option's value by precedence; `fallbacks` are the profile's value and the preferences."""
    if options.get(option) not in (None, (), []):
        value = options[option]
        return tuple(value) if isinstance(value, list | tuple) else value
    variable = PREFIX + option.upper()
    if option not in COMMAND_LINE_ONLY and environ.get(variable):
        return parse_variable(variable, option, environ[variable])
    profile_value, preferences = fallbacks
    if profile_value:
        return profile_value
    if option in FROM_PREFERENCES and option in preferences:
        return parse_preference(option, preferences[option])
    return DEFAULTS[option]


def parse_variable(variable: str, option: str, text: str) -> object:
    """Parse an environment variable as its option's type. Raises ConfigError that names the variable."""
    default = DEFAULTS[option]
    try:
        if isinstance(default, bool):
            return parse_boolean(text)
        if isinstance(default, int | float):
            return parse_number(option, text)
    except ValueError as error:
        message = f"{variable}: {error}"
        raise ConfigError(message, hint=f"unset {variable}, or set it to a valid value") from error
    if isinstance(default, tuple):
        return (text,)
    if option in CHOICES and text not in CHOICES[option]:
        message = f"{variable}: invalid value {text!r}"
        raise ConfigError(message, hint=f"use one of: {', '.join(CHOICES[option])}")
    return text


def parse_preference(option: str, value: object) -> object:
    """Check the value of a preference. Raises ConfigError if it is of the wrong type."""
    if option in CHOICES and value not in CHOICES[option]:
        message = f"preferences.toml: {option}: invalid value {value!r}"
        raise ConfigError(message, hint=f"use one of: {', '.join(CHOICES[option])}")
    if isinstance(value, str) and not isinstance(DEFAULTS[option], str):
        return parse_variable(f"preferences.toml: {option}", option, value)
    expected_type = (int, float) if option == "timeout" else type(DEFAULTS[option])
    if not isinstance(value, expected_type):
        message = f"preferences.toml: {option}: wrong type: {value!r}"
        raise ConfigError(message, hint="list the options: emqxctl help environment")
    return value


def parse_number(option: str, text: str) -> float:
    """Parse the number of an option: a duration for `timeout`, a rate for `rate`. Raises ValueError."""
    from emqxctl.text.units import parse_duration, parse_rate

    if option == "timeout":
        return parse_duration(text)
    return parse_rate(text) if option == "rate" else int(text)


def parse_boolean(text: str) -> bool:
    """Parse `1 true yes on` or `0 false no off`. Raises ValueError otherwise."""
    if text.lower() in TRUE:
        return True
    if text.lower() in FALSE:
        return False
    message = f"{text!r} is not a boolean"
    raise ValueError(message)


def normalize_url(url: str) -> str:
    """Return a cluster's URL as scheme, host, port and an optional path, without `/api/v5`.

    Raises ConfigError if it is invalid, or contains a username or password.
    """
    parts = urlsplit(url.strip())
    try:
        is_valid = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_valid = False
    if not is_valid or any(ord(character) <= 32 for character in url.strip()):
        message = f"invalid cluster URL {url!r}"
        hint = "use scheme, host and port: http://localhost:18083 or https://emqx.example.com:18084"
        raise ConfigError(message, code="BAD_URL", hint=hint)
    if "@" in parts.netloc:
        message = "the URL contains a username or password"
        raise ConfigError(message, code="BAD_URL", hint="use --api-key for the API key, not the URL")
    path = parts.path.rstrip("/").removesuffix("/api/v5").rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{path}"


def url_origin(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port of a URL: what credentials belong to."""
    parts = urlsplit(normalize_url(url))
    default_port = 443 if parts.scheme == "https" else 80
    return parts.scheme, (parts.hostname or "").lower(), parts.port or default_port


def requested_output(options: Mapping[str, object], environ: Mapping[str, str]) -> str:
    """Return the output format of a run whose settings may be invalid, empty for the default.

    By the option, the variable or the preference; preferences that cannot be read are ignored.
    """
    output = options.get("output") or environ.get(PREFIX + "OUTPUT")
    if output:
        return str(output).lower()
    try:
        return str(load_preferences(environ).get("output", "")).lower()
    except ConfigError:
        return ""


def process_environment() -> Mapping[str, str]:
    """Return the process's environment; only `config` reads it."""
    return os.environ
