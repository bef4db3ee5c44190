"""The grammar of `--where`: conditions joined by `and`, `or`, `not` and parentheses.

`not` binds before `and`, `and` before `or`. A value ends at the next ` and ` or ` or `, or at the
parenthesis that closes its group; parentheses, brackets and backslashes within a value, as in a regular
expression, belong to it. Quotes around a value keep everything: `reason="rock and roll"`.
"""

import re
from collections.abc import Callable, Container, Iterator, Sequence
from typing import NamedTuple

from emqxctl.errors import UsageError
from emqxctl.output.query.fields import find_field
from emqxctl.output.query.where import HEAD, RowTest, compile_condition, parse_condition
from emqxctl.output.view import Condition, Junction, Term
from emqxctl.text.partial_rows import MISSING

MAX_DEPTH = 50  # of parentheses and nots: more is not typed by a person, and Python's stack is finite
JOINT = re.compile(r"\s+(?P<word>and|or|&&|\|\|)(?=[\s(]|$)", re.IGNORECASE)
NEGATION = re.compile(r"not(?=[\s(])\s*(?![=!<>~])", re.IGNORECASE)
SPELLINGS = {"&&": "and", "||": "or"}
GROUP_HINT = "examples: 'connected=true and mqueue_len>1', 'not (node~^emqx1 or username=null)'"


def parse_where(text: str) -> tuple[Term, ...]:
    """Parse one `--where` into terms that must all be true. Raises UsageError that quotes the text."""
    if not text.strip():
        parse_condition(text)
    term = Parser(text).parse()
    return term.terms if isinstance(term, Junction) and term.operator == "and" else (term,)


class Group(NamedTuple):
    """What is parsed of an expression so far: the alternatives, the last of them still growing."""

    alternatives: list[list[Term]]

    def to_term(self) -> Term:
        """Return the whole as one term."""
        conjunctions = [join("and", terms) for terms in self.alternatives]
        return join("or", conjunctions)


