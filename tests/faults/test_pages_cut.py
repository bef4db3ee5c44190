"""Long lists whose later pages fail: whole rows before it, a closed document, and the failure told."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.faults.conftest import Ask, Serve
from tests.faults.server import Answer, answer, broken, flood, head, raw, silent

EMQXCTL = str(Path(sys.executable).with_name("emqxctl"))
ROWS = 1000
LATER: dict[str, tuple[Answer, int, str]] = {
    "reset": (broken(), 11, "CONNECTION_LOST"),
    "short": (raw(head(200, {"Content-Length": "99"}) + b'{"data": [{"cli'), 11, "CONNECTION_LOST"),
    "cut JSON": (answer(200, '{"data": [{"clientid": "half'), 10, "NOT_JSON"),
    "page": (answer(200, "<html></html>"), 10, "NOT_JSON"),
    "no list": (answer(200, "{}"), 10, "NOT_A_LIST"),
    "silence": (silent(), 12, "TIMED_OUT"),
    "flood": (flood(100 << 20, chunked=False), 10, "TOO_LARGE"),
    "500": (answer(500, '{"code":"NODE_DOWN","message":"nodedown"}'), 10, "NODE_DOWN"),
    "401": (answer(401, '{"code":"BAD_API_KEY_OR_SECRET","message":"x"}'), 4, "BAD_API_KEY_OR_SECRET"),
}


def page(number: int, *, cursor: str = "", pad: str = "") -> Answer:
    """Answer one full page; `pad` makes its ids longer."""
    rows = [{"clientid": f"c{number}-{row}{pad}"} for row in range(ROWS)]
    meta: dict[str, Any] = {"cursor": cursor} if cursor else {"page": number, "limit": ROWS, "hasnext": True}
    return answer(200, json.dumps({"data": rows, "meta": meta}))


@pytest.mark.parametrize("fault", LATER)
@pytest.mark.parametrize("format_", ["json", "jsonl", "name", "csv", "table"])
def test_rows_before_a_failure_stand_and_are_whole(serve: Serve, ask: Ask, fault: str, format_: str) -> None:
    play, exit_code, code = LATER[fault]
    server = serve(page(1, cursor="a"), page(2, cursor="b"), play)
    words = ("clients", "list", "--fields", "clientid", "-o", format_, "--retries", "0", "--timeout", "0.2")
    ran = ask(server, *words)
    assert ran.code == exit_code, ran.err
    assert code in ran.err.splitlines()[-1] or f"[{code}]" in ran.err
    expected = [f"c{number}-{row}" for number in (1, 2) for row in range(ROWS)]
    match format_:
        case "json":
            assert [row["clientid"] for row in ran.json] == expected
        case "jsonl":
            assert [json.loads(line)["clientid"] for line in ran.out.splitlines()] == expected
        case "name":
            assert ran.out.splitlines() == expected
        case _:
            assert [line.strip() for line in ran.out.splitlines()[1:]] == expected


@pytest.mark.parametrize("fault", LATER)
def test_a_first_page_that_fails_leaves_stdout_empty(serve: Serve, ask: Ask, fault: str) -> None:
    play, exit_code, _code = LATER[fault]
    for format_ in ("json", "jsonl", "csv", "table"):
        ran = ask(serve(play), "clients", "list", "-o", format_, "--retries", "0", "--timeout", "0.2")
        assert (ran.code, ran.out) == (exit_code, "")


def test_a_page_that_comes_at_the_second_try_is_not_told(serve: Serve, ask: Ask) -> None:
    last = answer(200, '{"data": [{"clientid": "z"}], "meta": {}}')
    server = serve(page(1, cursor="a"), broken(), last)
    ran = ask(server, "clients", "list", "-o", "name")
    assert (ran.code, len(ran.out.splitlines()), ran.err) == (0, ROWS + 1, "")


@pytest.mark.parametrize("format_", ["json", "jsonl", "name", "csv", "tsv", "table"])
def test_the_first_rows_are_there_while_the_second_page_is_awaited(serve: Serve, format_: str) -> None:
    server = serve(page(1), silent())
    env = {**os.environ, "EMQXCTL_URL": server.url, "EMQXCTL_API_KEY": "k", "EMQXCTL_API_SECRET": "s"}
    words = [EMQXCTL, "clients", "list", "-o", format_, "--timeout", "60"]
    with subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert child.stdout is not None
        first = [child.stdout.readline() for _ in range(3)]
        child.kill()
    assert b"c1-0" in b"".join(first)
    assert len(server.received) <= 2


@pytest.mark.parametrize("format_", ["json", "jsonl", "name", "csv", "tsv", "table"])
def test_a_reader_of_one_line_costs_two_pages_at_most(serve: Serve, format_: str) -> None:
    more_than_a_pipe_holds = "x" * 80
    server = serve(*(page(number, pad=more_than_a_pipe_holds) for number in range(1, 9)))
    env = {**os.environ, "EMQXCTL_URL": server.url, "EMQXCTL_API_KEY": "k", "EMQXCTL_API_SECRET": "s"}
    words = [EMQXCTL, "clients", "list", "-o", format_]
    with subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.readline()
        child.stdout.close()
        assert child.stderr.read() == b""
        assert child.wait(timeout=30) == 0
    assert len(server.received) <= 2
