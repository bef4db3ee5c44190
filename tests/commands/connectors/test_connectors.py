"""`emqxctl connectors`: the table, the typed options, what EMQX says against a body."""

from pathlib import Path

import pytest

from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import replay

REFUSED = ("Connection", "refused")


def test_the_table_shows_what_works_and_who_needs_it(run: Run) -> None:
    outcome = replay(run, [find_exchange("GET /connectors", "plain")], "connectors", "list")
    lines = outcome.result.out.splitlines()
    assert lines[0].split() == ["ID", "ENABLED", "STATUS", "ACTIONS", "SOURCES", "REASON"]
    row = next(line for line in lines if line.startswith("mqtt:dead-broker"))
    assert row.split() == ["mqtt:dead-broker", "true", "disconnected", "forward-dead", "from-dead", *REFUSED]


def test_a_long_reason_is_one_sentence_in_a_table_and_whole_in_json(run: Run) -> None:
    exchange = find_exchange("GET /connectors", "plain")
    reason = next(row["status_reason"] for row in exchange.body if row["name"] == "dead-broker")
    assert ". " in reason
    outcome = replay(run, [exchange], "connectors", "list", "--json")
    assert reason in {row.get("status_reason") for row in outcome.result.json}


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
    outcome = replay(run, [answer], *words)
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.bodies == [answer.request["body"]]
    assert "its status is disconnected: Bad username or password" in outcome.result.err


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
def test_what_emqx_refuses_is_exit_7_in_plain_words(run: Run, title: str, text: str) -> None:
    outcome = replay(
        run, [find_exchange("POST /connectors", title)], "connectors", "create", "http:x", "--target-url", "u"
    )
    assert (outcome.result.code, outcome.result.out) == (7, "")
    assert text in outcome.result.err
    assert '\\"' not in outcome.result.err


def test_verify_is_one_of_two(run: Run) -> None:
    outcome = replay(run, [], "connectors", "create", "http:x", "--verify", "perhaps")
    assert (outcome.result.code, outcome.calls) == (2, [])


def test_tls_is_nested(run: Run) -> None:
    outcome = replay(
        run,
        [find_exchange("POST /connectors", "http, reachable")],
        *("connectors", "create", "http:x", "--target-url", "https://a", "--tls", "--verify", "verify_peer"),
    )
    assert outcome.bodies[0]["ssl"] == {"enable": True, "verify": "verify_peer"}


def test_the_url_of_the_cluster_is_not_taken_for_that_of_a_connector(run: Run) -> None:
    replayed = replay(run, [], "connectors", "create", "http:w", "--url", "http://wh:8080")
    assert (replayed.result.code, replayed.calls) == (2, [])
    assert "did you mean --target-url http://wh:8080?" in replayed.result.err
    replayed = replay(run, [], "exhooks", "create", "audit", "--url", "http://10.0.0.9:9000")
    assert (replayed.result.code, replayed.calls) == (2, [])
    assert "did you mean --server http://10.0.0.9:9000?" in replayed.result.err
