"""`emqxctl completion`: the completion script of a shell."""

from enum import StrEnum
from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.output.results import Text

app = new_group("Print the completion script of a shell.")


class Shell(StrEnum):
    """The shells that have a completion script."""

    bash = "bash"
    zsh = "zsh"
    fish = "fish"
    powershell = "powershell"


@app.command()
@command(
    examples=(
        "source <(emqxctl completion bash)",
        "emqxctl completion zsh > ~/.zfunc/_emqxctl",
        "emqxctl completion fish > ~/.config/fish/completions/emqxctl.fish",
        "emqxctl completion powershell >> $PROFILE",
    ),
    reads_config=False,
)
def completion(
    shell: Annotated[Shell, typer.Argument(metavar="SHELL", help="Shell: bash, zsh, fish or powershell.")],
) -> Text:
    """Print the completion script of a shell.

    TAB then completes commands, options and their values, fields, profiles, and names of the cluster of the
    current profile, or of -p and --url on the line. The cluster has half a second to respond; its names are
    kept for a minute. EMQXCTL_COMPLETE_OFFLINE=1 turns names of the cluster off. A profile's secret_command
    runs for them only with completion_secret_command = true in preferences.toml.
    """
    return Text(build_script(shell))


def build_script(shell: str) -> str:
    """Return the completion script of a shell; nothing is read or connected to."""
    from emqxctl.cli.completion.scripts import SCRIPTS

    return SCRIPTS[shell]
