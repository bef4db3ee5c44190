"""Single styled words where no table is: what rich would write, without its start-up."""

SGR = {"bold": "1", "dim": "2", "reverse": "7", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


def paint(text: str, style: str, *, colour: bool) -> str:
    """Write text in a style (`bold`, `dim`, `reverse`, a colour, or several), plain where none is wanted."""
    codes = ";".join(SGR[name] for name in style.split() if name in SGR)
    return f"\x1b[{codes}m{text}\x1b[0m" if colour and codes and text else text
