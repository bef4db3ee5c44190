"""Responses of another kind than expected: each has its own exit code, the same from every command."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.conftest import KEY, SECRET, RunAgainst, Serve, assert_failed
from tests.faults.server import FaultServer, Peer, Responder, reset_connection, respond, respond_raw
from tests.support.every_case import check_every

EMQXCTL = str(Path(sys.executable).with_name("emqxctl"))
PAGE = "<html><head><title>Gateway</title></head><body>\x1b[31mnginx</body></html>"
DEEP = {"list": "[" * 100_000, "object": '{"a":' * 100_000, "closed": "[" * 900 + "]" * 900}
STATUS_COMMANDS = (("status",), ("check",), ("wait", "--for", "nodes=1", "--timeout", "0"), ("doctor",))
LISTS = (
    ("clients", "list"), ("rules", "list"), ("alarms", "list"), ("subscriptions", "list"), ("banned", "list"),
    ("clients", "mqueue", "c"), ("api", "GET", "/clients", "--paginate"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("responder", "exit_code"),
    [
        (respond(500, "null"), 10),
        (respond(500, '{"code": "INTERNAL_ERROR", "message": "x"}'), 10),
        (respond(401, PAGE, content_type="text/html"), 4),
        (respond(401, "{}"), 4),
        (respond(403, "{}"), 5),
        (respond(302, "", {"Location": "/x"}), 11),
        (respond(200, PAGE, content_type="text/html"), 10),
        (respond(200, ""), 10),
        (respond(200, '"hello"'), 10),
    ],
)
def test_what_is_not_emqx_on_status_ends_as_everywhere_else(
    serve: Serve, run_against: RunAgainst, responder: Responder, exit_code: int
) -> None:
    def check(words: tuple[str, ...]) -> None:
        result = run_against(serve(responder), *words, "--retries", "0")
        allowed = {exit_code, 8} if words[0] == "wait" and exit_code == 10 else {exit_code}
        assert result.code in allowed, result.err
        assert "still starting" not in result.err

    check_every(STATUS_COMMANDS, check)


def test_wait_ends_at_once_at_a_wrong_key_or_a_redirect(serve: Serve, run_against: RunAgainst) -> None:
    for responder, exit_code in ((respond(401, PAGE), 4), (respond(302, "", {"Location": "/x"}), 11)):
        server = serve(responder)
        assert run_against(server, "wait", "--for", "nodes=3", "--timeout", "1h").code == exit_code
        assert len(server.received) <= 2


@pytest.mark.parametrize("name", DEEP)
def test_deep_json_is_not_json(serve: Serve, run_against: RunAgainst, tmp_path: Path, name: str) -> None:
    def check(words: tuple[str, ...]) -> None:
        server = serve(respond(200, DEEP[name]))
        result = run_against(server, *words)
        assert result.code in {"bundle": {0, 10}, "wait": {8}}.get(words[0], {10}), result.err
        assert "UNEXPECTED" not in result.err

    check_every(
        (*STATUS_COMMANDS, ("bundle", str(tmp_path / name)), ("nodes", "list"), ("nodes", "list", "--debug")),
        check,
    )
    for output in ("json", "yaml", "table"):
        result = run_against(serve(respond(200, DEEP[name])), "api", "GET", "/nodes", "-o", output)
        assert result.code in {0, 10}, result.err
        assert "UNEXPECTED" not in result.err


def test_doctor_reports_a_server_that_resets_every_connection(serve: Serve, run_against: RunAgainst) -> None:
    for _ in range(20):
        result = run_against(serve(resets_at_once=True), "doctor", "--retries", "0", "-o", "json")
        assert result.code == 11, result.err
        assert [row["check"] for row in result.json][:2] == ["profile", "file"]


def test_a_web_page_is_not_text(serve: Serve, run_against: RunAgainst) -> None:
    for words in (("prometheus", "stats"), ("configs", "get")):
        server = serve(respond(200, PAGE, content_type="text/html"))
        assert_failed(run_against(server, *words), 10, "NOT_JSON", "web page")


@pytest.mark.parametrize("body", ['"hello"', "[]", "true", "{}", "null", "[1]"])
def test_a_key_works_only_if_emqx_says_so(serve: Serve, run_against: RunAgainst, body: str) -> None:
    result = run_against(serve(respond(200, body)), "keys", "test")
    assert (result.code, result.out) == (10, ""), result.err


@pytest.mark.parametrize("body", ['"hello"', "[]", "true", "{}", "null"])
def test_a_count_is_a_number(serve: Serve, run_against: RunAgainst, body: str) -> None:
    assert_failed(run_against(serve(respond(200, body)), "clients", "count"), 10, "NOT_A_NUMBER")


def test_a_code_that_is_an_object_is_shown_as_json(serve: Serve, run_against: RunAgainst) -> None:
    server = serve(respond(500, '{"code": [{"a": 1}], "message": "x"}'))
    assert '[[{"a": 1}]]' in run_against(server, "nodes", "list").err


def test_rows_that_are_not_objects_are_an_error(serve: Serve, run_against: RunAgainst) -> None:
    server = serve(respond(200, '{"data": ["a", 1], "meta": {}}'))
    assert_failed(run_against(server, "clients", "list", "-o", "json"), 10, "NOT_AN_OBJECT")


@pytest.mark.parametrize(
    "words",
    [
        ("publish", "t", "-f", "-", "--retain"),
        ("api", "PUT", "/mqtt/delayed", "--input", "-"),
        ("clients", "kick", "--ids", "-", "--yes"),
        ("publish-bulk", "-"),
    ],
)
def test_a_closed_stdin_is_not_an_empty_one(serve: Serve, words: tuple[str, ...]) -> None:
    server = serve(respond(200, "{}"))
    env = {**os.environ, "EMQXCTL_URL": server.url, "EMQXCTL_API_KEY": KEY, "EMQXCTL_API_SECRET": SECRET}
    line = 'exec "$0" "$@" <&-'
    result = subprocess.run(
        ["/bin/sh", "-c", line, EMQXCTL, *words], env=env, capture_output=True, check=False, timeout=60
    )
    assert (result.returncode, server.received) == (2, []), result.stderr
    assert b"standard input is closed" in result.stderr


REPEATING: dict[str, str] = {
    "the same rows": json.dumps(
        {"data": [{"clientid": f"c{n}", "id": n, "msgid": n} for n in range(3)], "meta": {"hasnext": True}}
    ),
    "the same full page": json.dumps(
        {"data": [{"clientid": f"c{n}", "id": n} for n in range(1000)], "meta": {"hasnext": True}}
    ),
    "more rows than requested": json.dumps(
        {"data": [{"clientid": f"c{n}", "id": n} for n in range(3000)], "meta": {"hasnext": False}}
    ),
    "rows without keys": json.dumps({"data": [{"x": 1}], "meta": {"hasnext": True}}),
}


@pytest.mark.parametrize("name", REPEATING)
def test_every_list_ends(serve: Serve, run_against: RunAgainst, name: str) -> None:
    def check(words: tuple[str, ...]) -> None:
        server: FaultServer

        def respond_with_cursor(peer: Peer) -> bool:
            page = json.loads(REPEATING[name])
            if "mqueue" in server.received[-1].target or "clients_v2" in server.received[-1].target:
                page["meta"]["position"] = page["meta"]["cursor"] = str(len(server.received))
            return respond(200, json.dumps(page))(peer)

        server = serve(respond_with_cursor)
        result = run_against(server, *words, "-o", "json")
        assert len(server.received) <= 5, server.targets()
        rows = result.json
        assert rows, "the rows before it are printed"
        assert result.code == 10, result.err
        assert "REPEATED_PAGE" in result.err
        assert len(rows) <= 3001

    check_every(LISTS, check)


@pytest.mark.parametrize("name", REPEATING)
def test_the_limit_holds(serve: Serve, run_against: RunAgainst, name: str) -> None:
    def check(words: tuple[str, ...]) -> None:
        server = serve(respond(200, REPEATING[name]))
        result = run_against(server, *words, "-o", "json", "--limit", "2")
        assert len(result.json) <= 2, result.err
        assert len(server.received) <= 4

    check_every(LISTS[:-1], check)


def test_nothing_is_changed_if_the_list_of_targets_does_not_end(
    serve: Serve, run_against: RunAgainst
) -> None:
    server = serve(respond(200, REPEATING["the same rows"]))
    result = run_against(server, "clients", "kick", "--all", "--yes")
    assert (result.code, set(server.methods)) == (10, {"GET"})


def test_bundle_says_in_short_why_files_are_missing(
    serve: Serve, run_against: RunAgainst, tmp_path: Path
) -> None:
    body = json.dumps({"code": "INTERNAL_ERROR", "message": "why " * 5000})
    result = run_against(serve(respond(500, body)), "bundle", str(tmp_path / "b.tar.gz"), "--retries", "0")
    assert result.code == 10
    assert len(result.err) < 7000


def test_a_tls_port_that_closes_is_hinted_at(serve: Serve, run_against: RunAgainst) -> None:
    for responder in (respond_raw(b""), reset_connection()):
        result = run_against(serve(responder), "nodes", "list", "--retries", "0")
        assert result.code == 11
    assert "https://" in run_against(serve(respond_raw(b"")), "nodes", "list").err
