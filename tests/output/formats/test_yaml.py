"""YAML: laid out by PyYAML, read alike by any reader, harmless to a terminal."""

from collections.abc import Callable, Iterator

import pytest
import yaml

from emqxctl.errors import ExitCode
from emqxctl.output.formats import yaml as writer
from emqxctl.output.results import Row, Rows, Value

Show = Callable[..., tuple[str, list[str]]]

AWKWARD = {
    "emoji": "🚀 中文",
    "key 🚀": 1,
    "not an emoji": "\\U0001F680 \\\\U0001F680",
    "hostile": "\x1b[31m\x7f\x9b\u202e\u2028\ufeff\ufffe\U000e0041\U0010ffff",
    "\u202ekey": "\xa0",
    "k" * 900: "v" * 900,
    "long words": "word " * 100,
    "numbers": [1e3, 1e16, -0.0, 10**40],
    "taken for something else": [
        "1e3",
        "0o14",
        "1_000",
        "n",
        "Y",
        "~",
        "1:30",
        "=",
        "<<",
        ".inf",
        "2026-11-23",
    ],
    "nothing": [None, "", [], {}],
}


@pytest.fixture(params=["in C", "in Python"])
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """Write with PyYAML's C half and without it."""
    writer.create_dumper_class.cache_clear()
    if request.param == "in Python":
        monkeypatch.delattr(yaml, "CSafeDumper")
    yield request.param
    writer.create_dumper_class.cache_clear()


def test_every_value_comes_back(show: Show, loader: object) -> None:
    out, _ = show(Value(AWKWARD), "yaml")
    assert yaml.safe_load(out) == AWKWARD
    assert yaml.load(out, yaml.CSafeLoader) == AWKWARD


def test_how_it_looks(show: Show, loader: object) -> None:
    out, _ = show(Value(AWKWARD), "yaml")
    assert 'emoji: "🚀 中文"\n"key 🚀": 1\n' in out
    assert 'hostile: "\\e[31m\\x7F\\x9B\\u202e\\L\\uFEFF\\uFFFE\\U000e0041' in out
    assert '"\\u202ekey": "\xa0"\n' in out
    assert f'long words: "{"word " * 100}"\n'.replace("long words", '"long words"') in out
    assert '- "1e3"\n- "0o14"\n' in out.replace("  ", "")


def test_what_is_there_twice_is_written_twice(show: Show, loader: object) -> None:
    shared: Row = {"a": [1]}
    assert show(Rows([{"b": shared, "c": shared}]), "yaml")[0] == (
        "- b:\n    a:\n    - 1\n  c:\n    a:\n    - 1\n"
    )


def test_kinds_that_json_does_not_have(show: Show, loader: object) -> None:
    class Odd(str):
        __slots__ = ()

    odd: object = {"a": Odd("x"), "b": ExitCode.USAGE, "c": 1j, "d": float("nan"), "e": "\ud800"}
    assert show(Value(odd), "yaml")[0] == 'a: x\nb: 2\nc: "1j"\nd: null\ne: "\\\\ud800"\n'


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("word", "word\n"),
        ("two words", '"two words"\n'),
        (3, "3\n"),
        (None, "null\n"),
        (True, "true\n"),
        ([], "[]\n"),
    ],
)
def test_one_value(show: Show, loader: object, value: object, expected: str) -> None:
    assert show(Value(value), "yaml")[0] == expected
