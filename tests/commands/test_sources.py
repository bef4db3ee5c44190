"""`emqxctl sources`: the table, the typed options, what EMQX says against a body."""

import pytest

from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import replay


def test_the_table_shows_what_works_and_who_needs_it(run: Run) -> None:
    told = replay(run, [find_exchange("GET /sources", "plain")], "sources", "list")
    rows = [line.split() for line in told.result.out.splitlines()]
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
    told = replay(run, [answer], *words)
    assert told.result.code == 0, told.result.err
    assert told.bodies == [answer.request["body"]]
    assert "created source 'mqtt:rec-src'" in told.result.err


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("already exists", "already exists"),
        ("unknown connector", "connector_name: nope"),
        ("no topic", "parameters.topic: required field is missing"),
        ("http is not a source", "unknown bridge type"),
    ],
)
def test_what_emqx_refuses_is_exit_7_in_plain_words(run: Run, title: str, words: str) -> None:
    told = replay(
        run, [find_exchange("POST /sources", title)], "sources", "create", "mqtt:x", "--connector", "c"
    )
    assert (told.result.code, told.result.out) == (7, "")
    assert words in told.result.err
    assert '\\"' not in told.result.err


def test_update_keeps_what_is_not_named(run: Run) -> None:
    now = find_exchange("GET /sources/{id}", "id mqtt:from-node2")
    answer = find_exchange("PUT /sources/{id}", "change")
    script = {
        "GET /api/v5/sources/mqtt:from-node2": now,
        "PUT /api/v5/sources/mqtt:from-node2": answer,
    }
    told = replay(run, script, "sources", "update", "mqtt:from-node2", "--qos", "0")  # type: ignore[arg-type]  # any script
    assert told.result.code == 0, told.result.err
    assert told.bodies[0]["parameters"] == {**now.body["parameters"], "qos": 0}
    assert told.bodies[0]["connector"] == "to-node2"


def test_types_and_summary_are_lists(run: Run) -> None:
    told = replay(run, [find_exchange("GET /source_types", "plain")], "sources", "types", "--json")
    assert told.result.json == [{"type": "mqtt"}]
    told = replay(run, [find_exchange("GET /sources_summary", "plain")], "sources", "summary", "-o", "name")
    assert (told.calls, told.result.out.split()) == (
        ["GET /sources_summary"],
        ["mqtt:from-dead", "mqtt:from-node2"],
    )
