"""A call before it is sent: any id in a path, any value in a query, and what it sends."""

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
from emqxctl.errors import ExitCode, UsageError

TEXT = st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda text: text not in {".", ".."})


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


def test_what_only_reads_is_safe() -> None:
    safe = {method for method in ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
            if Request(method, "/x", "").is_safe}  # fmt: skip
    assert safe == {"GET", "HEAD", "OPTIONS"}
