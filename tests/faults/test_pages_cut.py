"""Long lists whose later pages fail: the rows before are whole, JSON is closed, the failure is reported."""

import json
import os
import subprocess
from typing import Any

import pytest

from tests.faults.conftest import AdvanceClock, RunAgainst, Serve
from tests.faults.server import (
    Responder,
    drip_forever,
    format_head,
    never_respond,
    reset_connection,
    respond,
    respond_large,
    respond_raw,
)
from tests.support.sandboxes import EMQXCTL

ROWS = 1000
LATER: dict[str, tuple[Responder, int, str]] = {
    "reset": (reset_connection(), 11, "CONNECTION_LOST"),
    "short": (
        respond_raw(format_head(200, {"Content-Length": "99"}) + b'{"data": [{"cli'),
        11,
        "CONNECTION_LOST",
    ),
    "cut JSON": (respond(200, '{"data": [{"clientid": "half'), 10, "NOT_JSON"),
    "page": (respond(200, "<html></html>"), 10, "NOT_JSON"),
    "no list": (respond(200, "{}"), 10, "NOT_A_LIST"),
    "drip": (drip_forever(format_head(200, {}), interval=0.005), 12, "TIMED_OUT"),
    "flood": (respond_large(100 << 20, chunked=False), 10, "TOO_LARGE"),
    "500": (respond(500, '{"code":"NODE_DOWN","message":"nodedown"}'), 10, "NODE_DOWN"),
    "401": (respond(401, '{"code":"BAD_API_KEY_OR_SECRET","message":"x"}'), 4, "BAD_API_KEY_OR_SECRET"),
}


def page(number: int, *, cursor: str = "", pad: str = "") -> Responder:
    """Answer one full page; `pad` makes its ids longer."""
    rows = [{"clientid": f"c{number}-{row}{pad}"} for row in range(ROWS)]
    meta: dict[str, Any] = {"cursor": cursor} if cursor else {"page": number, "limit": ROWS, "hasnext": True}
    return respond(200, json.dumps({"data": rows, "meta": meta}))


@pytest.mark.parametrize("fault", LATER)
@pytest.mark.parametrize("format_", ["json", "jsonl", "name", "csv", "table"])
def test_rows_before_a_failure_are_printed_whole(
    serve: Serve, run_against: RunAgainst, advance_clock: AdvanceClock, fault: str, format_: str
) -> None:
    responder, exit_code, code = LATER[fault]
    server = serve(page(1, cursor="a"), page(2, cursor="b"), responder)
    advance_clock(0.1)  # a whole page takes a few readings of the clock, the drip all of its 100
    result = run_against(server, "clients", "list", "--fields", "clientid", "-o", format_, "--retries", "0")
    assert result.code == exit_code, result.err
    assert code in result.err.splitlines()[-1] or f"[{code}]" in result.err
    expected = [f"c{number}-{row}" for number in (1, 2) for row in range(ROWS)]
    match format_:
        case "json":
            assert [row["clientid"] for row in result.json] == expected
        case "jsonl":
            assert [json.loads(line)["clientid"] for line in result.out.splitlines()] == expected
        case "name":
            assert result.out.splitlines() == expected
        case _:
            assert [line.strip() for line in result.out.splitlines()[1:]] == expected


@pytest.mark.parametrize("fault", LATER)
def test_a_first_page_that_fails_leaves_stdout_empty(
    serve: Serve, run_against: RunAgainst, advance_clock: AdvanceClock, fault: str
) -> None:
    responder, exit_code, _code = LATER[fault]
    advance_clock(0.1)
    for format_ in ("json", "jsonl", "csv", "table"):
        result = run_against(serve(responder), "clients", "list", "-o", format_, "--retries", "0")
        assert (result.code, result.out) == (exit_code, "")


def test_a_page_that_succeeds_on_retry_is_no_message(serve: Serve, run_against: RunAgainst) -> None:
    last = respond(200, '{"data": [{"clientid": "z"}], "meta": {}}')
    server = serve(page(1, cursor="a"), reset_connection(), last)
    result = run_against(server, "clients", "list", "-o", "name")
    assert (result.code, len(result.out.splitlines()), result.err) == (0, ROWS + 1, "")


@pytest.mark.parametrize("format_", ["json", "jsonl", "name", "csv", "tsv", "table"])
def test_the_first_rows_are_printed_before_the_second_page(serve: Serve, format_: str) -> None:
    server = serve(page(1), never_respond())
    env = {**os.environ, "EMQXCTL_URL": server.url, "EMQXCTL_API_KEY": "k", "EMQXCTL_API_SECRET": "s"}
    arguments = [EMQXCTL, "clients", "list", "-o", format_, "--timeout", "60"]
    with subprocess.Popen(arguments, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert child.stdout is not None
        first = [child.stdout.readline() for _ in range(3)]
        child.kill()
    assert b"c1-0" in b"".join(first)
    assert len(server.received) <= 2


@pytest.mark.parametrize("format_", ["json", "jsonl", "name", "csv", "tsv", "table"])
def test_a_reader_of_one_line_causes_two_requests_at_most(serve: Serve, format_: str) -> None:
    more_than_a_pipe_holds = "x" * 80
    server = serve(*(page(number, pad=more_than_a_pipe_holds) for number in range(1, 9)))
    env = {**os.environ, "EMQXCTL_URL": server.url, "EMQXCTL_API_KEY": "k", "EMQXCTL_API_SECRET": "s"}
    arguments = [EMQXCTL, "clients", "list", "-o", format_]
    with subprocess.Popen(arguments, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.readline()
        child.stdout.close()
        assert child.stderr.read() == b""
        assert child.wait(timeout=30) == 0
    assert len(server.received) <= 2
