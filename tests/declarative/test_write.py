"""YAML as it is written: readable, the same bytes for the same content, and read back as it was."""

from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from emqxctl.declarative.files import Part, load
from emqxctl.declarative.kinds import all_kinds
from emqxctl.declarative.write import Placeholder, Stated, is_export, write_document

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(
    [
        "yes",
        "on",
        "1e3",
        "0x1f",
        "12:30",
        "~",
        "",
        " a",
        "a ",
        "a\n",
        "\na",
        "a\n\nb\n",
        "a\tb\nc",
        "- x",
        "# c",
        "a: b",
        "a #b",
        "&a",
        "*a",
        "!env X",
        "%a",
        "{",
        "'",
        '"',
        "2026-01-01",
        "=",
        "<<",
        "null",
        "1_000",
        "a\r\nb",
        "15s",
        "1d",
        "\x85",
    ]
)
LEAF = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT
VALUE = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=8
)


def write(body: Any) -> str:
    """Return the document of one rule."""
    return write_document({"rules": [Stated("r", body)]}, all_kinds(), "5.8.9")


@given(body=st.dictionaries(TEXT, VALUE, max_size=4))
def test_what_is_written_is_read_back(body: dict[str, Any]) -> None:
    text = write(body)
    document, problems = load([[Part("a.yaml", text)]], {})
    wanted = {key: value for key, value in body.items() if key != "id"}
    assert [one for one in problems if one.code != "BAD_KEY"] == []
    assert document.entries["rules", "r"].body == wanted


@given(body=st.dictionaries(TEXT, VALUE, max_size=4))
def test_others_read_the_same(body: dict[str, Any]) -> None:
    assert yaml.safe_load(write(body))["rules"]["r"] == body


@given(body=st.dictionaries(TEXT, VALUE, max_size=4))
def test_the_order_of_keys_makes_no_difference(body: dict[str, Any]) -> None:
    assert write(dict(reversed(body.items()))) == write(body)


def test_a_document_is_made_to_be_read() -> None:
    rule = {"sql": 'SELECT *\nFROM "t/#"', "actions": ["http:a"], "enable": False}
    connector = {"url": "http://a:80", "connect_timeout": "15s", "password": Placeholder("PASSWORD")}
    objects = {"rules": [Stated("b", rule), Stated("a", {})], "connectors": [Stated("http:a", connector)]}
    assert write_document(objects, all_kinds(), "5.8.9", ["PASSWORD"]) == (
        'emqxctl: 1\nversion: "5.8.9"\n\nconnectors:\n  http:a:\n    connect_timeout: 15s\n'
        "    password: !env PASSWORD\n    url: http://a:80\n\n"
        "rules:\n  a: {}\n  b:\n    actions:\n      - http:a\n"
        '    enable: false\n    sql: |-\n      SELECT *\n      FROM "t/#"\n\n'
        "# Variables to set for diff and apply:\n#   PASSWORD\n"
    )


def test_a_list_keeps_its_order_and_shows_its_keys_first() -> None:
    rows = [Stated("password_based:http", {"a": 1}), Stated("jwt", {"b": 2})]
    text = write_document({"authentication": rows}, all_kinds())
    assert text.endswith(
        "  - mechanism: password_based\n    backend: http\n    a: 1\n  - mechanism: jwt\n    b: 2\n"
    )


def test_an_export_is_known_by_its_first_line() -> None:
    assert is_export(write({}))
    assert not is_export("rules: {}\n")
