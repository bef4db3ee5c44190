"""`rules create`, `update` and `test` warn about missing actions and say what is wrong with the SQL."""

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.integration_cluster import IntegrationCluster

SQL = 'SELECT * FROM "t/#"'


def test_a_missing_action_is_a_warning_with_the_close_one(run: Run, cluster: Sandbox) -> None:
    result = run(
        "rules", "create", "r", "--sql", SQL, "--action", "http:store-telemetri", "--action", "console"
    )
    assert (result.code, "r" in cluster.cluster.integration.rules) == (0, True)
    assert "warning: action 'http:store-telemetri' does not exist" in result.err
    assert "did you mean http:store-telemetry?" in result.err
    assert "console" not in result.err


def test_an_update_and_its_dry_run_warn_too(run: Run, cluster: Sandbox) -> None:
    for options in ((), ("--dry-run",)):
        result = run("rules", "update", "bill-usage", "--action", "http:nothing-like-it", *options)
        assert result.code == 0
        assert "create it: emqxctl actions create http:nothing-like-it" in result.err
        assert ("dry run: PUT /rules/bill-usage was not sent" in result.err) == bool(options)
    result = run("rules", "update", "bill-usage", "--action", "http:store-telemetry")
    assert (result.code, "warning" in result.err) == (0, False)


def test_no_action_is_read_for_functions_or_in_a_dry_run_of_create(run: Run, cluster: Sandbox) -> None:
    run("rules", "create", "a", "--sql", SQL, "--action", "console")
    run("rules", "create", "b", "--sql", SQL, "--action", "http:x", "--dry-run")
    assert [request for request in cluster.requests if request.path.endswith("/actions")] == []


def test_a_rule_is_created_although_the_actions_cannot_be_read(run: Run) -> None:
    with IntegrationCluster() as cluster:
        cluster.failures["/actions"] = (500, {"code": "INTERNAL_ERROR", "message": "error, nodedown"})
        result = run("rules", "create", "r", "--sql", SQL, "--action", "http:nope", env=cluster.env)
    assert (result.code, result.err) == (0, "created rule 'r'\n")


@pytest.mark.parametrize(
    ("sql", "message", "correction"),
    [
        ("SELECT * FROM t/#", 'the topic t/# must be in double quotes: "t/#"', SQL),
        ('SELECT * FORM "t/#"', "FORM is not a keyword; did you mean FROM?", SQL),
        ("SELECT * FORM t/#", "FORM is not a keyword; did you mean FROM?", SQL),
    ],
)
def test_a_mistake_in_the_sql_is_said_in_words(
    run: Run, cluster: Sandbox, sql: str, message: str, correction: str
) -> None:
    commands = (
        ("rules", "create", "r", "--sql", sql, "--action", "console"),
        ("rules", "update", "bill-usage", "--sql", sql),
        ("rules", "test", "--sql", sql, "--topic", "t/1"),
    )
    for words in commands:
        result = run(*words)
        assert result.code == 7
        assert message in result.err
        assert f"did you mean: {correction}" in result.err
        assert "parse_error" not in result.err


def test_another_syntax_error_names_the_word_before_which_it_is(run: Run, cluster: Sandbox) -> None:
    result = run("rules", "create", "r", "--sql", f"{SQL} WHERE a > > 2", "--action", "console")
    assert (result.code, "syntax error in the SQL before '>'" in result.err) == (7, True)
    result = run("rules", "create", "r", "--sql", f"{SQL} WHERE a >", "--action", "console")
    assert (result.code, "syntax error in the SQL at its end" in result.err) == (7, True)


def test_an_action_without_its_type_names_the_one_that_is_meant(run: Run, cluster: Sandbox) -> None:
    result = run("rules", "create", "r", "--sql", SQL, "--action", "store-telemetry")
    assert result.code == 7
    assert "action 'store-telemetry' is not TYPE:NAME, console or republish" in result.err
    assert "did you mean --action http:store-telemetry?" in result.err
    result = run("rules", "create", "r", "--sql", SQL, "--action", "consol")
    assert "did you mean --action console?" in result.err
