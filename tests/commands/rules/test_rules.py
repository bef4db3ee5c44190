"""`emqxctl rules`: lists, upserts made safe, switches, tests of SQL, the engine."""

import json
from pathlib import Path

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import make_exchange, replay

ALERT = find_exchange("GET /rules/{id}", "rule temp-alert")
NOT_THERE = make_exchange("GET /rules/nope", 404, {"code": "NOT_FOUND", "message": "Rule Id Not Found"})
SETTABLE = {"name", "sql", "actions", "enable", "description", "metadata"}


def test_the_table_shows_from_where_to_where(run: Run) -> None:
    exchange = find_exchange("GET /rules", "one node stopped")
    lines = replay(run, [exchange], "rules", "list", "--limit", "5").result.out.splitlines()
    assert lines[0].split() == ["ID", "ENABLED", "FROM", "ACTIONS", "DESCRIPTION"]
    assert lines[1].split()[:4] == ["to-webhook", "true", "telemetry/#", "http:post-telemetry"]
    assert lines[2].split()[:4] == ["temp-alert", "true", "telemetry/+/temp", "republish"]
    assert "\\x1b[31m" in lines[3]


def test_json_is_what_emqx_sent(run: Run) -> None:
    exchange = find_exchange("GET /rules", "one node stopped")
    assert (
        replay(run, [exchange], "rules", "list", "--limit", "5", "--json").result.json
        == exchange.body["data"]
    )


@pytest.mark.parametrize(
    ("title", "words", "sent"),
    [
        ("enable false", ("--no-enabled",), "enable=false"),
        ("from", ("--from", "telemetry/#"), "from=telemetry%2F%23"),
        ("like_id", ("--like-id", "fleet"), "like_id=fleet"),
        ("action", ("--action", "http:post-telemetry"), "action=http%3Apost-telemetry"),
        ("source", ("--source", "mqtt:from-node2"), "source=mqtt%3Afrom-node2"),
    ],
)
def test_filters_are_the_servers(run: Run, title: str, words: tuple[str, ...], sent: str) -> None:
    exchange = find_exchange("GET /rules", title)
    status = make_exchange(
        "GET /status", 200, {"node_name": "e@x", "rel_vsn": "v5.8.9", "app_status": "running"}
    )
    outcome = replay(run, [exchange, status], "rules", "list", *words, "--limit", "2", "-o", "name")
    assert outcome.result.code == 0, outcome.result.err
    assert sent in outcome.calls[-1]
    assert outcome.result.out.split() == [row["id"] for row in exchange.body["data"]][:2]


def test_a_filter_that_5_7_ignores_is_refused_there(run: Run) -> None:
    script = [
        make_exchange("GET /status", 200, {"node_name": "e@x", "rel_vsn": "v5.7.2", "app_status": "running"}),
        find_exchange("GET /rules", "none"),
    ]
    outcome = replay(run, script, "rules", "list", "--action", "http:x")
    assert outcome.result.code == 13
    assert "--action requires EMQX 5.8 or later" in outcome.result.err


def test_create_sends_what_the_options_say(run: Run) -> None:
    words = (
        *("rules", "create", "hot", "--sql", 'SELECT * FROM "t/#"', "--action", "http:archive"),
        *("--action", "console", "--action", '{"function": "republish", "args": {"topic": "hot"}}'),
        *("--description", "hot ones", "--no-enable"),
    )
    answer = make_exchange("POST /rules", 201, {"id": "hot", "sql": "SELECT", "enable": False})
    outcome = replay(run, [answer], *words, "--json")
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.bodies == [
        {
            "id": "hot",
            "sql": 'SELECT * FROM "t/#"',
            "actions": [
                "http:archive",
                {"function": "console"},
                {"function": "republish", "args": {"topic": "hot"}},
            ],
            "description": "hot ones",
            "enable": False,
        }
    ]
    assert outcome.result.json["id"] == "hot"


@pytest.mark.parametrize("rule", ["odd id", "-x", "_x", "a/b", "中", ""])
def test_an_id_that_no_rule_can_have_is_refused_here(run: Run, rule: str) -> None:
    outcome = replay(run, [], "rules", "create", "--sql", "SELECT", "--", rule)
    assert (outcome.result.code, outcome.calls) == (2, [])


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("the same id again", "rule id already exists"),
        ("no SQL", "sql: required field is missing"),
        ("empty SQL", "nothing is selected"),
        ("action id without colon", "should be of pattern {type}:{name}, but got: nonsense"),
        ("republish without topic", "args.topic: required field is missing"),
    ],
)
def test_what_emqx_refuses_is_exit_7_in_plain_words(run: Run, title: str, words: str) -> None:
    outcome = replay(
        run, [find_exchange("POST /rules", title)], "rules", "create", "rec-x", "--sql", "SELECT"
    )
    assert (outcome.result.code, outcome.result.out) == (7, "")
    assert words in outcome.result.err
    assert "<<" not in outcome.result.err


