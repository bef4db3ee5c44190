"""Prompts for the person at the terminal; none blocks a pipeline."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from emqxctl.config.settings import Settings
from emqxctl.errors import GuardError
from emqxctl.output.streams import write_stderr
from emqxctl.text.escaping import escape_control_characters
from emqxctl.text.language import translate

MANY_TARGETS = 100  # from here on their number confirms, not a single letter


def confirm(
    settings: Settings, environ: Mapping[str, str], target_name: str, action: str, count: int = 1
) -> None:
    """Prompt before a destructive `action` ("kick client 'dev-1'"); a protected profile requires its name.

    `--yes` confirms, or `--confirm NAME` for a protected profile. At the prompt many targets, `count`, are
    confirmed by their number. Raises GuardError when the action is not confirmed, or when it is not possible
    to prompt.
    """
    if settings.protected:
        confirm_by_name(settings, environ, action)
        return
    if settings.yes:
        return
    if not can_prompt(settings, environ):
        message = f"confirmation required: {action} on {target_name}"
        raise GuardError(message, code="NOT_CONFIRMED", hint="confirm with --yes (-y)")
    if not is_confirmed(f"{capitalize_first(action)} on {target_name}", count):
        message = f"not confirmed: {action}"
        raise GuardError(message, code="NOT_CONFIRMED")


def is_confirmed(question: str, count: int) -> bool:
    """Return whether a person confirms at the terminal: with y, or with the number of many targets."""
    if count >= MANY_TARGETS:
        return prompt(f"{question}. Type {count} to confirm: ") == str(count)
    return prompt(f"{question}? [y/N] ").lower() in {"y", "yes"}


def confirm_by_name(settings: Settings, environ: Mapping[str, str], action: str) -> None:
    """Require the profile's name, from `--confirm` or a prompt. Raises GuardError when it does not match."""
    name = settings.profile
    typed_name = settings.confirm
    if not typed_name and can_prompt(settings, environ):
        question = (
            f"{capitalize_first(action)} on {name}, which is protected. Type the profile's name to confirm: "
        )
        typed_name = prompt(question)
    if typed_name != name:
        message = f"confirmation by name required for protected profile {name!r}: {action}"
        raise GuardError(message, code="PROTECTED", hint=f"confirm with --confirm {name}")


def can_prompt(settings: Settings, environ: Mapping[str, str]) -> bool:
    """Return whether a person can answer: stdin and stderr are terminals, no --no-input, not in CI."""
    if settings.no_input or environ.get("CI"):
        return False
    return is_terminal(sys.stdin) and is_terminal(sys.stderr)


def is_terminal(stream: object) -> bool:
    """Return whether a stream is a terminal; a closed or missing stream is not."""
    try:
        return bool(stream.isatty())  # type: ignore[attr-defined]  # None and closed streams raise
    except (AttributeError, ValueError):
        return False


def prompt(question: str) -> str:
    """Print a question to stderr and read one line from stdin; return "" at the end of input."""
    with next_line_if_interrupted():
        write_stderr(escape_control_characters(translate(question)))
        line = sys.stdin.readline()
    if not line.endswith("\n"):  # Ctrl-D
        write_stderr("\n")
    return line.strip()


def prompt_secret(question: str) -> str:
    """Prompt for a secret without echo."""
    from getpass import getpass

    with next_line_if_interrupted():
        return getpass(escape_control_characters(question), stream=sys.stderr).strip()


@contextmanager
def next_line_if_interrupted() -> Iterator[None]:
    """End the line of a question at Ctrl-C, so that the message does not follow `^C`."""
    try:
        yield
    except KeyboardInterrupt:
        write_stderr("\n")
        raise


def capitalize_first(text: str) -> str:
    """Return a text with its first letter in upper case."""
    return text[:1].upper() + text[1:]
