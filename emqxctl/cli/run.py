"""One command run: settings settled, session opened, result rendered, errors turned into exit codes."""

from collections.abc import Callable, Mapping
from typing import Any

from emqxctl.cli.options import BULK, LIST, PANELS, SELECTION, merge_options
from emqxctl.cli.session import Session
from emqxctl.cli.spec import CommandSpec, Effect
from emqxctl.cli.view import build_view, output_format
from emqxctl.config import profiles as config
from emqxctl.config.settings import PREFIX, process_environment, resolve_settings
from emqxctl.errors import EmqxctlError, ExitCode, UsageError
from emqxctl.output.results import Result, Text
from emqxctl.output.streams import ClosedPipe
from emqxctl.output.view import Format, View

PATTERN_CHARACTERS = frozenset("*?[,")  # what makes a name of a profile a list or a pattern


def run(
    function: Callable[..., Result],
    spec: CommandSpec,
    root_options: Mapping[str, Any],
    values: dict[str, Any],
    path: str,
) -> int:
    """Run a command's function and give the exit code.

    `before` are the shared options before the group, `values` all of the command's own and the shared ones
    after it. `path` is the command's name for messages.
    """
    own = {name: value for name, value in values.items() if name in spec.parameters}
    after = {name: value for name, value in values.items() if name not in own}
    if own.get("output"):  # a command with more formats than the shared ones
        after["output"] = own["output"]
    options = merge_options(dict(root_options), after)
    as_json = False
    sessions: list[Session] = []
    try:
        check_shared_options(options, spec, path)
        environ = process_environment()
        profiles = config.load_config(environ)
        names = selected_profiles(options, environ, profiles)
        sessions = [open_session({**options, "profile": name}, environ, profiles) for name in names]
        sessions = sessions or [open_session(options, environ, profiles)]
        settings = sessions[0].settings
        as_json = settings.output in {"json", "jsonl"}
        view = build_view(settings if spec.returns_rows else settings._replace(where=()), environ)
        for warning in settings.warnings:
            sessions[0].info(f"warning: {warning}")
        sessions[0].is_write = spec.effect is not Effect.READ
        if names:
            require_single_profile(spec, path)
            return run_on_profiles(function, own, sessions, view)
        if "session" in spec.parameters:
            own["session"] = sessions[0]
        return int(render_result(function(**own), sessions[0], view))
    except EmqxctlError as error:
        return report_error(error, as_json=as_json)
    except KeyboardInterrupt:
        return report_interrupt(as_json=as_json)
    except ClosedPipe:
        return ExitCode.OK
    except Exception as error:  # noqa: BLE001  # a bug of ours must not end in a traceback with secrets in it
        return report_crash(error, as_json=as_json, debug=bool(options.get("debug")))
    finally:
        for session in sessions:
            session.close()


def open_session(typed: Mapping[str, Any], environ: Mapping[str, str], profiles: config.Config) -> Session:
    """Settle the settings of one profile and open its session. Raises ConfigError."""
    settings = resolve_settings(
        typed, environ, with_sandbox_profile(profiles), config.load_preferences(environ)
    )
    return Session(settings, profiles, environ, typed)


def selected_profiles(
    typed: Mapping[str, Any], environ: Mapping[str, str], profiles: config.Config
) -> list[str]:
    """Give the profiles of a run on several at once, none for a run on one. Raises ConfigError."""
    name = str(typed.get("profile") or environ.get(PREFIX + "PROFILE") or "")
    if not PATTERN_CHARACTERS & set(name) or name in profiles.profiles:
        return []
    from emqxctl.cli.fan_out import expand_profiles

    return expand_profiles(name, profiles.profiles)


