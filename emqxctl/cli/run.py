"""One run of a command: settings, session, result and exit code."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from emqxctl.cli.failures import (
    deep_nesting_error,
    report_crash,
    report_error,
    report_interrupt,
)
from emqxctl.cli.interrupts import raise_signals
from emqxctl.cli.options import BULK, EXISTENCE, LIST, NAMESPACE, PANELS, SELECTION, WATCH, merge_options
from emqxctl.cli.session import Session
from emqxctl.cli.spec import NODE_PARAMETERS, CommandSpec, Effect
from emqxctl.cli.view import build_view, output_format
from emqxctl.config import profiles as config
from emqxctl.config.settings import (
    JSON_OUTPUTS,
    PREFIX,
    process_environment,
    requested_output,
    resolve_settings,
)
from emqxctl.errors import EmqxctlError, ExitCode, UsageError
from emqxctl.output.results import Document, Report, Result, Text
from emqxctl.output.streams import ClosedPipe
from emqxctl.output.view import Format, View

if TYPE_CHECKING:
    from emqxctl.api.client import Client

# Shared options that are refused where a command does not take them, even before the group.
CHECKED_OPTIONS = (
    *(name for panel in (LIST, SELECTION, BULK, NAMESPACE) for name in PANELS[panel]),
    *EXISTENCE,
    *WATCH,
)
PATTERN_CHARACTERS = frozenset("*?[,")  # in --profile: several profiles


def run(
    function: Callable[..., Result],
    spec: CommandSpec,
    root_options: Mapping[str, Any],
    values: dict[str, Any],
    path: str,
) -> int:
    """Run a command's function and return the exit code.

    `root_options` are the shared options before the group; `values` are the command's own parameters and the
    shared options after it. `path` is the command's name for messages.
    """
    arguments = {name: value for name, value in values.items() if name in spec.parameters}
    command_options = {name: value for name, value in values.items() if name not in arguments}
    if arguments.get("output"):  # a command with more formats than the shared ones
        command_options["output"] = arguments["output"]
    options = merge_options(dict(root_options), command_options)
    as_json = wants_json(options)
    sessions: list[Session] = []
    try:
        with raise_signals():
            check_shared_options(options, spec, path)
            sessions += open_sessions(options, spec, path)
            for session in sessions:
                session.command = path
            as_json = sessions[0].settings.output in JSON_OUTPUTS  # before a command sets its own default
            return int(run_in_sessions(function, spec, arguments, sessions))
    except EmqxctlError as error:
        return report_error(error, as_json=as_json, profile=profile_in_hints(sessions))
    except KeyboardInterrupt as interrupt:
        return report_interrupt(interrupt, as_json=as_json, profile=profile_in_hints(sessions))
    except ClosedPipe:
        return ExitCode.OK
    except RecursionError:
        return report_error(deep_nesting_error(), as_json=as_json)
    except Exception as error:  # noqa: BLE001  # a bug of ours must not end in a traceback with secrets in it
        return report_crash(error, as_json=as_json, debug=bool(options.get("debug")))
    finally:
        for session in sessions:
            session.close()


def profile_in_hints(sessions: Sequence[Session]) -> str:
    """Return the profile that hints have to name; empty for several, and for an error before any session."""
    return sessions[0].profile_in_hints if len(sessions) == 1 else ""


def wants_json(options: Mapping[str, Any]) -> bool:
    """Return whether errors are JSON; needs no valid settings, so that errors of these are too."""
    return bool(options.get("json")) or requested_output(options, process_environment()) in JSON_OUTPUTS


def open_sessions(options: Mapping[str, Any], spec: CommandSpec, path: str) -> list[Session]:
    """Open the session of the run; for a list or pattern of profiles one each, which prefix their messages.

    Raises ConfigError, and UsageError if the command supports only one profile.
    """
    environ = process_environment()
    if not spec.reads_config:
        no_config = config.Config(config.NO_HOME)
        settings = resolve_settings({**options, "profile": ""}, {}, no_config, {})
        return [Session(settings, no_config, environ, options)]
    profiles = config.load_config(environ)
    names = selected_profiles(options, environ, profiles)
    if not names:
        return [open_session(options, environ, profiles)]
    require_single_profile(spec, path)
    sessions = [open_session({**options, "profile": name}, environ, profiles) for name in names]
    for session in sessions:
        session.prefix_messages = True
    return sessions


def open_session(options: Mapping[str, Any], environ: Mapping[str, str], profiles: config.Config) -> Session:
    """Resolve the settings of one profile and open its session. Raises ConfigError."""
    all_profiles = with_sandbox_profile(profiles)
    settings = resolve_settings(options, environ, all_profiles, config.load_preferences(environ))
    return Session(settings, profiles, environ, options)


def selected_profiles(
    options: Mapping[str, Any], environ: Mapping[str, str], profiles: config.Config
) -> list[str]:
    """Return the profiles that a list or pattern selects; none for a plain name. Raises ConfigError."""
    name = str(options.get("profile") or environ.get(PREFIX + "PROFILE") or "")
    if not PATTERN_CHARACTERS & set(name) or name in profiles.profiles:
        return []
    from emqxctl.cli.fan_out import expand_profiles

    return expand_profiles(name, profiles.profiles)


def run_in_sessions(
    function: Callable[..., Result], spec: CommandSpec, arguments: dict[str, Any], sessions: list[Session]
) -> ExitCode:
    """Run a command in its session or sessions, print its result and return the exit code."""
    session = sessions[0]
    settings = session.settings
    session.is_write = spec.effect is not Effect.READ
    view = build_view(
        settings if spec.returns_rows else settings._replace(where=(), limit=0), session.environ
    )
    for warning in settings.warnings:
        session.info(f"warning: {warning}")
    function = with_node_names(function, spec, arguments)
    if session.prefix_messages and session.options.get("watch"):
        message = "--watch supports only one profile"
        raise UsageError(message, hint="use -p NAME")
    if session.prefix_messages and spec.compares_profiles:
        session.peers, session.prefix_messages = sessions, False
    elif session.prefix_messages:
        return run_on_profiles(function, arguments, sessions, view)
    if "session" in spec.parameters:
        arguments["session"] = session
    if session.options.get("watch"):
        from emqxctl.cli.watch import watch

        return watch(session, lambda: function(**arguments), view)
    return render_result(function(**arguments), session, view)


def with_node_names(
    function: Callable[..., Result], spec: CommandSpec, arguments: Mapping[str, Any]
) -> Callable[..., Result]:
    """Return a command's function that completes short names of nodes, if there are any."""
    if spec.local or NODE_PARAMETERS.isdisjoint(arguments):
        return function
    from emqxctl.cli.node_names import complete_node_names, has_short_names

    if not has_short_names(arguments):
        return function

    def run_function(*, session: Session, **values: Any) -> Result:  # noqa: ANN401  # a command's own
        return function(session=session, **complete_node_names(session, values))

    return run_function


