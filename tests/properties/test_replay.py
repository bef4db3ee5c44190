"""Every recorded exchange is replayed through the command that owns its operation, else through `api`."""

import json
import re
import shlex
from collections.abc import Callable, Sequence

import pytest

from emqxctl.emqx.error_codes import exit_code_of
from tests.conftest import Run
from tests.support.command_lines import (
    LOGIN_ENV,
    CommandLine,
    InexpressibleError,
    build_api_command_line,
    build_own_command_line,
)
from tests.support.every_case import check_every, split_cases
from tests.support.openapi import find_problems
from tests.support.operation_commands import (
    COMMAND_LINES,
    NOT_REPLAYABLE,
    OTHER_EXIT_CODES,
    REWORDED_ERRORS,
    SENT_DIFFERENTLY,
    WITHOUT_COMMAND,
)
from tests.support.recordings import (
    INDEXES,
    Exchange,
    iter_exchanges,
    read_index,
    reports_missing_object,
    request_key,
)
from tests.support.replay import ReplayedRun, replay

# The recorded exchanges that have a response and a command.
REPLAYABLE = [
    exchange
    for version in INDEXES
    for exchange in iter_exchanges(version=version)
    if exchange.operation in {*COMMAND_LINES, *WITHOUT_COMMAND}
    and exchange.response is not None
    and exchange.path.startswith("/api/v5")
    and not exchange.note.startswith("response body cut")
]
# The exchange of each operation that its own command must be able to send: the first that succeeded.
MUST_BE_SENT: dict[str, Exchange] = {}
for _exchange in sorted(REPLAYABLE, key=lambda exchange: exchange.status >= 300):
    MUST_BE_SENT.setdefault(_exchange.operation, _exchange)
PARTS = 4


def test_every_recorded_operation_has_a_command_or_a_reason() -> None:
    recorded = {operation for version in INDEXES for operation in read_index(version)}
    assert {*COMMAND_LINES, *WITHOUT_COMMAND, *NOT_REPLAYABLE} == recorded
    assert not {*COMMAND_LINES} & {*WITHOUT_COMMAND, *NOT_REPLAYABLE}
    assert len(REPLAYABLE) > 3000


@pytest.mark.parametrize(
    "exchanges", split_cases(REPLAYABLE, PARTS), ids=[f"part {part + 1}" for part in range(PARTS)]
)
def test_every_recorded_response_gives_its_exit_code_and_message(
    run: Run, exchanges: Sequence[Exchange]
) -> None:
    check_every(exchanges, lambda exchange: check_exchange(run, exchange))


def check_exchange(run: Run, exchange: Exchange) -> None:
    """Replay an exchange through its own command; through `api` if that cannot send such a request."""
    if exchange.operation in COMMAND_LINES and check_own_command(run, exchange):
        return
    assert exchange is not MUST_BE_SENT[exchange.operation] or (
        exchange.operation in {*WITHOUT_COMMAND, *SENT_DIFFERENTLY}
    ), f"{COMMAND_LINES.get(exchange.operation)} does not send this request"
    line = build_api_command_line(exchange)
    replayed = replay_line(run, exchange, line, check_requests=False)
    if has_sent(replayed, exchange):
        check_outcome(replayed, exchange, line)
    else:
        assert (replayed.result.code, replayed.received) == (2, []), describe(replayed, line)


def check_own_command(run: Run, exchange: Exchange) -> bool:
    """Check an exchange through its own command; return whether that sent the recorded request."""
    if ("fields", "all") in exchange.query:  # the server's word for no selection; --fields names fields
        return False
    try:
        line = build_own_command_line(exchange)
    except InexpressibleError:
        return False
    replayed = replay_line(run, exchange, line, check_requests=lambda: is_documented(exchange))
    if has_sent(replayed, exchange):
        check_outcome(replayed, exchange, line)
        return True
    assert replayed.result.code in {2, 14} or exchange.operation in SENT_DIFFERENTLY, describe(replayed, line)
    return False


