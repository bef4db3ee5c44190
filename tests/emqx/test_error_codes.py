"""The catalogue of error codes: whole, in sentences, with exit codes that fit."""

import subprocess
import sys

import pytest

from emqxctl.emqx.error_codes import (
    CATALOG,
    REASON_CODES,
    STATUS_CODES,
    ErrorCode,
    exit_code_of,
    find_error_code,
    find_similar_codes,
)
from emqxctl.errors import ExitCode
from tests.support.recorded import exchanges

# What `GET /error_codes` of 5.0.0 lists, and what was added since (api.md §4.1).
REGISTERED = (
    "WRONG_USERNAME_OR_PWD",
    "WRONG_USERNAME_OR_PWD_OR_API_KEY_OR_API_SECRET",
    "BAD_REQUEST",
    "NOT_MATCH",
    "ALREADY_EXISTS",
    "BAD_CONFIG_SCHEMA",
    "BAD_LISTENER_ID",
    "BAD_NODE_NAME",
    "BAD_RPC",
    "BAD_TOPIC",
    "EXCEED_LIMIT",
    "INVALID_PARAMETER",
    "CONFLICT",
    "NO_DEFAULT_VALUE",
    "DEPENDENCY_EXISTS",
    "MESSAGE_ID_SCHEMA_ERROR",
    "INVALID_ID",
    "MESSAGE_ID_NOT_FOUND",
    "NOT_FOUND",
    "CLIENTID_NOT_FOUND",
    "CLIENT_NOT_FOUND",
    "RESOURCE_NOT_FOUND",
    "TOPIC_NOT_FOUND",
    "USER_NOT_FOUND",
    "INTERNAL_ERROR",
    "SERVICE_UNAVAILABLE",
    "SOURCE_ERROR",
    "UPDATE_FAILED",
    "REST_FAILED",
    "CLIENT_NOT_RESPONSE",
    "BAD_USERNAME_OR_PWD",
    "BAD_API_KEY_OR_SECRET",
    "UNSUPPORTED_MEDIA_TYPE",
    "FORBIDDEN",
    "RESET_FAILED",
)
# What is sent without being registered (api.md §4.2).
SENT = (
    "AUTHORIZATION_HEADER_ERROR",
    "API_KEY_NOT_ALLOW",
    "UNAUTHORIZED_ROLE",
    "BAD_TOKEN",
    "TOKEN_TIME_OUT",
    "WRONG_TOKEN_OR_USERNAME",
    "ERROR_PWD_NOT_MATCH",
    "NOT_ALLOWED",
    "UNAUTHORIZED",
    "BACKEND_NOT_FOUND",
    "NODE_DOWN",
    "BAD_NODE",
    "NODE_ERROR",
    "INVALID_NODE",
    "CLIENT_SHUTDOWN",
    "NOT_IMPLEMENTED",
    "UNKNOWN_ERROR",
    "PARAM_ERROR",
    "INVALID_PARAMTER",
    "INVALID_PARAMS",
    "DUPLICATE_CONDITION",
    "BAD_TYPE",
    "INVALID_TOPIC_NAME",
    "MESSAGE_NOT_FOUND",
    "RULE_NOT_FOUND",
    "TEST_FAILED",
    "INVALID_ACCEPT",
    "INVALID_CONFIG",
    "ALREADY_INSTALLED",
    "BAD_PLUGIN_INFO",
    "BAD_FORM_DATA",
    "BAD_CONFIG",
    "BAD_POSITION",
    "MOVE_FAILED",
    "UNEXPECTED_ERROR",
    "FILE_NOT_EXISTED",
    "METHOD_NOT_ALLOWED",
    "NOT_SUPPORT",
    "INTERNAL_SERVER_ERROR",
    "NODE_EVACUATING",
    "FILES_NOT_FOUND",
    "API_NOT_EXIST",
    "UNKNOW_ERROR",
    "PARAMS_ERROR",
    "LOGIN_LOCKED",
    "BAD_MFA_TOKEN",
    "INVALID_PROVIDER",
    "MAX_QUEUE_COUNT_REACHED",
    "MAX_STREAM_COUNT_REACHED",
    "CLIENT_BAD_RESPONSE",
    "PLUGIN_API_TIMEOUT",
    "WORNG_USERNAME_OR_PWD",
    "NOT_SIMULATED",
)


@pytest.mark.parametrize("code", [*REGISTERED, *SENT])
def test_every_code_of_emqx_has_an_entry(code: str) -> None:
    entry = find_error_code(code)
    assert entry is not None
    assert entry.registered is (code in REGISTERED)


