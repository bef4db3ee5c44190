"""Files that are not the body of one object, in words without Python's."""

from pathlib import Path

import pytest

from emqxctl.cli.input.body import read_object
from emqxctl.errors import UsageError


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
