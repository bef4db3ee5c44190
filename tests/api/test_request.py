"""A call before it is sent: any id in a path, any value in a query, and its form as curl."""

import json
import shlex
import subprocess
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from emqxctl.api.request import (
    Request,
    build_request,
    check_headers,
    encode_segment,
    query_pairs,
    readonly_error,
)
from emqxctl.api.request_log import debug_lines, form_fields, redacted_body, to_curl
from emqxctl.api.response import Response
from emqxctl.api.transfers import add_file
from emqxctl.commands.schemas.bundle import add_fields
from emqxctl.errors import ExitCode, UsageError
from emqxctl.text.redaction import Redactor

TEXT = st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda text: text not in {".", ".."})
REDACTOR = Redactor(["s3cret-value"])


@given(TEXT)
def test_the_request_that_leaves_names_exactly_that_id(text: str) -> None:
    call = build_request("DELETE", "/banned/clientid/{who}", text)
    url = requests.Session().prepare_request(requests.Request("DELETE", "http://h" + call.url_path)).url
    assert url
    parts = urlsplit(url)
    assert (parts.query, parts.fragment) == ("", "")
    assert parts.path.count("/") == call.url_path.count("/") == 5
    assert unquote(parts.path.rpartition("/")[2], errors="strict") == text


@given(st.lists(TEXT, min_size=2, max_size=2))
def test_arguments_fill_their_own_places(texts: list[str]) -> None:
    path = build_request("GET", "/a/{one}/b/{two}", *texts).path.split("/")
    assert [unquote(path[2]), path[3], unquote(path[4])] == [texts[0], "b", texts[1]]


@pytest.mark.parametrize("text", ["", ".", ".."])
def test_what_would_widen_a_call_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        build_request("DELETE", "/banned/clientid/{who}", text)
    assert caught.value.code == "UNSAFE_ID"
    assert caught.value.hint
    assert caught.value.exit_code is ExitCode.USAGE


def test_what_is_no_text_is_refused() -> None:
    for wrong in ("a\udcffb", "\ud800"):
        with pytest.raises(UsageError):
            encode_segment(wrong, "/clients/{clientid}")
        with pytest.raises(UsageError):
            query_pairs({"clientid": wrong})


def test_a_template_takes_as_many_arguments_as_it_has_places() -> None:
    with pytest.raises(TypeError):
        build_request("GET", "/clients/{clientid}")
    with pytest.raises(TypeError):
        build_request("GET", "/clients", "c1")


def test_a_query_is_written_as_emqx_reads_it() -> None:
    query = {"a": True, "b": False, "c": None, "d": [1, None, "x"], "e": 1.5, "f": "", "g": ()}
    pairs = [("a", "true"), ("b", "false"), ("d", "1"), ("d", "x"), ("e", "1.5"), ("f", "")]
    assert query_pairs(query) == pairs
    assert query_pairs(query.items()) == pairs


@given(st.dictionaries(TEXT, TEXT))
def test_a_query_arrives_as_it_was_given(query: dict[str, str]) -> None:
    call = build_request("GET", "/clients", query=query)
    assert "+" not in call.url_path, "EMQX reads + as a space in a query, and as itself in a path"
    assert parse_qsl(urlsplit("http://h" + call.url_path).query, keep_blank_values=True) == list(
        query.items()
    )


def test_a_body_is_json_in_utf8() -> None:
    call = build_request("POST", "/x", body={"name": "中文"})
    assert call.content == '{"name": "中文"}'.encode()
    assert call.content_type == "application/json"
    assert build_request("POST", "/x").content is None
    assert build_request("POST", "/x", body=[]).content == b"[]"


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


@pytest.mark.parametrize("name", ["", "X A", "X:A", "X\nA", "Ä"])
def test_a_header_needs_a_name(name: str) -> None:
    with pytest.raises(UsageError):
        check_headers(build_request("GET", "/x")._replace(headers=((name, "v"),)))


@pytest.mark.parametrize("value", ["a\r\nb", "a\nb", "a\rb", "a\0b", "a\x7fb"])
def test_a_header_holds_one_line(value: str) -> None:
    call = build_request("GET", "/x")
    for wrong in (call._replace(headers=(("X", value),)), call._replace(accept=value),
                  call._replace(content_type=value)):  # fmt: skip
        with pytest.raises(UsageError, match="invalid header"):
            check_headers(wrong)


def test_sound_headers_pass() -> None:
    check_headers(build_request("GET", "/x", body={})._replace(headers=(("X-A", "ü\tb"), ("x_b!", ""))))


def test_read_only_names_what_was_not_sent() -> None:
    error = readonly_error(build_request("DELETE", "/banned"))
    assert (error.exit_code, error.code) == (ExitCode.GUARDED, "READONLY")
    assert "DELETE /banned" in error.message


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


def test_what_only_reads_is_safe() -> None:
    safe = {method for method in ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
            if Request(method, "/x", "").is_safe}  # fmt: skip
    assert safe == {"GET", "HEAD", "OPTIONS"}