def test_update_sends_the_rule_whole(run: Run) -> None:
    answer = make_exchange("PUT /rules/temp-alert", 200, ALERT.body)
    outcome = replay(run, [ALERT, answer], "rules", "update", "temp-alert", "--description", "new")
    assert outcome.result.code == 0, outcome.result.err
    unchanged_fields = {key: ALERT.body[key] for key in ALERT.body if key in SETTABLE}
    assert outcome.bodies == [{**unchanged_fields, "description": "new"}]


def test_update_of_an_unknown_rule_does_not_create_it(run: Run) -> None:
    script = [NOT_THERE, find_exchange("PUT /rules/{id}", "unknown id creates the rule")]
    outcome = replay(run, script, "rules", "update", "nope", "--sql", "SELECT")
    assert outcome.result.code == 6
    assert [call for call in outcome.calls if not call.startswith("GET ")] == []


def test_a_file_about_another_rule_changes_nothing(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "rule.json"
    file.write_text(json.dumps(ALERT.body))
    outcome = replay(run, [], "rules", "update", "other", "-f", str(file))
    assert (outcome.result.code, outcome.calls) == (2, [])
    answer = make_exchange("PUT /rules/temp-alert", 200, ALERT.body)
    outcome = replay(run, [ALERT, answer], "rules", "update", "temp-alert", "-f", str(file))
    assert set(outcome.bodies[0]) <= SETTABLE


def test_broken_sql_is_told_with_its_place(run: Run) -> None:
    script = {
        "GET /api/v5/rules/temp-alert": ALERT,
        "PUT /api/v5/rules/temp-alert": find_exchange("PUT /rules/{id}", "broken SQL"),
    }
    outcome = replay(run, script, "rules", "update", "temp-alert", "--sql", "SELECT FROM")  # type: ignore[arg-type]  # any script
    assert outcome.result.code == 7
    assert "rejected PUT /rules/temp-alert: nothing is selected" in outcome.result.err


@pytest.mark.parametrize(("verb", "value"), [("enable", True), ("disable", False)])
def test_a_switch_changes_nothing_else(run: Run, verb: str, value: object) -> None:
    answer = make_exchange("PUT /rules/temp-alert", 200, ALERT.body)
    outcome = replay(run, [ALERT, answer], "rules", verb, "temp-alert", "--json")
    assert outcome.result.code == 0, outcome.result.err
    unchanged_fields = {key: ALERT.body[key] for key in ALERT.body if key in SETTABLE}
    assert outcome.bodies == [{**unchanged_fields, "enable": value}]
    assert outcome.result.json == {"id": "temp-alert"}


@pytest.mark.parametrize("words", [("enable",), ("disable",), ("delete", "--yes")])
def test_an_unknown_rule_is_neither_made_nor_deleted(run: Run, words: tuple[str, ...]) -> None:
    script = [NOT_THERE, make_exchange("PUT /rules/nope", 200, {}), make_exchange("DELETE /rules/nope", 204)]
    outcome = replay(run, script, "rules", *words, "nope")
    assert outcome.result.code == 6
    assert [call for call in outcome.calls if not call.startswith("GET ")] == []


def test_delete_wants_a_yes(run: Run) -> None:
    script = [ALERT, make_exchange("DELETE /rules/temp-alert", 204)]
    outcome = replay(run, script, "rules", "delete", "temp-alert")
    assert (outcome.result.code, outcome.calls) == (14, [])
    outcome = replay(run, script, "rules", "delete", "temp-alert", "--yes")
    assert (outcome.result.code, outcome.calls[-1]) == (0, "DELETE /rules/temp-alert")


def test_several_are_switched_and_each_is_accounted_for(run: Run) -> None:
    script = [ALERT, make_exchange("PUT /rules/temp-alert", 200, ALERT.body), NOT_THERE]
    outcome = replay(run, script, "rules", "disable", "temp-alert", "nope", "--json")
    assert outcome.result.code == 9
    assert [(row["id"], row["status"]) for row in outcome.result.json] == [
        ("temp-alert", "done"),
        ("nope", "failed"),
    ]


# --- tests of SQL


def test_sql_is_tested_with_what_the_options_say(run: Run) -> None:
    answer = find_exchange("POST /rule_test", "match")
    words = (
        *("rules", "test", "--sql", answer.request["body"]["sql"], "--topic", "t/1", "--payload", '{"x":1}'),
        *("--clientid", "c", "--username", "u", "--qos", "1", "--json"),
    )
    outcome = replay(run, [answer], *words)
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.bodies == [answer.request["body"]]
    assert outcome.result.json == {"topic": "t/1", "x": 1}


def test_foreach_gives_a_list(run: Run) -> None:
    words = ("rules", "test", "--sql", "FOREACH payload.l AS v DO v FROM t", "--json")
    outcome = replay(run, [find_exchange("POST /rule_test", "FOREACH")], *words)
    assert outcome.result.json == [{"v": 1}, {"v": 2}]


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("no match (412)", "SQL Not Match"),
        ("broken SQL", "the SQL must begin with SELECT or FOREACH, not SELEC"),
    ],
)
def test_sql_that_selects_nothing_or_is_broken_is_exit_7(run: Run, title: str, words: str) -> None:
    outcome = replay(run, [find_exchange("POST /rule_test", title)], "rules", "test", "--sql", "SELEC")
    assert outcome.result.code == 7
    assert words in outcome.result.err


