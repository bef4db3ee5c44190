"""Where the API secret comes from: a file, standard input, the environment, a command or the profile."""

import sys
from collections.abc import Mapping

from emqxctl.config.profiles import Profile, expand_path
from emqxctl.config.settings import PREFIX, Settings
from emqxctl.errors import ConfigError

COMMAND_SECONDS = 30  # a password manager may ask for a touch or a PIN


def resolve_secret(settings: Settings, profile: Profile | None, environ: Mapping[str, str]) -> str:
    """Give the API secret of a run: the option's file, EMQXCTL_API_SECRET, then the profile's own source.

    `profile` is None when its credentials must not be used (another origin, another key). Raises ConfigError
    that names the source, never its content.
    """
    if settings.api_secret_file:
        return read_secret_file(settings.api_secret_file)
    if environ.get(PREFIX + "API_SECRET"):
        return environ[PREFIX + "API_SECRET"]
    return profile_secret(profile, environ) if profile else ""


def profile_secret(profile: Profile, environ: Mapping[str, str]) -> str:
    """Take the secret from where a profile keeps it; nothing when it keeps none."""
    if profile.secret_command:
        return run_secret_command(profile.secret_command)
    if profile.secret_file:
        return read_secret_file(profile.secret_file)
    if profile.secret_env:
        return secret_from_variable(profile.secret_env, environ)
    return profile.api_secret


def read_secret_file(name: str, what: str = "the API secret", option: str = "--api-secret-file") -> str:
    """Read a secret from the first line of a file, or of standard input for `-`.

    `what` and `option` name it in messages.
    """
    try:
        if name != "-":
            with expand_path(name).open(encoding="utf-8") as stream:
                line = stream.readline()
        elif sys.stdin is None:
            line = ""
        else:
            line = sys.stdin.readline()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        message = f"cannot read {what} from {name}: {reason}"
        raise ConfigError(message, hint=f"give {option} a file that holds it alone") from error
    found = line.strip()
    if not found:
        source = "standard input" if name == "-" else name
        message = f"{what} is not in {source}: it is empty"
        raise ConfigError(message, hint="it must be on the first line")
    return found


def secret_from_variable(name: str, environ: Mapping[str, str]) -> str:
    """Take a secret from the environment variable a profile names."""
    if environ.get(name):
        return environ[name]
    message = f"the profile takes its secret from the environment variable {name}, which is not set"
    raise ConfigError(message, hint=f"export {name}=...")


def run_secret_command(command: tuple[str, ...]) -> str:
    """Run a profile's `secret_command`, without a shell, and take the first line it prints."""
    import subprocess

    try:
        run = subprocess.run(  # noqa: S603  # the user's own command, from a file only the user may write
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=COMMAND_SECONDS, check=False
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        timed_out = isinstance(error, subprocess.TimeoutExpired)
        reason = f"no answer in {COMMAND_SECONDS} s" if timed_out else getattr(error, "strerror", str(error))
        message = f"secret_command {command[0]!r} failed: {reason}"
        raise ConfigError(message, hint="run it by hand to see") from error
    found = run.stdout.decode(errors="replace").partition("\n")[0].strip()
    if run.returncode != 0 or not found:
        said = run.stderr.decode(errors="replace").strip() or "it printed nothing"
        message = f"secret_command {command[0]!r} ended with {run.returncode}: {said[:500]}"
        raise ConfigError(message, hint="run it by hand to see")
    return found
