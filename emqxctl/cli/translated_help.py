"""Help pages in another language: texts are translated, and wrapped by the cells they take."""

from collections.abc import Iterator, Sequence

from typer._click.formatting import HelpFormatter  # Typer has no public name for it

from emqxctl.output.formats.plain_table import measure_width
from emqxctl.text.language import translate

MIN_TEXT_WIDTH = 10  # cells
NOT_AT_LINE_START = " ，。；：、！？）》”’%,.;:!?)"
RAW_BLOCK = "\b"  # the first line of a paragraph that is not wrapped


class TranslatedFormatter(HelpFormatter):
    """Click's formatter for text whose characters may take two cells."""

    def write(self, string: str) -> None:
        """Write text as it is, its lines translated."""
        super().write("\n".join(translate_line(line) for line in string.split("\n")))

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the usage line."""
        super().write_usage(prog, args, f"{translate('Usage')}: " if prefix is None else prefix)

    def write_heading(self, heading: str) -> None:
        """Write the title of a section."""
        super().write_heading(translate(heading))

    def write_text(self, text: str) -> None:
        """Write paragraphs, wrapped at the width of the page."""
        indent = " " * self.current_indent
        lines = wrap_paragraphs(text, self.width - self.current_indent)
        super().write("".join(f"{indent}{line}".rstrip() + "\n" for line in lines))

    def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write a list of names and texts."""
        rows = list(rows)
        name_width = min(max((measure_width(name) for name, _ in rows), default=0), col_max)
        indent = " " * self.current_indent
        text_indent = indent + " " * (name_width + col_spacing)
        width = max(self.width - name_width - col_spacing - self.current_indent, MIN_TEXT_WIDTH)
        for name, text in rows:
            lines = wrap_paragraphs(text, width)
            padding = " " * (name_width + col_spacing - measure_width(name))
            first_line = f"{indent}{name}"
            if lines and padding:
                first_line += padding + lines.pop(0)
            super().write(
                "".join(f"{line}\n" for line in (first_line, *(text_indent + line for line in lines)))
            )


def translate_line(line: str) -> str:
    """Return a line with its text translated, and its indent as it was."""
    text = line.strip()
    return line.replace(text, translate(text)) if text else line


def wrap_paragraphs(text: str, width: int) -> list[str]:
    """Return the lines of a text whose paragraphs are translated; an empty line is between two of them."""
    lines: list[str] = []
    for paragraph in text.strip().split("\n\n"):
        if lines:
            lines.append("")
        if paragraph.startswith(RAW_BLOCK):
            lines += [translate_line(line) for line in paragraph.split("\n")[1:]]
        else:
            lines += wrap(translate(" ".join(paragraph.split())), width)
    return lines


def wrap(text: str, width: int) -> list[str]:
    """Return the lines of a paragraph; a wide character may begin a line, closing punctuation may not."""
    lines, line = [], ""
    for piece in split_pieces(text):
        if line and measure_width(line + piece.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece
    return [*lines, line.rstrip()] if line.rstrip() else lines


def split_pieces(text: str) -> Iterator[str]:
    """Yield the pieces between which a line may be broken: words with their space, and wide characters."""
    piece = ""
    for character in text:
        is_wide = measure_width(character) > 1
        is_after_wide = bool(piece) and measure_width(piece[-1]) > 1
        begins_piece = (
            is_wide or is_after_wide or piece.endswith(" ")
        ) and character not in NOT_AT_LINE_START
        if piece and begins_piece and character != " ":
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece
