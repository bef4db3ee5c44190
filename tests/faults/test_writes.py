"""Writes over a broken network: never sent twice, and unknown rather than failed if the outcome is."""

import json

import pytest

from tests.faults.conftest import OUTPUT_MODES, RETRIES, RunAgainst, Serve, assert_failed
from tests.faults.server import (
    Responder,
    closed_port,
    drip_forever,
    format_head,
    never_respond,
    reset_connection,
    respond,
    respond_large,
    respond_raw,
)
from tests.support.every_case import check_every
from tests.support.waiting import wait_until

IN_EACH_OUTPUT_MODE = pytest.mark.parametrize("output_options", OUTPUT_MODES.values(), ids=OUTPUT_MODES)
PUBLISH = ("publish", "a/b", "hello")
WRITES = {
    "publish": PUBLISH,
    "post": ("api", "POST", "/rules", "-F", "a=1"),
    "put": ("api", "PUT", "/rules/x", "-F", "a=1"),
    "patch": ("api", "PATCH", "/rules/x", "-F", "a=1"),
    "delete": ("api", "DELETE", "/rules/x", "--yes"),
}
EACH_WRITE = pytest.mark.parametrize("arguments", WRITES.values(), ids=WRITES)
LOST: dict[str, Responder] = {
    "before the answer": reset_connection(),
    "closed": respond_raw(b""),
    "in the headers": respond_raw(b"HTTP/1.1 200 OK\r\nContent-Ty", reset=True),
    "after the headers": respond_raw(format_head(200, {"Content-Length": "9"}), reset=True),
    "short body": respond_raw(format_head(200, {"Content-Length": "99"}) + b"{}"),
    "chunks cut off": respond_raw(format_head(200, {"Transfer-Encoding": "chunked"}) + b"2\r\n{}\r\n"),
    "not HTTP": respond_raw(b"220 smtp ready\r\n"),
}
SLOW: dict[str, Responder] = {
    "silence": never_respond(),
    "drip": drip_forever(format_head(200, {"Content-Length": "5000"})),
}


@EACH_WRITE
@pytest.mark.parametrize("fault", LOST)
def test_a_write_without_a_response_is_unknown_and_not_retried(
    serve: Serve, run_against: RunAgainst, fault: str, arguments: tuple[str, ...]
) -> None:
    server = serve(LOST[fault])
    assert_failed(
        run_against(server, *arguments),
        11,
        "OUTCOME_UNKNOWN",
        "may have been made",
        "before you retry",
    )
    assert len(server.received) == 1


@IN_EACH_OUTPUT_MODE
def test_a_lost_write_is_the_same_error_in_every_output_mode(
    serve: Serve, run_against: RunAgainst, output_options: tuple[str, ...]
) -> None:
    server = serve(reset_connection())
    result = run_against(server, *PUBLISH, *output_options)
    assert_failed(result, 11, "OUTCOME_UNKNOWN")
    if "json" in output_options:
        assert result.error["unknown"] is True
    assert server.methods == ["POST"]


@EACH_WRITE
@pytest.mark.parametrize("fault", SLOW)
def test_a_write_that_times_out_has_an_unknown_outcome(
    serve: Serve, run_against: RunAgainst, fault: str, arguments: tuple[str, ...]
) -> None:
    server = serve(SLOW[fault])
    result = run_against(server, *arguments, "--timeout", "0.05", "-o", "json")
    assert_failed(result, 12, "TIMED_OUT", "check the current state before you retry")
    assert result.error["unknown"] is True
    wait_until(lambda: len(server.received) == 1)


@EACH_WRITE
def test_a_write_that_was_not_sent_is_retried(
    run_against: RunAgainst, pauses: list[float], arguments: tuple[str, ...]
) -> None:
    result = run_against(f"http://127.0.0.1:{closed_port()}", *arguments)
    assert_failed(result, 11, "CONNECTION_REFUSED")
    assert len(pauses) == RETRIES


