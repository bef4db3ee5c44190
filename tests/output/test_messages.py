"""Messages on stderr, for people and for programs."""

import json

import pytest

from emqxctl.errors import EmqxctlError, ExitCode, NotFoundError, ServerError
from emqxctl.output.messages import format_error, list_notes, unexpected_error
from emqxctl.output.results import Done, Rows
from emqxctl.output.view import Format, View


def test_an_error_for_a_person() -> None:
    error = NotFoundError(
        "There is no client 'a\x1b[31m'.\nLook:\n again", hint="emqxctl clients list\n\ntry \x07that"
    )
    assert format_error(error, as_json=False) == (
        "emqxctl: There is no client 'a\\x1b[31m'.\n  Look:\n   again [NOT_FOUND]\n"
        "hint: emqxctl clients list\nhint: try \\x07that\n"
    )


def test_an_error_for_a_program() -> None:
    details = {"status": 404, "operation": "GET /clients/{clientid}", "code": "never this"}
    error = ServerError(
        "no \u202e", hint="h", code="CLIENTID_NOT_FOUND", exit_code=ExitCode.NOT_FOUND, details=details
    )
    line = format_error(error, as_json=True)
    assert line.endswith("}\n")
    assert line.count("\n") == 1
    assert "\\u202e" in line
    assert json.loads(line) == {
        "error": {
            "code": "CLIENTID_NOT_FOUND",
            "message": "no \u202e",
            "hint": "h",
            "exit_code": 6,
            "status": 404,
            "operation": "GET /clients/{clientid}",
        }
    }
    assert "hint" not in format_error(EmqxctlError("x"), as_json=True)


def test_a_bug() -> None:
    error = unexpected_error(ValueError("api_secret=abc\nhttps://key:pw@host"))
    assert error.exit_code is ExitCode.FAILED
    assert error.message == "unexpected ValueError: api_secret=****** https://******@host"
    assert "--debug" in error.hint
    assert unexpected_error(ValueError()).message == "unexpected ValueError"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Authorization: Basic Zm9vOmJhcg==", "Authorization: ******"),
        ("{'Authorization': 'Bearer a.b-c'}", "{'Authorization': '******'}"),
        ("authorization: raw", "authorization: ******"),
        ('{"password": "hunter2", "a": 1}', '{"password": "******", "a": 1}'),
        ("token=abc&x=1", "token=******&x=1"),
        ("EMQXCTL_API_SECRET=abc", "EMQXCTL_API_SECRET=******"),
        ("https://u:p@host/x", "https://******@host/x"),
        ("nothing here", "nothing here"),
    ],
)
def test_secrets_are_masked_in_a_bug(text: str, expected: str) -> None:
    assert unexpected_error(ValueError(text)).message == f"unexpected ValueError: {expected}"


def test_notes() -> None:
    done = Done("Made it.", {"a": 1}, notes=("By the way.",))
    assert list_notes(done, View()) == ["Made it.", "By the way."]
    assert list_notes(done, View(Format.JSON)) == ["By the way."]
    assert list_notes(done, View(quiet=True)) == []
    assert list_notes(Rows([], notes=["x"]), View()) == ["x"]
