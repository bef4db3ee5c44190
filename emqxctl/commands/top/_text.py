"""Lines of text cut and padded to a number of cells."""

from emqxctl.output.formats.plain_table import measure_width


def justify_ends(left: str, right: str, width: int) -> str:
    """Return a line with two texts at its ends; the right one is dropped if both do not fit."""
    gap = width - measure_width(left) - measure_width(right)
    return left + " " * gap + right if gap >= 1 else pad_text(left, width)


def fit_text(text: str, width: int, *, align_right: bool) -> str:
    """Return a text cut or padded to a width."""
    text = truncate_text(text, width)
    padding = " " * (width - measure_width(text))
    return padding + text if align_right else text + padding


def pad_text(text: str, width: int) -> str:
    """Return a left-aligned text cut or padded to a width."""
    return fit_text(text, width, align_right=False)


def truncate_text(text: str, width: int) -> str:
    """Return a text cut to a number of cells, with an ellipsis if it was longer."""
    if measure_width(text) <= width:
        return text
    prefix, used_width = "", 0
    for character in text:
        used_width += measure_width(character)
        if used_width > width - 1:
            break
        prefix += character
    return prefix + "…" if width > 0 else ""
