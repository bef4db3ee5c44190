"""Frequent mistakes in the SQL of a rule, in words: EMQX names only the word that it cannot parse."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import pairwise
from typing import NamedTuple

TOKEN = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[A-Za-z_$][\w$]*|[^\s\w]""", re.DOTALL)
STARTS = ("SELECT", "FOREACH")
KEYWORDS = ("SELECT", "FROM", "WHERE", "FOREACH", "INCASE")
MAX_CORRECTIONS = 5
MIN_LIKENESS = 0.74  # of a misspelt keyword: FORM and FROM have 0.75
UNQUOTED_TOPIC = re.compile(r"""[^\s"',;]+""")
EXAMPLE = 'SELECT payload.t AS t FROM "sensors/#" WHERE t > 30'


class SqlMistake(NamedTuple):
    """What is wrong with a statement, and the statement without that mistake, empty if unknown."""

    message: str
    correction: str = ""


class Word(NamedTuple):
    """A token outside of quotes, or a quoted text, with its place in the statement."""

    text: str
    start: int
    end: int


def find_sql_mistake(sql: str) -> SqlMistake | None:
    """Return the first mistake in a statement that EMQX refused; None if none of the frequent ones.

    The correction is without all mistakes that can be corrected.
    """
    first = mistake = next(iterate_mistakes(sql), None)
    correction = ""
    for _ in range(MAX_CORRECTIONS):
        if mistake is None or not mistake.correction:
            break
        correction = mistake.correction
        mistake = next(iterate_mistakes(correction), None)
    return first._replace(correction=correction) if first else None


def iterate_mistakes(sql: str) -> Iterator[SqlMistake]:
    """Yield the mistakes in a statement, those first that cause others."""
    words = [Word(match[0], match.start(), match.end()) for match in TOKEN.finditer(sql)]
    if not words:
        yield SqlMistake("the SQL is empty", EXAMPLE)
        return
    yield from keyword_mistakes(sql, words)
    yield from topic_mistakes(sql, words)
    yield from sign_mistakes(sql, words)


def keyword_mistakes(sql: str, words: list[Word]) -> Iterator[SqlMistake]:
    """Yield the keywords that are missing or misspelt."""
    first = words[0]
    if first.text.upper() not in STARTS:
        close = find_close_keyword(first.text, STARTS)
        message = f"the SQL must begin with SELECT or FOREACH, not {first.text}"
        yield SqlMistake(message, replace(sql, first, close) if close else "")
        return
    if len(words) == 1 or words[1].text.upper() == "FROM":
        yield SqlMistake(
            "nothing is selected: SELECT * selects all", f"{sql[: first.end]} *{sql[first.end :]}"
        )
    if is_keyword(words, "FROM"):
        misspelt_where = find_misspelt(words[find_keyword(words, "FROM") + 1 :], "WHERE")
        if misspelt_where and not is_keyword(words, "WHERE"):
            correction = replace(sql, misspelt_where, "WHERE")
            yield SqlMistake(f"{misspelt_where.text} is not a keyword; did you mean WHERE?", correction)
        return
    misspelt = find_misspelt(words[1:], "FROM")
    if misspelt:
        yield SqlMistake(
            f"{misspelt.text} is not a keyword; did you mean FROM?", replace(sql, misspelt, "FROM")
        )
    else:
        yield SqlMistake('FROM "TOPIC" is missing', f'{sql.strip().rstrip(";")} FROM "sensors/#"')


def topic_mistakes(sql: str, words: list[Word]) -> Iterator[SqlMistake]:
    """Yield the topics after FROM that are not in double quotes."""
    if not is_keyword(words, "FROM"):
        return
    start = words[find_keyword(words, "FROM")].end
    rest = sql[start:].lstrip()
    begin = start + len(sql[start:]) - len(rest)
    if not rest or rest.upper().startswith("WHERE"):
        correction = f'{sql[:start]} "sensors/#"{" " if rest else ""}{rest}'
        yield SqlMistake('a topic is missing after FROM: FROM "sensors/#"', correction)
    elif rest.startswith("'"):
        topic = rest[1:].partition("'")[0]
        correction = f'{sql[:begin]}"{topic}"{rest[len(topic) + 2 :]}'
        yield SqlMistake(f'the topic must be in double quotes, not in single ones: "{topic}"', correction)
    elif not rest.startswith('"'):
        match = UNQUOTED_TOPIC.match(rest)
        topic = match[0] if match else rest
        message = f'the topic {topic} must be in double quotes: "{topic}"'
        yield SqlMistake(message, f'{sql[:begin]}"{topic}"{sql[begin + len(topic) :]}')


def sign_mistakes(sql: str, words: list[Word]) -> Iterator[SqlMistake]:
    """Yield signs of other languages, and quotes without an end."""
    last = words[-1]
    if last.text == ";":
        yield SqlMistake("the SQL must not end with a semicolon", sql[: last.start].rstrip())
    for word, following in pairwise(words):
        if word.text == following.text == "=" and word.end == following.start:
            yield SqlMistake("== is not an operator: = compares", sql[: word.start] + sql[following.start :])
        if word.text == following.text == "&" or word.text == following.text == "|":
            meaning = "AND" if word.text == "&" else "OR"
            correction = f"{sql[: word.start]}{meaning}{sql[following.end :]}"
            yield SqlMistake(f"{word.text * 2} is not an operator: {meaning} is", correction)
    for word in words:
        if word.text in {"'", '"'}:
            yield SqlMistake(f"a quote is not closed: {sql[word.start :][:30]}", "")


def is_keyword(words: list[Word], keyword: str) -> bool:
    """Return whether a keyword is in a statement."""
    return any(word.text.upper() == keyword for word in words)


def find_keyword(words: list[Word], keyword: str) -> int:
    """Return the place of the first occurrence of a keyword."""
    return next(index for index, word in enumerate(words) if word.text.upper() == keyword)


def find_misspelt(words: list[Word], keyword: str) -> Word | None:
    """Return the word that a keyword was misspelt as; a field of a path or an alias is not one."""
    for before, word in zip([Word("", 0, 0), *words], words, strict=False):
        if before.text not in {".", "AS", "as", ","} and find_close_keyword(word.text, (keyword,)):
            return word
    return None


def find_close_keyword(text: str, keywords: tuple[str, ...]) -> str:
    """Return the keyword that a word most likely means; empty for none."""
    if not text[:1].isalpha() or text.upper() in KEYWORDS:
        return ""
    likeness = {keyword: SequenceMatcher(None, text.upper(), keyword).ratio() for keyword in keywords}
    best = max(likeness, key=lambda keyword: likeness[keyword])
    return best if likeness[best] >= MIN_LIKENESS else ""


def replace(sql: str, word: Word, text: str) -> str:
    """Return a statement with one word replaced."""
    return sql[: word.start] + text + sql[word.end :]
