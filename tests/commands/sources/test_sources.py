"""`emqxctl sources`: the table, the typed options, what EMQX says against a body."""

import pytest

from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import replay


def test_the_table_shows_what_works_and_who_needs_it(run: Run) -> None:
    outcome = replay(run, [find_exchange("GET /sources", "plain")], "sources", "list")
    rows = [line.split() for line in outcome.result.out.splitlines()]
    assert rows[0] == ["ID", "CONNECTOR", "ENABLED", "STATUS", "RULES", "REASON"]
    assert ["mqtt:from-node2", "to-node2", "true", "connected", "from-upstream", "-"] in rows


def test_where_finds_what_does_not_work(run: Run) -> None:
    words = ("sources", "list", "--where", "status!=connected", "-o", "name")
    assert replay(run, [find_exchange("GET /sources", "plain")], *words).result.out == "mqtt:from-dead\n"


def test_the_typed_options_make_the_body(run: Run) -> None:
    answer = find_exchange("POST /sources", "mqtt")
    words = (
        "sources",
        "create",
        "mqtt:rec-src",
        "--connector",
        "to-node2",
        "--topic",
        "rec/up/#",
        "--qos",
        "1",
    )
    outcome = replay(run, [answer], *words)
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.bodies == [answer.request["body"]]
    assert "created source 'mqtt:rec-src'" in outcome.result.err


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("already exists", "already exists"),
        ("unknown connector", "emqxctl: connector 'mqtt:c' does not exist [BAD_REQUEST]"),
        ("no topic", "parameters.topic: required field is missing"),
        ("http is not a source", "unknown bridge type"),
    ],
)
def test_what_emqx_refuses_is_exit_7_in_plain_words(run: Run, title: str, text: str) -> None:
    outcome = replay(
        run, [find_exchange("POST /sources", title)], "sources", "create", "mqtt:x", "--connector", "c"
    )
    assert (outcome.result.code, outcome.result.out) == (7, "")
    assert text in outcome.result.err
    assert '\\"' not in outcome.result.err


def test_update_keeps_what_is_not_named(run: Run) -> None:
    current = find_exchange("GET /sources/{id}", "id mqtt:from-node2")
    answer = find_exchange("PUT /sources/{id}", "change")
    script = {
        "GET /api/v5/sources/mqtt:from-node2": current,
        "PUT /api/v5/sources/mqtt:from-node2": answer,
    }
    outcome = replay(run, script, "sources", "update", "mqtt:from-node2", "--qos", "0")  # type: ignore[arg-type]  # any script
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.bodies[0]["parameters"] == {**current.body["parameters"], "qos": 0}
    assert outcome.bodies[0]["connector"] == "to-node2"


def test_types_and_summary_are_lists(run: Run) -> None:
    outcome = replay(run, [find_exchange("GET /source_types", "plain")], "sources", "types", "--json")
    assert outcome.result.json == [{"type": "mqtt"}]
    outcome = replay(
        run, [find_exchange("GET /sources_summary", "plain")], "sources", "summary", "-o", "name"
    )
    assert (outcome.calls, outcome.result.out.split()) == (
        ["GET /sources_summary"],
        ["mqtt:from-dead", "mqtt:from-node2"],
    )