@EACH_WRITE
@pytest.mark.parametrize("status", [502, 504])
def test_a_write_answered_by_a_proxy_has_an_unknown_outcome(
    serve: Serve, run_against: RunAgainst, status: int, arguments: tuple[str, ...]
) -> None:
    server = serve(respond(status, "<html><title>Bad</title></html>", content_type="text/html"))
    result = run_against(server, *arguments, "-o", "json")
    assert_failed(result, {502: 10, 504: 12}[status], "NOT_EMQX", "check the current state before you retry")
    assert result.error["unknown"] is True
    assert len(server.received) == 1


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("name", "times"), [("publish", 1), ("post", 1), ("patch", 1), ("put", 3), ("delete", 3)]
)
def test_only_idempotent_writes_are_retried_on_429_and_503(
    serve: Serve, run_against: RunAgainst, status: int, name: str, times: int
) -> None:
    server = serve(respond(status, '{"code":"X","message":"later"}', {"Retry-After": "1"}))
    result = run_against(server, *WRITES[name])
    assert_failed(result, {429: 7, 503: 10}[status], "X", "later")
    assert len(server.received) == times


@EACH_WRITE
def test_every_refused_write_is_sent_once(
    serve: Serve, run_against: RunAgainst, arguments: tuple[str, ...]
) -> None:
    method = "POST" if arguments == PUBLISH else arguments[1]

    def check(status: int) -> None:
        server = serve(respond(status))
        result = run_against(server, *arguments)
        assert result.code == {400: 7, 401: 4, 403: 5, 404: 6, 408: 12, 500: 10, 501: 13}.get(status, 7)
        assert result.out == ""
        assert server.methods.count(method) == 1

    check_every([400, 401, 403, 404, 408, 409, 412, 413, 500, 501], check)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
@pytest.mark.parametrize("name", ["put", "patch", "delete", "post"])
def test_an_empty_success_of_a_write_is_success(
    serve: Serve, run_against: RunAgainst, status: int, name: str
) -> None:
    server = serve(respond(status))
    result = run_against(server, *WRITES[name])
    assert (result.code, result.err) == (0, "")
    assert len(server.received) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirected_write_is_not_followed(serve: Serve, run_against: RunAgainst, status: int) -> None:
    other = serve()
    server = serve(respond(status, "", {"Location": other.url + "/api/v5/publish"}))
    assert_failed(run_against(server, *PUBLISH), 11, "REDIRECTED", "before you retry")
    assert (len(server.received), other.accepted) == (1, 0)


def test_a_large_response_to_a_write_is_too_large(serve: Serve, run_against: RunAgainst) -> None:
    server = serve(respond_large(100 << 20, chunked=True))
    assert_failed(run_against(server, *PUBLISH), 10, "TOO_LARGE")
    assert len(server.received) == 1


def test_a_long_body_may_take_longer_than_the_timeout(serve: Serve, run_against: RunAgainst) -> None:
    server = serve(respond(200, "{}"), seconds_per_64_kb=0.012)
    body = json.dumps({"payload": "x" * (12 << 20)}).encode()
    result = run_against(server, "api", "POST", "/publish", "--input", "-", "--timeout", "1.5", stdin=body)
    assert result.code == 0, result.err
    assert server.received[0].body == body


def test_a_body_that_is_not_read_times_out(serve: Serve, run_against: RunAgainst) -> None:
    server = serve(respond(200, "{}"), seconds_per_64_kb=60.0)
    body = json.dumps({"payload": "x" * (12 << 20)}).encode()
    result = run_against(server, "api", "POST", "/publish", "--input", "-", "--timeout", "0.2", stdin=body)
    assert_failed(result, 12, "TIMED_OUT", "check the current state before you retry")
    wait_until(lambda: server.accepted == 1)


def test_an_early_refusal_of_a_long_body_is_reported(serve: Serve, run_against: RunAgainst) -> None:
    server = serve(early_response=format_head(413, {"Content-Length": "0", "Connection": "close"}))
    body = json.dumps({"payload": "x" * (12 << 20)}).encode()
    result = run_against(server, "api", "POST", "/publish", "--input", "-", stdin=body)
    assert result.code in {7, 11}, result.err
    assert result.code == 7 or "OUTCOME_UNKNOWN" in result.err
    assert server.accepted == 1
