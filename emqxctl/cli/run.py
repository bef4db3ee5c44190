"""One command run: settings settled, session opened, result rendered, errors turned into exit codes."""

from collections.abc import Callable, Mapping
from typing import Any

from emqxctl.cli.options import LISTS, PACE, PANELS, SELECTION, given
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Declaration, Effect
from emqxctl.cli.view import format_of, view_of
from emqxctl.config import profiles as config
from emqxctl.config.settings import PREFIX, environment, resolve
from emqxctl.errors import EmqxctlError, ExitCode, UsageError
from emqxctl.output.results import Result, Text
from emqxctl.output.streams import ClosedPipe
from emqxctl.output.view import Format, View

SEVERAL = frozenset("*?[,")  # what makes a name of a profile a list or a pattern


def run(
    function: Callable[..., Result],
    declaration: Declaration,
    before: Mapping[str, Any],
    values: dict[str, Any],
    path: str,
) -> int:
    """Run a command's function and give the exit code.

    `before` are the shared options before the group, `values` all of the command's own and the shared ones
    after it. `path` is the command's name for messages.
    """
    own = {name: value for name, value in values.items() if name in declaration.parameters}
    after = {name: value for name, value in values.items() if name not in own}
    if own.get("output"):  # a command with more formats than the shared ones
        after["output"] = own["output"]
    typed = given(dict(before), after)
    as_json = False
    sessions: list[Session] = []
    try:
        refuse(typed, declaration, path)
        environ = environment()
        profiles = config.load(environ)
        names = several(typed, environ, profiles)
        sessions = [opened({**typed, "profile": name}, environ, profiles) for name in names]
        sessions = sessions or [opened(typed, environ, profiles)]
        settings = sessions[0].settings
        as_json = settings.output in {"json", "jsonl"}
        view = view_of(settings if declaration.lists else settings._replace(where=()), environ)
        for warning in settings.warnings:
            sessions[0].note(f"warning: {warning}")
        sessions[0].changes = declaration.effect is not Effect.READ
        if names:
            alone(declaration, path)
            return fan_out(function, own, sessions, view)
        if "session" in declaration.parameters:
            own["session"] = sessions[0]
        return int(show(function(**own), sessions[0], view))
    except EmqxctlError as error:
        return report(error, as_json=as_json)
    except KeyboardInterrupt:
        return interrupted(as_json=as_json)
    except ClosedPipe:
        return ExitCode.OK
    except Exception as error:  # noqa: BLE001  # a bug of ours must not end in a traceback with secrets in it
        return crashed(error, as_json=as_json, debug=bool(typed.get("debug")))
    finally:
        for session in sessions:
            session.close()


def opened(typed: Mapping[str, Any], environ: Mapping[str, str], profiles: config.Config) -> Session:
    """Settle the settings of one profile and open its session. Raises ConfigError."""
    settings = resolve(typed, environ, reserved(profiles), config.preferences(environ))
    return Session(settings, profiles, environ, typed)


def several(typed: Mapping[str, Any], environ: Mapping[str, str], profiles: config.Config) -> list[str]:
    """Give the profiles of a run on several at once, none for a run on one. Raises ConfigError."""
    name = str(typed.get("profile") or environ.get(PREFIX + "PROFILE") or "")
    if not SEVERAL & set(name) or name in profiles.profiles:
        return []
    from emqxctl.cli.fan_out import matching

    return matching(name, profiles.profiles)


def fan_out(function: Callable[..., Result], own: dict[str, Any], sessions: list[Session], view: View) -> int:
    """Run a command on several profiles and show their rows as one list."""
    from emqxctl.cli.fan_out import FanOut

    for session in sessions:
        session.named = True
    together = FanOut(function, own, as_json=view.format in {Format.JSON, Format.JSONL})
    show(together.result(sessions), sessions[0], view)
    return int(together.exit_code)


