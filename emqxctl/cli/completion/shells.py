"""How candidates are printed for each shell; its script reads the lines."""

from emqxctl.cli.completion.candidates import Candidate, Candidates
from emqxctl.cli.completion.typed_line import TypedWord

PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@%+,")


def format_candidates(shell: str, candidates: Candidates, word: TypedWord) -> str:
    """Return the lines for a shell: `files`, `names` or `partial` first, then one candidate per line."""
    if candidates.files:
        return "files\n"
    items = candidates.items
    is_partial = len(items) == 1 and items[0].partial
    format_items = FORMATS.get(shell, format_for_fish)
    return "\n".join(["partial" if is_partial else "names", *format_items(items, word)]) + "\n"


def format_for_bash(items: tuple[Candidate, ...], word: TypedWord) -> list[str]:
    """Return what bash inserts in place of its current word: quoted, and without what it keeps."""
    lines = []
    for item in items:
        text = item.value[word.kept :]
        if not word.quote:
            lines.append("".join(mark if mark in PLAIN or mark.isalnum() else f"\\{mark}" for mark in text))
        elif word.quote == "'" and "'" not in text:
            lines.append(text)
        elif word.quote == '"':
            lines.append("".join(f"\\{mark}" if mark in '"$`\\' else mark for mark in text))
    return lines


def format_for_zsh(items: tuple[Candidate, ...], word: TypedWord) -> list[str]:  # noqa: ARG001
    """Return lines of a mark (`+` if the word goes on, else `.`), the value and the line of the menu."""
    width = max((len(item.value) for item in items), default=0)
    return [
        f"{'+' if item.partial else '.'}{item.value}\t{item.value:{width}}  -- {item.description}"
        if item.description
        else f"{'+' if item.partial else '.'}{item.value}\t{item.value}"
        for item in items
    ]


def format_for_fish(items: tuple[Candidate, ...], word: TypedWord) -> list[str]:  # noqa: ARG001
    """Return values and descriptions with a tab between; fish quotes what it inserts."""
    return [f"{item.value}\t{item.description}" for item in items]


def format_for_powershell(items: tuple[Candidate, ...], word: TypedWord) -> list[str]:  # noqa: ARG001
    """Return what PowerShell inserts, the value of the menu and the tooltip with tabs between."""
    lines = []
    for item in items:
        is_plain = set(item.value) <= PLAIN - {"@", ","}
        text = item.value if is_plain else "'" + item.value.replace("'", "''") + "'"
        lines.append(f"{text}\t{item.value}\t{item.description or item.value}")
    return lines


FORMATS = {
    "bash": format_for_bash,
    "zsh": format_for_zsh,
    "fish": format_for_fish,
    "powershell": format_for_powershell,
}
