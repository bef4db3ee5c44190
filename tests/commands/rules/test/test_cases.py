"""`emqxctl rules test -f`: test cases, their mistakes by line, and their results as JSON and JUnit."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from emqxctl.commands.rules.test._compare import compare_values
from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import make_exchange, replay

CASES = """\
sql: SELECT payload.t AS t, topic FROM "t/#" WHERE payload.t > 30
cases:
  - name: hot
    event: {topic: t/1, payload: {t: 31}}
    rows: [{t: 31.0, topic: t/1}]
  - name: cold
    event: {topic: t/1, payload: '{"t": 3}'}
    rows: []
  - name: connects
    sql: SELECT * FROM "$events/client_connected"
    event: {event_type: $events/client_connected, clientid: dev-1}
    rows: [{clientid: dev-1}]
    partial: true
"""
FAILING = """\
  - name: "<wrong> & \\x1b[31m \\uFFFE ]]>"
    events:
      - {topic: t/1, payload: {t: 31}}
      - {topic: t/2, payload: {t: 32}}
    rows: [{t: "31", topic: t/1, x: 1}]
  - name: bad sql
    sql: SELEC
    event: {topic: t/1}
    rows: []
"""


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    """Return the name of a file that can be written with cases."""
    return tmp_path / "cases.yaml"


def test_cases_that_pass_exit_with_0(run: Run, cluster: Sandbox, cases: Path) -> None:
    cases.write_text(CASES)
    result = run("rules", "test", "-f", str(cases), "--json")
    assert result.code == 0, result.err
    assert [(row["case"], row["status"], row["line"]) for row in result.json] == [
        ("hot", "passed", 3),
        ("cold", "passed", 6),
        ("connects", "passed", 9),
    ]


def test_a_failing_case_exits_with_8_and_says_how_the_rows_differ(
    run: Run, cluster: Sandbox, cases: Path
) -> None:
    cases.write_text(CASES + FAILING)
    result = run("rules", "test", "-f", str(cases), "--json")
    assert result.code == 8
    failed, error = result.json[3:]
    assert failed["reasons"] == [
        "rows: expected 1, got 2",
        'rows[0].t: expected "31", got 31',
        "rows[0].x: missing, expected 1",
        'rows[1]: not expected: {"t": 32, "topic": "t/2"}',
    ]
    assert error["status"] == "error"
    assert "syntax error before" in error["reasons"][0]
    table = run("rules", "test", "-f", str(cases))
    assert "3 of 5 cases passed, 1 failed, 1 error" in table.err
    assert "\x1b[31m" not in table.out


def test_junit_holds_hostile_names(run: Run, cluster: Sandbox, cases: Path) -> None:
    cases.write_text(CASES + FAILING)
    result = run("rules", "test", "-f", str(cases), "-o", "junit")
    assert result.code == 8
    root = ET.fromstring(result.stdout)  # our own output
    assert root.attrib.items() >= {"tests": "5", "failures": "1", "errors": "1", "skipped": "0"}.items()
    names = [case.get("name") for case in root.iter("testcase")]
    assert names[3] == "<wrong> & \\x1b[31m \\ufffe ]]>"
    failure = root.find(".//failure")
    assert failure is not None
    assert 'rows[0].t: expected "31", got 31' in str(failure.text)


MISTAKES = """\
casse: []
cases:
  - nme: x
    sql: a
    event: 1
    row: []
  - name: both
    sql: a
    rule: b
    events: []
    rows: 1
    partial: maybe
  - name: actions
    sql: a
    event: {topic: !env NOT_SET_HERE}
    actions: [http:x]
  - name: actions
    sql: a
    event: {}
    rows: []
