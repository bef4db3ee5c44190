"""The rule engine's SQL: read into a statement, with EMQX's words for what is wrong.

Enough of the language to rehearse with: SELECT and FOREACH, paths, constants, comparisons, AND/OR/NOT,
arithmetic and a few functions. CASE, arrays and maps written out, and most functions are not in it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

WORDS = "SELECT FROM WHERE AS AND OR NOT FOREACH DO INCASE CASE WHEN THEN ELSE END LIKE IN DIV MOD"
KEYWORDS = frozenset(WORDS.split())
# Compiled when first needed: that takes time, and few runs read a rule.
PATTERN = (
    r"""\s+|(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?P<number>\d+(?:\.\d+)?)"""
    r"""|(?P<word>[A-Za-z_$][A-Za-z0-9_$]*)|(?P<sign><>|!=|>=|<=|=~|[-+*/=<>().,\[\]])"""
)
CALL, CONSTANT, PATH, NEGATION = "call", "constant", "path", "not"
Expression = tuple[object, ...]


class SqlError(Exception):
    """A statement that cannot be read: EMQX's message, and the tokens that it lists with it."""

    def __init__(self, message: str, tokens: list["Token"]) -> None:
        """Keep both."""
        super().__init__(message)
        self.message = message
        self.tokens = tokens


@dataclass(frozen=True)
class Token:
    """One word, sign or constant."""

    kind: str  # keyword, word, text, number, sign or end
    value: str

    def written(self) -> str:
        """Write it as the parser's list of tokens does."""
        if self.kind == "keyword":
            return f"{{'{self.value}',1}}"
        if self.kind == "sign":
            return f"{{'{self.value}',1}}"
        return f"{{'NAME',{len(self.value)},\"{self.value}\"}}"

    def complaint(self) -> str:
        """Say that the syntax is wrong here; names carry their length where others carry the line."""
        if self.kind == "end":
            return "syntax error before: "
        if self.kind in ("keyword", "sign"):
            return f"1: syntax error before: '{self.value}'"
        return f'{len(self.value)}: syntax error before: "{self.value}"'


@dataclass(frozen=True)
class Column:
    """One selected expression, and the path under which its value goes."""

    value: Expression
    name: tuple[str, ...]


@dataclass(frozen=True)
class Statement:
    """A statement: what it reads, from which topics and events, and what must hold."""

    columns: list[Column]  # empty: all of them
    topics: list[str]
    condition: Expression | None = None
    each: Expression | None = None  # of FOREACH
    item: str = "item"
    incase: Expression | None = None


def split_tokens(sql: str) -> list[Token]:
    """Split a statement into its tokens."""
    pattern = re.compile(PATTERN)
    tokens: list[Token] = []
    at = 0
    while at < len(sql):
        found = pattern.match(sql, at)
        if found is None:
            illegal = f'1: illegal characters "{sql[at]}"'
            raise SqlError(illegal, tokens)
        at = found.end()
        kind, value = found.lastgroup, found.group()
        if kind == "word" and value.upper() in KEYWORDS:
            tokens.append(Token("keyword", value.upper()))
        elif kind == "text":
            tokens.append(Token(f"text{value[0]}", re.sub(r"\\(.)", r"\1", value[1:-1])))
        elif kind is not None:
            tokens.append(Token(kind, value))
    return tokens


