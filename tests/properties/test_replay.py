"""Every recorded exchange is replayed through the command that owns its operation, else through `api`."""

import json
import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest

from emqxctl.emqx.error_codes import exit_code_of
from tests.conftest import Run
from tests.support.command_lines import LOGIN, Line, UnsayableError, generic, line
from tests.support.openapi import find_problems
from tests.support.operation_commands import (
    COMMAND_LINES,
    NOT_REPLAYABLE,
    OTHER_EXIT_CODES,
    REWORDED_ERRORS,
    SENT_DIFFERENTLY,
    WITHOUT_COMMAND,
)
from tests.support.recordings import Exchange, iter_exchanges, read_index, request_key
from tests.support.replay import ReplayedRun, replay

PREFIX = "/api/v5"


def replayable() -> Iterator[Any]:
    """Give every recorded exchange that has an answer and an owner."""
    for one in iter_exchanges():
        known = one.operation in COMMAND_LINES or one.operation in WITHOUT_COMMAND
        if known and one.response is not None and one.path.startswith(PREFIX):
            yield pytest.param(one, id=str(one))


CASES = list(replayable())
# The exchange of each operation that its own command must be able to send: the first that went well.
TELLING: dict[str, Exchange] = {}
for _case in sorted(CASES, key=lambda case: case.values[0].status >= 300):
    TELLING.setdefault(_case.values[0].operation, _case.values[0])


def test_every_recorded_operation_has_an_owner_or_a_reason() -> None:
    assert {*COMMAND_LINES, *WITHOUT_COMMAND, *NOT_REPLAYABLE} == set(read_index())
    assert not {*COMMAND_LINES} & {*WITHOUT_COMMAND, *NOT_REPLAYABLE}
    assert len(CASES) > 1500


@pytest.mark.parametrize("one", CASES)
def test_a_recorded_answer_is_understood(run: Run, one: Exchange) -> None:
    if one.operation in COMMAND_LINES and answered_to_its_owner(run, one):
        return
    assert one is not TELLING[one.operation] or one.operation in {*WITHOUT_COMMAND, *SENT_DIFFERENTLY}
    raw = generic(one)
    told = told_by(run, one, raw, checked=False)
    if reached(told, one):
        understood(told, one, raw)
    else:
        assert (told.result.code, told.received) == (2, []), (shlex.join(raw.words), told.result.err)


def answered_to_its_owner(run: Run, one: Exchange) -> bool:
    """Replay an exchange through its own command, if that can send such a request at all."""
    if ("fields", "all") in one.query:  # the server's word for no choice; --fields names fields
        return False
    try:
        own = line(one)
    except UnsayableError:
        return False
    told = told_by(run, one, own, checked=documented(one))
    if reached(told, one):
        understood(told, one, own)
        return True
    assert told.result.code in {2, 14} or one.operation in SENT_DIFFERENTLY, (
        shlex.join(own.words),
        told.result.err,
    )
    return False


def documented(one: Exchange) -> bool:
    """Tell whether a recorded request fits EMQX's documents, so that what the line sends must as well."""
    if one.operation in SENT_DIFFERENTLY:
        return False
    query = [(name, value) for name, value in one.query if name != "cursor"]
    headers = {"content-type": "application/json"}
    fits = find_problems(one.method, one.path, query, headers, one.request_bytes) == []
    return fits and (one.request_bytes is None or bool(one.request.get("body")))


def told_by(run: Run, one: Exchange, own: Line, *, checked: bool) -> ReplayedRun:
    """Run a line against its exchange."""
    env = LOGIN if own.login else None
    told = replay(
        run, [*own.before, one, *own.after], *own.words, stdin=own.stdin, env=env, check_requests=checked
    )
    assert "t0ken-of-the-test" not in told.result.out + told.result.err
    return told


def reached(told: ReplayedRun, one: Exchange) -> bool:
    """Tell whether the recorded request, or one to the same place, was sent."""
    return request_key(one.method, one.path) in {
        request_key(each.method, each.path) for each in told.received
    }


def understood(told: ReplayedRun, one: Exchange, own: Line) -> None:
    """Assert that an answer became the right exit code, and a result or the server's words."""
    ran, words = told.result, shlex.join(own.words)
    if one.status < 300:
        assert ran.code in {0, 8, OTHER_EXIT_CODES.get((one.operation, one.status))}, (words, ran.err)
        assert not ran.stdout or is_json(ran.stdout) or ran.stdout.strip() == one.response_bytes.strip(), (
            words
        )
        return
    assert ran.code == OTHER_EXIT_CODES.get((one.operation, one.status), expected(one)), (words, ran.err)
    if ran.stdout:  # a report of several, or how far the cluster is
        assert is_json(ran.stdout), words
        return
    message = ran.error["message"]
    assert one.operation in REWORDED_ERRORS or said(one) in " ".join(message.split()), ran.error
    assert '\\"' not in message
    assert "\n" not in message
    assert "Basic " not in message


def is_json(content: bytes) -> bool:
    """Tell whether it is JSON."""
    try:
        json.loads(content)
    except ValueError:
        return False
    return True


def expected(one: Exchange) -> int:
    """Give the exit code of an error answer; `Unsupported code 'X'` means X (api.md §0.13)."""
    hidden = re.search(rb"Unsupported code '(\w+)'", one.response_bytes)
    if hidden:
        return int(exit_code_of(400, hidden[1].decode()))
    if b"User error: {not_found,{authenticator," in one.response_bytes:
        return 6  # whatever its status says
    body = one.body if isinstance(one.body, dict) else {}
    if not one.response_bytes and one.status == 503:
        return 8
    return int(exit_code_of(one.status, str(body.get("code", ""))))


def said(one: Exchange) -> str:
    """Give some of the server's own words, where it said something in plain words."""
    body = one.body if isinstance(one.body, dict) else {}
    message = body.get("message")
    simple = (
        isinstance(message, str)
        and message.isascii()
        and "<<" not in message
        and message[:1].isalpha()
        and "\\" not in message
    )
    return (
        " ".join(re.split(r"[,{#\n]", message)[0].split())[:40] if simple and isinstance(message, str) else ""
    )
