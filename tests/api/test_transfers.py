"""Uploads and downloads: their progress, the names of files, and pieces."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emqxctl.api.client import Client
from emqxctl.api.request import build_request
from emqxctl.api.transfers import add_file, download, upload
from emqxctl.errors import EmqxctlError, ExitCode, UsageError
from tests.api.conftest import make_client
from tests.faults.server import (
    FaultServer,
    drip_forever,
    format_head,
    never_respond,
    reset_connection,
    respond,
    respond_raw,
)

PNG = bytes(range(256)) * 4096


def test_an_upload_tells_how_far_it_is(log_lines: list[str]) -> None:
    steps: list[tuple[int, int]] = []
    with FaultServer([respond(204)]) as server:
        upload(
            make_client(server, log_lines),
            "/data/files",
            file=("filename", "b x.tar.gz", PNG),
            on_progress=lambda done, size: steps.append((done, size)),
        )
        request = server.received[0]
    assert steps[-1][0] == steps[-1][1] == int(request.headers["content-length"])
    assert PNG in request.body
    assert b'filename="b x.tar.gz"' in request.body


@pytest.mark.parametrize("name", ['a"b', "a\r\nb", "a\\b", "a\0b", "a\x7fb"])
def test_a_file_name_that_would_break_a_form_is_refused(log_lines: list[str], name: str) -> None:
    with FaultServer([respond(204)]) as server, pytest.raises(UsageError, match="invalid file name"):
        upload(make_client(server, log_lines), "/data/files", file=("filename", name, PNG))
    assert server.received == []


def download_chunks(api: Client) -> Iterator[bytes]:
    """Download a file."""
    return download(api, "/data/files/{name}", "x", on_progress=lambda _done, _size: None)


@pytest.mark.parametrize("length", [None, "1048576", "garbage"])
def test_a_download_comes_in_pieces(log_lines: list[str], length: str | None) -> None:
    told_length = {"Content-Length": length} if length else {}
    with FaultServer([respond_raw(format_head(200, {**told_length}) + PNG)]) as server:
        assert b"".join(download_chunks(make_client(server, log_lines))) == PNG


@pytest.mark.parametrize(
    ("play", "exit_code"),
    [
        (reset_connection(), ExitCode.UNREACHABLE),
        (respond_raw(format_head(200, {"Content-Length": "99"}) + b"x"), ExitCode.UNREACHABLE),
        (never_respond(), ExitCode.TIMED_OUT),
        (drip_forever(b"HTTP/1.1 200 OK\r\nX: ", b"x"), ExitCode.TIMED_OUT),
        (respond(404, '{"code":"NOT_FOUND","message":"no such file"}'), ExitCode.NOT_FOUND),
        (respond(302, "", {"Location": "http://elsewhere.invalid/"}), ExitCode.UNREACHABLE),
    ],
)
def test_a_download_that_fails_says_why(log_lines: list[str], play: Any, exit_code: ExitCode) -> None:
    timeout = 0.2 if exit_code is ExitCode.TIMED_OUT else 5
    with FaultServer([play]) as server, pytest.raises(EmqxctlError) as caught:
        list(download_chunks(make_client(server, log_lines, timeout=timeout)))
    assert caught.value.exit_code is exit_code


def test_a_long_download_has_no_limit_to_the_whole(
    log_lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    readings = count(0.0, 200.0)  # the clock advances with each read, so that a busy machine changes nothing
    monkeypatch.setattr("emqxctl.api.timeouts.monotonic", lambda: next(readings))
    with FaultServer([drip_forever(format_head(200, {"Content-Length": "30"}), b"x")]) as server:
        assert len(b"".join(download_chunks(make_client(server, log_lines, timeout=300)))) == 30


@given(name=st.text(alphabet=st.characters(codec="utf-8")))
def test_an_upload_bears_exactly_its_name_or_is_not_sent(name: str) -> None:
    request = build_request("POST", "/data/files")
    try:
        content = add_file(request, "filename", name, b"content").content or b""
    except UsageError:
        assert any(character in name for character in map(chr, (*range(32), 34, 92, 127)))
        return
    header = content.split(b"\r\n")[1].decode()
    assert header == f'Content-Disposition: form-data; name="filename"; filename="{name}"'
