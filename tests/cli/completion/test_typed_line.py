"""Typed lines: split into words as the shell does."""

import pytest

from emqxctl.cli.completion.typed_line import TypedWord, split_line


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("emqxctl a b", [TypedWord("a"), TypedWord("b")]),
        ("emqxctl a ", [TypedWord("a"), TypedWord("")]),
        ("emqxctl 'a b", [TypedWord("a b", "'")]),
        ('emqxctl "a\\$b', [TypedWord("a$b", '"')]),
        ("emqxctl a\\ b", [TypedWord("a b")]),
        ("emqxctl http:a", [TypedWord("http:a", "", 5)]),
        ("emqxctl 'http:a", [TypedWord("http:a", "'", 0)]),
        ("X=1 /usr/bin/emqxctl n", [TypedWord("n")]),
        ("emqxctl", [TypedWord("")]),
    ],
)
def test_a_line_is_split_as_the_shell_does(line: str, words: list[TypedWord]) -> None:
    assert split_line(line, "bash", " :=") == words
