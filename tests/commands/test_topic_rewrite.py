"""`emqxctl topic-rewrite`: the rules are one list, read and replaced whole."""

import json
from pathlib import Path

import pytest
import yaml

from tests.conftest import Run
from tests.support.recorded import exchange
from tests.support.replay import talk

NOW = exchange("GET /mqtt/topic_rewrite", "plain")
DONE = exchange("PUT /mqtt/topic_rewrite", "one rule")
RULES = DONE.body


def test_the_rules_stand_in_order(run: Run) -> None:
    lines = talk(run, [NOW], "topic-rewrite", "get").ran.out.splitlines()
    assert lines[0].split() == ["ACTION", "FROM", "EXPRESSION", "TO"]
    assert lines[1].split() == ["publish", "legacy/+/temp", "^legacy/(.+)/temp$", "telemetry/$1/temp"]


def test_what_get_gives_set_takes(run: Run) -> None:
    shown = talk(run, [NOW], "topic-rewrite", "get", "-o", "yaml").ran
    assert yaml.safe_load(shown.out) == NOW.body
    told = talk(run, [DONE], "topic-rewrite", "set", "-f", "-", stdin=shown.stdout)
    assert told.ran.code == 0, told.ran.err
    assert told.calls == ["PUT /mqtt/topic_rewrite"]
    assert told.bodies == [NOW.body]


def test_an_empty_list_takes_all_rules_away(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "rules.json"
    file.write_text("[]")
    told = talk(
        run, [exchange("PUT /mqtt/topic_rewrite", "empty list")], "topic-rewrite", "set", "-f", str(file)
    )
    assert told.ran.code == 0
    assert told.bodies == [[]]
    assert "0 rewrite rules" in told.ran.err


def test_a_dry_run_shows_what_would_go_and_come(run: Run) -> None:
    told = talk(
        run, [NOW, DONE], "topic-rewrite", "set", "-f", "-", "--dry-run", stdin=json.dumps(RULES).encode()
    )
    assert told.calls == ["GET /mqtt/topic_rewrite"]
    assert '-      "source_topic": "legacy/+/temp"' in told.ran.out
    assert '+      "source_topic": "a/#"' in told.ran.out


@pytest.mark.parametrize("body", [b"{}", b'"x"', b'["a"]', b"{", b"\xff"])
def test_what_is_no_list_of_rules_is_not_sent(run: Run, body: bytes) -> None:
    told = talk(run, [DONE], "topic-rewrite", "set", "-f", "-", stdin=body)
    assert (told.ran.code, told.calls) == (2, [])


@pytest.mark.parametrize(
    ("title", "code", "words"),
    [
        ("too many", 7, "20"),
        ("bad regular expression", 10, "missing terminating"),
        ("bad action", 10, "not one of the allowed values"),
    ],
)
def test_why_rules_are_refused_can_be_read(run: Run, title: str, code: int, words: str) -> None:
    script = [exchange("PUT /mqtt/topic_rewrite", title)]
    told = talk(run, script, "topic-rewrite", "set", "-f", "-", "--json", stdin=json.dumps(RULES).encode())
    assert told.ran.code == code
    assert words in told.ran.error["message"]
    assert "emqx_rewrite.erl" not in told.ran.error["message"]
