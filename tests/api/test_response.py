"""Responses: JSON, its absence, and the rows of a page."""

import pytest

from emqxctl.api.response import page_rows
from emqxctl.errors import ExitCode, ServerError, UnreachableError
from tests.api.conftest import make_response


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty body"),
        (b"<html><body>login</body></html>", "web page"),
        (b'[{"a":1},', "incomplete or invalid"),
        (b"Node emqx@h is started", "text/plain of 22 bytes"),
    ],
)
def test_a_success_that_is_no_json_says_what_it_is(content: bytes, words: str) -> None:
    with pytest.raises(ServerError, match=words) as caught:
        make_response(200, content, content_type="text/plain", content_length=str(len(content))).json()
    assert caught.value.exit_code is ExitCode.SERVER
    assert caught.value.hint


@pytest.mark.parametrize("content", [b"", b'[{"a":1},'])
def test_a_body_without_a_length_that_is_no_json_is_a_lost_connection(content: bytes) -> None:
    with pytest.raises(UnreachableError, match="connection lost before the end"):
        make_response(200, content).json()


@pytest.mark.parametrize(("status", "operation"), [(204, "GET /x"), (200, "PUT /configs"), (200, "POST /x")])
def test_a_success_without_content_is_none(status: int, operation: str) -> None:
    assert make_response(status, b"", operation).json() is None


def test_json_is_read() -> None:
    assert make_response(200, {"data": ["ü"]}).json() == {"data": ["ü"]}


@pytest.mark.parametrize("page", [None, "text", 5, True, {}, {"data": None}, {"data": {"a": 1}}])
def test_what_is_no_list_is_no_empty_list(page: object) -> None:
    with pytest.raises(ServerError) as caught:
        page_rows(page)
    assert caught.value.code == "NOT_A_LIST"


@pytest.mark.parametrize("page", [[{"a": 1}, "b"], [None], {"data": [{"a": 1}, []], "meta": {}}])
def test_a_row_that_is_not_an_object_is_an_error(page: object) -> None:
    with pytest.raises(ServerError) as caught:
        page_rows(page)
    assert (caught.value.code, caught.value.exit_code) == ("NOT_AN_OBJECT", ExitCode.SERVER)