def test_every_code_the_recorded_server_registers_has_an_entry() -> None:
    lists = [each.body for each in exchanges(operation="GET /error_codes") if each.status == 200]
    codes = {entry["code"] for entry in lists[0]}
    assert len(codes) == 31
    assert [code for code in codes if not (found := find_error_code(code)) or not found.registered] == []


@pytest.mark.parametrize("entry", CATALOG.values(), ids=CATALOG)
def test_an_entry_speaks_in_sentences(entry: ErrorCode) -> None:
    for sentence in (entry.meaning, entry.hint):
        assert sentence.endswith(".")
        assert sentence[0].isupper() or sentence[0] == "`"
        assert len(sentence) > 15
        assert "  " not in sentence
    assert entry.statuses
    assert CATALOG[entry.code] is entry


@pytest.mark.parametrize("entry", CATALOG.values(), ids=CATALOG)
def test_an_entrys_exit_code_is_the_one_its_first_status_gives(entry: ErrorCode) -> None:
    assert exit_code_of(entry.statuses[0], entry.code) is entry.exit_code


def test_reasons_and_statuses_have_words() -> None:
    assert {16, 131, 144, 151} <= set(REASON_CODES)
    for reason in REASON_CODES.values():
        assert reason.meaning.endswith(".")
        assert reason.hint.endswith(".")
    for status in STATUS_CODES.values():
        assert not status.meaning.endswith(".")
        assert status.hint.endswith(".")


@pytest.mark.parametrize(
    ("status", "code", "exit_code"),
    [
        (301, "", ExitCode.REFUSED),
        (302, "NOT_FOUND", ExitCode.REFUSED),
        (400, "", ExitCode.REFUSED),
        (400, "BAD_REQUEST", ExitCode.REFUSED),
        (400, "NEVER_HEARD_OF", ExitCode.REFUSED),
        (400, "NOT_FOUND", ExitCode.NOT_FOUND),
        (400, "INVALID_NODE", ExitCode.NOT_FOUND),
        (400, "INTERNAL_ERROR", ExitCode.SERVER),
        (401, "", ExitCode.UNAUTHENTICATED),
        (401, "API_KEY_NOT_ALLOW", ExitCode.UNAUTHENTICATED),
        (403, "", ExitCode.FORBIDDEN),
        (403, "UNAUTHORIZED_ROLE", ExitCode.FORBIDDEN),
        (403, "UPDATE_FAILED", ExitCode.REFUSED),
        (404, "", ExitCode.NOT_FOUND),
        (404, "BAD_REQUEST", ExitCode.NOT_FOUND),
        (404, "BAD_LISTENER_ID", ExitCode.NOT_FOUND),
        (405, "", ExitCode.REFUSED),
        (408, "", ExitCode.TIMED_OUT),
        (409, "ALREADY_EXISTS", ExitCode.REFUSED),
        (412, "NOT_MATCH", ExitCode.REFUSED),
        (413, "EXCEED_LIMIT", ExitCode.REFUSED),
        (415, "UNSUPPORTED_MEDIA_TYPE", ExitCode.REFUSED),
        (429, "", ExitCode.REFUSED),
        (500, "", ExitCode.SERVER),
        (500, "NODE_DOWN", ExitCode.SERVER),
        (500, "BAD_REQUEST", ExitCode.SERVER),
        (500, "NOT_FOUND", ExitCode.NOT_FOUND),
        (500, "BAD_POSITION", ExitCode.REFUSED),
        (501, "", ExitCode.UNSUPPORTED),
        (501, "NOT_SIMULATED", ExitCode.UNSUPPORTED),
        (502, "", ExitCode.SERVER),
        (503, "SERVICE_UNAVAILABLE", ExitCode.SERVER),
        (503, "NODE_EVACUATING", ExitCode.NOT_YET),
        (504, "", ExitCode.TIMED_OUT),
        (504, "CLIENT_NOT_RESPONSE", ExitCode.TIMED_OUT),
    ],
)
def test_status_and_code_give_the_exit_code(status: int, code: str, exit_code: ExitCode) -> None:
    assert exit_code_of(status, code) is exit_code


def test_a_code_is_found_however_it_is_written() -> None:
    assert find_error_code(" clientid-not-found ") is CATALOG["CLIENTID_NOT_FOUND"]
    assert find_error_code("no such code") is None


def test_similar_codes_are_proposed() -> None:
    assert find_similar_codes("client_id_not_found")[0] == "CLIENTID_NOT_FOUND"
    assert find_similar_codes("INVALID_PARAMTERS")[0] == "INVALID_PARAMTER"
    assert find_similar_codes("xyzzy") == []


def test_the_catalogue_costs_no_heavy_import() -> None:
    script = "import sys; import emqxctl.api.codes; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"requests", "rich", "typer", "json", "difflib", "emqxctl.api.client"} & set(loaded)
