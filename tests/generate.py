"""Generate the completion scripts, the man pages and the reference: `poe docs`; a test compares them."""

from pathlib import Path
from unittest.mock import patch

from emqxctl.commands.completion import build_script
from tests.support.manual_pages import build_manual_pages
from tests.support.reference_pages import build_reference_pages

TOP = Path(__file__).parent.parent
COMPLETIONS = "completions"
MANUAL, REFERENCE = "completions/man1", "emqxctl/guide/reference"
NAMES = {"bash": "emqxctl.bash", "zsh": "_emqxctl", "fish": "emqxctl.fish", "powershell": "emqxctl.ps1"}


def build_files() -> dict[str, str]:
    """Return the content of each generated file by its path in the project, in English."""
    with patch.dict("os.environ", {"EMQXCTL_LANG": "en"}):
        return build_english_files()


def build_english_files() -> dict[str, str]:
    """Return the generated files in the language of the environment."""
    files = {f"{COMPLETIONS}/{name}": build_script(shell) for shell, name in NAMES.items()}
    files |= {f"{MANUAL}/{name}": text for name, text in build_manual_pages()}
    return files | {f"{REFERENCE}/{name}": text for name, text in build_reference_pages()}


def list_stale_files(files: dict[str, str]) -> list[str]:
    """Return the generated files that differ, are missing, or are no longer generated."""
    stale = [
        name
        for name, content in files.items()
        if not (TOP / name).exists() or (TOP / name).read_text("utf-8") != content
    ]
    existing = [path for folder in (MANUAL, REFERENCE) for path in (TOP / folder).glob("*")]
    return sorted(stale + [name for path in existing if (name := str(path.relative_to(TOP))) not in files])


def main() -> None:
    """Write the files that differ and delete those that are no longer generated."""
    files = build_files()
    for name in list_stale_files(files):
        if name in files:
            (TOP / name).parent.mkdir(parents=True, exist_ok=True)
            (TOP / name).write_text(files[name], "utf-8")
        else:
            (TOP / name).unlink()


if __name__ == "__main__":
    main()
