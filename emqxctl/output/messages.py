"""How messages look on stderr: errors for a person or a program, notes, and crashes."""

import re

from emqxctl.errors import EmqxctlError, ExitCode
from emqxctl.output.results import Done, Result
from emqxctl.output.view import View
from emqxctl.text.escaping import escape_control_characters

# What a stray exception may carry: user and password in a URL, a header, a `secret=...` in any spelling.
SECRETS = (
    r"(?i)(?P<before>://)[^/\s@]+(?=@)"
    r"|(?P<name>\bauthorization\b[\"']?\s*[:=]\s*[\"']?(?:(?:basic|bearer)\s+)?"
    r"|\b(?:basic|bearer)\s+"
    r"|[\w-]*(?:password|passwd|secret|token|api[_-]key)[\"']?\s*[:=]\s*[\"']?)[^\s\"',;&)}]+"
)


def format_error(error: EmqxctlError, as_json: bool) -> str:
    """Write an error for stderr: `emqxctl: what happened [CODE]`, `hint:` lines; or one line of JSON."""
    if as_json:
        from emqxctl.output.formats.json import format_compact

        return format_compact({"error": error_to_object(error)}) + "\n"
    lines = [f"emqxctl: {escape_lines(error.message)} [{escape_control_characters(error.code)}]"]
    lines += [f"hint: {escape_control_characters(line)}" for line in error.hint.splitlines() if line.strip()]
    return "\n".join(lines) + "\n"


def escape_lines(text: str) -> str:
    """Escape text but keep its lines, the later ones indented."""
    return "\n  ".join(escape_control_characters(line.rstrip("\r")) for line in text.strip("\n").split("\n"))


def error_to_object(error: EmqxctlError) -> dict[str, object]:
    """Give an error as data: its details never replace what every error has."""
    error_fields: dict[str, object] = {"code": error.code, "message": error.message}
    if error.hint:
        error_fields["hint"] = error.hint
    error_fields["exit_code"] = int(error.exit_code)
    return error_fields | {name: value for name, value in error.details.items() if name not in error_fields}


def list_notes(result: Result, view: View) -> list[str]:
    """List what a person is told besides the result: that a change was made, and the result's own notes.

    A program sees the change as data on stdout instead.
    """
    if view.quiet:
        return []
    told = (
        [result.message]
        if isinstance(result, Done) and result.message and view.format.is_human_readable
        else []
    )
    return [*told, *result.notes]


def unexpected_error(error: BaseException) -> EmqxctlError:
    """Make an error of a bug of ours: one line without secrets, and where to look next."""
    words = redact(" ".join(str(error).split()))
    message = f"unexpected {type(error).__name__}" + (f": {words}" if words else "")
    hint = "This is a bug in emqxctl. Run the command again with --debug, and report what it says."
    return EmqxctlError(message, hint=hint, code="UNEXPECTED", exit_code=ExitCode.FAILED)


def redact(text: str) -> str:
    """Hide what looks like a secret."""
    return re.sub(SECRETS, lambda found: (found["before"] or found["name"]) + "***", text)
