"""Texts that a client or a server chose to be slow: redacted in time, with --debug, in errors, in bundle."""

import json
from pathlib import Path
from time import process_time

import pytest

from tests.faults.conftest import SECRET, RunAgainst, Serve
from tests.faults.server import FaultServer, Peer, respond

BACKSLASHES = "\\" * 20_000
TEXTS = {
    "backslashes": BACKSLASHES,
    "secrets": "secret" * 20_000,
    "quotes": '"' * 20_000,
    "words": "a " * 20_000,
}
MAX_CPU_SECONDS = 20.0


@pytest.mark.parametrize("name", TEXTS)
def test_an_error_message_of_any_text(serve: Serve, run_against: RunAgainst, name: str) -> None:
    body = json.dumps({"code": "INTERNAL_ERROR", "message": TEXTS[name]})
    started_at = process_time()
    for content in (body, TEXTS[name], TEXTS[name] * 20):
        for options in ((), ("--debug",), ("-o", "json")):
            result = run_against(serve(respond(500, content)), "nodes", "list", *options)
            assert result.code == 10
            assert len(result.err) < 10_000
    assert process_time() - started_at < MAX_CPU_SECONDS


@pytest.mark.parametrize("name", TEXTS)
def test_a_client_id_of_any_text_in_debug_and_bundle(
    serve: Serve, run_against: RunAgainst, tmp_path: Path, name: str
) -> None:
    page = json.dumps({"data": [{"clientid": TEXTS[name], "name": TEXTS[name]}] * 5, "meta": {}})
    status = json.dumps({"node_name": "n", "rel_vsn": "5.8.9", "app_status": "running"})

    def respond_to_path(peer: Peer) -> bool:
        is_status = "/status" in server.received[-1].target
        return respond(200, status if is_status else page)(peer)

    server: FaultServer = serve(respond_to_path)
    started_at = process_time()
    assert run_against(server, "clients", "list", "-o", "json", "--debug").code == 0
    run_against(server, "bundle", str(tmp_path / "b.tar.gz"))
    assert process_time() - started_at < MAX_CPU_SECONDS


def test_debug_redacts_only_what_it_shows(serve: Serve, run_against: RunAgainst) -> None:
    rows = [{"clientid": f"c{number}", "password": "hunter2-xyz", "n": SECRET} for number in range(900)]
    server = serve(respond(200, json.dumps({"data": rows, "meta": {"password": "hunter2-xyz"}})))
    started_at = process_time()
    result = run_against(server, "clients", "list", "-o", "name", "--debug")
    assert (result.code, "hunter2-xyz" in result.err) == (0, False)
    assert "bytes)" in result.err
    assert process_time() - started_at < MAX_CPU_SECONDS / 4


@pytest.mark.parametrize("size", [1_000, 15_990, 40_000])
def test_debug_shows_no_secret_of_a_long_text(serve: Serve, run_against: RunAgainst, size: int) -> None:
    text = "password=hunter2-xyz " * (size // 21) + SECRET
    result = run_against(serve(respond(200, text)), "nodes", "list", "--debug")
    assert "hunter2" not in result.err
