"""Writing over a broken network: never twice, and never called failed when nobody knows."""

import json

import pytest

from tests.faults.conftest import RETRIES, VOICES, Ask, Serve, assert_failed
from tests.faults.server import Answer, answer, broken, closed_port, dripping, flood, head, raw, silent

EACH_VOICE = pytest.mark.parametrize("voice", VOICES.values(), ids=VOICES)
PUBLISH = ("publish", "a/b", "hello")
WRITES = {
    "publish": PUBLISH,
    "post": ("api", "POST", "/rules", "-F", "a=1"),
    "put": ("api", "PUT", "/rules/x", "-F", "a=1"),
    "patch": ("api", "PATCH", "/rules/x", "-F", "a=1"),
    "delete": ("api", "DELETE", "/rules/x", "--yes"),
}
EACH_WRITE = pytest.mark.parametrize("words", WRITES.values(), ids=WRITES)
LOST: dict[str, Answer] = {
    "before the answer": broken(),
    "closed": raw(b""),
    "in the headers": raw(b"HTTP/1.1 200 OK\r\nContent-Ty", reset=True),
    "after the headers": raw(head(200, {"Content-Length": "9"}), reset=True),
    "short body": raw(head(200, {"Content-Length": "99"}) + b"{}"),
    "chunks cut off": raw(head(200, {"Transfer-Encoding": "chunked"}) + b"2\r\n{}\r\n"),
    "not HTTP": raw(b"220 smtp ready\r\n"),
}
SLOW: dict[str, Answer] = {"silence": silent(), "drip": dripping(head(200, {"Content-Length": "5000"}))}


@EACH_WRITE
@pytest.mark.parametrize("fault", LOST)
def test_a_write_whose_answer_is_lost_is_unknown_and_not_repeated(
    serve: Serve, ask: Ask, fault: str, words: tuple[str, ...]
) -> None:
    server = serve(LOST[fault])
    assert_failed(ask(server, *words), 11, "OUTCOME_UNKNOWN", "may or may not have been made", "look before")
    assert len(server.received) == 1


@EACH_VOICE
def test_a_lost_write_is_told_alike_in_every_voice(serve: Serve, ask: Ask, voice: tuple[str, ...]) -> None:
    server = serve(broken())
    ran = ask(server, *PUBLISH, *voice)
    assert_failed(ran, 11, "OUTCOME_UNKNOWN")
    if "json" in voice:
        assert ran.error["unknown"] is True
    assert server.methods == ["POST"]


@EACH_WRITE
@pytest.mark.parametrize("fault", SLOW)
def test_a_write_without_an_answer_in_time_may_be_under_way(
    serve: Serve, ask: Ask, fault: str, words: tuple[str, ...]
) -> None:
    server = serve(SLOW[fault])
    ran = ask(server, *words, "--timeout", "0.05", "-o", "json")
    assert_failed(ran, 12, "TIMED_OUT", "look before you repeat it")
    assert ran.error["unknown"] is True
    assert len(server.received) == 1


@EACH_WRITE
def test_a_write_that_nobody_can_have_received_is_repeated(
    ask: Ask, waits: list[float], words: tuple[str, ...]
) -> None:
    ran = ask(f"http://127.0.0.1:{closed_port()}", *words)
    assert_failed(ran, 11, "CONNECTION_REFUSED")
    assert len(waits) == RETRIES


@EACH_WRITE
@pytest.mark.parametrize("status", [502, 504])
def test_a_write_that_a_proxy_answered_is_in_doubt(
    serve: Serve, ask: Ask, status: int, words: tuple[str, ...]
) -> None:
    server = serve(answer(status, "<html><title>Bad</title></html>", kind="text/html"))
    ran = ask(server, *words, "-o", "json")
    assert_failed(ran, {502: 10, 504: 12}[status], "NOT_EMQX", "look before you repeat it")
    assert ran.error["unknown"] is True
    assert len(server.received) == 1


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("name", "times"), [("publish", 1), ("post", 1), ("patch", 1), ("put", 3), ("delete", 3)]
)
def test_only_what_can_be_done_twice_is_repeated_when_refused_for_now(
    serve: Serve, ask: Ask, status: int, name: str, times: int
) -> None:
    server = serve(answer(status, '{"code":"X","message":"later"}', {"Retry-After": "1"}))
    ran = ask(server, *WRITES[name])
    assert_failed(ran, {429: 7, 503: 10}[status], "X", "later")
    assert len(server.received) == times


@EACH_WRITE
@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 409, 412, 413, 500, 501])
def test_a_refused_write_is_sent_once(serve: Serve, ask: Ask, status: int, words: tuple[str, ...]) -> None:
    server = serve(answer(status))
    ran = ask(server, *words)
    assert ran.code == {400: 7, 401: 4, 403: 5, 404: 6, 408: 12, 500: 10, 501: 13}.get(status, 7)
    assert ran.out == ""
    assert server.methods.count(words[1]) + server.methods.count("POST" if words == PUBLISH else "") == 1


@pytest.mark.parametrize("status", [200, 201, 202, 204])
@pytest.mark.parametrize("name", ["put", "patch", "delete", "post"])
def test_an_empty_success_of_a_write_is_success(serve: Serve, ask: Ask, status: int, name: str) -> None:
    server = serve(answer(status))
    ran = ask(server, *WRITES[name])
    assert (ran.code, ran.err) == (0, "")
    assert len(server.received) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirected_write_goes_nowhere_else(serve: Serve, ask: Ask, status: int) -> None:
    other = serve()
    server = serve(answer(status, "", {"Location": other.url + "/api/v5/publish"}))
    assert_failed(ask(server, *PUBLISH), 7, "REDIRECTED")
    assert (len(server.received), other.accepted) == (1, 0)


def test_a_flood_for_an_answer_is_cut(serve: Serve, ask: Ask) -> None:
    server = serve(flood(100 << 20, chunked=True))
    assert_failed(ask(server, *PUBLISH), 10, "TOO_LARGE")
    assert len(server.received) == 1


def test_a_long_body_may_take_longer_than_the_time_out(serve: Serve, ask: Ask) -> None:
    server = serve(answer(200, "{}"), slow=0.012)
    body = json.dumps({"payload": "x" * (12 << 20)}).encode()
    ran = ask(server, "api", "POST", "/publish", "--input", "-", "--timeout", "1.5", stdin=body)
    assert ran.code == 0, ran.err
    assert server.received[0].body == body


def test_a_body_that_nobody_reads_is_a_time_out(serve: Serve, ask: Ask) -> None:
    server = serve(answer(200, "{}"), slow=60.0)
    body = json.dumps({"payload": "x" * (12 << 20)}).encode()
    ran = ask(server, "api", "POST", "/publish", "--input", "-", "--timeout", "0.2", stdin=body)
    assert_failed(ran, 12, "TIMED_OUT", "look before you repeat it")
    assert server.accepted == 1


def test_an_early_refusal_of_a_long_body_is_read(serve: Serve, ask: Ask) -> None:
    server = serve(early=head(413, {"Content-Length": "0", "Connection": "close"}))
    body = json.dumps({"payload": "x" * (12 << 20)}).encode()
    ran = ask(server, "api", "POST", "/publish", "--input", "-", stdin=body)
    assert ran.code in {7, 11}, ran.err
    assert ran.code == 7 or "OUTCOME_UNKNOWN" in ran.err
    assert server.accepted == 1
