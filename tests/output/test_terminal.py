"""Keys of a terminal."""

from emqxctl.output.terminal import parse_keys


def test_keys_are_named_and_strangers_are_none() -> None:
    assert parse_keys("q\x1b[A\x1b[5~\x1bOB\t\x7f\x1b[99;5u\x1b") == [
        *("q", "up", "page up", "down", "tab", "backspace"),
        "esc",
    ]
    assert parse_keys("é\x00") == ["é"]
