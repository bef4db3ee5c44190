"""`--where` with and, or, not and parentheses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emqxctl.errors import UsageError
from emqxctl.output.query.where_grammar import compile_term, parse_where
from emqxctl.output.view import Condition, Junction, Term
from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run

ROW = {"a": 1, "b": "x", "c": True, "words": "rock and roll", "none": None}
A, B, C = Condition("a", "=", "1"), Condition("b", "=", "x"), Condition("c", "=", "true")


def matches(text: str, *, selecting: bool = False, row: dict[str, object] | None = None) -> bool:
    tests = [compile_term(term, selecting=selecting) for term in parse_where(text)]
    return all(test(ROW if row is None else row) for test in tests)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("a=1", (A,)),
        ("a=1 and b=x AND c=true", (A, B, C)),
        ("a=1 && b=x", (A, B)),
        ("a=1 or b=x and c=true", (Junction("or", (A, Junction("and", (B, C)))),)),
        ("(a=1 or b=x) and c=true", (Junction("or", (A, B)), C)),
        ("not a=1 and b=x", (Junction("not", (A,)), B)),
        ("not (a=1 || b=x)", (Junction("not", (Junction("or", (A, B)),)),)),
        ("((a=1))", (A,)),
        ("a=1 and (b=x and c=true)", (A, B, C)),
        ("b not in x,y", (Junction("not", (Condition("b", "in", "x,y"),)),)),
        ("not=1", (Condition("not", "=", "1"),)),
        ("b~^(x|y)$ and a=1", (Condition("b", "~", "^(x|y)$"), A)),
        (r"(b~\) or b~[)] and a=1)", (
            Junction("or", (Condition("b", "~", r"\)"), Junction("and", (Condition("b", "~", "[)]"), A)))),
        )),
        ("b='x and y' and a=1", (Condition("b", "=", "x and y", is_quoted=True), A)),
        ("(b='x)' or a=1)", (Junction("or", (Condition("b", "=", "x)", is_quoted=True), A)),)),
        ("b=too many words", (Condition("b", "=", "too many words"),)),
        ("b=sandy or a=1", (Junction("or", (Condition("b", "=", "sandy"), A)),)),
        ("b=x)", (Condition("b", "=", "x)"),)),
        ("IN FLIGHT>0 and a=1", (Condition("IN FLIGHT", ">", "0"), A)),
    ],
)  # fmt: skip
def test_terms(text: str, terms: tuple[Term, ...]) -> None:
    assert parse_where(text) == terms


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("(a=1", "'(' at character 1 is not closed"),
        ("(a=1) b=2", "and, or expected"),
        ("(a=1))", "')' without '('"),
        ("a=1 and", "a condition is missing"),
        ("a=1 or or b=2", "not a field, an operator and a value"),
        ("a=1 and b", "not a field, an operator and a value"),
        ("not", "not a field, an operator and a value"),
        ("()", "a condition is missing"),
        ("(" * 60 + "a=1" + ")" * 60, "nested more than 50 levels deep"),
        ("not " * 60 + "a=1", "nested more than 50 levels deep"),
    ],
)
def test_errors_quote_the_whole_text(text: str, reason: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_where(text)
    assert repr(text) in caught.value.message
    assert reason in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=1 and b=y", False),
        ("a=2 or b=x", True),
        ("not a=2", True),
        ("not (a=1 and b=x)", False),
        ("not (a=1 or b=y)", False),
        ("not (a=2 or b=y)", True),
        ("not not a=1", True),
        ("b not in x,z", False),
        ("a=2 or a=1 and b=x", True),
        ("(a=2 or a=1) and b=y", False),
        ("words='rock and roll'", True),
    ],
)
def test_matches(text: str, expected: bool) -> None:
    assert matches(text) is expected


def test_a_row_without_the_field_is_not_the_target_of_a_change() -> None:
    for text in ("not gone=1", "not gone!=1", "not (gone>1 or gone=1)", "gone not in 1,2"):
        assert not matches(text, selecting=True), text
    assert matches("not gone=1")
    assert matches("not none=1", selecting=True)


LEAVES = st.sampled_from([A, B, C, Condition("a", ">", "5"), Condition("b", "~", "^(x|y)")])


def join_of(children: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    pairs = st.tuples(children, children)
    joined = st.builds(Junction, st.sampled_from(["and", "or"]), pairs)
    return joined | st.builds(Junction, st.just("not"), st.tuples(children))


def write(term: Term) -> str:
    if isinstance(term, Condition):
        return f"{term.field}{term.operator}{term.value}"
    if term.operator == "not":
        return f"not ({write(term.terms[0])})"
    return f" {term.operator} ".join(f"({write(part)})" for part in term.terms)


def evaluate(term: Term) -> bool:
    if isinstance(term, Condition):
        return compile_term(term)(ROW)
    values = [evaluate(part) for part in term.terms]
    return {"and": all(values), "or": any(values), "not": not values[0]}[term.operator]


@given(st.recursive(LEAVES, join_of, max_leaves=12))
def test_what_is_written_is_what_is_tested(term: Term) -> None:
    assert matches(write(term)) is evaluate(term)


def test_the_server_filters_only_what_must_match(cluster: Sandbox, run: Run) -> None:
    for text, pushed in (
        ("clientid=historian-01 and mqueue_len>0", True),
        ("clientid=historian-01 or mqueue_len>0", False),
        ("not clientid=historian-01", False),
    ):
        cluster.requests.clear()
        assert run("clients", "list", "--where", text).code == 0
        sent = [str(request.query) for request in cluster.requests if request.path.endswith("/clients")]
        sent += [str(r.query) for r in cluster.requests if r.path.endswith("/clients_v2")]
        assert any("historian-01" in query for query in sent) is pushed, (text, sent)


def test_fields_of_all_conditions_are_checked(cluster: Sandbox, run: Run) -> None:
    del cluster
    result = run("clients", "kick", "--where", "connected=true or not nope=1", "--yes")
    assert (result.code, "unknown field 'nope'" in result.err) == (2, True)
    result = run("clients", "list", "--where", "connected=true or (mqueue_len>abc)")
    assert (result.code, "VALUE_TYPE" in result.err) == (2, True)


@pytest.mark.parametrize(
    "words",
    [
        ("list", "--where", "QUEUED>0", "-o", "name"),
        ("list", "--where", "queued>0 and not IN FLIGHT>1000", "-o", "name"),
        ("list", "--where", '"queued">0', "--sort", "-IN FLIGHT", "-o", "name"),
    ],
)
def test_titles_of_columns_are_fields(cluster: Sandbox, run: Run, words: tuple[str, ...]) -> None:
    del cluster
    expected = run("clients", "list", "--where", "mqueue_len>0", "-o", "name").out.split()
    assert sorted(run("clients", *words).out.split()) == sorted(expected) != []


def test_titles_choose_and_sort_fields(cluster: Sandbox, run: Run) -> None:
    del cluster
    by_field = run("clients", "list", "--fields", "clientid,mqueue_len", "--sort", "-mqueue_len", "--json")
    by_title = run("clients", "list", "--fields", "Client ID,QUEUED", "--sort", "-Queued", "--json")
    assert by_title.out == by_field.out
    result = run("clients", "get", "historian-01", "--fields", "CLIENT ID,queued", "--json")
    assert '"mqueue_len"' in result.out, result.err
    kicked = run("clients", "kick", "--where", "QUEUED>0", "--dry-run", "-o", "name")
    assert sorted(kicked.out.split()) == sorted(
        run("clients", "list", "--where", "mqueue_len>0", "-o", "name").out.split()
    )
