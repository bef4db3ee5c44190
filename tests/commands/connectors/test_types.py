"""`connectors types`, and what a misspelt type or a misplaced `--url` is answered with."""

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import replay


def test_the_types_are_listed_with_edition_and_support(run: Run) -> None:
    outcome = replay(
        run, [find_exchange("GET /schemas/{name}", "name connectors")], "connectors", "types", "--json"
    )
    rows = {row["type"]: row for row in outcome.result.json}
    assert rows["http"] == {"type": "http", "edition": "all", "supported": True}
    assert rows["kafka_producer"] == {"type": "kafka_producer", "edition": "Enterprise", "supported": False}
    assert [kind for kind in rows if rows[kind]["supported"]] == ["http", "mqtt"]


def test_supported_types_can_be_selected(run: Run, cluster: Sandbox) -> None:
    result = run("connectors", "types", "--where", "supported=true", "-o", "name")
    assert (result.code, result.out.split()) == (0, ["http", "mqtt"])


@pytest.mark.parametrize(
    ("group", "options"), [("connectors", ("--server", "h:1")), ("actions", ("--connector", "k"))]
)
def test_an_unknown_type_names_the_edition_that_has_it(
    run: Run, cluster: Sandbox, group: str, options: tuple[str, ...]
) -> None:
    result = run(group, "create", "kafka_producer:k", *options)
    assert result.code == 7
    assert "kafka_producer requires EMQX Enterprise; this EMQX has http, mqtt" in result.err
    assert "emqxctl connectors types" in result.err


def test_the_cluster_url_is_not_taken_for_the_target(run: Run, cluster: Sandbox) -> None:
    for key, url, flag in (
        ("http:w", "http://wh:8080", "--target-url http://wh:8080"),
        ("mqtt:m", "mqtt://broker:1883", "--server broker:1883"),
    ):
        result = run("connectors", "create", key, "--url", url)
        assert (result.code, f"did you mean {flag}?" in result.err) == (2, True)
    result = run("connectors", "create", "mqtt:m", "--server", "h:1883", "--url", cluster.url)
    assert result.code == 0
    assert [request.method for request in cluster.requests] == ["POST"]
