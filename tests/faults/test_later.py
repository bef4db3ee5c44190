"""Answers that say "later" or "not here": Retry-After, a broker that boots, an operation newer than it."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tests.faults.conftest import RETRIES, VOICES, Ask, Serve, assert_failed
from tests.faults.server import Answer, answer, broken

EACH_VOICE = pytest.mark.parametrize("voice", VOICES.values(), ids=VOICES)
BUSY = '{"code":"BUSY","message":"come back later"}'
LOST_PATH = answer(404, '{"code":"NOT_FOUND","message":"Request Path Not Found"}')


def at(delta: timedelta) -> str:
    """Write the date so far from now as HTTP does."""
    return format_datetime(datetime.now(UTC) + delta, usegmt=True)


# What Retry-After says, and the least and most seconds that are then waited.
ASKED: dict[str, tuple[str | timedelta, float, float]] = {
    "seconds": ("7", 7, 7),
    "zero": ("0", 0, 0),
    "absurd seconds": ("86400", 30, 30),
    "beyond numbers": ("9" * 400, 30, 30),
    "negative": ("-5", 0.05, 1),
    "a fraction": ("1.5", 0.05, 1),
    "garbage": ("soon, I promise", 0.05, 1),
    "other digits": ("٣", 0.05, 1),
    "empty": ("", 0.05, 1),
    "date": (timedelta(seconds=25), 15, 25),
    "absurd date": (timedelta(days=9000), 30, 30),
    "date gone by": (timedelta(days=-2), 0, 0),
    "no such date": ("Wed, 99 Foo 2026 99:99:99 GMT", 0.05, 1),
}


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("name", ASKED)
def test_retry_after_is_heeded_within_reason(
    serve: Serve, ask: Ask, waits: list[float], status: int, name: str
) -> None:
    text, least, most = ASKED[name]
    header = at(text) if isinstance(text, timedelta) else text.encode().decode("latin-1")
    server = serve(answer(status, BUSY, {"Retry-After": header}), answer(200, "[]"))
    ran = ask(server, "nodes", "list", "-o", "json")
    assert (ran.code, ran.out, ran.err) == (0, "[]\n", "")
    assert len(server.received) == 2
    assert len(waits) == 1
    assert least <= waits[0] <= most


@EACH_VOICE
@pytest.mark.parametrize(("status", "exit_code"), [(429, 7), (503, 10)])
def test_a_server_that_stays_busy_is_told(
    serve: Serve, ask: Ask, waits: list[float], status: int, exit_code: int, voice: tuple[str, ...]
) -> None:
    server = serve(answer(status, BUSY, {"Retry-After": "9999"}))
    assert_failed(ask(server, "nodes", "list", *voice), exit_code, "BUSY", "come back later")
    assert len(server.received) == 1 + RETRIES
    assert waits == [30] * RETRIES


def running(version: str, *, app: str = "running") -> Answer:
    """Answer `/status` as EMQX does."""
    return answer(200, json.dumps({"node_name": "emqx@a", "rel_vsn": version, "broker_status": "started",
                                   "app_status": app}))  # fmt: skip


NOT_RUNNING: dict[str, dict[str, Answer]] = {
    "5.7.1 and later": {
        "/api/v5/status": LOST_PATH,
        "/status": answer(200, "Node emqx@a is started\nemqx is running", kind="text/plain"),
    },
    "5.8 with JSON": {"/api/v5/status": running("5.8.9", app="not_running")},
    "503 while it starts": {"/api/v5/status": LOST_PATH, "/status": answer(503, "", {"Retry-After": "15"})},
}


@EACH_VOICE
@pytest.mark.parametrize("state", NOT_RUNNING)
def test_404_while_booting(
    serve: Serve, ask: Ask, waits: list[float], state: str, voice: tuple[str, ...]
) -> None:
    server = serve(LOST_PATH, at=NOT_RUNNING[state])
    assert_failed(ask(server, "nodes", "list", *voice), 8, "BOOTING", "still starting", "emqxctl status")
    assert server.targets().count("/api/v5/nodes") == 1
    assert waits == []


def test_an_empty_503_of_cowboy_while_booting(serve: Serve, ask: Ask, waits: list[float]) -> None:
    server = serve(answer(503, "", {"server": "Cowboy", "Retry-After": "15"}))
    assert_failed(ask(server, "nodes", "list"), 8, "BOOTING")
    assert waits == [15] * RETRIES


def test_status_tells_of_booting_without_waiting(serve: Serve, ask: Ask, waits: list[float]) -> None:
    server = serve(answer(503, "", {"Retry-After": "15"}))
    ran = ask(server, "status", "-o", "json")
    assert (ran.code, ran.json["status"]) == (8, "not running")
    assert waits == []
    assert "authorization" not in server.received[0].headers


@EACH_VOICE
def test_404_of_a_running_broker_that_has_the_operation(
    serve: Serve, ask: Ask, voice: tuple[str, ...]
) -> None:
    server = serve(LOST_PATH, at={"/api/v5/status": running("5.8.9")})
    assert_failed(ask(server, "nodes", "list", *voice), 6, "NOT_FOUND", "knows no GET /nodes")


@EACH_VOICE
@pytest.mark.parametrize("status", [404, 405])
def test_an_operation_newer_than_the_broker(
    serve: Serve, ask: Ask, status: int, voice: tuple[str, ...]
) -> None:
    missing = LOST_PATH if status == 404 else answer(405)
    nodes = answer(200, '[{"node":"emqx@a","version":"5.0.26","edition":"Opensource"}]')
    server = serve(missing, at={"/api/v5/status": running("5.0.26"), "/api/v5/nodes": nodes})
    ran = ask(server, "cluster", "topology", *voice)
    text = assert_failed(ran, 13, "UNSUPPORTED", "needs EMQX ≥ 5.", "5.0.26")
    assert "/cluster/topology" in text


@EACH_VOICE
def test_404_of_what_is_no_emqx(serve: Serve, ask: Ask, voice: tuple[str, ...]) -> None:
    page = answer(404, "<html><title>404 Not Found</title></html>", kind="text/html")
    server = serve(page)
    assert_failed(ask(server, "nodes", "list", *voice), 6, "HTTP_404", "url")
    assert server.targets() == ["/api/v5/nodes", "/api/v5/status?format=json", "/status?format=json"]


def test_404_when_the_status_cannot_be_had(serve: Serve, ask: Ask) -> None:
    server = serve(LOST_PATH, broken())
    assert_failed(ask(server, "nodes", "list", "--retries", "0"), 6, "NOT_FOUND")


def test_a_missing_thing_asks_for_no_status(serve: Serve, ask: Ask) -> None:
    server = serve(answer(404, '{"code":"CLIENTID_NOT_FOUND","message":"Client ID not found"}'))
    assert_failed(ask(server, "clients", "get", "c1"), 6, "CLIENTID_NOT_FOUND", "c1")
    assert len(server.received) == 1