def is_documented(exchange: Exchange) -> bool:
    """Return whether a recorded request fits EMQX's documents: what the command sends must fit too."""
    if exchange.operation in SENT_DIFFERENTLY:
        return False
    query = [(name, value) for name, value in exchange.query if name != "cursor"]
    headers = {"content-type": "application/json"}
    problems = find_problems(exchange.method, exchange.path, query, headers, exchange.request_bytes)
    return problems == [] and (exchange.request_bytes is None or bool(exchange.request.get("body")))


def replay_line(
    run: Run, exchange: Exchange, line: CommandLine, *, check_requests: bool | Callable[[], bool]
) -> ReplayedRun:
    """Run a command line against its exchange; no output shows the token of the login."""
    env = LOGIN_ENV if line.needs_login else None
    script = [*line.before, exchange, *line.after]
    replayed = replay(run, script, *line.words, stdin=line.stdin, env=env, check_requests=check_requests)
    assert "t0ken-of-the-test" not in replayed.result.out + replayed.result.err
    return replayed


def has_sent(replayed: ReplayedRun, exchange: Exchange) -> bool:
    """Return whether the recorded request, or one to the same path, was sent."""
    keys = {request_key(request.method, request.path) for request in replayed.received}
    return request_key(exchange.method, exchange.path) in keys


def describe(replayed: ReplayedRun, line: CommandLine) -> str:
    """Format the command line, what it sent and its messages, for a failed check."""
    return f"emqxctl {shlex.join(line.words)}\nsent: {replayed.calls}\nstderr: {replayed.result.err}"


def check_outcome(replayed: ReplayedRun, exchange: Exchange, line: CommandLine) -> None:
    """Check that a response became the right exit code, and a result or the server's message."""
    result, description = replayed.result, describe(replayed, line)
    exit_code = OTHER_EXIT_CODES.get((exchange.operation, exchange.status))
    if exchange.status < 300:
        assert result.code in {0, 8, exit_code}, description
        is_sent_text = result.stdout.strip() == exchange.response_bytes.strip()
        assert not result.stdout or is_json(result.stdout) or is_sent_text, description
        return
    assert result.code == (expected_exit_code(exchange) if exit_code is None else exit_code), description
    if result.stdout:  # a report of several changes, or the state of the cluster
        assert is_json(result.stdout), description
        return
    message = result.error["message"]
    if exchange.operation not in REWORDED_ERRORS:
        assert plain_server_message(exchange) in " ".join(message.split()), description
    assert '\\"' not in message, description
    assert "\n" not in message, description
    assert not re.search(r"Basic [A-Za-z0-9+/=]{8}", message), description


def is_json(content: bytes) -> bool:
    """Return whether content is JSON."""
    try:
        json.loads(content)
    except ValueError:
        return False
    return True


def expected_exit_code(exchange: Exchange) -> int:
    """Return the exit code of an error response; `Unsupported code 'X'` means X (api.md §0.13)."""
    hidden_code = re.search(rb"Unsupported code '(\w+)'", exchange.response_bytes)
    if hidden_code:
        return int(exit_code_of(400, hidden_code[1].decode()))
    if b"User error: {not_found,{authenticator," in exchange.response_bytes or reports_missing_object(
        exchange
    ):
        return 6  # whatever its status says
    body = exchange.body if isinstance(exchange.body, dict) else {}
    if body.get("code") == "NODE_DOWN" and "invalid node" in str(body.get("message")):
        return 6  # EMQX's word for a node that does not exist
    if b"name_index_already_exists" in exchange.response_bytes:
        return 7  # a message queue that exists: EMQX answers 503
    if not exchange.response_bytes and exchange.status == 503:
        return 8
    return int(exit_code_of(exchange.status, str(body.get("code", ""))))


def plain_server_message(exchange: Exchange) -> str:
    """Return the start of the server's message if that is plain text, else nothing."""
    message = exchange.body.get("message") if isinstance(exchange.body, dict) else None
    if not isinstance(message, str) or not message.isascii() or not message[:1].isalpha():
        return ""
    if "<<" in message or "\\" in message or "action_function_not_supported" in message:  # reworded
        return ""
    return " ".join(re.split(r"[,{#\[\n]", message)[0].split())[:40]
