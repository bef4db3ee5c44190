"""Files to documents: values, lines, `!env`, `!file`, overlays, mistakes with their place."""

from pathlib import Path
from typing import Any

import pytest

from emqxctl.declarative.documents import Document, Problem
from emqxctl.declarative.files import Part, load, read_layers
from emqxctl.errors import UsageError

HEAD = "emqxctl: 1\n"


def read(*texts: str, environ: dict[str, str] | None = None) -> tuple[Document, list[Problem]]:
    """Load texts, each a layer of its own."""
    return load([[Part(f"f{number}.yaml", HEAD + text)] for number, text in enumerate(texts)], environ or {})


def body(text: str, **options: Any) -> Any:
    """Return the body of the rule `r` of a text."""
    document, problems = read(text, **options)
    assert problems == []
    return document.entries["rules", "r"].body


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("on", "on"),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("12", 12),
        ("-1.5", -1.5),
        ("1e3", "1e3"),
        ("12:30:00", "12:30:00"),
        ("2026-01-01", "2026-01-01"),
        ("15s", "15s"),
        ("'12'", "12"),
        ('"true"', "true"),
        ("!!str 12", "12"),
        ("${EMQX_ETC_DIR}/a", "${EMQX_ETC_DIR}/a"),
        ("file:///etc/secret", "file:///etc/secret"),
        ("[1, a]", [1, "a"]),
    ],
)
def test_values_are_those_of_json(text: str, value: object) -> None:
    found = body(f"rules:\n  r:\n    x: {text}\n")["x"]
    assert found == value
    assert type(found) is type(value)


def test_a_block_keeps_its_lines() -> None:
    assert body('rules:\n  r:\n    sql: |\n      SELECT *\n      FROM "t"\n')["sql"] == 'SELECT *\nFROM "t"\n'


def test_a_variable_takes_its_value_from_the_environment() -> None:
    found = body("rules: {r: {x: !env NAME}}", environ={"NAME": "v"})["x"]
    assert (found, found.variable, found.missing) == ("v", "NAME", False)


def test_all_missing_variables_are_named_at_once() -> None:
    document, problems = read("rules: {r: {x: !env B, y: [!env A]}}\nactions: {http:a: {z: {w: !env B}}}")
    assert problems == []
    assert document.missing_variables() == ["A", "B"]


def test_a_file_is_read_beside_the_one_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "acl.conf").write_text("{allow, all}.\n")
    (tmp_path / "c.yaml").write_text(HEAD + "rules: {r: {x: !file acl.conf}}")
    document, problems = load(read_layers([str(tmp_path / "c.yaml")]), {})
    assert problems == []
    assert document.entries["rules", "r"].body["x"] == "{allow, all}.\n"


def test_every_value_has_its_line() -> None:
    document, _ = read("rules:\n  r:\n    sql: x\n    actions:\n      - a\n      - args:\n          b: 1\n")
    lines = {path[2:]: place.line for path, place in document.places.items()}
    assert lines[()] == 3
    assert lines["sql",] == 4
    assert lines["actions", 1] == 7
    assert lines["actions", 1, "args", "b"] == 8


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("rules: {r: {x: !env 1A}}", "BAD_VARIABLE", 2),
        ("rules: {r: {x: !file nowhere}}", "CANNOT_READ", 2),
        ("rules: {r: {x: !secret A}}", "UNKNOWN_TAG", 2),
        ("rules: {r: !map {}}", "UNKNOWN_TAG", 2),
        ("rules:\n  r: {}\n  r: {}\n", "DUPLICATE", 4),
        ("rules:\n  r:\n    x: 1\n    x: 2\n", "DUPLICATE", 5),
        ("authentication:\n  - mechanism: jwt\n  - mechanism: jwt\n", "DUPLICATE", 4),
        ("rule: {}", "UNKNOWN_KIND", 2),
        ("rules: []", "WRONG_FORM", 2),
        ("authentication: {}", "WRONG_FORM", 2),
        ("rules: {r: 1}", "WRONG_FORM", 2),
        ("connectors: {archive: {}}", "BAD_KEY", 2),
        ("connectors: {'http:a': {type: mqtt}}", "BAD_KEY", 2),
        ("settings: {alarms: {}}", "UNKNOWN_NAME", 2),
        ("authentication: [{backend: x}, {}]", "NO_KEY", 2),
        ("rules: [", "NOT_YAML", 3),
        ("rules:\n  r: {a: *b}", "NOT_YAML", 3),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, code: str, line: int) -> None:
    _, problems = read(text)
    assert (problems[0].code, problems[0].place) == (code, f"f0.yaml:{line}")


