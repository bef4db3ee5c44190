"""The catalog of error codes: complete, with texts in the house style and exit codes that fit."""

import re
import subprocess
import sys

import pytest

from emqxctl.cli.root import build_root, walk_commands
from emqxctl.emqx.error_codes import (
    CATALOG,
    REASON_CODES,
    STATUS_CODES,
    ErrorCode,
    ReasonCode,
    StatusCode,
    exit_code_of,
    find_error_code,
    find_similar_codes,
)
from emqxctl.errors import ExitCode
from tests.support.recordings import iter_exchanges

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
    "INVALID_COMPLETION_PROFILE",
    "INVALID_CREDENTIAL",
    "INVALID_PROVIDER",
    "MAX_QUEUE_COUNT_REACHED",
    "MAX_STREAM_COUNT_REACHED",
    "CLIENT_BAD_RESPONSE",
    "PLUGIN_API_TIMEOUT",
    "WORNG_USERNAME_OR_PWD",
    "NOT_SIMULATED",
)


def test_every_code_of_emqx_has_an_entry() -> None:
    entries = {code: find_error_code(code) for code in (*REGISTERED, *SENT)}
    assert [code for code, entry in entries.items() if entry is None] == []
    registered = {code for code, entry in entries.items() if entry and entry.registered}
    assert registered == set(REGISTERED)


def test_every_code_the_recorded_server_registers_has_an_entry() -> None:
    lists = [
        exchange.body for exchange in iter_exchanges(operation="GET /error_codes") if exchange.status == 200
    ]
    codes = {entry["code"] for entry in lists[0]}
    assert len(codes) == 31
    assert [
        code for code in codes if not (error_code := find_error_code(code)) or not error_code.registered
    ] == []


def is_fragment(text: str) -> bool:
    """Return whether a text is one line in lower case, without a full stop and backquotes."""
    is_lower = text[:1].islower() or text.startswith(("EMQX", "+"))
    return bool(text) and is_lower and text[-1] != "." and not {"`", "\n"} & set(text) and "  " not in text


def test_meanings_and_hints_are_lower_case_lines() -> None:
    entries: list[ErrorCode | ReasonCode | StatusCode] = [
        *CATALOG.values(),
        *REASON_CODES.values(),
        *STATUS_CODES.values(),
    ]
    texts = [text for entry in entries for text in (entry.meaning, entry.hint)]
    assert [text for text in texts if not is_fragment(text)] == []
    assert {16, 131, 144, 151} <= set(REASON_CODES)


def test_the_commands_in_hints_exist() -> None:
    paths = {path for path, _command in walk_commands(build_root())}
    entries: list[ErrorCode | ReasonCode | StatusCode] = [
        *CATALOG.values(),
        *REASON_CODES.values(),
        *STATUS_CODES.values(),
    ]
    commands = [command for entry in entries for command in find_commands(entry.hint)]
    assert len(commands) > 50
    assert [command for command in commands if not starts_with_path(command, paths)] == []


def find_commands(hint: str) -> list[str]:
    """Return the emqxctl commands in a hint, up to its next punctuation mark."""
    return re.findall(r"\b(emqxctl [a-z][^;:,]*)", hint)


def starts_with_path(command: str, paths: set[str]) -> bool:
    """Return whether a command line starts with the path of a command; COMMAND matches any of them."""
    words = command.split()
    return any(" ".join(words[:length]) in paths for length in range(2, len(words) + 1))


def test_every_entry_has_statuses_and_their_exit_code() -> None:
    entries = CATALOG.values()
    assert [entry.code for entry in entries if not entry.statuses or CATALOG[entry.code] is not entry] == []
    exit_codes = {entry.code: exit_code_of(entry.statuses[0], entry.code) for entry in entries}
    assert exit_codes == {entry.code: entry.exit_code for entry in entries}


@pytest.mark.parametrize(
    ("status", "code", "exit_code"),
    [
        (301, "", ExitCode.UNREACHABLE),
        (302, "NOT_FOUND", ExitCode.UNREACHABLE),
        (400, "", ExitCode.REJECTED),
        (400, "BAD_REQUEST", ExitCode.REJECTED),
        (400, "NEVER_HEARD_OF", ExitCode.REJECTED),
        (400, "NOT_FOUND", ExitCode.NOT_FOUND),
        (400, "INVALID_NODE", ExitCode.NOT_FOUND),
        (400, "INTERNAL_ERROR", ExitCode.SERVER),
        (401, "", ExitCode.UNAUTHENTICATED),
        (401, "API_KEY_NOT_ALLOW", ExitCode.UNAUTHENTICATED),
        (403, "", ExitCode.FORBIDDEN),
        (403, "UNAUTHORIZED_ROLE", ExitCode.FORBIDDEN),
        (403, "UPDATE_FAILED", ExitCode.REJECTED),
        (404, "", ExitCode.NOT_FOUND),
        (404, "BAD_REQUEST", ExitCode.NOT_FOUND),
        (404, "BAD_LISTENER_ID", ExitCode.NOT_FOUND),
        (405, "", ExitCode.REJECTED),
        (408, "", ExitCode.TIMED_OUT),
        (409, "ALREADY_EXISTS", ExitCode.REJECTED),
        (412, "NOT_MATCH", ExitCode.REJECTED),
        (413, "EXCEED_LIMIT", ExitCode.REJECTED),
        (415, "UNSUPPORTED_MEDIA_TYPE", ExitCode.REJECTED),
        (429, "", ExitCode.REJECTED),
        (500, "", ExitCode.SERVER),
        (500, "NODE_DOWN", ExitCode.SERVER),
        (500, "BAD_REQUEST", ExitCode.SERVER),
        (500, "NOT_FOUND", ExitCode.NOT_FOUND),
        (500, "BAD_POSITION", ExitCode.REJECTED),
        (501, "", ExitCode.UNSUPPORTED),
        (501, "NOT_SIMULATED", ExitCode.UNSUPPORTED),
        (502, "", ExitCode.SERVER),
        (503, "SERVICE_UNAVAILABLE", ExitCode.SERVER),
        (503, "NODE_EVACUATING", ExitCode.NOT_READY),
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


def test_the_catalog_imports_nothing_heavy() -> None:
    script = "import sys; import emqxctl.emqx.error_codes; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"requests", "rich", "typer", "json", "difflib", "emqxctl.api.client"} & set(loaded)
