"""What can be done with the selected row of `emqxctl top`: commands of emqxctl for its object."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from emqxctl.config.settings import PREFIX
from emqxctl.output.streams import write_stderr

if TYPE_CHECKING:
    from emqxctl.cli.session import Session
    from emqxctl.output.terminal import Screen

WHY, KICK, TRACE = "why", "kick", "trace"
COMMANDS: Mapping[tuple[str, str], tuple[str, ...]] = {  # by action and view; the object's name follows
    (WHY, "cluster"): ("nodes", "get", "--"),
    (WHY, "clients"): ("clients", "why", "--"),
    (WHY, "topics"): ("topics", "who", "--"),
    (WHY, "rules"): ("rules", "why", "--"),
    (WHY, "actions"): ("actions", "why", "--"),
    (KICK, "clients"): ("clients", "kick", "--"),
    (TRACE, "clients"): ("traces", "tail", "--client="),
    (TRACE, "topics"): ("traces", "tail", "--topic="),
    (TRACE, "rules"): ("traces", "tail", "--rule="),
}
# Shared options that reach the same cluster in another process; environment and profile do the rest.
PASSED_OPTIONS = (
    "profile",
    "ca_file",
    "client_cert",
    "client_key",
    "proxy",
    "timeout",
    "retries",
    "namespace",
    "color",
)


class RowAction(NamedTuple):
    """A command for a row: its words after `emqxctl`. `asks`: it changes the cluster without a prompt."""

    words: tuple[str, ...]
    asks: bool = False

    @property
    def text(self) -> str:
        """The command as it would be typed."""
        from shlex import join

        return "emqxctl " + join(word for word in self.words if word != "--")


def find_row_action(action: str, view_name: str, name: str) -> RowAction | None:
    """Return the command of an action for an object of a view; None if there is none."""
    words = COMMANDS.get((action, view_name))
    if words is None:
        return None
    last_word = words[-1]
    with_name = (*words[:-1], last_word + name) if last_word.endswith("=") else (*words, name)
    return RowAction(with_name, asks=action == TRACE)


def run_row_action(session: "Session", screen: "Screen", action: RowAction) -> None:
    """Leave the display, run the command in another process, and return after Enter.

    Ctrl-C ends the command only: this process ignores it, by a handler that the command does not inherit.
    """
    import signal
    import subprocess

    screen.leave()
    previous_handler = signal.signal(signal.SIGINT, lambda _number, _frame: None)
    try:
        write_stderr(f"{action.text}\n\n")
        command = [sys.executable, "-m", "emqxctl", *list_connection_words(session), *action.words]
        subprocess.run(command, env=build_connection_environment(session), check=False)  # noqa: S603  # emqxctl itself
        write_stderr("\nPress Enter to return to top.")
        sys.stdin.readline()
    finally:
        signal.signal(signal.SIGINT, previous_handler)
        screen.enter()


def list_connection_words(session: "Session") -> list[str]:
    """Return the shared options of this run, without those that name the cluster or its key."""
    options = session.options
    words = [
        f"--{name.replace('_', '-')}={options[name]}"
        for name in PASSED_OPTIONS
        if options.get(name) not in {None, "", False}
    ]
    return [*words, "--insecure"] if session.settings.insecure else words


def build_connection_environment(session: "Session") -> dict[str, str]:
    """Return the environment with the cluster and the key of this run, which may come from stdin."""
    import os

    connection = session.connection
    cluster = {"URL": connection.url, "API_KEY": connection.api_key, "API_SECRET": connection.api_secret}
    variables = {PREFIX + name: value for name, value in cluster.items() if value}
    return {**os.environ, **variables, PREFIX + "OUTPUT": "table"}