class Parser:
    """A recursive descent over the text of one `--where`."""

    def __init__(self, text: str) -> None:
        """Start before the first character."""
        self.text, self.position, self.depth = text, 0, 0

    def parse(self) -> Term:
        """Parse the whole text. Raises UsageError."""
        term = self.parse_expression()
        if self.position < len(self.text):
            raise self.error("')' without '('" if self.peek() == ")" else "and, or expected")
        return term

    def parse_expression(self) -> Term:
        """Parse terms joined by and, or; stop at a closing parenthesis or the end."""
        group = Group([[self.parse_term()]])
        while joint := JOINT.match(self.text, self.position):
            self.position = joint.end()
            word = joint["word"].lower()
            if SPELLINGS.get(word, word) == "or":
                group.alternatives.append([])
            group.alternatives[-1].append(self.parse_term())
        self.skip_spaces()
        return group.to_term()

    def parse_term(self) -> Term:
        """Parse a condition, a group or their negation."""
        self.skip_spaces()
        negation = NEGATION.match(self.text, self.position)
        if negation:
            self.position = negation.end()
            return Junction("not", (self.parse_nested(self.parse_term),))
        if self.peek() != "(":
            return self.parse_leaf()
        start, self.position = self.position, self.position + 1
        term = self.parse_nested(self.parse_expression)
        if self.peek() != ")":
            reason = f"'(' at character {start + 1} is not closed"
            raise self.error(reason)
        self.position += 1
        return term

    def parse_nested(self, parse: Callable[[], Term]) -> Term:
        """Parse one level deeper. Raises UsageError if that is too deep."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            reason = f"nested more than {MAX_DEPTH} levels deep"
            raise self.error(reason)
        term = parse()
        self.depth -= 1
        return term

    def parse_leaf(self) -> Term:
        """Parse one condition: its field and operator, then the value up to where it ends."""
        start = self.position
        head = HEAD.match(self.text, start)
        value_start = head.end() if head else start
        is_negated = bool(head and head["negation"])
        self.position = self.find_value_end(value_start)
        source = self.text[start : self.position].strip()
        if not source:
            reason = "a condition is missing"
            raise self.error(reason)
        if head and is_negated:
            source = f"{head['field']} in {self.text[value_start : self.position]}"
        condition = parse_condition(source, whole=self.text)
        return Junction("not", (condition,)) if is_negated else condition

    def find_value_end(self, start: int) -> int:
        """Return where a value ends: at a joint, at the parenthesis that closes a group, or at the end."""
        quoted_end = self.find_closing_quote(start)
        if quoted_end is not None:
            return quoted_end
        nesting = 0
        for index in self.iterate_plain(start):
            character = self.text[index]
            if nesting == 0 and character.isspace() and JOINT.match(self.text, index):
                return index
            if character == "(":
                nesting += 1
            elif character == ")":
                if nesting == 0 and self.depth:
                    return index
                nesting = max(0, nesting - 1)
        return len(self.text)

    def find_closing_quote(self, start: int) -> int | None:
        """Return the end of a quoted value that a joint, a parenthesis or the end follows, else None."""
        quote = self.text[start : start + 1]
        end = self.text.find(quote, start + 1) if quote in {"'", '"'} else -1
        while end > 0:
            rest = self.text[end + 1 :]
            if not rest.strip() or JOINT.match(rest) or (self.depth and rest.lstrip().startswith(")")):
                return end + 1
            end = self.text.find(quote, end + 1)
        return None

    def iterate_plain(self, start: int) -> Iterator[int]:
        """Yield the places of characters that are not escaped and not in a character class."""
        index, in_class = start, False
        while index < len(self.text):
            character = self.text[index]
            if character == "\\":
                index += 2
                continue
            if not in_class:
                yield index
            if character == "[" and "]" in self.text[index:]:
                in_class = True
            elif character == "]":
                in_class = False
            index += 1

    def peek(self) -> str:
        """Return the next character, empty at the end."""
        return self.text[self.position : self.position + 1]

    def skip_spaces(self) -> None:
        """Move to the next character that is not a space."""
        while self.peek().isspace():
            self.position += 1

    def error(self, reason: str) -> UsageError:
        """Return the error for the text."""
        return UsageError(f"invalid --where {self.text!r}: {reason}", hint=GROUP_HINT)


def join(operator: str, terms: Sequence[Term]) -> Term:
    """Join terms; conjunctions within a conjunction become part of it."""
    if len(terms) == 1:
        return terms[0]
    parts: list[Term] = []
    for term in terms:
        is_same = isinstance(term, Junction) and term.operator == operator
        parts += term.terms if is_same and isinstance(term, Junction) else [term]
    return Junction(operator, tuple(parts))


def compile_term(
    term: Term, millisecond_fields: Container[str] = (), *, selecting: bool = False, negated: bool = False
) -> RowTest:
    """Return the function that tests whether a row matches a term; arguments as in `compile_condition`.

    Negations are carried to the conditions: if `selecting`, a row without the field matches neither a
    condition nor its negation.
    """
    if isinstance(term, Condition):
        return compile_leaf(term, term.field in millisecond_fields, selecting=selecting, negated=negated)
    if term.operator == "not":
        return compile_term(term.terms[0], millisecond_fields, selecting=selecting, negated=not negated)
    tests = [
        compile_term(part, millisecond_fields, selecting=selecting, negated=negated) for part in term.terms
    ]
    if (term.operator == "and") is not negated:
        return lambda row: all(test(row) for test in tests)
    return lambda row: any(test(row) for test in tests)


def compile_leaf(condition: Condition, in_milliseconds: bool, *, selecting: bool, negated: bool) -> RowTest:
    """Return the test of a condition or of its negation."""
    test = compile_condition(condition, in_milliseconds, selecting=selecting)
    if not negated:
        return test
    if selecting:
        return lambda row: find_field(row, condition.field) is not MISSING and not test(row)
    return lambda row: not test(row)