def run_on_profiles(
    function: Callable[..., Result], own: dict[str, Any], sessions: list[Session], view: View
) -> int:
    """Run a command on several profiles and show their rows as one list."""
    from emqxctl.cli.fan_out import FanOut

    for session in sessions:
        session.prefix_messages = True
    together = FanOut(function, own, as_json=view.format in {Format.JSON, Format.JSONL})
    render_result(together.result(sessions), sessions[0], view)
    return int(together.exit_code)


def check_shared_options(typed: dict[str, Any], spec: CommandSpec, path: str) -> None:
    """Refuse shared options that mean nothing here, and read those that need it. Raises UsageError."""
    if typed.pop("api_secret", None) is not None:
        message = "--api-secret would show the secret in the process list"
        hint = "give --api-secret-file FILE (- for stdin), or set EMQXCTL_API_SECRET"
        raise UsageError(message, code="SECRET_ON_COMMAND_LINE", hint=hint)
    taken = {name for panel in spec.panels for name in PANELS[panel]}
    for name in (*PANELS[LIST], *PANELS[SELECTION], *PANELS[BULK]):
        if name in typed and name not in taken:
            message = f"--{name.replace('_', '-')} means nothing for {path}"
            raise UsageError(message, hint=f"{path} --help")
    if typed.pop("json", False):
        typed["output"] = "json"
    if "rate" in typed:
        typed["rate"] = rate(typed["rate"])
    if "timeout" in typed:
        typed["timeout"] = timeout(typed["timeout"])


def require_single_profile(spec: CommandSpec, path: str) -> None:
    """Refuse to run on several profiles at once what is not for that. Raises UsageError."""
    logs_in = spec.login and not spec.multi_profile
    if spec.local or logs_in or spec.effect is not Effect.READ:
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


def with_sandbox_profile(loaded: config.Config) -> config.Config:
    """Give the configuration with the reserved profile of the sandbox in it."""
    if config.SANDBOX in loaded.profiles:
        return loaded
    return loaded.with_profile(config.Profile(config.SANDBOX))


def render_result(result: Result, session: Session, view: View) -> ExitCode:
    """Render a result on stdout and its words on stderr; in a dry run the planned requests instead."""
    from emqxctl.output.messages import list_notes
    from emqxctl.output.render import render
    from emqxctl.output.streams import write_stdout

    api = session.__dict__.get("client")  # only if the command made one
    if (
        session.settings.dry_run
        and api is not None
        and api.transport.dry_run_requests
        and not isinstance(result, Text)
    ):
        result = dry_run_result(api)
    view = view._replace(format=output_format(session.settings))  # a command may prefer another
    write_stdout(render(result, view), view)
    for line in list_notes(result, view):
        session.info(line)
    return result.exit_code


def dry_run_result(api: Any) -> Result:  # noqa: ANN401  # the client must not be imported for a type
    """Show what a dry run would have sent."""
    commands = "".join(f"{api.transport.to_curl(request)}\n" for request in api.transport.dry_run_requests)
    return Text(commands, notes=("dry run: nothing was sent",))


def report_error(error: EmqxctlError, *, as_json: bool) -> int:
    """Tell an error on stderr and give its exit code."""
    from emqxctl.output.messages import format_error
    from emqxctl.output.streams import write_stderr

    write_stderr(format_error(error, as_json))
    return int(error.exit_code)


def report_interrupt(*, as_json: bool) -> int:
    """Tell that Ctrl-C ended the run."""
    error = EmqxctlError("interrupted", code="INTERRUPTED", exit_code=ExitCode.INTERRUPTED)
    return report_error(error, as_json=as_json)


def report_crash(error: Exception, *, as_json: bool, debug: bool) -> int:
    """Tell a bug of ours in one line, its trace only under --debug."""
    from emqxctl.output.messages import unexpected_error

    if debug:
        import traceback

        from emqxctl.output.streams import write_stderr

        lines = traceback.format_tb(error.__traceback__)  # places only: no values, so no secrets
        write_stderr("".join(lines))
    return report_error(unexpected_error(error), as_json=as_json)
