"""`emqxctl sources`: the table, the typed options, what EMQX says against a body."""

import pytest

from tests.conftest import Run
from tests.support.recorded import exchange
from tests.support.replay import talk


def test_the_table_shows_what_works_and_who_needs_it(run: Run) -> None:
    told = talk(run, [exchange("GET /sources", "plain")], "sources", "list")
    rows = [line.split() for line in told.ran.out.splitlines()]
    assert rows[0] == ["ID", "CONNECTOR", "ENABLED", "STATUS", "RULES", "REASON"]
    assert ["mqtt:from-node2", "to-node2", "true", "connected", "from-upstream", "-"] in rows


def test_where_finds_what_does_not_work(run: Run) -> None:
    words = ("sources", "list", "--where", "status!=connected", "-o", "name")
    assert talk(run, [exchange("GET /sources", "plain")], *words).ran.out == "mqtt:from-dead\n"


def test_the_typed_options_make_the_body(run: Run) -> None:
    answer = exchange("POST /sources", "mqtt")
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
    told = talk(run, [answer], *words)
    assert told.ran.code == 0, told.ran.err
    assert told.bodies == [answer.request["body"]]
    assert "created source 'mqtt:rec-src'" in told.ran.err


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("already exists", "already exists"),
        ("unknown connector", "connector_name: nope"),
        ("no topic", "parameters.topic: required field is missing"),
        ("http is not a source", "unknown bridge type"),
    ],
)
def test_what_emqx_refuses_is_exit_7_in_plain_words(run: Run, title: str, words: str) -> None:
    told = talk(run, [exchange("POST /sources", title)], "sources", "create", "mqtt:x", "--connector", "c")
    assert (told.ran.code, told.ran.out) == (7, "")
    assert words in told.ran.err
    assert '\\"' not in told.ran.err


def test_update_keeps_what_is_not_named(run: Run) -> None:
    now = exchange("GET /sources/{id}", "id mqtt:from-node2")
    answer = exchange("PUT /sources/{id}", "change")
    script = {
        "GET /api/v5/sources/mqtt:from-node2": now,
        "PUT /api/v5/sources/mqtt:from-node2": answer,
    }
    told = talk(run, script, "sources", "update", "mqtt:from-node2", "--qos", "0")  # type: ignore[arg-type]  # any script
    assert told.ran.code == 0, told.ran.err
    assert told.bodies[0]["parameters"] == {**now.body["parameters"], "qos": 0}
    assert told.bodies[0]["connector"] == "to-node2"


def test_types_and_summary_are_lists(run: Run) -> None:
    told = talk(run, [exchange("GET /source_types", "plain")], "sources", "types", "--json")
    assert told.ran.json == [{"type": "mqtt"}]
    told = talk(run, [exchange("GET /sources_summary", "plain")], "sources", "summary", "-o", "name")
    assert (told.calls, told.ran.out.split()) == (
        ["GET /sources_summary"],
        ["mqtt:from-dead", "mqtt:from-node2"],
    )
