"""Parse HOCON, the language of EMQX's configuration.

Values are concatenated and substitutions resolved as the HOCON specification says. As in EMQX 5.6 and later,
three quotes have no escapes, and `~` after them means that the indentation is not part of the text
(github.com/emqx/hocon pull request 290). Not supported: include.
"""

import re
from typing import NamedTuple

from emqxctl.emqx.hocon_values import (
    Bare,
    Json,
    ResolveError,
    Resolver,
    Row,
    join_pieces,
    merge_values,
    parse_substitution,
    remove_indentation,
    unescape,
)

TOKENS = (
    r"(?P<comment>(?:\#|//)[^\n]*)|(?P<newline>\n)|(?P<space>[^\S\n]+)"
    r'|(?P<block>"""[^"]*(?:""?(?!")[^"]*)*"{3,})|(?P<text>"(?!"")[^"\\\n]*(?:\\.[^"\\\n]*)*")'
    r"|(?P<reference>\$\{[^}\n]*\})|(?P<sign>\+=|[=:])|(?P<mark>[{}\[\],])"
    r"|(?P<bare>(?:[^\s$\"{}\[\]:=,+\#`^?!*&\\/]|\+(?!=)|/(?!/))+)|(?P<invalid>.)"
)
BLANK_KINDS = frozenset({"comment", "newline", "space"})
INCLUDE = "include is not supported"
CLOSING_MARKS = frozenset({",", "}", "]"})


class HoconError(Exception):
    """Invalid HOCON, or HOCON that is not supported, at a line; `reason` is empty for a syntax error."""

    def __init__(self, line: int, reason: str = "") -> None:
        """Keep the line and the reason."""
        super().__init__(line, reason)
        self.line, self.reason = line, reason


class Token(NamedTuple):
    """A piece of the text; its kind is the name of its group in TOKENS."""

    kind: str
    text: str
    start: int


class HoconReader:
    """Parses the tokens of HOCON by recursive descent."""

    def __init__(self, text: str) -> None:
        """Split the text into tokens."""
        self.text = text
        matches = re.finditer(rf"(?sx){TOKENS}", text)
        self.tokens = [Token(str(match.lastgroup), match.group(), match.start()) for match in matches]
        self.tokens.append(Token("end", "", len(text)))
        self.position = 0

    @property
    def token(self) -> Token:
        """The next token."""
        return self.tokens[self.position]

    def error(self, reason: str = "") -> HoconError:
        """Return the error for the next token."""
        return HoconError(self.text.count("\n", 0, self.token.start) + 1, reason)

    def skip_blank(self, *, with_commas: bool = False) -> None:
        """Skip what may separate two values, or a key from its value."""
        while self.token.kind in BLANK_KINDS or (with_commas and self.token.text == ","):
            self.position += 1

    def read_roots(self) -> Row:
        """Read the whole document, in braces or without."""
        self.skip_blank()
        is_braced = self.token.text == "{"
        self.position += is_braced
        roots = self.read_fields("}" if is_braced else "")
        self.skip_blank()
        if self.token.kind != "end":
            raise self.error()
        return roots

    def read_fields(self, closing: str) -> Row:
        """Read keys and values up to and with `closing`; a later value is merged into an earlier one."""
        fields: Row = {}
        while True:
            self.skip_blank(with_commas=True)
            if self.token.text == closing:
                self.position += self.token.kind != "end"
                return fields
            path = self.read_path()
            sign = self.token.text if self.token.kind == "sign" else ""
            self.position += bool(sign)
            self.set_value(fields, path, self.read_value(), is_appended=sign == "+=")

    def set_value(self, fields: Row, path: list[str], value: Json, *, is_appended: bool) -> None:
        """Merge a value into the fields at a path, or append it to the array there."""
        for part in path[:-1]:
            nested = fields.get(part)
            fields[part] = dict(nested) if isinstance(nested, dict) else {}
            fields = fields[part]
        if is_appended:
            value = self.join([fields.get(path[-1], []), [value]])
        fields[path[-1]] = merge_values(fields.get(path[-1]), value)

    def read_path(self) -> list[str]:
        """Read a key up to its sign or the brace of its value; dots outside of quotes separate its parts."""
        start, gap = self.position, ""
        path: list[str | None] = [None]  # a part without text is None
        while self.token.kind in {"bare", "text", "space"}:
            kind, text, _ = self.token
            self.position += 1
            if kind == "space":
                gap = text
                continue
            words = [unescape(text[1:-1])] if kind == "text" else text.split(".")
            if kind == "text" or words[0]:
                path[-1] = words[0] if path[-1] is None else path[-1] + gap + words[0]
            path += [word or None for word in words[1:]]
            gap = ""
        if self.tokens[start].text == "include" and self.token.kind not in {"sign", "mark"}:
            raise self.error(INCLUDE)
        parts = [part for part in path if part is not None]
        if len(parts) < len(path) or not (self.token.kind == "sign" or self.token.text == "{"):
            raise self.error()
        return parts

    def read_value(self) -> Json:
        """Read one value: everything up to the end of its line, a comma or a closing bracket."""
        self.skip_blank()
        pieces: list[Json] = []
        while (kind := self.token.kind) not in {"newline", "comment", "end"}:
            text = self.token.text
            if text in CLOSING_MARKS:
                break
            if kind in {"sign", "invalid"}:
                raise self.error()
            self.position += 1
            if kind == "mark":
                pieces.append(self.read_fields("}") if text == "{" else self.read_items())
            else:
                pieces.append(parse_scalar(kind, text))
        if not pieces:
            raise self.error()
        return self.join(pieces)

    def join(self, pieces: list[Json]) -> Json:
        """Return the value of pieces next to each other. Raises HoconError for different types."""
        if len(pieces) == 1 and not isinstance(pieces[0], Bare):
            return pieces[0]
        try:
            return join_pieces(pieces)
        except ResolveError as error:
            raise self.error(str(error)) from error

    def read_items(self) -> list[Json]:
        """Read the elements of an array up to and with its closing bracket."""
        items: list[Json] = []
        while True:
            self.skip_blank(with_commas=True)
            if self.token.text == "]":
                self.position += 1
                return items
            items.append(self.read_value())


def parse_scalar(kind: str, text: str) -> Json:
    """Return a token of a value: text of a string, a substitution, text without quotes."""
    match kind:
        case "block":
            content = text[3:-3]
            return remove_indentation(content[1:]) if content.startswith("~") else content
        case "text":
            return unescape(text[1:-1])
        case "reference":
            return parse_substitution(text)
    return Bare(text)


def parse_hocon(text: str) -> Row:
    """Parse configuration roots. Raises HoconError."""
    reader = HoconReader(text)
    try:
        roots = reader.read_roots()
        if "${" not in text:
            return roots
        resolved: Row = Resolver(roots).resolve(roots)
    except ResolveError as error:
        raise HoconError(1, str(error)) from error
    except RecursionError as error:
        raise HoconError(1, "it is nested too deeply") from error
    return resolved