def refuse(typed: dict[str, Any], declaration: Declaration, path: str) -> None:
    """Refuse shared options that mean nothing here, and read those that need it. Raises UsageError."""
    if typed.pop("api_secret", None) is not None:
        message = "--api-secret would show the secret in the process list"
        hint = "give --api-secret-file FILE (- for stdin), or set EMQXCTL_API_SECRET"
        raise UsageError(message, code="SECRET_ON_COMMAND_LINE", hint=hint)
    taken = {name for panel in declaration.panels for name in PANELS[panel]}
    for name in (*PANELS[LISTS], *PANELS[SELECTION], *PANELS[PACE]):
        if name in typed and name not in taken:
            message = f"--{name.replace('_', '-')} means nothing for {path}"
            raise UsageError(message, hint=f"{path} --help")
    if typed.pop("json", False):
        typed["output"] = "json"
    if "rate" in typed:
        typed["rate"] = rate(typed["rate"])
    if "timeout" in typed:
        typed["timeout"] = timeout(typed["timeout"])


def alone(declaration: Declaration, path: str) -> None:
    """Refuse to run on several profiles at once what is not for that. Raises UsageError."""
    logs_in = declaration.login and not declaration.several
    if declaration.local or logs_in or declaration.effect is not Effect.READ:
        message = f"{path} takes one profile at a time"
        raise UsageError(message, hint="what reads from a cluster takes several: -p 'prod-*', -p a,b")


def rate(text: str) -> float:
    """Read --rate, `50` or `50/s`. Raises UsageError."""
    try:
        found = float(text.removesuffix("/s"))
    except ValueError:
        found = 0.0
    if not 0 < found < 1e9:
        message = f"--rate {text}: not a number of targets a second"
        raise UsageError(message, hint="--rate 50/s")
    return found


def timeout(text: str) -> float:
    """Read --timeout, seconds or a duration. Raises UsageError."""
    from emqxctl.text.units import parse_duration

    try:
        seconds = parse_duration(text)
    except ValueError as error:
        message = f"--timeout: {error}"
        raise UsageError(message) from error
    if seconds <= 0:
        message = f"--timeout {text}: it must be longer than nothing"
        raise UsageError(message)
    return seconds


def reserved(loaded: config.Config) -> config.Config:
    """Give the configuration with the reserved profile of the sandbox in it."""
    if config.SANDBOX in loaded.profiles:
        return loaded
    return loaded.with_profile(config.Profile(config.SANDBOX))


def show(result: Result, session: Session, view: View) -> ExitCode:
    """Render a result on stdout and its words on stderr; in a dry run the planned requests instead."""
    from emqxctl.output.messages import notes
    from emqxctl.output.render import render
    from emqxctl.output.streams import write_out

    api = session.__dict__.get("api")  # only if the command made one
    if session.settings.dry_run and api is not None and api.planned and not isinstance(result, Text):
        result = plan(api)
    view = view._replace(format=format_of(session.settings))  # a command may prefer another
    write_out(render(result, view), view)
    for line in notes(result, view):
        session.note(line)
    return result.exit_code


def plan(api: Any) -> Result:  # noqa: ANN401  # the client must not be imported for a type
    """Show what a dry run would have sent."""
    return Text("".join(f"{api.curl(call)}\n" for call in api.planned), notes=("dry run: nothing was sent",))


def report(error: EmqxctlError, *, as_json: bool) -> int:
    """Tell an error on stderr and give its exit code."""
    from emqxctl.output.messages import error_lines
    from emqxctl.output.streams import write_err

    write_err(error_lines(error, as_json))
    return int(error.exit_code)


def interrupted(*, as_json: bool) -> int:
    """Tell that Ctrl-C ended the run."""
    error = EmqxctlError("interrupted", code="INTERRUPTED", exit_code=ExitCode.INTERRUPTED)
    return report(error, as_json=as_json)


def crashed(error: Exception, *, as_json: bool, debug: bool) -> int:
    """Tell a bug of ours in one line, its trace only under --debug."""
    from emqxctl.output.messages import unexpected

    if debug:
        import traceback

        from emqxctl.output.streams import write_err

        lines = traceback.format_tb(error.__traceback__)  # places only: no values, so no secrets
        write_err("".join(lines))
    return report(unexpected(error), as_json=as_json)
