"""`emqxctl clients get`: one client, by the id that `-o name` prints."""

from tests.conftest import Run
from tests.support.replay import make_exchange, replay


def test_what_o_name_prints_can_be_given_to_get(run: Run) -> None:
    """A line break in an id is printed as an escape, which is tried after the id as it was typed."""
    page = {"data": [{"clientid": "a\nb"}], "meta": {"hasnext": False, "count": 1, "page": 1, "limit": 1000}}
    listed = replay(run, [make_exchange("GET /clients", 200, page)], "clients", "list", "-o", "name")
    assert listed.result.out == "a\\nb\n"
    missing = make_exchange("GET /clients/a%5Cnb", 404, {"code": "CLIENTID_NOT_FOUND", "message": "no"})
    there = make_exchange("GET /clients/a%0Ab", 200, {"clientid": "a\nb"})
    outcome = replay(run, [missing, there], "clients", "get", "a\\nb", "-o", "json")
    assert (outcome.result.code, outcome.result.json) == (0, {"clientid": "a\nb"})
    literal = make_exchange("GET /clients/a%5Cnb", 200, {"clientid": "a\\nb"})
    assert replay(run, [literal], "clients", "get", "a\\nb", "-o", "json").result.json["clientid"] == "a\\nb"
    gone = make_exchange("GET /clients/a%0Ab", 404, {"code": "CLIENTID_NOT_FOUND", "message": "no"})
    outcome = replay(run, [missing, gone], "clients", "get", "a\\nb")
    assert (outcome.result.code, "'a\\nb' not found" in outcome.result.err) == (6, True)
