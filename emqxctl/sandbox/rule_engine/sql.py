"""The rule engine's SQL: parsed into a statement, with EMQX's syntax errors.

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
        """Store both."""
        super().__init__(message)
        self.message = message
        self.tokens = tokens


@dataclass(frozen=True)
class Token:
    """One keyword, name, sign or constant."""

    kind: str  # keyword, word, text, number, sign or end
    value: str

    def to_erlang(self) -> str:
        """Format the token as the parser's list of tokens does."""
        if self.kind in ("keyword", "sign"):
            return f"{{'{self.value}',1}}"
        return f"{{'NAME',{len(self.value)},\"{self.value}\"}}"

    def syntax_error(self) -> str:
        """Return that the syntax is wrong here; names carry their length where others carry the line."""
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
    foreach: Expression | None = None  # of FOREACH
    item: str = "item"
    incase: Expression | None = None


def split_tokens(sql: str) -> list[Token]:
    """Split a statement into its tokens."""
    pattern = re.compile(PATTERN)
    tokens: list[Token] = []
    at = 0
    while at < len(sql):
        match = pattern.match(sql, at)
        if match is None:
            illegal = f'1: illegal characters "{sql[at]}"'
            raise SqlError(illegal, tokens)
        at = match.end()
        kind, value = match.lastgroup, match.group()
        if kind == "word" and value.upper() in KEYWORDS:
            tokens.append(Token("keyword", value.upper()))
        elif kind == "text":
            tokens.append(Token(f"text{value[0]}", re.sub(r"\\(.)", r"\1", value[1:-1])))
        elif kind is not None:
            tokens.append(Token(kind, value))
    return tokens


class SqlParser:
    """Reads one statement by recursive descent."""

    def __init__(self, sql: str) -> None:
        """Split it."""
        self.tokens = split_tokens(sql)
        self.at = 0

    @property
    def next(self) -> Token:
        """Return the next token without consuming it."""
        return self.tokens[self.at] if self.at < len(self.tokens) else Token("end", "")

    def error_here(self) -> SqlError:
        """Build the error of a token that is not allowed here."""
        return SqlError(self.next.syntax_error(), self.tokens)

    def accept(self, *values: str) -> str:
        """Return the next token if it is one of these keywords or signs; empty if it is not."""
        if self.next.kind in ("keyword", "sign") and self.next.value in values:
            self.at += 1
            return self.tokens[self.at - 1].value
        return ""

    def expect(self, *values: str) -> str:
        """Return one of these keywords or signs. Raises SqlError."""
        if value := self.accept(*values):
            return value
        raise self.error_here()

    def parse_statement(self) -> Statement:
        """Read it all."""
        foreach, item, incase = None, "item", None
        if self.expect("SELECT", "FOREACH") == "FOREACH":
            foreach = self.parse_primary()
            item = self.parse_name() if self.accept("AS") else item
            columns = self.parse_columns() if self.accept("DO") else []
            incase = self.parse_disjunction() if self.accept("INCASE") else None
        else:
            columns = self.parse_columns()
        self.expect("FROM")
        topics = self.parse_topics()
        condition = self.parse_disjunction() if self.accept("WHERE") else None
        if self.next.kind != "end":
            raise self.error_here()
        return Statement(columns, topics, condition, foreach, item, incase)

    def parse_columns(self) -> list[Column]:
        """Read the selected columns; a star alone selects all of them, and is an empty list."""
        columns: list[Column] = []
        starred = False
        while True:
            if self.accept("*"):
                starred = True
            else:
                columns.append(self.parse_column())
            if not self.accept(","):
                return columns if not starred else [Column((PATH,), ()), *columns] if columns else []

    def parse_column(self) -> Column:
        """Parse one column; without a name its value keeps its path."""
        value = self.parse_disjunction()
        if self.accept("AS"):
            return Column(value, tuple(self.parse_path()))
        own = value[1:] if value[0] == PATH else (str(value[1]),)
        return Column(value, tuple(str(part) for part in own))

    def parse_topics(self) -> list[str]:
        """Read the topics and events after FROM."""
        topics = []
        while True:
            if self.next.kind not in ('text"', "text'", "word"):
                raise self.error_here()
            topics.append(self.next.value)
            self.at += 1
            if not self.accept(","):
                return topics

    def parse_name(self) -> str:
        """Read a name. Raises SqlError."""
        if self.next.kind not in ("word", 'text"'):
            raise self.error_here()
        self.at += 1
        return self.tokens[self.at - 1].value

    def parse_path(self) -> list[str]:
        """Read names with dots between them."""
        names = [self.parse_name()]
        while self.accept("."):
            names.append(self.parse_name())
        return names

    def parse_disjunction(self) -> Expression:
        """Parse operands of OR."""
        return self.parse_joined(self.parse_conjunction, "OR")

    def parse_conjunction(self) -> Expression:
        """Parse operands of AND."""
        return self.parse_joined(self.parse_negation, "AND")

    def parse_negation(self) -> Expression:
        """Parse an expression that NOT may precede."""
        return (NEGATION, self.parse_negation()) if self.accept("NOT") else self.parse_comparison()

    def parse_comparison(self) -> Expression:
        """Read two sums and how they compare."""
        left = self.parse_addition()
        sign = self.accept("=", "!=", "<>", ">", "<", ">=", "<=", "=~")
        return (sign, left, self.parse_addition()) if sign else left

    def parse_addition(self) -> Expression:
        """Read a sum or a difference."""
        return self.parse_joined(self.parse_product, "+", "-")

    def parse_product(self) -> Expression:
        """Read a product, a quotient or a remainder."""
        return self.parse_joined(self.parse_primary, "*", "/", "DIV", "MOD")

    def parse_joined(self, part: Callable[[], Expression], *signs: str) -> Expression:
        """Read parts with signs between them, grouped from the left."""
        left = part()
        while sign := self.accept(*signs):
            left = (sign, left, part())
        return left

    def parse_primary(self) -> Expression:
        """Read a constant, a path, a call, or an expression in parentheses."""
        token = self.next
        if self.accept("("):
            inner = self.parse_disjunction()
            self.expect(")")
            return inner
        if self.accept("-"):
            return ("-", (CONSTANT, 0), self.parse_primary())
        if token.kind in ("number", "text'"):
            self.at += 1
            if token.kind == "text'":
                return (CONSTANT, token.value)
            return (CONSTANT, float(token.value) if "." in token.value else int(token.value))
        if token.kind not in ("word", 'text"'):
            raise self.error_here()
        path = self.parse_path()
        return (CALL, path[0].lower(), *self.parse_arguments()) if self.accept("(") else (PATH, *path)

    def parse_arguments(self) -> list[Expression]:
        """Read the arguments of a call."""
        arguments: list[Expression] = []
        if self.accept(")"):
            return arguments
        while True:
            arguments.append(self.parse_disjunction())
            if self.expect(",", ")") == ")":
                return arguments


def parse_sql(sql: str) -> Statement:
    """Read a statement. Raises SqlError."""
    return SqlParser(sql).parse_statement()
