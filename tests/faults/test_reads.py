"""Reads over a broken network: the error of each fault, and the number of retries."""

import gzip
import json

import pytest

from emqxctl.api.client import Client
from emqxctl.api.connection import Connection
from tests.faults.conftest import OUTPUT_MODES, RETRIES, AdvanceClock, RunAgainst, Serve, assert_failed
from tests.faults.server import (
    FaultServer,
    Peer,
    Responder,
    closed_port,
    drip_forever,
    format_head,
    has_ipv6,
    never_respond,
    reset_connection,
    respond,
    respond_large,
    respond_raw,
)
from tests.support.every_case import check_every
from tests.support.waiting import wait_until

IN_EACH_OUTPUT_MODE = pytest.mark.parametrize("output_options", OUTPUT_MODES.values(), ids=OUTPUT_MODES)
AGAIN, ONCE = 1 + RETRIES, 1
GZIP = {"Content-Encoding": "gzip"}
LOST = (11, "CONNECTION_LOST", AGAIN)
PAGE = "<!DOCTYPE html><html><head><title>Gateway says no</title></head><body>nginx</body></html>"
UNSUPPORTED = "Unsupported code '{}', message <<\"x\">>, schema def [...]"
JSON = {"Content-Type": "application/json"}
CHUNKED = format_head(200, {**JSON, "Transfer-Encoding": "chunked"})

