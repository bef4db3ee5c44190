"""A command line that is still being typed, split into words as the shell would split it."""

from typing import NamedTuple

PROGRAM = "emqxctl"
ESCAPES = {"bash": "\\", "powershell": "`"}
ESCAPED_IN_QUOTES = frozenset('"$`\\\n')  # in double quotes of bash a backslash escapes only these


class TypedWord(NamedTuple):
    """One word: `text` without quotes and escapes; `quote` is the quote that is still open.

    `kept` is the length of the part of the text that bash does not replace: up to the last of its break
    characters (COMP_WORDBREAKS, such as `:` and `=`) outside of quotes.
    """

    text: str = ""
    quote: str = ""
    kept: int = 0


class LineReader:
    """Splits a line; state is the word that is being read."""

    def __init__(self, shell: str, breaks: str = "") -> None:
        """Begin before the first word."""
        self.escape, self.breaks = ESCAPES.get(shell, "\\"), breaks
        self.is_bash = shell != "powershell"
        self.words: list[TypedWord] = []
        self.word: TypedWord | None = None

    def read(self, line: str) -> list[TypedWord]:
        """Return the words; the last is the one at the end of the line, empty after a space."""
        characters = iter(line)
        for character in characters:
            word = self.word or TypedWord()
            if not word.quote and character.isspace():
                self.finish_word()
            elif self.is_escape(character, word.quote):
                self.word = self.append_escaped(word, next(characters, ""))
            else:
                self.word = self.append(word, character)
        return [*self.words, self.word or TypedWord()]

    def finish_word(self) -> None:
        """Keep the word that ends at a space."""
        if self.word is not None:
            self.words.append(self.word)
        self.word = None

    def is_escape(self, character: str, quote: str) -> bool:
        """Return whether a character escapes the next one."""
        return character == self.escape and quote != "'"

    def append_escaped(self, word: TypedWord, character: str) -> TypedWord:
        """Return the word with an escaped character."""
        is_literal = word.quote == '"' and self.is_bash and character not in ESCAPED_IN_QUOTES
        return word._replace(text=word.text + (self.escape if is_literal else "") + character)

    def append(self, word: TypedWord, character: str) -> TypedWord:
        """Return the word with a character, which may begin or end a quote."""
        if character in {"'", '"'} and word.quote in {"", character}:
            return word._replace(quote="" if word.quote else character)
        text = word.text + character
        is_break = not word.quote and character in self.breaks
        return word._replace(text=text, kept=len(text) if is_break else word.kept)


def split_line(line: str, shell: str, breaks: str = "") -> list[TypedWord]:
    """Return the words of a line after the program's name; the last is the one to complete."""
    words = LineReader(shell, breaks).read(line)
    for index, word in enumerate(words[:-1]):
        if word.text.rpartition("/")[2].removesuffix(".exe") == PROGRAM:
            return words[index + 1 :]
    return words[1:] or [TypedWord()]
