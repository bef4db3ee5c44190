"""`connectors types`, and what a misspelt type or a misplaced `--url` is answered with."""

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import make_exchange, replay


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


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("redis:r", "--servers", "h:1"), "redis connectors require --redis-type cluster|sentinel"),
        (
            ("mongodb:m", "--mongo-type", "rs", "--servers", "h:1"),
            "mongodb connectors require --database ... --replica-set ...",
        ),
        (("influxdb:i", "--bucket", "b", "--org", "o"), "influxdb connectors require --token-file ..."),
        (("s3:s", "--set", "host=h"), "s3 connectors require --set port=..."),
    ],
)
def test_a_missing_field_is_an_error_before_the_request(
    run: Run, cluster: Sandbox, words: tuple[str, ...], message: str
) -> None:
    result = run("connectors", "create", *words)
    assert (result.code, result.err.splitlines()[0]) == (2, f"emqxctl: {message} [USAGE]")
    assert cluster.requests == []


@pytest.mark.parametrize(
    ("words", "fields"),
    [
        (("redis:r", "--server", "h:1"), {"parameters": {"server": "h:1", "redis_type": "single"}}),
        (
            ("redis:r", "--redis-type", "sentinel", "--servers", "h:1", "--sentinel", "m"),
            {"parameters": {"servers": "h:1", "redis_type": "sentinel", "sentinel": "m"}},
        ),
        (
            ("influxdb:i", "--influxdb-type", "influxdb_api_v3", "--database", "d", "--token-file", "-"),
            {"parameters": {"database": "d", "influxdb_type": "influxdb_api_v3", "token": "from-stdin"}},
        ),
        (
            (
                *("kafka_producer:k", "--bootstrap-hosts", "h:1", "--mechanism", "scram_sha_256"),
                *("--username", "u", "--password-file", "-"),
            ),
            {
                "bootstrap_hosts": "h:1",
                "authentication": {
                    "mechanism": "scram_sha_256",
                    "username": "u",
                    "password": "from-stdin",
                },
            },
        ),
    ],
)
def test_connectors_of_the_enterprise_edition_need_no_set(
    run: Run, words: tuple[str, ...], fields: dict[str, object]
) -> None:
    kind, _, name = words[0].partition(":")
    answer = make_exchange("POST /connectors", 201, {"type": kind, "name": name, "status": "connected"})
    outcome = replay(run, [answer], "connectors", "create", *words, stdin=b"from-stdin\n")
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.bodies == [{"type": kind, "name": name, **fields}]


def test_an_update_does_not_require_what_an_older_emqx_did_not(run: Run) -> None:
    before = {"type": "redis", "name": "r", "parameters": {"of_another_release": 1}, "enable": True}
    script = [
        make_exchange("GET /connectors/redis%3Ar", 200, before),
        make_exchange("PUT /connectors/redis%3Ar", 200, before),
    ]
    words = ("connectors", "update", "redis:r", "--no-enable")
    outcome = replay(run, script, *words, check_requests=False)
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.bodies == [{"parameters": {"of_another_release": 1}, "enable": False}]
