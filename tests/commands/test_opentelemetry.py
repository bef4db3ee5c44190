"""`emqxctl opentelemetry`: settings, masked secrets and the whitelist."""

from tests.conftest import Run
from tests.support.replay import make_exchange, replay


def test_opentelemetry_is_read_changed_and_sent_whole(run: Run) -> None:
    before = {"exporter": {"endpoint": "http://a:4317"}, "metrics": {"enable": False, "interval": "10s"}}
    script = [
        make_exchange("GET /opentelemetry", 200, before),
        make_exchange("PUT /opentelemetry", 200, before),
    ]
    replayed = replay(run, script, "opentelemetry", "update", "--metrics", "--endpoint", "http://b:4317")
    assert replayed.result.code == 0, replayed.result.err
    metrics = {"enable": True, "interval": "10s"}
    assert replayed.bodies == [{"exporter": {"endpoint": "http://b:4317"}, "metrics": metrics}]


def test_a_masked_secret_of_opentelemetry_is_not_sent_back(run: Run) -> None:
    before = {"exporter": {"ssl_options": {"password": "******"}}}
    script = [make_exchange("GET /opentelemetry", 200, before)]
    replayed = replay(run, script, "opentelemetry", "update", "--logs")
    assert (replayed.result.code, replayed.calls) == (14, ["GET /opentelemetry"])
    assert "exporter.ssl_options.password" in replayed.result.err


def test_whom_tracing_samples_is_a_list_of_names(run: Run) -> None:
    path = "/opentelemetry/whitelist/clientid"
    replayed = replay(
        run, [make_exchange(f"GET {path}", 200, ["a", "b"])], "opentelemetry", "whitelist", "get", "clientid"
    )
    assert replayed.result.out.split()[-2:] == ["a", "b"]
    replayed = replay(
        run,
        [make_exchange(f"POST {path}", 204)],
        "opentelemetry",
        "whitelist",
        "set",
        "clientid",
        "dev-1",
        "dev-2",
    )
    assert replayed.bodies == [["dev-1", "dev-2"]]
    script = [make_exchange(f"DELETE {path}", 204)]
    assert replay(run, script, "opentelemetry", "whitelist", "clear", "clientid").result.code == 14
    assert replay(run, script, "opentelemetry", "whitelist", "clear", "clientid", "-y").calls == [
        f"DELETE {path}"
    ]
    assert replay(run, script, "opentelemetry", "whitelist", "get", "user").result.code == 2