def test_a_payload_in_a_file_may_be_an_object(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "message.yaml"
    file.write_text("topic: telemetry/s/temp\npayload: {t: 40}\n")
    answer = make_exchange("POST /rules/temp-alert/test", 200, ["ok"])
    outcome = replay(run, [answer], "rules", "test", "--rule", "temp-alert", "-f", str(file), "--json")
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.bodies == [
        {
            "context": {
                "topic": "telemetry/s/temp",
                "payload": '{"t": 40}',
                "event_type": "message_publish",
            },
            "stop_action_after_template_rendering": True,
        }
    ]
    assert outcome.result.json == ["ok"]


def test_the_actions_of_a_rule_run_only_when_asked_for(run: Run) -> None:
    answer = make_exchange("POST /rules/temp-alert/test", 200, ["ok"])
    outcome = replay(run, [answer], "rules", "test", "--rule", "temp-alert", "--run-actions")
    assert outcome.bodies[0]["stop_action_after_template_rendering"] is False


def test_an_unknown_rule_is_exit_6(run: Run) -> None:
    outcome = replay(
        run, [find_exchange("POST /rules/{id}/test", "unknown rule")], "rules", "test", "--rule", "nope"
    )
    assert outcome.result.code == 6


@pytest.mark.parametrize(
    ("event", "sent"),
    [
        ("client_connected", "client_connected"),
        ("$events/client_connected", "client_connected"),
        ("$events/client/connected", "client_connected"),
        ("$events/sys/alarm_activated", "alarm_activated"),
        ("$events/message/delivery_dropped", "delivery_dropped"),
        ("$bridges/mqtt:plant", "$bridges/mqtt:*"),
    ],
)
def test_an_event_is_named_as_sql_names_it(run: Run, event: str, sent: str) -> None:
    outcome = replay(
        run, [make_exchange("POST /rule_test", 200, {})], "rules", "test", "--sql", "SELECT", "--event", event
    )
    assert outcome.bodies[0]["context"] == {"event_type": sent}


@pytest.mark.parametrize("words", [(), ("--sql", "a", "--rule", "b"), ("--sql", "a", "--run-actions")])
def test_a_test_is_of_sql_or_of_a_rule(run: Run, words: tuple[str, ...]) -> None:
    outcome = replay(run, [], "rules", "test", *words)
    assert (outcome.result.code, outcome.calls) == (2, [])


# --- metrics, events, engine


def test_metrics_are_the_sum_or_each_node(run: Run) -> None:
    exchange = find_exchange("GET /rules/{id}/metrics", "rule failing")
    outcome = replay(run, [exchange], "rules", "metrics", "failing", "--json")
    assert outcome.result.json == exchange.body["metrics"]
    lines = replay(run, [exchange], "rules", "metrics", "failing", "--per-node").result.out.splitlines()
    assert lines[1].split()[:5] == ["emqx1@127.0.0.1", "948", "948", "0", "0"]
    assert len(lines) == 4


def test_reset_metrics_follows_the_name_of_5_0(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.support.replay.find_problems", lambda *_: [])  # no document is that old
    script = [
        make_exchange(
            "PUT /rules/hot/metrics/reset",
            404,
            {"code": "API_NOT_EXIST", "message": "Request Path Not Found"},
        ),
        make_exchange("GET /status", 200, {"node_name": "e@x", "rel_vsn": "v5.0.3", "app_status": "running"}),
        make_exchange("PUT /rules/hot/reset_metrics", 204),
    ]
    outcome = replay(run, script, "rules", "reset-metrics", "hot", "--yes")
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.calls[-1] == "PUT /rules/hot/reset_metrics"


def test_reset_metrics_of_an_unknown_rule_is_exit_6(run: Run) -> None:
    failure = find_exchange("PUT /rules/{id}/metrics/reset", "unknown")
    outcome = replay(run, [failure], "rules", "reset-metrics", "nope", "--yes")
    assert (outcome.result.code, outcome.calls[0]) == (6, "PUT /rules/nope/metrics/reset")
    assert [call for call in outcome.calls[1:] if not call.startswith("GET ")] == []


def test_events_are_what_sql_can_select_from(run: Run) -> None:
    outcome = replay(run, [find_exchange("GET /rule_events", "plain")], "rules", "events")
    assert "$events/client_connected " in outcome.result.out
    assert "client connected" in outcome.result.out
    names = replay(
        run, [find_exchange("GET /rule_events", "plain")], "rules", "events", "-o", "name"
    ).result.out
    assert names.splitlines()[0] == "$events/message_publish"


def test_the_engine_is_changed_whole(run: Run) -> None:
    current = find_exchange("GET /rule_engine", "plain")
    assert replay(run, [current], "rules", "engine", "get", "--json").result.json == current.body
    script = [current, find_exchange("PUT /rule_engine", "change")]
    outcome = replay(run, script, "rules", "engine", "update", "--jq-function-default-timeout", "10s")
    assert outcome.bodies == [{"ignore_sys_message": True, "jq_function_default_timeout": "10s"}]
    script = [current, find_exchange("PUT /rule_engine", "bad value")]
    outcome = replay(run, script, "rules", "engine", "update", "--jq-function-default-timeout", "soon")
    assert outcome.result.code == 7
    assert "Not a valid duration" in outcome.result.err


def test_the_rule_engine_came_with_5_0_22(run: Run) -> None:
    script = [
        make_exchange(
            "GET /rule_engine", 404, {"code": "API_NOT_EXIST", "message": "Request Path Not Found"}
        ),
        make_exchange("GET /status", 200, {"node_name": "e@x", "rel_vsn": "v5.0.3", "app_status": "running"}),
    ]
    outcome = replay(run, script, "rules", "engine", "get")
    assert outcome.result.code == 13
    assert "requires EMQX 5.0.22" in outcome.result.err


RULES_BY_TOPIC = [
    {"id": "exact", "from": ["telemetry/sensor-001/temp"]},
    {"id": "plus", "from": ["x", "telemetry/+/temp"]},
    {"id": "all", "from": ["telemetry/#"]},
    {"id": "any", "from": ["#"]},
    {"id": "other", "from": ["telemetry/sensor-002/temp", "telemetry/+"]},
    {"id": "event", "from": ["$events/client_connected"]},
]


@pytest.mark.parametrize(
    ("topic", "expected"),
    [
        ("telemetry/sensor-001/temp", ["exact", "plus", "all", "any"]),
        ("telemetry", ["all", "any"]),
        ("$events/client_connected", ["event"]),
        ("$SYS/x", []),
    ],
)
def test_match_from_finds_the_rules_that_take_a_topic(run: Run, topic: str, expected: list[str]) -> None:
    page = {"data": RULES_BY_TOPIC, "meta": {"page": 1, "limit": 1000, "count": 6, "hasnext": False}}
    outcome = replay(
        run, [make_exchange("GET /rules", 200, page)], "rules", "list", "--match-from", topic, "--json"
    )
    assert [rule["id"] for rule in outcome.result.json] == expected
    assert not any("match_from" in call for call in outcome.calls)


def test_match_from_with_other_filters_on_the_sandbox(run: Run, cluster: Sandbox) -> None:
    words = ("rules", "list", "--match-from", "telemetry/berlin/dev-1/temp", "-o", "name")
    everything = run(*words).out.split()
    assert len(everything) > 1
    assert run(*words, "--limit", "1").out.split() == everything[:1]
    assert run(*words, "--like-id", everything[1]).out.split() == everything[1:2]
    for topic in ("telemetry/#", "a/+/b", "", "a\0"):
        result = run("rules", "list", "--match-from", topic)
        assert (result.code, "--match-from" in result.err) == (2, True)
