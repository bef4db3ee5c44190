"""Questions to the person at the terminal; never one that hangs a pipeline."""

import sys
from typing import TYPE_CHECKING

from emqxctl.errors import GuardError
from emqxctl.output.streams import write_err
from emqxctl.text.escaping import visible

if TYPE_CHECKING:
    from emqxctl.cli.session import Session


def confirm(session: "Session", deed: str) -> None:
    """Ask before a deed that destroys; a protected profile wants its name typed.

    `--yes` answers, or `--confirm NAME` for a protected profile. Raises GuardError when refused, or when
    nobody can be asked.
    """
    settings = session.settings
    if settings.dry_run:
        return
    if settings.protected:
        confirm_by_name(session, deed)
        return
    if settings.yes:
        return
    if not can_ask(session):
        message = f"not done without confirmation: {deed} on {session.place}"
        raise GuardError(message, code="NOT_CONFIRMED", hint="add --yes (-y) to confirm")
    if ask(f"{capital(deed)} on {session.place}? [y/N] ").lower() not in {"y", "yes"}:
        message = f"not confirmed: {deed}"
        raise GuardError(message, code="NOT_CONFIRMED")


def confirm_by_name(session: "Session", deed: str) -> None:
    """Ask for the profile's name, which a protected profile wants for every deed that destroys."""
    name = session.settings.profile
    typed = session.settings.confirm
    if not typed and can_ask(session):
        typed = ask(f"{capital(deed)} on {name}, which is protected. Type the profile's name to go on: ")
    if typed != name:
        message = f"profile {name!r} is protected; not done: {deed}"
        raise GuardError(message, code="PROTECTED", hint=f"confirm with: --confirm {name}")


def can_ask(session: "Session") -> bool:
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


def ask(question: str) -> str:
    """Ask on stderr and read one line; the end of input is no answer."""
    write_err(visible(question))
    return sys.stdin.readline().strip()


def ask_secret(question: str) -> str:
    """Ask for a secret without echo."""
    from getpass import getpass

    return getpass(visible(question), stream=sys.stderr).strip()


def capital(deed: str) -> str:
    """Begin a sentence with a deed."""
    return deed[:1].upper() + deed[1:]