def test_all_mistakes_are_found_at_once() -> None:
    _, problems = read("rule: {}\nconnectors: {a: {}}\nrules: {r: {x: !env '-'}}")
    assert {one.code for one in problems} == {"UNKNOWN_KIND", "BAD_KEY", "BAD_VARIABLE"}


def test_a_close_name_is_suggested() -> None:
    assert "did you mean rules?" in read("rule: {}")[1][0].message
    assert "did you mean alarm?" in read("settings: {alarms: {}}")[1][0].message


def test_a_file_says_its_format() -> None:
    _, problems = load([[Part("a.yaml", "rules: {}")]], {})
    assert [one.code for one in problems] == ["NO_FORMAT"]


@pytest.mark.parametrize("text", ["", "- a", "text"])
def test_what_is_no_mapping_is_refused(text: str) -> None:
    assert load([[Part("a.yaml", text)]], {})[1][0].place == "a.yaml:1"


def test_a_later_layer_overlays_an_earlier_one() -> None:
    document, problems = read(
        "rules: {r: {sql: a, actions: [x, y], args: {p: 1, q: 2}}, s: {sql: b}}",
        "rules: {r: {actions: [z], args: {q: 3}}}\nconnectors: {'http:a': {url: u}}",
    )
    assert problems == []
    assert document.entries["rules", "r"].body == {"sql": "a", "actions": ["z"], "args": {"p": 1, "q": 3}}
    assert [one.key for one in document.of_kind("rules")] == ["r", "s"]
    assert document.kinds == ["rules", "connectors"]


def test_an_overlay_merges_the_objects_of_a_list_by_their_key() -> None:
    document, _ = read(
        "authentication: [{mechanism: jwt, secret: a, from: password}, {mechanism: scram, backend: b}]",
        "authentication: [{mechanism: scram, backend: b, x: 1}, {mechanism: jwt, secret: c}]",
    )
    found = list(document.of_kind("authentication"))
    assert [one.key for one in found] == ["jwt", "scram:b"]
    assert found[0].body == {"secret": "c", "from": "password"}


@pytest.mark.parametrize(
    ("base", "above", "message"),
    [
        ("rules: {x: {sql: a}}", "rules: {x: null}", "rule 'x' is null, but f0.yaml:2 states it"),
        (
            "connectors:\n  http:a: {url: u}",
            "connectors: {'http:a': }",
            "connector 'http:a' is null, but f0.yaml:3 states it",
        ),
        (
            "authentication: [{mechanism: jwt}]",
            "authentication:",
            "authentication is null, but f0.yaml:2 states authenticator 'jwt'",
        ),
    ],
)
def test_null_over_an_object_is_refused_as_it_would_do_nothing(base: str, above: str, message: str) -> None:
    _, problems = read(base, above)
    message += ": a later file changes objects, but cannot remove them"
    assert problems == [Problem("NULL_OVERLAY", message, "f1.yaml:2", base.partition(":")[0])]


def test_null_is_an_object_without_fields_that_no_earlier_file_states() -> None:
    document, problems = read("rules: {x: {sql: a}}", "rules: {y: null}\nexhooks:\n")
    assert problems == []
    assert document.entries["rules", "y"].body == {}
    document, problems = read("rules: {x: {sql: a, description: b}}", "rules: {x: {description: null}}")
    assert problems == []
    assert document.entries["rules", "x"].body == {"sql": "a", "description": None}
    document, problems = read("auto_subscribe: [{topic: t}]", "auto_subscribe: null")
    assert problems == []
    assert document.entries["auto_subscribe", ""].body == []


def test_a_folder_is_one_layer(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(HEAD + "rules: {r: {}}")
    (tmp_path / "b.yaml").write_text(HEAD + "rules: {s: {}}\nconnectors: {'http:a': {}}")
    (tmp_path / "c.txt").write_text("no")
    document, problems = load(read_layers([str(tmp_path)]), {})
    assert problems == []
    assert len(document.entries) == 3
    (tmp_path / "d.yaml").write_text(HEAD + "rules: {r: {}}")
    _, problems = load(read_layers([str(tmp_path)]), {})
    assert "stated twice, first in" in problems[0].message
    assert "a.yaml:2" in problems[0].message


def test_a_merge_key_takes_in_another_mapping() -> None:
    text = "rules:\n  r: &base {sql: a, name: b}\n  s: {<<: *base, name: c}\n"
    document, problems = read(text)
    assert problems == []
    assert document.entries["rules", "s"].body == {"sql": "a", "name": "c"}


@pytest.mark.parametrize("name", ["missing.yaml", "folder", "latin.yaml"])
def test_what_cannot_be_read_is_a_usage_error(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "latin.yaml").write_bytes(b"a: \xff")
    with pytest.raises(UsageError):
        read_layers([str(tmp_path / name)])
