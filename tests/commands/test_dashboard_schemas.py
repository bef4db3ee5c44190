"""`emqxctl dashboard-schemas` against recorded responses."""

from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import replay


def test_the_dashboard_gets_descriptions(run: Run) -> None:
    recorded = find_exchange("GET /schemas/{name}", "name hotconf")
    replayed = replay(run, [recorded], "dashboard-schemas", "get", "hotconf", "--json")
    assert replayed.result.json == recorded.body
    refused = replay(
        run, [find_exchange("GET /schemas/{name}", "name nope")], "dashboard-schemas", "get", "nope"
    )
    assert refused.result.code == 6