"""


def test_every_mistake_has_its_line_and_case(run: Run, cluster: Sandbox, cases: Path) -> None:
    cases.write_text(MISTAKES)
    result = run("rules", "test", "-f", str(cases), "--json")
    assert result.code == 2
    problems = [
        f"{problem['place'].rpartition(':')[2]} {problem['message']}" for problem in result.error["problems"]
    ]
    keys = "name, sql, rule, event, events, rows, actions, partial"
    assert problems == [
        "1 unknown key 'casse'; keys: cases, sql, rule",
        "3 a case requires 'name', a text",
        f"3 unknown key 'nme'; keys: {keys}",
        f"6 unknown key 'row'; keys: {keys}",
        "5 'event' must be a mapping of fields",
        "3 'rows' or 'actions' is required",
        "7 case 'both': use either 'sql' or 'rule'",
        "10 case 'both': 'events' is empty",
        "11 case 'both': 'rows' must be a list of mappings ([] for none)",
        "12 case 'both': 'partial' must be true or false",
        "13 case 'actions': variable NOT_SET_HERE is not set",
        "16 case 'actions': 'actions' requires 'rule': SQL has no actions",
    ]
    cases.write_text(CASES + CASES.split("cases:\n")[1])
    result = run("rules", "test", "-f", str(cases))
    assert result.code == 2
    assert "another case has the same name" in result.err


@pytest.mark.parametrize("text", ["", "[1]", "cases: {}", "cases: [1]", "cases: [1", "{\x00"])
def test_a_file_without_cases_is_an_error(run: Run, cluster: Sandbox, cases: Path, text: str) -> None:
    cases.write_text(text)
    result = run("rules", "test", "-f", str(cases))
    assert result.code == 2
    assert f"{cases}:" in result.err


def test_a_stored_rule_is_tested_by_its_sql_and_its_actions_are_rendered(run: Run, cases: Path) -> None:
    cases.write_text(
        "rule: hot\ncases:\n"
        "  - {name: rows, event: {topic: t/1}, rows: [{x: 1}]}\n"
        "  - {name: actions, event: {topic: t/1}, actions: [http:a, console]}\n"
        "  - {name: no match, event: {topic: x}, actions: []}\n"
    )
    rule = {"id": "hot", "sql": 'SELECT x FROM "t/#"', "actions": ["http:a", {"function": "console"}]}
    row = make_exchange("POST /rule_test", 200, {"x": 1})
    script = [
        make_exchange("GET /rules/hot", 200, rule),
        row,
        row,
        make_exchange("POST /rules/hot/test", 200, ["ok", "bad template"]),
        find_exchange("POST /rule_test", "no match (412)"),
    ]
    outcome = replay(run, script, "rules", "test", "-f", str(cases), "--json")
    assert outcome.result.code == 8
    assert [row["status"] for row in outcome.result.json] == ["passed", "failed", "passed"]
    assert outcome.result.json[1]["reasons"] == ["actions: 'console' failed: bad template"]
    assert outcome.bodies[2]["stop_action_after_template_rendering"] is True


def test_rules_of_a_state_file_are_tested_before_they_are_applied(
    run: Run, cluster: Sandbox, cases: Path, tmp_path: Path
) -> None:
    state = tmp_path / "cluster.yaml"
    state.write_text(
        'emqxctl: 1\nrules:\n  new-rule:\n    sql: SELECT payload.t AS t FROM "t/#"\n    actions: [http:a]\n'
    )
    cases.write_text(
        "rule: new-rule\ncases:\n"
        "  - {name: one, event: {topic: t/1, payload: {t: 1}}, rows: [{t: 1}], actions: [http:a]}\n"
        "  - {name: two, event: {topic: t/1, payload: {t: 1}}, actions: [http:b]}\n"
        "  - {name: three, rule: unknown, event: {topic: t/1}, rows: []}\n"
    )
    result = run("rules", "test", "-f", str(cases), "--rules-from", str(state), "--json")
    assert result.code == 8
    assert [(row["status"], row["reasons"]) for row in result.json] == [
        ("passed", []),
        ("failed", ["actions: 'http:b' does not run", "actions: 'http:a' runs, but is not expected"]),
        ("error", ["rule 'unknown' not found in the state files [NOT_FOUND]"]),
    ]


def test_a_lost_cluster_skips_the_other_cases(run: Run, cases: Path) -> None:
    cases.write_text(CASES)
    denied = make_exchange("POST /rule_test", 401, {"code": "BAD_API_KEY_OR_SECRET", "message": "no"})
    outcome = replay(run, [denied], "rules", "test", "-f", str(cases), "--json")
    assert outcome.result.code == 4
    assert [row["status"] for row in outcome.result.json] == ["error", "skipped", "skipped"]


@pytest.mark.parametrize(
    "words",
    [
        ("--topic", "t/1"),
        ("--sql", "SELECT 1", "-o", "junit"),
        ("--sql", "SELECT 1", "--rules-from", "cluster.yaml"),
        ("--sql", "SELECT 1"),
        ("--rule", "hot", "-f", "other.yaml"),
    ],
)
def test_options_of_the_other_form_are_refused(
    run: Run, cluster: Sandbox, cases: Path, words: tuple[str, ...]
) -> None:
    cases.write_text(CASES)
    assert run("rules", "test", "-f", str(cases), *words).code == 2


@pytest.mark.parametrize(
    ("expected", "actual", "differences"),
    [
        (1, 1.0, []),
        (True, 1, ["v: expected true, got 1"]),
        ("1", 1, ['v: expected "1", got 1']),
        ({"a": [1]}, '{"a": [1.0]}', []),
        ([1, 2], [1], ["v: expected [1, 2], got [1]"]),
        (None, None, []),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}, ["v.a.c: not expected: 2"]),
        ({"a": 1}, [], ['v: expected {"a": 1}, got []']),
    ],
)
def test_values_are_compared_by_meaning(expected: object, actual: object, differences: list[str]) -> None:
    assert list(compare_values(expected, actual, "v")) == differences
