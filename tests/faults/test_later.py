"""Answers that say "later" or "not here": Retry-After, a broker that boots, an operation newer than it."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tests.faults.conftest import OUTPUT_MODES, RETRIES, RunAgainst, Serve, assert_failed
from tests.faults.server import Responder, reset_connection, respond

IN_EACH_OUTPUT_MODE = pytest.mark.parametrize("output_options", OUTPUT_MODES.values(), ids=OUTPUT_MODES)
BUSY = '{"code":"BUSY","message":"come back later"}'
LOST_PATH = respond(404, '{"code":"NOT_FOUND","message":"Request Path Not Found"}')


def at(delta: timedelta) -> str:
    """Return the HTTP date that is `delta` from now."""
    return format_datetime(datetime.now(UTC) + delta, usegmt=True)


# What Retry-After says, and the least and most seconds that are then waited.
ASKED: dict[str, tuple[str | timedelta, float, float]] = {
    "seconds": ("7", 7, 7),
    "zero": ("0", 0, 0),
    "absurd seconds": ("86400", 0, 0),
    "beyond numbers": ("9" * 400, 0, 0),
    "negative": ("-5", 0.05, 1),
    "a fraction": ("1.5", 0.05, 1),
    "garbage": ("soon, I promise", 0.05, 1),
    "other digits": ("٣", 0.05, 1),
    "empty": ("", 0.05, 1),
    "date": (timedelta(seconds=25), 15, 25),
    "absurd date": (timedelta(days=9000), 0, 0),
    "date gone by": (timedelta(days=-2), 0, 0),
    "no such date": ("Wed, 99 Foo 2026 99:99:99 GMT", 0.05, 1),
}

TOO_LONG = {"absurd seconds", "beyond numbers", "absurd date"}  # longer than --timeout: not waited for


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("name", ASKED)
def test_retry_after_is_followed_up_to_the_timeout(
    serve: Serve, run_against: RunAgainst, pauses: list[float], status: int, name: str
) -> None:
    text, least, most = ASKED[name]
    header = at(text) if isinstance(text, timedelta) else text.encode().decode("latin-1")
    server = serve(respond(status, BUSY, {"Retry-After": header}), respond(200, "[]"))
    result = run_against(server, "nodes", "list", "-o", "json", "--timeout", "30")
    if name in TOO_LONG:
        assert result.code == (7 if status == 429 else 10)
        assert "the server asks to wait" in result.error["hint"]
        assert (len(server.received), pauses) == (1, [])
        return
    assert (result.code, result.out, result.err) == (0, "[]\n", "")
    assert len(server.received) == 2
    assert len(pauses) == 1
    assert least <= pauses[0] <= most


@IN_EACH_OUTPUT_MODE
@pytest.mark.parametrize(("status", "exit_code"), [(429, 7), (503, 10)])
def test_a_busy_server_is_an_error_after_all_retries(
    serve: Serve,
    run_against: RunAgainst,
    pauses: list[float],
    status: int,
    exit_code: int,
    output_options: tuple[str, ...],
) -> None:
    server = serve(respond(status, BUSY, {"Retry-After": "3"}))
    assert_failed(run_against(server, "nodes", "list", *output_options), exit_code, "BUSY", "come back later")
    assert len(server.received) == 1 + RETRIES
    assert pauses == [3] * RETRIES


def running(version: str, *, app: str = "running") -> Responder:
    """Answer `/status` as EMQX does."""
    return respond(200, json.dumps({"node_name": "emqx@a", "rel_vsn": version, "broker_status": "started",
                                   "app_status": app}))  # fmt: skip


NOT_RUNNING: dict[str, dict[str, Responder]] = {
    "5.7.1 and later": {
        "/api/v5/status": LOST_PATH,
        "/status": respond(200, "Node emqx@a is started\nemqx is running", content_type="text/plain"),
    },
    "5.8 with JSON": {"/api/v5/status": running("5.8.9", app="not_running")},
    "503 while it starts": {"/api/v5/status": LOST_PATH, "/status": respond(503, "", {"Retry-After": "15"})},
}


@IN_EACH_OUTPUT_MODE
@pytest.mark.parametrize("state", NOT_RUNNING)
def test_a_404_of_a_booting_broker_is_booting(
    serve: Serve, run_against: RunAgainst, pauses: list[float], state: str, output_options: tuple[str, ...]
) -> None:
    server = serve(LOST_PATH, by_path=NOT_RUNNING[state])
    assert_failed(
        run_against(server, "nodes", "list", *output_options),
        8,
        "BOOTING",
        "still starting",
        "emqxctl status",
    )
    assert server.targets().count("/api/v5/nodes") == 1
    assert pauses == []


def test_an_empty_503_of_a_booting_broker_is_booting(
    serve: Serve, run_against: RunAgainst, pauses: list[float]
) -> None:
    server = serve(respond(503, "", {"server": "Cowboy", "Retry-After": "4"}))
    assert_failed(run_against(server, "nodes", "list"), 8, "BOOTING")
    assert pauses == [4] * RETRIES


def test_status_reports_booting_without_a_pause(
    serve: Serve, run_against: RunAgainst, pauses: list[float]
) -> None:
    server = serve(respond(503, "", {"Retry-After": "15"}))
    result = run_against(server, "status", "-o", "json")
    assert (result.code, result.json["status"]) == (8, "not running")
    assert pauses == []
    assert "authorization" not in server.received[0].headers


@IN_EACH_OUTPUT_MODE
def test_a_404_of_a_running_broker_is_not_found(
    serve: Serve, run_against: RunAgainst, output_options: tuple[str, ...]
) -> None:
    server = serve(LOST_PATH, by_path={"/api/v5/status": running("5.8.9")})
    assert_failed(
        run_against(server, "nodes", "list", *output_options), 6, "NOT_FOUND", "does not support GET /nodes"
    )


@IN_EACH_OUTPUT_MODE
@pytest.mark.parametrize("status", [404, 405])
def test_an_operation_newer_than_the_broker_is_unsupported(
    serve: Serve, run_against: RunAgainst, status: int, output_options: tuple[str, ...]
) -> None:
    missing = LOST_PATH if status == 404 else respond(405)
    nodes = respond(200, '[{"node":"emqx@a","version":"5.0.26","edition":"Opensource"}]')
    server = serve(missing, by_path={"/api/v5/status": running("5.0.26"), "/api/v5/nodes": nodes})
    result = run_against(server, "cluster", "topology", *output_options)
    text = assert_failed(result, 13, "UNSUPPORTED", "requires EMQX 5.", "5.0.26")
    assert "/cluster/topology" in text


@IN_EACH_OUTPUT_MODE
def test_a_404_of_another_server_is_not_found(
    serve: Serve, run_against: RunAgainst, output_options: tuple[str, ...]
) -> None:
    page = respond(404, "<html><title>404 Not Found</title></html>", content_type="text/html")
    server = serve(page)
    assert_failed(run_against(server, "nodes", "list", *output_options), 6, "HTTP_404", "url")
    assert server.targets() == ["/api/v5/nodes", "/api/v5/status?format=json", "/status?format=json"]


def test_a_404_without_a_status_is_not_found(serve: Serve, run_against: RunAgainst) -> None:
    server = serve(LOST_PATH, reset_connection())
    assert_failed(run_against(server, "nodes", "list", "--retries", "0"), 6, "NOT_FOUND")


def test_a_missing_client_causes_no_status_request(serve: Serve, run_against: RunAgainst) -> None:
    server = serve(respond(404, '{"code":"CLIENTID_NOT_FOUND","message":"Client ID not found"}'))
    assert_failed(run_against(server, "clients", "get", "c1"), 6, "CLIENTID_NOT_FOUND", "c1")
    assert len(server.received) == 1
