"""`emqxctl statsd`, which only EMQX 5.0 supports."""

from tests.conftest import Run
from tests.support.replay import make_exchange, replay

UNKNOWN = {"code": "NOT_FOUND", "message": "Request Path Not Found"}


def status(version: str) -> dict[str, str]:
    """Make up what a broker of this version says of itself."""
    return {"node_name": "n1", "rel_vsn": version, "app_status": "running", "broker_status": "started"}


def test_what_5_0_alone_had(run: Run) -> None:
    before = {"enable": False, "server": "127.0.0.1:8125"}
    script = [make_exchange("GET /statsd", 200, before), make_exchange("PUT /statsd", 200, before)]
    replayed = replay(run, script, "statsd", "update", "--enable")
    assert replayed.bodies == [{"enable": True, "server": "127.0.0.1:8125"}]
    script = [make_exchange("GET /statsd", 404, UNKNOWN), make_exchange("GET /status", 200, status("v5.8.9"))]
    removed = replay(run, script, "statsd", "get")
    assert removed.result.code == 13
    assert "removed in EMQX 5.0.26" in removed.result.err
