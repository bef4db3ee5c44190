"""Questions to the person at the terminal; never one that hangs a pipeline."""

import sys
from typing import TYPE_CHECKING

from emqxctl.errors import GuardError
from emqxctl.output.streams import write_stderr
from emqxctl.text.escaping import escape_control_characters

if TYPE_CHECKING:
    from emqxctl.cli.session import Session


def confirm(session: "Session", action: str) -> None:
    """Ask before a deed that destroys; a protected profile wants its name typed.

    `--yes` answers, or `--confirm NAME` for a protected profile. Raises GuardError when refused, or when
    nobody can be asked.
    """
    settings = session.settings
    if settings.dry_run:
        return
    if settings.protected:
        confirm_by_name(session, action)
        return
    if settings.yes:
        return
    if not can_prompt(session):
        message = f"not done without confirmation: {action} on {session.target_name}"
        raise GuardError(message, code="NOT_CONFIRMED", hint="add --yes (-y) to confirm")
    if prompt(f"{capitalize_first(action)} on {session.target_name}? [y/N] ").lower() not in {"y", "yes"}:
        message = f"not confirmed: {action}"
        raise GuardError(message, code="NOT_CONFIRMED")


def confirm_by_name(session: "Session", action: str) -> None:
    """Ask for the profile's name, which a protected profile wants for every deed that destroys."""
    name = session.settings.profile
    typed = session.settings.confirm
    if not typed and can_prompt(session):
        typed = prompt(
            f"{capitalize_first(action)} on {name}, which is protected. Type the profile's name to go on: "
        )
    if typed != name:
        message = f"profile {name!r} is protected; not done: {action}"
        raise GuardError(message, code="PROTECTED", hint=f"confirm with: --confirm {name}")


def can_prompt(session: "Session") -> bool:
    """Tell whether a person can be asked: terminals on both ends, no --no-input, not in CI."""
    if session.settings.no_input or session.environ.get("CI"):
        return False
    return is_terminal(sys.stdin) and is_terminal(sys.stderr)


def is_terminal(stream: object) -> bool:
    """Tell whether a stream is a terminal; a closed or missing one is not."""
    try:
        return bool(stream.isatty())  # type: ignore[attr-defined]  # None and closed streams end below
    except (AttributeError, ValueError):
        return False


def prompt(question: str) -> str:
    """Ask on stderr and read one line; the end of input is no answer."""
    write_stderr(escape_control_characters(question))
    return sys.stdin.readline().strip()


def prompt_secret(question: str) -> str:
    """Ask for a secret without echo."""
    from getpass import getpass

    return getpass(escape_control_characters(question), stream=sys.stderr).strip()


def capitalize_first(text: str) -> str:
    """Begin a sentence with a deed."""
    return text[:1].upper() + text[1:]
