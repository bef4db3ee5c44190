"""Erlang terms."""

from emqxctl.emqx.erlang import Atom, parse_terms


def test_terms() -> None:
    """Escapes, comments, nesting."""
    text = '% c\n{a, "x\\"\\n", -3, [], \'B c\'}. [1].'
    assert parse_terms(text) == [(Atom("a"), 'x"\n', -3, [], Atom("B c")), [1]]
