"""Catalogs of translations: whole texts, templates with values, and parts of a message."""

from pathlib import Path

import pytest

from emqxctl.text.catalog import Catalog, read_catalog

CATALOG = Catalog(
    {
        "not found": "未找到",
        "client": "客户端",
        "cannot read {file}: {reason}": "无法读取 {file}：{reason}",
        "{noun} {name} not found": "未找到{noun} {name}",
        "{first} and {first} again": "{first} 和 {first}",
        "move {source} to {target}": "将 {target} 替换为 {source}",
        "show {noun}: emqxctl {group} list; {noun2}": "显示{noun}：emqxctl {group} list；{noun2}",
        "{x}: {y}": "never",
    }
)


@pytest.mark.parametrize(
    ("text", "translation"),
    [
        ("not found", "未找到"),
        ("Not found", "未找到"),
        ("cannot read 'a b': not found", "无法读取 'a b'：未找到"),
        ("client 'x' not found", "未找到客户端 'x'"),
        ("a and a again", "a 和 a"),
        ("a and b again", "a and b again"),
        ("move a to b", "将 b 替换为 a"),
        ("the server: client; x", "the server: 客户端; x"),
        ("a: b", "a: b"),
        ("client 'x' not found: ID not found", "未找到客户端 'x': ID not found"),
        ("show client: emqxctl client list; client", "显示客户端：emqxctl client list；客户端"),
        ("", ""),
    ],
)
def test_a_text_is_translated_as_far_as_the_catalog_has_it(text: str, translation: str) -> None:
    assert CATALOG.translate(text) == translation


def test_values_are_not_read_as_placeholders_or_patterns() -> None:
    assert CATALOG.translate("cannot read '{reason}': \\1 .*") == "无法读取 '{reason}'：\\1 .*"


def test_a_long_text_of_the_server_is_not_searched() -> None:
    text = "cannot read " + "a: " * 1_000_000
    assert CATALOG.translate(text) == text


def test_a_missing_file_is_an_empty_catalog(tmp_path: Path) -> None:
    assert read_catalog(tmp_path / "emqxctl.mo").translate("not found") == "not found"
