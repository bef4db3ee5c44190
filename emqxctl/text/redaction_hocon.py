"""Secrets masked in HOCON, the language of EMQX's configuration, however they are written."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from emqxctl.text.redaction import MASK, is_secret, redact_text

# One token: a comment, a text (in three quotes over several lines, or in one), a mark, a gap, a word. A text
# without an end takes as much as it may, so that its rest is never read as something else.
TOKENS = (
    r"(?P<comment>(?:\#|//)[^\n]*)"
    r'|(?P<text>"""(?:.*?)(?:""""*|\Z)|"(?:[^"\\\n]|\\.)*+(?:"|(?=\n)|\\?\Z))'
    r"|(?P<open>[{\[])|(?P<close>[}\]])|(?P<sets>\+=|[=:])|(?P<ends>[,\n])|(?P<gap>[^\S\n]+)"
    r"|(?P<word>\$\{[^}\n$]*+\}|[^\s{}\[\],=:\"\#/]+|/(?!/)|.)"
)
MAX_KEY_CHARACTERS = 1000  # at the end of a key: its name is there
EMPTY_VALUES = frozenset({"", '""', '""""""', "null", "true", "false", "{}", "[]"})


class Token(NamedTuple):
    """A piece of the text; its kind is the name of its group in TOKENS."""

    kind: str
    text: str


class HoconRedactor:
    """Reads HOCON once; `mask_text` masks the secrets in comments and in values with harmless names."""

    def __init__(self, text: str, mask_text: Callable[[str], str]) -> None:
        """Split the text into tokens."""
        matches = re.finditer(rf"(?sx){TOKENS}", text)
        self.tokens = [Token(str(match.lastgroup), match.group()) for match in matches]
        self.has_value = find_values(self.tokens)
        self.mask_text = cache(mask_text)  # most texts occur many times
        self.position = 0
        self.mask_counts: Counter[str] = Counter()

    def redact(self) -> str:
        """Return the text with its secrets masked."""
        pieces: list[str] = []
        while self.position < len(self.tokens):  # more than once only for text with too many closing brackets
            pieces += self.redact_members((), has_closing_bracket=False)
        return "".join(pieces)

    def redact_members(self, path: tuple[str, ...], *, has_closing_bracket: bool = True) -> Iterator[str]:
        """Yield the members of an object, up to and with the bracket that closes it."""
        key: list[str] = []
        while self.position < len(self.tokens):
            kind, text = self.tokens[self.position]
            if kind == "sets" or (kind == "open" and text == "{" and key):
                yield from self.redact_member(path, split_key("".join(key)), has_sign=kind == "sets")
                key = []
                continue
            self.position += 1
            if kind == "open":
                yield text
                yield from self.redact_members(path) if text == "{" else self.redact_elements(path)
                continue
            if kind == "close":
                yield text
                if has_closing_bracket:
                    return
            elif kind in {"text", "word"} or (kind == "gap" and key):
                key.append(text)
                yield text if self.has_value[self.position] else self.mask_text(text)
            else:
                yield self.mask_text(text) if kind == "comment" else text
                key = [] if kind == "ends" else key

    def redact_member(self, path: tuple[str, ...], key: list[str], *, has_sign: bool) -> Iterator[str]:
        """Yield one member, from its `=` or its opening bracket on."""
        if has_sign:
            yield self.tokens[self.position].text
            self.position += 1
        yield from self.read_blank()
        is_object = self.position < len(self.tokens) and self.tokens[self.position].text == "{"
        path = (*path, *key)
        if holds_secret(key, is_object=is_object):
            yield self.mask_secret(path)
        else:
            yield from self.redact_value(path)

    def read_blank(self) -> Iterator[str]:
        """Yield what may separate a key from its value: gaps, ends of lines, comments."""
        while self.position < len(self.tokens):
            kind, text = self.tokens[self.position]
            if kind not in {"gap", "comment"} and text != "\n":
                return
            self.position += 1
            yield self.mask_text(text) if kind == "comment" else text

    def redact_value(self, path: tuple[str, ...]) -> Iterator[str]:
        """Yield a value with a harmless name, and what is concatenated with it on its line."""
        plain_texts: list[str] = []
        while self.position < len(self.tokens):
            kind, text = self.tokens[self.position]
            if kind in {"ends", "close", "comment"}:
                break
            self.position += 1
            if kind != "open":
                plain_texts.append(text)
                continue
            yield self.mask_and_count("".join(plain_texts), path)
            plain_texts = []
            yield text
            yield from self.redact_members(path) if text == "{" else self.redact_elements(path)
        yield self.mask_and_count("".join(plain_texts), path)

    def redact_elements(self, path: tuple[str, ...]) -> Iterator[str]:
        """Yield the elements of an array, up to and with the bracket that closes it."""
        while self.position < len(self.tokens):
            kind, text = self.tokens[self.position]
            if kind in {"ends", "close", "comment"}:
                self.position += 1
                yield self.mask_text(text) if kind == "comment" else text
                if kind == "close":
                    return
            else:
                yield from self.redact_value(path)

    def mask_secret(self, path: tuple[str, ...]) -> str:
        """Skip a secret value, with its brackets, and return the mask; an empty value stays."""
        start, depth = self.position, 0
        while self.position < len(self.tokens):
            kind = self.tokens[self.position].kind
            if depth == 0 and kind in {"ends", "close", "comment"}:
                break
            depth += (kind == "open") - (kind == "close")
            self.position += 1
        value = "".join(token.text for token in self.tokens[start : self.position])
        if "".join(value.split()) in EMPTY_VALUES:
            return value
        trailing_blank = value[len(value.rstrip(" \t\r")) :]
        self.mask_counts[".".join(path)] += 1
        return f'"{MASK}"{trailing_blank}'

    def mask_and_count(self, text: str, path: tuple[str, ...]) -> str:
        """Return a text with its secrets masked, and count it if there were any."""
        masked_text = self.mask_text(text) if text.strip() else text
        self.mask_counts[".".join(path)] += masked_text != text
        return masked_text


def holds_secret(key: list[str], *, is_object: bool) -> bool:
    """Return whether a key, or a part of it before a dot, is the name of a secret.

    `authorization` is a header, but also a root of EMQX's configuration.
    """
    if key[-1:] == ["authorization"] and not is_object:
        return True
    return any(is_secret(part) for part in key if part != "authorization")


def find_values(tokens: list[Token]) -> list[bool]:
    """Return for each position whether the token before it is a key: its value follows on the line.

    All at once from the end, since a line may have any number of words.
    """
    has_value = [False] * (len(tokens) + 1)
    for position in range(len(tokens) - 1, -1, -1):
        kind, text = tokens[position]
        is_part = kind in {"gap", "text", "word"}
        has_value[position] = has_value[position + 1] if is_part else kind == "sets" or text == "{"
    return has_value


def split_key(key: str) -> list[str]:
    """Return the parts of a key, split at its dots except in quotes."""
    parts = re.findall(r'"((?:[^"\\]|\\.)*+)"|([^."]+)', key.strip()[-MAX_KEY_CHARACTERS:])
    return [(quoted or plain).strip() for quoted, plain in parts]


def redact_hocon(text: str, mask_text: Callable[[str], str] = redact_text) -> tuple[str, dict[str, int]]:
    """Return HOCON with its secrets masked, and how many were masked for each key.

    `mask_text` masks the secrets in comments, and in values with harmless names (a URL with a password).
    """
    redactor = HoconRedactor(text, mask_text)
    try:
        redacted_text = redactor.redact()
    except RecursionError:  # no configuration is nested so deeply: nothing of it is shown
        return f"# {MASK}\n", {"": 1}
    return redacted_text, {path: count for path, count in sorted(redactor.mask_counts.items()) if count}
