"""Single styled words outside of tables: the same ANSI codes as rich writes, without its start-up time."""

SGR_CODES = {
    "bold": "1",
    "dim": "2",
    "reverse": "7",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "cyan": "36",
}


def paint(text: str, style: str, *, color: bool) -> str:
    """Return text in a style (`bold`, `dim`, `reverse`, a color, or several); plain text without `color`."""
    codes = ";".join(SGR_CODES[name] for name in style.split() if name in SGR_CODES)
    return f"\x1b[{codes}m{text}\x1b[0m" if color and codes and text else text
