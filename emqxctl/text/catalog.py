"""A gettext catalog whose entries may be templates: `cannot read {file}: {reason}`.

Messages are written in the source as f-strings. What is printed is compared with the templates, and the
values are put into the translation, themselves translated if the catalog has them.
"""

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from gettext import GNUTranslations
from pathlib import Path
from typing import NamedTuple

LOCALE_FOLDER = Path(__file__).parent.parent / "locale"
PLACEHOLDER = re.compile(r"\{([a-z]\w*)\}")
DIGITS = "digits"  # the placeholder that is a number: `{digits} rules`
DIGITS_PATTERN = r"[\d,]+"
SEPARATORS = ("; ", ": ", ", ")  # between the parts of a message that was put together
MIN_LETTERS = 8  # a template with fewer would match almost any text, unless it begins with a word
FIRST_WORD = re.compile(r"\W*[A-Za-z]{3}")
# A command in a text, up to the next punctuation mark, also a Chinese one: `emqxctl {group} list`.
COMMAND = re.compile(r"(emqxctl [^;,:`\n\uff1b\uff0c\uff1a\u3002]*)")
MAX_LENGTH = 10_000  # characters of a text; longer ones are data of the server


class Template(NamedTuple):
    """A message with placeholders: its longest literal part, the pattern of its texts, its translation."""

    letter_count: int
    literal: str
    pattern: str
    translation: str


class Catalog:
    """The translations of one language."""

    def __init__(self, messages: Mapping[str, str]) -> None:
        """Keep the translations by their English text."""
        self.messages = messages

    @cached_property
    def templates(self) -> list[Template]:
        """The messages with placeholders, those with the most literal text first."""
        templates = [
            build_template(message, translation)
            for message, translation in self.messages.items()
            if PLACEHOLDER.search(message) and is_specific(message)
        ]
        return sorted(templates, key=lambda template: template.letter_count, reverse=True)

    def translate(self, text: str) -> str:
        """Return the translation of a text, or of the parts that have one; else the text itself."""
        if len(text) > MAX_LENGTH:
            return text
        return self.translate_whole(text) or self.translate_parts(text)

    def translate_whole(self, text: str) -> str:
        """Return the translation of a text, also of one that begins a sentence here; "" if there is none."""
        for form in dict.fromkeys((text, text[:1].lower() + text[1:])):
            translation = self.messages.get(form) or self.fill_template(form)
            if translation:
                return translation
        return ""

    def fill_template(self, text: str) -> str:
        """Return the translation of a text by the first template that it matches; "" if there is none."""
        for template in self.templates:
            if template.literal not in text:
                continue
            match = re.fullmatch(template.pattern, text, re.DOTALL)
            # A value with the template's own words is more than a value: `x not found: ID not found`.
            if match and not any(template.literal in value for value in match.groupdict().values()):
                return self.put_values(template.translation, match.groupdict())
        return ""

    def put_values(self, translation: str, values: Mapping[str, str]) -> str:
        """Return a translation with the values of its placeholders.

        Each is translated if it can be, except in commands: `emqxctl rules list`.
        """
        parts = COMMAND.split(translation)
        for index, part in enumerate(parts):
            convert = self.translate if index % 2 == 0 else str
            parts[index] = put_texts(part, values, convert)
        return "".join(parts)

    def translate_parts(self, text: str) -> str:
        """Return a text whose parts between separators are translated; the first separator in it decides."""
        for separator in SEPARATORS:
            if separator in text:
                return separator.join(self.translate(part) for part in text.split(separator))
        return text


def put_texts(text: str, values: Mapping[str, str], convert: Callable[[str], str]) -> str:
    """Return a text with its placeholders replaced by the converted values; unknown ones are kept."""
    return PLACEHOLDER.sub(lambda name: convert(values.get(name[1], name[0])), text)


def build_template(message: str, translation: str) -> Template:
    """Return the template of a message; a value may be any text, also an empty one.

    `{digits}` is a number, so that `{digits} rules` matches no other text that ends in its noun.
    """
    literals = PLACEHOLDER.split(message)[::2]
    pattern, names = "", set()
    for index, literal in enumerate(PLACEHOLDER.split(message)):
        if index % 2 == 0:
            pattern += re.escape(literal)
        elif literal in names:
            pattern += f"(?P={literal})"
        else:
            names.add(literal)
            pattern += f"(?P<{literal}>{DIGITS_PATTERN if literal == DIGITS else '.*?'})"
    return Template(count_letters(message), max(literals, key=len), pattern, translation)


def is_specific(message: str) -> bool:
    """Return whether a template has enough text of its own to match only its own texts."""
    return bool(FIRST_WORD.match(message)) or count_letters(message) >= MIN_LETTERS


def count_letters(message: str) -> int:
    """Return how many letters a message has without its placeholders."""
    return sum(character.isalpha() for character in PLACEHOLDER.sub("", message))


def read_catalog(file: Path) -> Catalog:
    """Return the catalog of a compiled file of gettext; an empty one if there is none."""
    try:
        with file.open("rb") as stream:
            translations = GNUTranslations(stream)
    except OSError:
        return Catalog({})
    # The module has no public way to list its messages, which the templates need.
    messages: dict[str, str] = vars(translations)["_catalog"]
    return Catalog({key: value for key, value in messages.items() if key})
