"""Where the API secret comes from: a file, stdin, the environment, a command or the profile."""

import sys
from collections.abc import Mapping

from emqxctl.config.profiles import Profile, expand_path
from emqxctl.config.settings import PREFIX, Settings
from emqxctl.errors import ConfigError

COMMAND_TIMEOUT = 30  # seconds: a password manager may wait for a touch or a PIN
MAX_REASON_LENGTH = 500  # characters of a command's error output


def resolve_secret(settings: Settings, profile: Profile | None, environ: Mapping[str, str]) -> str:
    """Return the API secret of a run: from --api-secret-file, EMQXCTL_API_SECRET, else the profile's source.

    `profile` is None if its credentials must not be used (another origin, another key). Raises ConfigError
    that names the source, never its content.
    """
    if settings.api_secret_file:
        return read_secret_file(settings.api_secret_file)
    if environ.get(PREFIX + "API_SECRET"):
        return environ[PREFIX + "API_SECRET"]
    return profile_secret(profile, environ) if profile else ""


def profile_secret(profile: Profile, environ: Mapping[str, str]) -> str:
    """Return the secret from the source that a profile names; empty if it has none."""
    if profile.secret_command:
        return run_secret_command(profile.secret_command)
    if profile.secret_file:
        return read_secret_file(profile.secret_file)
    if profile.secret_env:
        return secret_from_variable(profile.secret_env, environ)
    return profile.api_secret


def read_secret_file(name: str, subject: str = "the API secret", option: str = "--api-secret-file") -> str:
    """Read a secret from the first line of a file, or of stdin for `-`.

    `subject` and `option` name it in messages. Raises ConfigError.
    """
    try:
        if name != "-":
            with expand_path(name).open(encoding="utf-8") as stream:
                line = stream.readline()
        else:
            line = "" if sys.stdin is None else sys.stdin.readline()
    except (OSError, ValueError) as error:
        reason = str(error.strerror).lower() if isinstance(error, OSError) else "not UTF-8 text"
        message = f"cannot read {subject} from {name}: {reason}"
        raise ConfigError(message, hint=f"use {option} with a file that contains only the secret") from error
    secret = line.strip()
    if not secret:
        source = "standard input" if name == "-" else name
        message = f"cannot read {subject} from {source}: empty"
        raise ConfigError(message, hint="put the secret on the first line")
    return secret


def secret_from_variable(name: str, environ: Mapping[str, str]) -> str:
    """Return the secret from the environment variable that a profile names. Raises ConfigError."""
    if environ.get(name):
        return environ[name]
    message = f"environment variable {name}, from which the profile reads its secret, is not set"
    raise ConfigError(message, hint=f"set it: export {name}=...")


def run_secret_command(command: tuple[str, ...]) -> str:
    """Run a profile's `secret_command` without a shell and return the first line of its output."""
    import subprocess

    hint = "run the command by hand to see its output"
    try:
        process = subprocess.run(  # noqa: S603  # the user's own command, from a file only the user may write
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=COMMAND_TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired as error:
        message = f"secret_command {command[0]!r} timed out after {COMMAND_TIMEOUT} s"
        raise ConfigError(message, hint=hint) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = f"cannot run secret_command {command[0]!r}: {reason.lower()}"
        raise ConfigError(message, hint=hint) from error
    secret = process.stdout.decode(errors="replace").partition("\n")[0].strip()
    if process.returncode != 0 or not secret:
        reason = process.stderr.decode(errors="replace").strip() or "no output"
        code = process.returncode
        message = f"secret_command {command[0]!r} exited with {code}: {reason[:MAX_REASON_LENGTH]}"
        raise ConfigError(message, hint=hint)
    return secret
