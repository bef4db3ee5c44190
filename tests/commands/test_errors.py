"""`emqxctl errors`: the catalogs of the error codes of EMQX and emqxctl, without a server."""

import json

from emqxctl.emqx.error_codes import CATALOG
from emqxctl.emqx.error_codes.own import OWN_CODES
from tests.conftest import Run


def test_errors_lists_the_whole_catalogue(run: Run) -> None:
    assert {row["code"] for row in run("errors", "-o", "json").json} == {*CATALOG, *OWN_CODES}


def test_errors_explains_a_code_in_any_case(run: Run) -> None:
    result = run("errors", "bad_api_key_or_secret", "-o", "json")
    assert result.json["exit_code"] == 4
    assert result.json["hint"]


def test_errors_suggests_what_was_meant(run: Run) -> None:
    result = run("errors", "CLIENT_ID_NOT_FOUND")
    assert result.code == 6
    assert "CLIENTID_NOT_FOUND" in result.err


def test_json_errors_are_one_object(run: Run) -> None:
    error = json.loads(run("errors", "NOPE", "-o", "json").err)["error"]
    assert {"code", "message", "hint", "exit_code"} <= set(error)


def test_a_code_of_emqxctl_says_that_it_is_its_own(run: Run) -> None:
    error = run("-p", "sandbox", "clients", "kick", "nope", "-o", "json")
    code = json.loads(error.err)["error"]["code"]
    row = run("errors", code, "-o", "json").json
    assert (code, row["raised_by"], row["exit_code"]) == ("NOT_CONFIRMED", "emqxctl", error.code)
    assert run("errors", "bad_topic", "-o", "json").json["raised_by"] == "EMQX"
    assert run("errors", "NOT_CONFIRM").err.count("NOT_CONFIRMED") == 1
