"""The end of a run that failed: its error on stderr, as text or JSON, and its exit code."""

from emqxctl.cli.interrupts import SIGINT
from emqxctl.errors import EmqxctlError, ExitCode, Interrupted, ServerError


def report_error(error: EmqxctlError, *, as_json: bool, profile: str = "") -> int:
    """Print an error to stderr and return its exit code; commands in its hint name the profile, if any."""
    from emqxctl.output.messages import format_error
    from emqxctl.output.streams import write_stderr

    if profile:
        from emqxctl.cli.profile_in_hints import add_profile_to_hint

        add_profile_to_hint(error, profile, as_json=as_json)
    write_stderr(format_error(error, as_json))
    return int(error.exit_code)


def report_interrupt(interrupt: KeyboardInterrupt, *, as_json: bool, profile: str = "") -> int:
    """Report that a signal ended the run, and a write whose outcome it left unknown."""
    if not isinstance(interrupt, Interrupted):
        interrupt = Interrupted(SIGINT)
    words = "interrupted" if interrupt.signal_number == SIGINT else "terminated"
    details = {"unknown": True, "operation": interrupt.write} if interrupt.write else {}
    message = f"{words} while waiting for the response to {interrupt.write}" if interrupt.write else words
    error = EmqxctlError(
        message,
        code="INTERRUPTED",
        hint=interrupt.hint,
        exit_code=interrupt.exit_code,
        details=details,
    )
    return report_error(error, as_json=as_json, profile=profile)


def deep_nesting_error() -> EmqxctlError:
    """Return the error for JSON that is nested more deeply than can be printed."""
    message = "the JSON of the response is nested too deeply"
    hint = "check that this is EMQX: emqxctl status"
    return ServerError(message, code="NOT_JSON", hint=hint, exit_code=ExitCode.SERVER)


def report_crash(error: Exception, *, as_json: bool, debug: bool) -> int:
    """Report a bug of emqxctl in one line; with --debug its traceback too."""
    from emqxctl.output.messages import unexpected_error

    if debug:
        import traceback

        from emqxctl.output.streams import write_stderr

        lines = traceback.format_tb(error.__traceback__)  # locations only: no values, therefore no secrets
        write_stderr("".join(lines))
    return report_error(unexpected_error(error), as_json=as_json)
