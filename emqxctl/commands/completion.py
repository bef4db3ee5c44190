"""`emqxctl completion`: the completion script of a shell."""

from enum import StrEnum
from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.output.results import Text

app = new_group("The completion script of a shell.")


class Shell(StrEnum):
    """The shells there are scripts for."""

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
    )
)
def completion(shell: Annotated[Shell, typer.Argument(help="The shell.")]) -> Text:
    """Print the completion script of a shell."""
    return Text(build_script(shell))


def build_script(shell: str) -> str:
    """Give the completion script of a shell, as Typer makes it."""
    from typer._completion_shared import get_completion_script  # Typer names no public place for it

    made: str = get_completion_script(prog_name="emqxctl", complete_var="_EMQXCTL_COMPLETE", shell=shell)
    return made.strip() + "\n"
