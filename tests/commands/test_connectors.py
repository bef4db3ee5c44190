"""`emqxctl connectors`: the table, the typed options, what EMQX says against a body."""

from pathlib import Path

import pytest

from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import replay

REFUSED = ("Connection", "refused")


def test_the_table_shows_what_works_and_who_needs_it(run: Run) -> None:
    told = replay(run, [find_exchange("GET /connectors", "plain")], "connectors", "list")
    lines = told.result.out.splitlines()
    assert lines[0].split() == ["ID", "ENABLED", "STATUS", "ACTIONS", "SOURCES", "REASON"]
    row = next(line for line in lines if line.startswith("mqtt:dead-broker"))
    assert row.split() == ["mqtt:dead-broker", "true", "disconnected", "forward-dead", "from-dead", *REFUSED]


def test_a_long_reason_is_one_sentence_in_a_table_and_whole_in_json(run: Run) -> None:
    found = find_exchange("GET /connectors", "plain")
    reason = next(row["status_reason"] for row in found.body if row["name"] == "dead-broker")
    assert ". " in reason
    told = replay(run, [found], "connectors", "list", "--json")
    assert reason in {row.get("status_reason") for row in told.result.json}


def test_secrets_come_from_files(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "secret.toml"
    file.write_text('password = "wrong"\n')
    answer = find_exchange("POST /connectors", "mqtt with bad credentials")
    words = (
        *(
            "connectors",
            "create",
            "mqtt:rec-badpw",
            "--server",
            "127.0.0.1:2883",
            "--username",
            "bridge-user",
        ),
        *("--pool-size", "1", "-f", str(file)),
    )
    told = replay(run, [answer], *words)
    assert told.result.code == 0, told.result.err
    assert told.bodies == [answer.request["body"]]
    assert "it is disconnected: Bad username or password" in told.result.err


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("already exists", "already exists"),
        ("enterprise type", "unknown connector type"),
        ("bad name", "must begin with a letter or number"),
        ("no url", "url: required field is missing"),
        ("bad url", "Missing scheme in URL"),
        ("several errors", "unknown field"),
    ],
)
def test_what_emqx_refuses_is_exit_7_in_plain_words(run: Run, title: str, words: str) -> None:
    told = replay(
        run, [find_exchange("POST /connectors", title)], "connectors", "create", "http:x", "--target-url", "u"
    )
    assert (told.result.code, told.result.out) == (7, "")
    assert words in told.result.err
    assert '\\"' not in told.result.err


def test_verify_is_one_of_two(run: Run) -> None:
    told = replay(run, [], "connectors", "create", "http:x", "--verify", "perhaps")
    assert (told.result.code, told.calls) == (2, [])


def test_tls_is_nested(run: Run) -> None:
    told = replay(
        run,
        [find_exchange("POST /connectors", "http, reachable")],
        *("connectors", "create", "http:x", "--target-url", "https://a", "--tls", "--verify", "verify_peer"),
    )
    assert told.bodies[0]["ssl"] == {"enable": True, "verify": "verify_peer"}
