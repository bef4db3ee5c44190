"""`emqxctl tracing` against responses made up."""

from tests.conftest import Run
from tests.support.replay import make_exchange, replay


def test_features_and_tracing(run: Run) -> None:
    answer = {"preset": "full", "enabled": ["ai"], "disabled": []}
    assert (
        replay(run, [make_exchange("GET /features", 200, answer)], "features", "get", "--json").result.json
        == answer
    )
    script = [
        make_exchange("GET /tracing", 200, {"max_file_size": "32MB"}),
        make_exchange("PUT /tracing", 200, {}),
    ]
    replayed = replay(run, script, "tracing", "update", "--set", "max_file_size=64MB")
    assert replayed.bodies == [{"max_file_size": "64MB"}]