class Reader:
    """Reads one statement by recursive descent."""

    def __init__(self, sql: str) -> None:
        """Split it."""
        self.tokens = split_tokens(sql)
        self.at = 0

    @property
    def next(self) -> Token:
        """Look at the next token."""
        return self.tokens[self.at] if self.at < len(self.tokens) else Token("end", "")

    def fail(self) -> SqlError:
        """Make the error of a token that cannot stand here."""
        return SqlError(self.next.complaint(), self.tokens)

    def take(self, *values: str) -> str:
        """Take the next token if it is one of these keywords or signs; empty if it is not."""
        if self.next.kind in ("keyword", "sign") and self.next.value in values:
            self.at += 1
            return self.tokens[self.at - 1].value
        return ""

    def demand(self, *values: str) -> str:
        """Take one of these keywords or signs. Raises SqlError."""
        if found := self.take(*values):
            return found
        raise self.fail()

    def statement(self) -> Statement:
        """Read it all."""
        each, item, incase = None, "item", None
        if self.demand("SELECT", "FOREACH") == "FOREACH":
            each = self.primary()
            item = self.name() if self.take("AS") else item
            columns = self.columns() if self.take("DO") else []
            incase = self.disjunction() if self.take("INCASE") else None
        else:
            columns = self.columns()
        self.demand("FROM")
        topics = self.topics()
        condition = self.disjunction() if self.take("WHERE") else None
        if self.next.kind != "end":
            raise self.fail()
        return Statement(columns, topics, condition, each, item, incase)

    def columns(self) -> list[Column]:
        """Read the selected columns; a star alone stands for all of them, and is an empty list."""
        found: list[Column] = []
        starred = False
        while True:
            if self.take("*"):
                starred = True
            else:
                found.append(self.column())
            if not self.take(","):
                return found if not starred else [Column((PATH,), ()), *found] if found else []

    def column(self) -> Column:
        """Read one column; without a name it goes where it came from."""
        value = self.disjunction()
        if self.take("AS"):
            return Column(value, tuple(self.path()))
        own = value[1:] if value[0] == PATH else (str(value[1]),)
        return Column(value, tuple(str(part) for part in own))

    def topics(self) -> list[str]:
        """Read the topics and events after FROM."""
        found = []
        while True:
            if self.next.kind not in ('text"', "text'", "word"):
                raise self.fail()
            found.append(self.next.value)
            self.at += 1
            if not self.take(","):
                return found

    def name(self) -> str:
        """Read a name. Raises SqlError."""
        if self.next.kind not in ("word", 'text"'):
            raise self.fail()
        self.at += 1
        return self.tokens[self.at - 1].value

    def path(self) -> list[str]:
        """Read names with dots between them."""
        found = [self.name()]
        while self.take("."):
            found.append(self.name())
        return found

    def disjunction(self) -> Expression:
        """Read what OR joins."""
        return self.joined(self.conjunction, "OR")

    def conjunction(self) -> Expression:
        """Read what AND joins."""
        return self.joined(self.negation, "AND")

    def negation(self) -> Expression:
        """Read what may stand after NOT."""
        return (NEGATION, self.negation()) if self.take("NOT") else self.comparison()

    def comparison(self) -> Expression:
        """Read two sums and how they compare."""
        left = self.addition()
        sign = self.take("=", "!=", "<>", ">", "<", ">=", "<=", "=~")
        return (sign, left, self.addition()) if sign else left

    def addition(self) -> Expression:
        """Read a sum or a difference."""
        return self.joined(self.product, "+", "-")

    def product(self) -> Expression:
        """Read a product, a quotient or a remainder."""
        return self.joined(self.primary, "*", "/", "DIV", "MOD")

    def joined(self, part: Callable[[], Expression], *signs: str) -> Expression:
        """Read parts with signs between them, grouped from the left."""
        left = part()
        while sign := self.take(*signs):
            left = (sign, left, part())
        return left

    def primary(self) -> Expression:
        """Read a constant, a path, a call, or an expression in parentheses."""
        token = self.next
        if self.take("("):
            inner = self.disjunction()
            self.demand(")")
            return inner
        if self.take("-"):
            return ("-", (CONSTANT, 0), self.primary())
        if token.kind in ("number", "text'"):
            self.at += 1
            number = float(token.value) if "." in token.value else token.value
            return (CONSTANT, token.value if token.kind == "text'" else number_of(number))
        if token.kind not in ("word", 'text"'):
            raise self.fail()
        path = self.path()
        return (CALL, path[0].lower(), *self.arguments()) if self.take("(") else (PATH, *path)

    def arguments(self) -> list[Expression]:
        """Read the arguments of a call."""
        found: list[Expression] = []
        if self.take(")"):
            return found
        while True:
            found.append(self.disjunction())
            if self.demand(",", ")") == ")":
                return found


def number_of(value: float | str) -> int | float:
    """Give a number that was written with or without a point."""
    return value if isinstance(value, float) else int(value)


def read_sql(sql: str) -> Statement:
    """Read a statement. Raises SqlError."""
    return Reader(sql).statement()
