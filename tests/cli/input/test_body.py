"""Bodies of create and update: files, --set and options, merged; masks and differences."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emqxctl.cli.input.body import (
    build_body,
    deep_merge,
    masked_paths,
    read_object,
    reject_masked_secrets,
    unified_diff_of,
    without_fields,
)
from emqxctl.errors import GuardError, UsageError
from emqxctl.text.redaction import MASK


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", '{"a": {"b": 1}, "c": "x"}'),
        ("a.yaml", "a:\n  b: 1\nc: x\n"),
        ("a.yml", '{"a": {"b": 1}, "c": "x"}'),
        ("a.toml", 'c = "x"\n[a]\nb = 1\n'),
        ("a", "a: {b: 1}\nc: x\n"),
    ],
)
def test_a_file_is_read_by_its_ending(tmp_path: Path, name: str, content: str) -> None:
    file = tmp_path / name
    file.write_text(content)
    assert build_body(str(file), [], {}) == {"a": {"b": 1}, "c": "x"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", "{"),
        ("a.toml", "a = "),
        ("a.yaml", "a: [1"),
        ("a.json", "[1]"),
        ("a.yaml", "just text"),
        ("a", ""),
    ],
)
def test_a_file_that_is_not_an_object_is_refused_by_name(tmp_path: Path, name: str, content: str) -> None:
    file = tmp_path / name
    file.write_text(content)
    with pytest.raises(UsageError) as error:
        build_body(str(file), [], {})
    assert str(file) in error.value.message
    assert "\n" not in error.value.message


def test_a_yaml_file_cannot_run_anything(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("a: !!python/object/apply:os.system ['touch /tmp/never']\n")
    with pytest.raises(UsageError):
        build_body(str(file), [], {})


def test_set_overrides_the_file_and_options_override_both(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text('{"a": {"b": 1, "c": 2}, "list": [{"x": 1}, {"x": 2}]}')
    body = build_body(str(file), ["a.b=3", 'a.d="4"', "list.1.x=true", "e.f=text", "a.c=5"], {"a.c": 6})
    assert body == {"a": {"b": 3, "c": 6, "d": "4"}, "list": [{"x": 1}, {"x": True}], "e": {"f": "text"}}


@pytest.mark.parametrize("text", ["novalue", "=1", ".=1", "list.9=1", "list.x=1"])
def test_a_set_that_fits_nowhere_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "a.json"
    file.write_text('{"list": [1]}')
    with pytest.raises(UsageError):
        build_body(str(file), [text], {})


OBJECTS = st.recursive(
    st.integers() | st.text(max_size=3),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
).filter(lambda value: isinstance(value, dict))


@given(before=OBJECTS, change=OBJECTS)
def test_merging_takes_the_change_and_keeps_the_rest(
    before: dict[str, object], change: dict[str, object]
) -> None:
    after = deep_merge(before, change)
    assert deep_merge(after, change) == after
    assert {key: after[key] for key in before if key not in change} == {
        key: value for key, value in before.items() if key not in change
    }
    assert deep_merge(before, {}) == before


def test_a_mask_goes_back_only_where_the_server_keeps_the_secret() -> None:
    body = {"name": "x", "auth": {"password": MASK, "keys": [MASK]}}
    assert masked_paths(body) == ["auth.password", "auth.keys.0"]
    reject_masked_secrets(body, accepted=True, noun="action")
    with pytest.raises(GuardError) as error:
        reject_masked_secrets(body, accepted=False, noun="exhook")
    assert "auth.password" in error.value.message
    assert "--set auth.password=" in error.value.hint


def test_a_difference_shows_only_what_changes() -> None:
    diff = unified_diff_of({"a": 1, "b": 2}, {"a": 1, "b": 3})
    assert '-  "b": 2' in diff
    assert '+  "b": 3' in diff
    assert unified_diff_of({"a": 1}, {"a": 1}) == ""


def test_a_difference_shows_that_a_secret_changes_but_never_which() -> None:
    diff = unified_diff_of({"password": "old-one", "a": 1}, {"password": "new-one", "a": 2})
    assert "old-one" not in diff
    assert "new-one" not in diff
    assert '+  "password": "****** (another)"' in diff
    assert "password" not in "".join(
        line
        for line in unified_diff_of({"password": "x"}, {"password": "x", "a": 1}).splitlines()
        if line[0] in "+-"
    )


def test_computed_fields_are_not_sent_back() -> None:
    assert without_fields({"a": 1, "status": "x"}, ("status", "none")) == {"a": 1}


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.json", "[1]", "expected an object, got a list"),
        ("a.json", '"x"', "expected an object, got text"),
        ("a.yaml", "true", "expected an object, got true or false"),
        ("a.yaml", "3", "expected an object, got a number"),
        ("a.yaml", "null", "expected an object, got nothing"),
        ("a.json", " \n", "the file is empty"),
        ("a.yaml", "", "the file is empty"),
    ],
)
def test_a_file_without_an_object_is_named(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(UsageError, match=message):
        read_object(str(tmp_path / name))
