"""Messages on stderr: errors for a person or a program, notes, and crashes."""

import sys

from emqxctl.errors import EmqxctlError, ExitCode
from emqxctl.output.ansi import emphasize
from emqxctl.output.results import Done, Result
from emqxctl.output.view import View
from emqxctl.text.escaping import escape_control_characters
from emqxctl.text.language import translate


def format_error(error: EmqxctlError, as_json: bool) -> str:
    """Format an error for stderr: `emqxctl: message [CODE]` and `hint:` lines, or one line of JSON."""
    if as_json:
        from emqxctl.output.formats.json import format_compact

        return format_compact({"error": error_to_object(error)}) + "\n"
    program = emphasize("emqxctl:", "bold red", sys.stderr)
    lines = [f"{program} {escape_lines(translate(error.message))} [{escape_control_characters(error.code)}]"]
    hints = [translate(line) for line in error.hint.splitlines() if line.strip()]
    label = emphasize(f"{translate('hint')}:", "bold", sys.stderr)
    lines += [f"{label} {escape_control_characters(hint)}" for hint in hints]
    return "\n".join(lines) + "\n"


def escape_lines(text: str) -> str:
    """Escape control characters but keep the line breaks, with the lines after the first indented."""
    lines = text.strip("\n").split("\n")
    return "\n  ".join(escape_control_characters(line.rstrip("\r")) for line in lines)


def error_to_object(error: EmqxctlError) -> dict[str, object]:
    """Return an error as data; its details never replace the fields that every error has."""
    error_fields: dict[str, object] = {"code": error.code, "message": error.message}
    if error.hint:
        error_fields["hint"] = error.hint
    error_fields["exit_code"] = int(error.exit_code)
    return error_fields | {name: value for name, value in error.details.items() if name not in error_fields}


def list_notes(result: Result, view: View) -> list[str]:
    """Return what a person reads on stderr in addition to the result: the message of a change, and the notes.

    A program gets the change as data on stdout instead.
    """
    if view.quiet:
        return []
    has_message = isinstance(result, Done) and result.message and view.format.is_human_readable
    messages = [result.message] if has_message else []  # type: ignore[union-attr]  # a Done
    return [*messages, *result.notes]


def unexpected_error(error: BaseException) -> EmqxctlError:
    """Return the error for a bug in emqxctl: one line without secrets, and how to report it."""
    from emqxctl.text.redaction import redact_text

    reason = redact_text(" ".join(str(error).split()))
    message = f"unexpected {type(error).__name__}" + (f": {reason}" if reason else "")
    hint = "this is a bug in emqxctl: run the command again with --debug and report the output"
    return EmqxctlError(message, hint=hint, code="UNEXPECTED", exit_code=ExitCode.FAILED)
