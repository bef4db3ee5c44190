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
    )
)
def completion(
    shell: Annotated[Shell, typer.Argument(metavar="SHELL", help="Shell: bash, zsh, fish or powershell.")],
) -> Text:
    """Print the completion script of a shell."""
    return Text(build_script(shell))


def build_script(shell: str) -> str:
    """Return Typer's completion script of a shell."""
    from typer._completion_shared import get_completion_script  # Typer names no public place for it

    script: str = get_completion_script(prog_name="emqxctl", complete_var="_EMQXCTL_COMPLETE", shell=shell)
    return script.strip() + "\n"
