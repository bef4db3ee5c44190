"""`emqxctl actions`: the table, the typed options, what EMQX says against a body."""

import pytest

from tests.conftest import Run
from tests.support.recorded import exchange
from tests.support.replay import made, talk


def test_the_table_shows_what_works_and_who_needs_it(run: Run) -> None:
    told = talk(run, [exchange("GET /actions", "plain")], "actions", "list")
    lines = told.ran.out.splitlines()
    assert lines[0].split() == ["ID", "CONNECTOR", "ENABLED", "STATUS", "RULES", "REASON"]
    assert "http:post-dead         webhook-dead  true     disconnected  failing" in lines[1]
    assert lines[1].endswith("Resource not operational")
    assert "multi-line, to-webhook" in lines[3]


def test_the_typed_options_make_the_body(run: Run) -> None:
    words = (
        *("actions", "create", "http:rec-act", "--connector", "rec-http", "--method", "post"),
        *("--path", "/x", "--body", "${payload}", "--set", "resource_opts.inflight_window=7"),
    )
    told = talk(run, [exchange("POST /actions", "http")], *words, "--json")
    assert told.ran.code == 0, told.ran.err
    assert told.calls == ["POST /actions"]
    assert told.bodies == [
        {
            "type": "http",
            "name": "rec-act",
            "connector": "rec-http",
            "parameters": {"method": "post", "path": "/x", "body": "${payload}"},
            "resource_opts": {"inflight_window": 7},
        }
    ]
    assert told.ran.json["id"] == "http:rec-act"


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("already exists", "already exists"),
        ("unknown connector", "connector_not_found_or_wrong_type"),
        ("bad method", "method"),
        ("no parameters", "parameters"),
        ("bad name", "must begin with a letter or number"),
    ],
)
def test_what_emqx_refuses_is_exit_7_in_plain_words(run: Run, title: str, words: str) -> None:
    told = talk(run, [exchange("POST /actions", title)], "actions", "create", "http:x", "--connector", "c")
    assert (told.ran.code, told.ran.out) == (7, "")
    assert words in told.ran.err
    assert '\\"' not in told.ran.err


def test_an_action_that_cannot_work_yet_is_created_with_a_doubt(run: Run) -> None:
    words = ("actions", "create", "mqtt:x", "--connector", "c", "--topic", "t")
    told = talk(run, [exchange("POST /actions", "mqtt on a dead connector")], *words)
    assert told.ran.code == 0, told.ran.err
    assert "it is disconnected" in told.ran.err
    assert "it is" not in talk(run, [exchange("POST /actions", "http")], *words).ran.err


def test_types_are_names(run: Run) -> None:
    told = talk(run, [exchange("GET /action_types", "plain")], "actions", "types", "-o", "name")
    assert told.ran.out == "http\nmqtt\n"


def test_the_summary_is_another_list(run: Run) -> None:
    told = talk(run, [exchange("GET /actions_summary", "plain")], "actions", "summary")
    assert told.calls == ["GET /actions_summary"]
    assert "http:post-dead" in told.ran.out


def test_the_summary_came_with_5_8_5(run: Run) -> None:
    script = [
        made("GET /actions_summary", 404, {"code": "NOT_FOUND", "message": "Request Path Not Found"}),
        made("GET /status", 200, {"node_name": "e@x", "rel_vsn": "v5.8.1", "app_status": "running"}),
    ]
    told = talk(run, script, "actions", "summary")
    assert told.ran.code == 13
    assert "needs EMQX ≥ 5.8.5 (this is 5.8.1)" in told.ran.err
