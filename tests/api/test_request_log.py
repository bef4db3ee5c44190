"""Requests as curl commands and in the debug log, without secrets."""

import json
import shlex
import subprocess

from hypothesis import given
from hypothesis import strategies as st

from emqxctl.api.request import build_request
from emqxctl.api.request_log import debug_lines, form_fields, redacted_body, to_curl
from emqxctl.api.response import Response
from emqxctl.api.transfers import add_file
from emqxctl.commands.schemas.bundle import add_fields
from emqxctl.text.redaction import Redactor

TEXT = st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda text: text not in {".", ".."})
REDACTOR = Redactor(["s3cret-value"])


@given(TEXT.filter(lambda text: "\0" not in text), TEXT.filter(lambda text: "\0" not in text))
def test_curl_says_the_same_words_to_a_shell(name: str, body: str) -> None:
    call = build_request("PUT", "/rules/{id}", name, body=body, query={"q": name})._replace(
        headers=(("X-A", name),)
    )
    words = shlex.split(to_curl(call, "http://h:1", body))
    assert words[:5] == ["curl", "-X", "PUT", "-u", "$EMQXCTL_API_KEY:$EMQXCTL_API_SECRET"]
    assert f"X-A: {name}" in words
    assert words[-2:] == [body, "http://h:1" + call.url_path]


def test_curl_in_a_real_shell_opens_the_placeholder_only() -> None:
    call = build_request("POST", "/x/{id}", "$(id) `id` $HOME 'a' \"b\"", body=1)
    line = "printf '%s\\n' " + to_curl(call, "http://h", "$HOME `id`").removeprefix("curl ")
    env = {"EMQXCTL_API_KEY": "key", "EMQXCTL_API_SECRET": "sec", "PATH": "/usr/bin:/bin"}
    result = subprocess.run(["sh", "-c", line], env=env, capture_output=True, text=True, check=True)
    lines = result.stdout.splitlines()
    assert "key:sec" in lines
    assert "$HOME `id`" in lines
    assert lines[-1] == "http://h" + call.url_path


def test_curl_of_a_login_has_a_token_for_placeholder() -> None:
    line = to_curl(build_request("GET", "/users"), "http://h", None, token=True)
    assert '-H "Authorization: Bearer $TOKEN"' in line
    assert "EMQXCTL" not in line


def test_a_file_is_named_and_not_shown() -> None:
    content = b'a,b\r\n\r\nname="x"; filename="y"\r\n--no-boundary\r\n'
    call = add_file(build_request("POST", "/x", query={"type": "plain"}), "filename", "it s.csv", content)
    assert form_fields(call.content_type, call.content or b"") == ["filename=@it s.csv"]
    words = shlex.split(to_curl(call, "http://h:1", "never this"))
    assert words[-3:] == ["-F", "filename=@it s.csv", "http://h:1/api/v5/x?type=plain"]
    assert not any("Content-Type" in word or "never this" in word for word in words)
    redacted = redacted_body(call.content or b"", Redactor(), call.content_type)
    assert redacted == f"filename=@it s.csv ({len(call.content or b'')} bytes)"


def test_the_text_fields_of_a_form_are_shown() -> None:
    call = add_fields(
        add_file(build_request("POST", "/x"), "bundle", "b.tar.gz", b"\x1f\x8b\0"), {"name": "n 1"}
    )
    assert form_fields(call.content_type, call.content or b"") == ["name=n 1", "bundle=@b.tar.gz"]


def test_a_conversation_shows_no_secret() -> None:
    call = build_request("POST", "/x", body={"password": "hunter2", "a": "s3cret-value"})
    call = call._replace(headers=(("X-Api-Key", "hunter2"),))
    answer = Response("POST /x", "POST", "", 200, "", {"set-cookie": "hunter2"}, b"not json: token=hunter2")
    lines = "\n".join(debug_lines(call, answer, REDACTOR))
    assert "hunter2" not in lines
    assert "s3cret-value" not in lines
    assert "> authorization: ******" in lines
    assert "< not json: token=" in lines


def test_a_long_body_is_shown_in_part_and_a_deep_one_at_all() -> None:
    answer = Response("GET /x", "GET", "", 200, "", {}, json.dumps(["x" * 5000]).encode())
    last = list(debug_lines(build_request("GET", "/x"), answer, REDACTOR))[-1]
    assert last.endswith("... (5004 bytes)")
    assert len(last) < 2100
    assert redacted_body(b"[" * 100_000, REDACTOR).startswith("[[[")
    assert redacted_body(b"\xff\xfe", REDACTOR) == "��"
