"""`emqxctl error-codes` against recorded responses."""

from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import replay


def test_the_server_lists_its_error_codes(run: Run) -> None:
    replayed = replay(run, [find_exchange("GET /error_codes", "plain")], "error-codes", "list", "-o", "name")
    assert "BAD_REQUEST" in replayed.result.out.splitlines()
    script = [find_exchange("GET /error_codes/{code}", "code NOT_FOUND")]
    replayed = replay(run, script, "error-codes", "get", "NOT_FOUND")
    assert "does not exist" in replayed.result.out
