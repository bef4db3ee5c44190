"""`emqxctl topic-rewrite`: the rules are one list, read and replaced whole."""

import json
from pathlib import Path

import pytest
import yaml

from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import replay

NOW = find_exchange("GET /mqtt/topic_rewrite", "plain")
DONE = find_exchange("PUT /mqtt/topic_rewrite", "one rule")
RULES = DONE.body


def test_the_rules_stand_in_order(run: Run) -> None:
    lines = replay(run, [NOW], "topic-rewrite", "get").result.out.splitlines()
    assert lines[0].split() == ["ACTION", "FROM", "EXPRESSION", "TO"]
    assert lines[1].split() == ["publish", "legacy/+/temp", "^legacy/(.+)/temp$", "telemetry/$1/temp"]


def test_what_get_gives_set_takes(run: Run) -> None:
    shown = replay(run, [NOW], "topic-rewrite", "get", "-o", "yaml").result
    assert yaml.safe_load(shown.out) == NOW.body
    outcome = replay(run, [DONE], "topic-rewrite", "set", "-f", "-", stdin=shown.stdout)
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.calls == ["PUT /mqtt/topic_rewrite"]
    assert outcome.bodies == [NOW.body]


def test_an_empty_list_takes_all_rules_away(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "rules.json"
    file.write_text("[]")
    outcome = replay(
        run, [find_exchange("PUT /mqtt/topic_rewrite", "empty list")], "topic-rewrite", "set", "-f", str(file)
    )
    assert outcome.result.code == 0
    assert outcome.bodies == [[]]
    assert "0 rewrite rules" in outcome.result.err


def test_a_dry_run_shows_what_would_go_and_come(run: Run) -> None:
    outcome = replay(
        run, [NOW, DONE], "topic-rewrite", "set", "-f", "-", "--dry-run", stdin=json.dumps(RULES).encode()
    )
    assert outcome.calls == ["GET /mqtt/topic_rewrite"]
    assert '-      "source_topic": "legacy/+/temp"' in outcome.result.out
    assert '+      "source_topic": "a/#"' in outcome.result.out


@pytest.mark.parametrize("body", [b"{}", b'"x"', b'["a"]', b"{", b"\xff"])
def test_what_is_no_list_of_rules_is_not_sent(run: Run, body: bytes) -> None:
    outcome = replay(run, [DONE], "topic-rewrite", "set", "-f", "-", stdin=body)
    assert (outcome.result.code, outcome.calls) == (2, [])


@pytest.mark.parametrize(
    ("title", "code", "words"),
    [
        ("too many", 7, "20"),
        ("bad regular expression", 10, "missing terminating"),
        ("bad action", 10, "not one of the allowed values"),
    ],
)
def test_why_rules_are_refused_can_be_read(run: Run, title: str, code: int, words: str) -> None:
    script = [find_exchange("PUT /mqtt/topic_rewrite", title)]
    outcome = replay(
        run, script, "topic-rewrite", "set", "-f", "-", "--json", stdin=json.dumps(RULES).encode()
    )
    assert outcome.result.code == code
    assert words in outcome.result.error["message"]
    assert "emqx_rewrite.erl" not in outcome.result.error["message"]
