"""Words that suggested commands quote for the shell."""

import os
import shutil
import subprocess

import pytest

from emqxctl.diagnosis.causes import quote_for_shell

WORDS = ("a b", "it's $x", "x\x1b[31m\nA'\\", "\x9b\u202e\U000e0001", "\udcff", "😀", "a\xa0b")


def test_printable_words_are_quoted_as_usual() -> None:
    assert [quote_for_shell(word) for word in ("a/b", "a b", "😀")] == ["a/b", "'a b'", "'😀'"]
    assert quote_for_shell("a\x1b[31m\n'") == r"$'a\x1b[31m\x0a\''"


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_the_shell_reads_the_word_again() -> None:
    for word in WORDS:
        quoted = quote_for_shell(word)
        assert quoted.isprintable()
        environ = {**os.environ, "LC_ALL": "C.UTF-8"}
        command = ["bash", "-c", f"printf %s {quoted}"]
        output = subprocess.run(command, capture_output=True, check=True, env=environ).stdout
        assert output == word.encode("utf-8", "surrogateescape"), word
