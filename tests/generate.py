"""Generate the completion scripts and the man page into completions/: `poe docs`; a test compares them."""

from pathlib import Path

from emqxctl import __version__
from emqxctl.cli.root import build_root, walk_commands
from emqxctl.cli.sections import SECTIONS
from emqxctl.commands.completion import build_script
from emqxctl.errors import ExitCode

FOLDER = Path(__file__).parent.parent / "completions"
NAMES = {"bash": "emqxctl.bash", "zsh": "_emqxctl", "fish": "emqxctl.fish", "powershell": "emqxctl.ps1"}


def build_files() -> dict[str, str]:
    """Return the content of each generated file by its name."""
    return {name: build_script(shell) for shell, name in NAMES.items()} | {"emqxctl.1": build_man_page()}


def build_man_page() -> str:
    """Return the man page: every command with its summary, the exit codes."""
    lines = [
        f'.TH EMQXCTL 1 "" "emqxctl {__version__}" "User Commands"',
        ".SH NAME",
        "emqxctl \\- operate EMQX clusters through their REST API",
        ".SH SYNOPSIS",
        ".B emqxctl",
        "[OPTIONS] GROUP COMMAND [ARGUMENTS]",
        ".SH COMMANDS",
    ]
    summaries = {
        path: (command.help or "").partition("\n")[0] for path, command in walk_commands(build_root())
    }
    for title, groups in SECTIONS.items():
        lines.append(f".SS {title}")
        for group, _ in groups:
            for path in sorted(summaries):
                if path.split()[1] == group:
                    lines += [".TP", f".B {escape_roff(path)}", escape_roff(summaries[path])]
    lines.append(".SH EXIT STATUS")
    for code in ExitCode:
        lines += [".TP", f".B {int(code)}", escape_roff(code.meaning)]
    lines += [".SH SEE ALSO", "Each page of", ".B emqxctl GROUP COMMAND --help"]
    return "\n".join(lines) + "\n"


def escape_roff(text: str) -> str:
    """Return text escaped for roff."""
    return text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")


def main() -> None:
    """Write the files."""
    FOLDER.mkdir(exist_ok=True)
    for name, content in build_files().items():
        (FOLDER / name).write_text(content)


if __name__ == "__main__":
    main()
