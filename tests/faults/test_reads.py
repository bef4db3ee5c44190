"""Reading over a broken network: what each fault becomes, and how often it is asked again."""

import gzip
import json

import pytest

from emqxctl.api.client import Client
from emqxctl.api.connection import Connection
from tests.faults.conftest import RETRIES, VOICES, Ask, Serve, assert_failed
from tests.faults.server import (
    Answer,
    FaultServer,
    Peer,
    answer,
    broken,
    closed_port,
    dripping,
    flood,
    has_ipv6,
    head,
    raw,
    silent,
)

EACH_VOICE = pytest.mark.parametrize("voice", VOICES.values(), ids=VOICES)
AGAIN, ONCE = 1 + RETRIES, 1
GZIP = {"Content-Encoding": "gzip"}
LOST = (11, "CONNECTION_LOST", AGAIN)
PAGE = "<!DOCTYPE html><html><head><title>Gateway says no</title></head><body>nginx</body></html>"
UNSUPPORTED = "Unsupported code '{}', message <<\"x\">>, schema def [...]"
JSON = {"Content-Type": "application/json"}
CHUNKED = head(200, {**JSON, "Transfer-Encoding": "chunked"})

FAULTS: dict[str, tuple[Answer, int, str, int]] = {
    "reset before the answer": (broken(), *LOST),
    "reset in the status line": (raw(b"HTTP/1.1 20", reset=True), *LOST),
    "closed without a byte": (raw(b""), *LOST),
    "reset in the headers": (raw(b"HTTP/1.1 200 OK\r\nContent-Ty", reset=True), *LOST),
    "reset after the headers": (raw(head(200, {"Content-Length": "9"}), reset=True), *LOST),
    "reset in the body": (raw(head(200, {"Content-Length": "9"}) + b"[{", reset=True), *LOST),
    "closed in the headers": (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n"), *LOST),
    "short body": (raw(head(200, {**JSON, "Content-Length": "99"}) + b"[]"), *LOST),
    "chunks cut off": (raw(CHUNKED + b"5\r\n[{}, \r\n"), *LOST),
    "cut within a chunk": (raw(CHUNKED + b"50\r\n[{}, "), *LOST),
    "a chunk of no size": (raw(CHUNKED + b"zz\r\n[]\r\n0\r\n\r\n"), *LOST),
    "not HTTP": (raw(b"SSH-2.0-OpenSSH_9.2\r\n"), *LOST),
    "a flood of headers": (raw(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 300), *LOST),
    "two lengths": (raw(head(200, {**JSON, "Content-Length": "2, 7"}) + b"[]"), *LOST),
    "false gzip": (answer(200, "[]", GZIP), *LOST),
    "cut gzip": (answer(200, gzip.compress(b"[" * 5000)[:20], GZIP), 10, "NOT_JSON", ONCE),
    "cut JSON of the right length": (answer(200, '[{"node": "emqx@1'), 10, "NOT_JSON", ONCE),
    "deep JSON": (answer(200, "[" * 100_000), 10, "NOT_JSON", ONCE),
    "wrong charset": (answer(200, '[{"node": "caf\xe9"}]'.encode("latin-1")), 10, "NOT_JSON", ONCE),
    "page of a proxy": (answer(200, PAGE, kind="text/html"), 10, "NOT_JSON", ONCE),
    "page of a proxy as JSON": (answer(200, PAGE), 10, "NOT_JSON", ONCE),
    "page not found": (answer(404, PAGE, kind="text/html"), 6, "HTTP_404", ONCE),
    "page of a bad gateway": (answer(502, PAGE, kind="text/html"), 10, "NOT_EMQX", AGAIN),
    "text": (answer(200, "OK", kind="text/plain"), 10, "NOT_JSON", ONCE),
    "an object for a list": (answer(200, '{"ok": true}'), 10, "NOT_A_LIST", ONCE),
    "null for a list": (answer(200, "null"), 10, "NOT_A_LIST", ONCE),
    "204 for a list": (answer(204), 10, "NOT_A_LIST", ONCE),
    "unsupported code": (answer(500, UNSUPPORTED.format("BAD_POSITION")), 7, "BAD_POSITION", ONCE),
    "unsupported and unknown code": (answer(500, UNSUPPORTED.format("NEVER_SEEN")), 10, "NEVER_SEEN", ONCE),
}  # fmt: skip


@EACH_VOICE
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_in_words(serve: Serve, ask: Ask, fault: str, voice: tuple[str, ...]) -> None:
    play, exit_code, code, times = FAULTS[fault]
    server = serve(play)
    ran = ask(server, "nodes", "list", *voice)
    assert_failed(ran, exit_code, code)
    assert server.targets().count("/api/v5/nodes") == times
    assert set(server.methods) == {"GET"}


@pytest.mark.parametrize("fault", ["reset before the answer", "short body", "page of a bad gateway"])
def test_a_fault_that_passes_is_not_seen(serve: Serve, ask: Ask, waits: list[float], fault: str) -> None:
    server = serve(FAULTS[fault][0], answer(200, '[{"node": "emqx@a"}]'))
    ran = ask(server, "nodes", "list", "-o", "json")
    assert (ran.code, ran.json, ran.err) == (0, [{"node": "emqx@a"}], "")
    assert len(server.received) == 2
    assert len(waits) == 1
    assert 0 < waits[0] < 1


@EACH_VOICE
def test_a_connection_broken_at_once(serve: Serve, ask: Ask, voice: tuple[str, ...]) -> None:
    server = serve(deaf=True)
    assert_failed(ask(server, "nodes", "list", *voice), 11, "CONNECTION_LOST")
    assert server.accepted == AGAIN


@EACH_VOICE
def test_nobody_listens(ask: Ask, waits: list[float], voice: tuple[str, ...]) -> None:
    ran = ask(f"http://127.0.0.1:{closed_port()}", "nodes", "list", *voice)
    assert_failed(ran, 11, "CONNECTION_REFUSED", "connection refused", "18083")
    assert len(waits) == RETRIES
    assert waits == sorted(waits) or max(waits) < 1


@EACH_VOICE
def test_a_host_without_an_address(ask: Ask, waits: list[float], voice: tuple[str, ...]) -> None:
    ran = ask("http://emqx.example.invalid:18083", "nodes", "list", *voice)
    assert_failed(ran, 11, "UNKNOWN_HOST", "emqx.example.invalid")


def test_a_host_name_that_cannot_be(ask: Ask) -> None:
    assert_failed(ask(f"http://{'a' * 70}.invalid:18083", "nodes", "list"), 3, "BAD_URL")


def test_no_retries_means_none(ask: Ask, serve: Serve) -> None:
    server = serve(broken())
    ask(server, "nodes", "list", "--retries", "0")
    assert len(server.received) == 1


DRIPS = {
    "status line": dripping(b"", b"H"),
    "headers": dripping(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n", every=0.05),
    "one header": dripping(b"HTTP/1.1 200 OK\r\nX-A: ", b"x"),
    "body": dripping(head(200, {"Content-Length": "5000"})),
    "body without length": dripping(head(200, {})),
    "chunks": dripping(CHUNKED, b"1\r\n \r\n"),
    "one chunk": dripping(CHUNKED + b"fff\r\n"),
    "one chunk's size": dripping(CHUNKED, b"0"),
}


@pytest.mark.parametrize("drip", DRIPS)
def test_a_drip_ends_after_twice_the_time_out(serve: Serve, ask: Ask, drip: str) -> None:
    server = serve(DRIPS[drip])
    ran = ask(server, "nodes", "list", "--timeout", "0.1")
    assert_failed(ran, 12, "TIMED_OUT", "was not whole within 0.2 s", "--timeout")
    assert len(server.received) == 1


@EACH_VOICE
def test_silence_is_a_time_out(serve: Serve, ask: Ask, voice: tuple[str, ...]) -> None:
    server = serve(silent())
    ran = ask(server, "nodes", "list", "--timeout", "0.1", *voice)
    assert_failed(ran, 12, "TIMED_OUT", "no answer to GET /api/v5/nodes within 0.1 s", "--timeout")
    assert len(server.received) == 1


def test_silence_after_the_headers_is_a_time_out(serve: Serve, ask: Ask) -> None:
    def play(peer: Peer) -> bool:
        raw(head(200, {"Content-Length": "5"}))(peer)
        return silent()(peer)

    assert_failed(ask(serve(play), "nodes", "list", "--timeout", "0.1"), 12, "TIMED_OUT")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_hundred_megabytes_are_not_taken(serve: Serve, ask: Ask, chunked: bool) -> None:
    server = serve(flood(100 << 20, chunked=chunked))
    assert_failed(ask(server, "nodes", "list"), 10, "TOO_LARGE", "64 MB")
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


@pytest.mark.parametrize("status", EMPTY)
@pytest.mark.parametrize("voice", [(), ("-o", "json", "--debug")], ids=["plain", "json"])
def test_an_empty_answer_of_each_status(serve: Serve, ask: Ask, status: int, voice: tuple[str, ...]) -> None:
    server = serve(answer(status))
    ran = ask(server, "nodes", "list", *voice)
    assert_failed(ran, *EMPTY[status])
    times = AGAIN if status in {429, 502, 503, 504} else ONCE
    assert server.targets().count("/api/v5/nodes") == times


def test_a_204_with_a_body_spoils_nothing_that_follows(serve: Serve, ask: Ask) -> None:
    junk = raw(b"HTTP/1.1 204 No Content\r\n\r\n" + b"HTTP/1.1 500 False\r\n\r\n", keep=True)
    server = serve(junk)
    api = Client(Connection(server.url), lambda _line: None)
    for _ in range(3):
        assert api.delete("/banned") is None
    assert server.methods == ["DELETE"] * 3


def test_401_is_final_even_if_the_next_answer_would_be_200(serve: Serve, ask: Ask) -> None:
    server = serve(answer(401, '{"code":"BAD_API_KEY_OR_SECRET","message":"x"}'), answer(200, "[]"))
    assert_failed(ask(server, "nodes", "list"), 4, "BAD_API_KEY_OR_SECRET")
    assert len(server.received) == 1


def test_the_request_that_leaves(serve: Serve, ask: Ask) -> None:
    server = serve(answer(200, "[]"))
    assert ask(server, "nodes", "list").code == 0
    sent = server.received[0].headers
    assert sent["accept"] == "application/json"
    assert sent["authorization"].startswith("Basic ")
    assert sent["host"] == f"127.0.0.1:{server.port}"


@pytest.mark.skipif(not has_ipv6(), reason="no IPv6 here")
def test_ipv6(serve: Serve, ask: Ask) -> None:
    server = serve(answer(200, "[]"), host="::1")
    assert server.url.startswith("http://[::1]:")
    assert ask(server, "nodes", "list").code == 0
    assert server.received[0].headers["host"] == f"[::1]:{server.port}"
    ran = ask(f"http://[::1]:{closed_port('::1')}", "nodes", "list")
    assert_failed(ran, 11, "CONNECTION_REFUSED", "[::1]")


@pytest.mark.parametrize("voice", [(), ("-o", "json", "--debug")], ids=["plain", "json"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("kind", ["other host", "https", "loop", "relative", "nowhere"])
def test_no_redirect_is_followed(
    serve: Serve, ask: Ask, status: int, kind: str, voice: tuple[str, ...]
) -> None:
    other = serve()
    target = {"other host": f"{other.url}/x?token=abcdef99", "https": f"https://127.0.0.1:{other.port}/",
              "loop": "", "relative": "/login", "nowhere": ""}[kind]  # fmt: skip

    def play(peer: Peer) -> bool:
        where = f"{server.url}/api/v5/nodes" if kind == "loop" else target
        moved = answer(status, "", {"Location": where} if where else {})
        return moved(peer)

    server: FaultServer = serve(play)
    ran = ask(server, "nodes", "list", *voice)
    text = assert_failed(ran, 7, "REDIRECTED", str(status), "not followed")
    assert "abcdef99" not in ran.err + text
    assert len(server.received) == 1
    assert other.accepted == 0


@EACH_VOICE
def test_what_the_server_echoes_shows_no_secret(serve: Serve, ask: Ask, voice: tuple[str, ...]) -> None:
    def play(peer: Peer) -> bool:
        said = server.received[0].headers["authorization"]
        words = f'error, #{{headers => #{{<<"authorization">> => <<"{said}">>}}}}'
        body = json.dumps({"code": "INTERNAL_ERROR", "message": words})
        echo = answer(500, body, {"X-Echo": said, "Set-Cookie": "sid=abcdef99"})
        return echo(peer)

    server: FaultServer = serve(play)
    ran = ask(server, "nodes", "list", *voice)
    assert_failed(ran, 10, "INTERNAL_ERROR")
    assert "abcdef99" not in ran.err


def test_a_secret_in_a_query_is_not_told(serve: Serve, ask: Ask) -> None:
    for play in (silent(), broken(), flood(100 << 20, chunked=False)):
        for voice in VOICES.values():
            words = ("api", "GET", "/nodes?password=hunter2-xyz", "--timeout", "0.05", *voice)
            ran = ask(serve(play), *words)
            assert ran.code in {10, 11, 12}
            assert "hunter2-xyz" not in ran.err


@pytest.mark.parametrize("header", ["X-A: b\r\nX-C: d", "X-A: b\nX-C: d", "X A: b", "X-A: b\0", "X-Ä: b"])
def test_a_header_that_would_be_two_is_refused(serve: Serve, ask: Ask, header: str) -> None:
    server = serve()
    ran = ask(server, "api", "GET", "/nodes", "-H", header)
    assert (ran.code, ran.out) == (2, "")
    assert server.received == []


def test_a_header_may_hold_any_text(serve: Serve, ask: Ask) -> None:
    server = serve(answer(200, "[]"))
    assert ask(server, "api", "GET", "/nodes", "-H", "X-A: Zürich 中文").code == 0
    assert server.received[0].headers["x-a"].encode("latin-1").decode() == "Zürich 中文"
