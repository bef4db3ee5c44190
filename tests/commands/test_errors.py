"""`emqxctl errors`: the catalog of EMQX's error codes, without a server."""

import json

from emqxctl.emqx.error_codes import CATALOG
from tests.conftest import Run


def test_errors_lists_the_whole_catalogue(run: Run) -> None:
    assert {row["code"] for row in run("errors", "-o", "json").json} == set(CATALOG)


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
