"""`get` of several ids: a list, and an error for each that does not exist."""

import json

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run


def test_several_ids_are_a_list(cluster: Sandbox, run: Run) -> None:
    del cluster
    result = run("rules", "get", "hot-sensors", "debug-alerts", "-o", "json")
    assert [row["id"] for row in json.loads(result.out)] == ["hot-sensors", "debug-alerts"]
    single = run("rules", "get", "hot-sensors", "-o", "json")
    assert json.loads(single.out)["id"] == "hot-sensors"


def test_missing_ones_are_reported_and_the_others_shown(cluster: Sandbox, run: Run) -> None:
    del cluster
    result = run("clients", "get", "historian-01", "nope", "-o", "json")
    assert ([row["clientid"] for row in json.loads(result.out)], result.code) == (["historian-01"], 9)
    error = json.loads(result.err)["error"]
    assert (error["code"], error["exit_code"]) == ("CLIENTID_NOT_FOUND", 6)
    none = run("clients", "get", "nope", "gone")
    assert (none.code, none.out) == (6, "")
    assert [line for line in none.err.splitlines() if not line.startswith(("emqxctl: ", "hint: "))] == []


def test_an_error_of_all_ends_the_run(cluster: Sandbox, run: Run) -> None:
    result = run("clients", "get", "a", "b", env={"EMQXCTL_API_SECRET": "wrong"})
    assert (result.code, result.out, result.err.count("emqxctl:")) == (4, "", 1)
    assert cluster.requests


def test_names_of_a_list_can_be_given_back(cluster: Sandbox, run: Run) -> None:
    del cluster
    names = run("clients", "list", "--limit", "3", "-o", "name").out.split()
    assert len(names) == 3
    assert run("clients", "get", *names, "-o", "name").out.split() == names