def run_on_profiles(
    function: Callable[..., Result], arguments: dict[str, Any], sessions: list[Session], view: View
) -> ExitCode:
    """Run a command on several profiles and print their rows as one list, each with its profile."""
    from emqxctl.cli.fan_out import PROFILE_FIELD, FanOut

    if view.fields and PROFILE_FIELD not in view.fields:
        view = view._replace(fields=(PROFILE_FIELD, *view.fields))
    fan_out = FanOut(function, arguments, as_json=view.format in {Format.JSON, Format.JSONL})
    render_result(fan_out.result(sessions), sessions[0], view)
    fan_out.finish()
    return fan_out.exit_code


def check_shared_options(options: dict[str, Any], spec: CommandSpec, path: str) -> None:
    """Refuse shared options that the command does not support. Raises UsageError."""
    if options.pop("api_secret", None) is not None:
        message = "--api-secret is not supported: the process list would show the secret"
        hint = "use --api-secret-file FILE (- for stdin), or EMQXCTL_API_SECRET"
        raise UsageError(message, code="SECRET_ON_COMMAND_LINE", hint=hint)
    supported = spec.shared_options
    for name in CHECKED_OPTIONS:
        if name in options and name not in supported:
            message = f"--{name.replace('_', '-')} is not supported by {path}"
            raise UsageError(message, hint=f"{path} --help")
    if options.pop("json", False):
        options["output"] = "json"
    namespace = options.pop("ns", None)  # the former name
    if namespace is not None:
        options.setdefault("namespace", namespace)
    if options.get("interval") and not options.get("watch"):
        message = "--interval requires --watch"
        raise UsageError(message, hint=f"{path} --watch --interval {options['interval']:g}s")
    if options.get("namespace") and options.get("only_global"):
        message = "--namespace and --only-global cannot be used together"
        raise UsageError(message)


def require_single_profile(spec: CommandSpec, path: str) -> None:
    """Refuse several profiles unless the command only reads from a cluster. Raises UsageError."""
    needs_login = spec.login and not spec.multi_profile
    if spec.local or needs_login or spec.effect is not Effect.READ:
        message = f"{path} supports only one profile"
        hint = "only commands that read from a cluster accept several: -p 'prod-*', -p a,b"
        raise UsageError(message, hint=hint)


def with_sandbox_profile(profiles: config.Config) -> config.Config:
    """Return the configuration with the reserved profile of the sandbox added."""
    if config.SANDBOX in profiles.profiles:
        return profiles
    return profiles.with_profile(config.Profile(config.SANDBOX))


def render_result(result: Result, session: Session, view: View) -> ExitCode:
    """Print a result to stdout and its notes to stderr; in a dry run the planned requests instead."""
    from emqxctl.output.messages import list_notes
    from emqxctl.output.render import render
    from emqxctl.output.streams import write_stdout

    if session.profile_in_hints and isinstance(result, Report):
        from emqxctl.cli.profile_in_hints import name_profile_in_report

        result = name_profile_in_report(result, session.profile_in_hints)
    client: Client | None = session.__dict__.get("client")  # only if the command used one
    if client is not None and session.settings.dry_run and not isinstance(result, Text):
        result = dry_run_result(client) or result
    output = output_format(session.settings)  # a command may have its own default
    view = view._replace(format=output, is_after_change=session.is_write)
    if isinstance(result, Document) and view.is_terminal and session.can_prompt():
        from emqxctl.output.pager import write_paged

        write_paged("".join(map(str, render(result, view))), session.environ)
    else:
        write_stdout(render(result, view), view)
    for line in list_notes(result, view):
        session.info(line)
    return result.exit_code


def dry_run_result(client: "Client") -> Text | None:
    """Return the requests that were not sent in a dry run, as curl commands; None if there are none."""
    transport = client.transport
    commands = "".join(f"{transport.to_curl(request)}\n" for request in transport.dry_run_requests)
    return Text(commands, notes=("dry run: no request was sent",)) if commands else None