FAULTS: dict[str, tuple[Responder, int, str, int]] = {
    "reset before the answer": (reset_connection(), *LOST),
    "reset in the status line": (respond_raw(b"HTTP/1.1 20", reset=True), *LOST),
    "closed without a byte": (respond_raw(b""), *LOST),
    "reset in the headers": (respond_raw(b"HTTP/1.1 200 OK\r\nContent-Ty", reset=True), *LOST),
    "reset after the headers": (respond_raw(format_head(200, {"Content-Length": "9"}), reset=True), *LOST),
    "reset in the body": (respond_raw(format_head(200, {"Content-Length": "9"}) + b"[{", reset=True), *LOST),
    "closed in the headers": (respond_raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n"), *LOST),
    "short body": (respond_raw(format_head(200, {**JSON, "Content-Length": "99"}) + b"[]"), *LOST),
    "chunks cut off": (respond_raw(CHUNKED + b"5\r\n[{}, \r\n"), *LOST),
    "cut within a chunk": (respond_raw(CHUNKED + b"50\r\n[{}, "), *LOST),
    "a chunk of no size": (respond_raw(CHUNKED + b"zz\r\n[]\r\n0\r\n\r\n"), *LOST),
    "not HTTP": (respond_raw(b"SSH-2.0-OpenSSH_9.2\r\n"), *LOST),
    "a flood of headers": (respond_raw(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 300), *LOST),
    "two lengths": (respond_raw(format_head(200, {**JSON, "Content-Length": "2, 7"}) + b"[]"), *LOST),
    "false gzip": (respond(200, "[]", GZIP), *LOST),
    "cut gzip": (respond(200, gzip.compress(b"[" * 5000)[:20], GZIP), *LOST),
    "cut JSON of the right length": (respond(200, '[{"node": "emqx@1'), 10, "NOT_JSON", ONCE),
    "deep JSON": (respond(200, "[" * 100_000), 10, "NOT_JSON", ONCE),
    "wrong charset": (respond(200, '[{"node": "caf\xe9"}]'.encode("latin-1")), 10, "NOT_JSON", ONCE),
    "page of a proxy": (respond(200, PAGE, content_type="text/html"), 10, "NOT_JSON", ONCE),
    "page of a proxy as JSON": (respond(200, PAGE), 10, "NOT_JSON", ONCE),
    "page not found": (respond(404, PAGE, content_type="text/html"), 6, "HTTP_404", ONCE),
    "page of a bad gateway": (respond(502, PAGE, content_type="text/html"), 10, "NOT_EMQX", AGAIN),
    "text": (respond(200, "OK", content_type="text/plain"), 10, "NOT_JSON", ONCE),
    "an object for a list": (respond(200, '{"ok": true}'), 10, "NOT_A_LIST", ONCE),
    "null for a list": (respond(200, "null"), 10, "NOT_A_LIST", ONCE),
    "204 for a list": (respond(204), 10, "NOT_A_LIST", ONCE),
    "unsupported code": (respond(500, UNSUPPORTED.format("BAD_POSITION")), 7, "BAD_POSITION", ONCE),
    "unsupported and unknown code": (respond(500, UNSUPPORTED.format("NEVER_SEEN")), 10, "NEVER_SEEN", ONCE),
}  # fmt: skip


@IN_EACH_OUTPUT_MODE
def test_every_fault_is_an_error_with_its_code(
    serve: Serve, run_against: RunAgainst, output_options: tuple[str, ...]
) -> None:
    def check(fault: str) -> None:
        responder, exit_code, code, times = FAULTS[fault]
        server = serve(responder)
        result = run_against(server, "nodes", "list", *output_options)
        assert_failed(result, exit_code, code)
        assert server.targets().count("/api/v5/nodes") == times
        assert set(server.methods) == {"GET"}

    check_every(FAULTS, check)


@pytest.mark.parametrize("fault", ["reset before the answer", "short body", "page of a bad gateway"])
def test_a_temporary_fault_is_retried_silently(
    serve: Serve, run_against: RunAgainst, pauses: list[float], fault: str
) -> None:
    server = serve(FAULTS[fault][0], respond(200, '[{"node": "emqx@a"}]'))
    result = run_against(server, "nodes", "list", "-o", "json")
    assert (result.code, result.json, result.err) == (0, [{"node": "emqx@a"}], "")
    assert len(server.received) == 2
    assert len(pauses) == 1
    assert 0 < pauses[0] < 1


@IN_EACH_OUTPUT_MODE
def test_a_connection_reset_at_once_is_lost(
    serve: Serve, run_against: RunAgainst, output_options: tuple[str, ...]
) -> None:
    server = serve(resets_at_once=True)
    assert_failed(run_against(server, "nodes", "list", *output_options), 11, "CONNECTION_LOST")
    assert server.accepted == AGAIN


@IN_EACH_OUTPUT_MODE
def test_a_closed_port_is_connection_refused(
    run_against: RunAgainst, pauses: list[float], output_options: tuple[str, ...]
) -> None:
    result = run_against(f"http://127.0.0.1:{closed_port()}", "nodes", "list", *output_options)
    assert_failed(result, 11, "CONNECTION_REFUSED", "connection refused", "18083")
    assert len(pauses) == RETRIES
    assert pauses == sorted(pauses) or max(pauses) < 1


@IN_EACH_OUTPUT_MODE
def test_a_host_without_an_address_is_unknown_host(
    run_against: RunAgainst, pauses: list[float], output_options: tuple[str, ...]
) -> None:
    result = run_against("http://emqx.example.invalid:18083", "nodes", "list", *output_options)
    assert_failed(result, 11, "UNKNOWN_HOST", "emqx.example.invalid")


def test_an_invalid_host_name_is_refused(run_against: RunAgainst) -> None:
    assert_failed(run_against(f"http://{'a' * 70}.invalid:18083", "nodes", "list"), 3, "BAD_URL")


def test_zero_retries_send_one_request(run_against: RunAgainst, serve: Serve) -> None:
    server = serve(reset_connection())
    run_against(server, "nodes", "list", "--retries", "0")
    assert len(server.received) == 1


DRIPS = {
    "status line": drip_forever(b"", b"H"),
    "headers": drip_forever(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n", interval=0.05),
    "one header": drip_forever(b"HTTP/1.1 200 OK\r\nX-A: ", b"x"),
    "body": drip_forever(format_head(200, {"Content-Length": "5000"})),
    "body without length": drip_forever(format_head(200, {})),
    "chunks": drip_forever(CHUNKED, b"1\r\n \r\n"),
    "one chunk": drip_forever(CHUNKED + b"fff\r\n"),
    "one chunk's size": drip_forever(CHUNKED, b"0"),
}


@pytest.mark.parametrize("drip", DRIPS)
def test_a_slow_response_times_out_after_twice_the_timeout(
    serve: Serve, run_against: RunAgainst, advance_clock: AdvanceClock, drip: str
) -> None:
    server = serve(DRIPS[drip])
    advance_clock(2.0)
    result = run_against(server, "nodes", "list", "--timeout", "10")
    assert_failed(result, 12, "TIMED_OUT", "incomplete response to GET /api/v5/nodes after 20 s", "--timeout")
    assert len(server.received) == 1


@IN_EACH_OUTPUT_MODE
def test_no_response_times_out(
    serve: Serve, run_against: RunAgainst, output_options: tuple[str, ...]
) -> None:
    server = serve(never_respond())
    result = run_against(server, "nodes", "list", "--timeout", "0.1", *output_options)
    assert_failed(result, 12, "TIMED_OUT", "no response to GET /api/v5/nodes within 0.1 s", "--timeout")
    wait_until(lambda: len(server.received) == 1)


def test_no_body_times_out(serve: Serve, run_against: RunAgainst) -> None:
    def responder(peer: Peer) -> bool:
        respond_raw(format_head(200, {"Content-Length": "5"}))(peer)
        return never_respond()(peer)

    result = run_against(serve(responder), "nodes", "list", "--timeout", "1")
    assert_failed(result, 12, "TIMED_OUT", "incomplete response to GET /api/v5/nodes after 1 s")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_response_of_a_hundred_megabytes_is_too_large(
    serve: Serve, run_against: RunAgainst, chunked: bool
) -> None:
    server = serve(respond_large(100 << 20, chunked=chunked))
    assert_failed(run_against(server, "nodes", "list"), 10, "TOO_LARGE", "24 MB")
    assert len(server.received) == 1


# What an empty answer of each status becomes for a read: exit code and error code.
EMPTY = {
    200: (10, "NOT_JSON"),
    201: (10, "NOT_JSON"),
    204: (10, "NOT_A_LIST"),
    400: (7, "HTTP_400"),
    401: (4, "HTTP_401"),
    403: (5, "HTTP_403"),
    404: (6, "HTTP_404"),
    405: (7, "HTTP_405"),
    406: (7, "HTTP_406"),
    408: (12, "HTTP_408"),
    409: (7, "HTTP_409"),
    410: (7, "HTTP_410"),
    412: (7, "HTTP_412"),
    413: (7, "HTTP_413"),
    414: (7, "HTTP_414"),
    415: (7, "HTTP_415"),
    429: (7, "HTTP_429"),
    431: (7, "HTTP_431"),
    500: (10, "HTTP_500"),
    501: (13, "HTTP_501"),
    502: (10, "HTTP_502"),
    503: (10, "HTTP_503"),
    504: (12, "HTTP_504"),
}


@pytest.mark.parametrize("output_options", [(), ("-o", "json", "--debug")], ids=["plain", "json"])
def test_an_empty_response_of_every_status_is_an_error(
    serve: Serve, run_against: RunAgainst, output_options: tuple[str, ...]
) -> None:
    def check(status: int) -> None:
        server = serve(respond(status))
        result = run_against(server, "nodes", "list", *output_options)
        assert_failed(result, *EMPTY[status])
        times = AGAIN if status in {429, 502, 503, 504} else ONCE
        assert server.targets().count("/api/v5/nodes") == times

    check_every(EMPTY, check)


def test_a_204_with_a_body_does_not_affect_the_next_request(serve: Serve, run_against: RunAgainst) -> None:
    junk = respond_raw(b"HTTP/1.1 204 No Content\r\n\r\n" + b"HTTP/1.1 500 False\r\n\r\n", keep_alive=True)
    server = serve(junk)
    api = Client(Connection(server.url), lambda _line: None)
    for _ in range(3):
        assert api.delete("/banned") is None
    assert server.methods == ["DELETE"] * 3


def test_a_401_is_not_retried(serve: Serve, run_against: RunAgainst) -> None:
    server = serve(respond(401, '{"code":"BAD_API_KEY_OR_SECRET","message":"x"}'), respond(200, "[]"))
    assert_failed(run_against(server, "nodes", "list"), 4, "BAD_API_KEY_OR_SECRET")
    assert len(server.received) == 1


def test_a_request_has_the_expected_headers(serve: Serve, run_against: RunAgainst) -> None:
    server = serve(respond(200, "[]"))
    assert run_against(server, "nodes", "list").code == 0
    headers = server.received[0].headers
    assert headers["accept"] == "application/json"
    assert headers["authorization"].startswith("Basic ")
    assert headers["host"] == f"127.0.0.1:{server.port}"


@pytest.mark.skipif(not has_ipv6(), reason="no IPv6 here")
def test_ipv6_addresses_are_reached(serve: Serve, run_against: RunAgainst) -> None:
    server = serve(respond(200, "[]"), host="::1")
    assert server.url.startswith("http://[::1]:")
    assert run_against(server, "nodes", "list").code == 0
    assert server.received[0].headers["host"] == f"[::1]:{server.port}"
    result = run_against(f"http://[::1]:{closed_port('::1')}", "nodes", "list")
    assert_failed(result, 11, "CONNECTION_REFUSED", "[::1]")


@pytest.mark.parametrize("output_options", [(), ("-o", "json", "--debug")], ids=["plain", "json"])
@pytest.mark.parametrize("kind", ["other host", "https", "loop", "relative", "no location"])
def test_no_redirect_is_followed(
    serve: Serve, run_against: RunAgainst, kind: str, output_options: tuple[str, ...]
) -> None:
    other = serve()
    locations = {
        "other host": f"{other.url}/x?token=abcdef99",
        "https": f"https://127.0.0.1:{other.port}/",
        "relative": "/login",
    }

    def check(status: int) -> None:
        def redirect(peer: Peer) -> bool:
            location = f"{server.url}/api/v5/nodes" if kind == "loop" else locations.get(kind, "")
            return respond(status, "", {"Location": location} if location else {})(peer)

        server: FaultServer = serve(redirect)
        result = run_against(server, "nodes", "list", *output_options)
        text = assert_failed(result, 11, "REDIRECTED", str(status), "not followed")
        assert "abcdef99" not in result.err + text
        assert len(server.received) == 1
        assert other.accepted == 0

    check_every([301, 302, 303, 307, 308], check)


@IN_EACH_OUTPUT_MODE
def test_echoed_headers_show_no_secret(
    serve: Serve, run_against: RunAgainst, output_options: tuple[str, ...]
) -> None:
    def responder(peer: Peer) -> bool:
        credentials = server.received[0].headers["authorization"]
        message = f'error, #{{headers => #{{<<"authorization">> => <<"{credentials}">>}}}}'
        body = json.dumps({"code": "INTERNAL_ERROR", "message": message})
        echo = respond(500, body, {"X-Echo": credentials, "Set-Cookie": "sid=abcdef99"})
        return echo(peer)

    server: FaultServer = serve(responder)
    result = run_against(server, "nodes", "list", *output_options)
    assert_failed(result, 10, "INTERNAL_ERROR")
    assert "abcdef99" not in result.err


def test_a_secret_in_a_query_is_not_printed(serve: Serve, run_against: RunAgainst) -> None:
    for responder in (never_respond(), reset_connection(), respond_large(100 << 20, chunked=False)):
        for output_options in OUTPUT_MODES.values():
            arguments = ("api", "GET", "/nodes?password=hunter2-xyz", "--timeout", "0.05", *output_options)
            result = run_against(serve(responder), *arguments)
            assert result.code in {10, 11, 12}
            assert "hunter2-xyz" not in result.err


@pytest.mark.parametrize("header", ["X-A: b\r\nX-C: d", "X-A: b\nX-C: d", "X A: b", "X-A: b\0", "X-Ä: b"])
def test_an_invalid_header_is_refused(serve: Serve, run_against: RunAgainst, header: str) -> None:
    server = serve()
    result = run_against(server, "api", "GET", "/nodes", "-H", header)
    assert (result.code, result.out) == (2, "")
    assert server.received == []


def test_a_header_may_contain_any_text(serve: Serve, run_against: RunAgainst) -> None:
    server = serve(respond(200, "[]"))
    assert run_against(server, "api", "GET", "/nodes", "-H", "X-A: Zürich 中文").code == 0
    assert server.received[0].headers["x-a"].encode("latin-1").decode() == "Zürich 中文"
