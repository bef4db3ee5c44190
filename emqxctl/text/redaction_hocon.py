"""Secrets taken out of HOCON, the language of EMQX's configuration, however they are written."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from emqxctl.text.redaction import MASK, is_secret, redact_text

# One token: a comment, a text (in three quotes over several lines, or in one), a mark, a gap, a word. A text
# without an end goes as far as it may, so that its rest is never taken for something else.
PIECES = (
    r"(?P<comment>(?:\#|//)[^\n]*)"
    r'|(?P<text>"""(?:.*?)(?:""""*|\Z)|"(?:[^"\\\n]|\\.)*(?:"|(?=\n)|\Z))'
    r"|(?P<open>[{\[])|(?P<close>[}\]])|(?P<sets>\+=|[=:])|(?P<ends>[,\n])|(?P<gap>[^\S\n]+)"
    r"|(?P<word>\$\{[^}\n]*\}|[^\s{}\[\],=:\"\#/]+|/(?!/)|.)"
)
EMPTY = frozenset({"", '""', '""""""', "null", "true", "false", "{}", "[]"})


class Token(NamedTuple):
    """A piece of the text: its kind is the name of the group it was found by."""

    kind: str
    text: str


class Hocon:
    """Walks through HOCON once; `clean` takes secrets out of what stands under harmless names."""

    def __init__(self, text: str, clean: Callable[[str], str]) -> None:
        """Cut the text into tokens."""
        found = re.finditer(rf"(?sx){PIECES}", text)
        self.tokens = [Token(str(one.lastgroup), one.group()) for one in found]
        self.clean = cache(clean)  # most texts stand there many times
        self.at = 0
        self.masked: Counter[str] = Counter()

    def written(self) -> str:
        """Give the text without its secrets."""
        pieces: list[str] = []
        while self.at < len(self.tokens):  # more than once only for text with too many closing brackets
            pieces += self.members((), closing=False)
        return "".join(pieces)

    def members(self, path: tuple[str, ...], *, closing: bool = True) -> Iterator[str]:
        """Write the members of an object, up to and with the bracket that closes it."""
        key: list[str] = []
        while self.at < len(self.tokens):
            kind, text = self.tokens[self.at]
            if kind == "sets" or (kind == "open" and text == "{" and key):
                yield from self.member(path, names("".join(key)), sets=kind == "sets")
                key = []
                continue
            self.at += 1
            if kind == "open":
                yield text
                yield from self.members(path) if text == "{" else self.elements(path)
                continue
            if kind == "close":
                yield text
                if closing:
                    return
            elif kind in {"text", "word"} or (kind == "gap" and key):
                key.append(text)
                yield text if is_key_next(self.tokens, self.at) else self.clean(text)
            else:
                yield self.clean(text) if kind == "comment" else text
                key = [] if kind == "ends" else key

    def member(self, path: tuple[str, ...], key: list[str], *, sets: bool) -> Iterator[str]:
        """Write one member from its `=` or its opening bracket on."""
        if sets:
            yield self.tokens[self.at].text
            self.at += 1
        yield from self.blank()
        is_object = self.at < len(self.tokens) and self.tokens[self.at].text == "{"
        path = (*path, *key)
        if holds_secret(key, is_object=is_object):
            yield self.hidden(path)
        else:
            yield from self.value(path)

    def blank(self) -> Iterator[str]:
        """Write what may stand between a key and its value: gaps, ends of lines, comments."""
        while self.at < len(self.tokens):
            kind, text = self.tokens[self.at]
            if kind not in {"gap", "comment"} and text != "\n":
                return
            self.at += 1
            yield self.clean(text) if kind == "comment" else text

    def value(self, path: tuple[str, ...]) -> Iterator[str]:
        """Write a value under a harmless name, with what is joined to it on its line."""
        plain: list[str] = []
        while self.at < len(self.tokens):
            kind, text = self.tokens[self.at]
            if kind in {"ends", "close", "comment"}:
                break
            self.at += 1
            if kind != "open":
                plain.append(text)
                continue
            yield self.counted("".join(plain), path)
            plain = []
            yield text
            yield from self.members(path) if text == "{" else self.elements(path)
        yield self.counted("".join(plain), path)

    def elements(self, path: tuple[str, ...]) -> Iterator[str]:
        """Write the elements of an array, up to and with the bracket that closes it."""
        while self.at < len(self.tokens):
            kind, text = self.tokens[self.at]
            if kind in {"ends", "close", "comment"}:
                self.at += 1
                yield self.clean(text) if kind == "comment" else text
                if kind == "close":
                    return
            else:
                yield from self.value(path)

    def hidden(self, path: tuple[str, ...]) -> str:
        """Pass over a secret value, whole with its brackets, and give the mask; what is empty stays."""
        begun, depth = self.at, 0
        while self.at < len(self.tokens):
            kind = self.tokens[self.at].kind
            if depth == 0 and kind in {"ends", "close", "comment"}:
                break
            depth += (kind == "open") - (kind == "close")
            self.at += 1
        whole = "".join(one.text for one in self.tokens[begun : self.at])
        if "".join(whole.split()) in EMPTY:
            return whole
        rest = whole[len(whole.rstrip(" \t\r")) :]
        self.masked[".".join(path)] += 1
        return f'"{MASK}"{rest}'

    def counted(self, text: str, path: tuple[str, ...]) -> str:
        """Take secrets out of a text, and count it where there were some."""
        cleaned = self.clean(text) if text.strip() else text
        self.masked[".".join(path)] += cleaned != text
        return cleaned


def holds_secret(key: list[str], *, is_object: bool) -> bool:
    """Tell whether a key, or a part of it before a dot, names a secret.

    `authorization` is a header, but also a root of EMQX's configuration.
    """
    if key[-1:] == ["authorization"] and not is_object:
        return True
    return any(is_secret(one) for one in key if one != "authorization")


def is_key_next(tokens: list[Token], at: int) -> bool:
    """Tell whether what was just read is a key: its value follows on the line."""
    for kind, text in tokens[at:]:
        if kind in {"gap", "text", "word"}:
            continue
        return kind == "sets" or text == "{"
    return False


def names(key: str) -> list[str]:
    """Take a key apart at its dots, but not within quotes."""
    found = re.findall(r'"((?:[^"\\]|\\.)*)"|([^."]+)', key.strip())
    return [(quoted or plain).strip() for quoted, plain in found]


def redact_hocon(text: str, clean: Callable[[str], str] = redact_text) -> tuple[str, dict[str, int]]:
    """Give HOCON without its secrets, and how many stood under each key.

    `clean` takes the secrets out of comments, and of texts under harmless names (a URL with a password).
    """
    hocon = Hocon(text, clean)
    try:
        written = hocon.written()
    except RecursionError:  # no configuration is nested so deeply: nothing of it is shown
        return f"# {MASK}\n", {"": 1}
    return written, {path: count for path, count in sorted(hocon.masked.items()) if count}
