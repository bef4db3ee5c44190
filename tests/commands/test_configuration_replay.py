"""Every recorded exchange of configuration, backups, Prometheus, relup and more, through its command."""

import json
import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote

import pytest

from emqxctl.api.codes import exit_code_of
from tests.commands.replayed import talk
from tests.conftest import Run
from tests.recorded import Exchange, exchange, exchanges

ROOTS = ("alarm", "broker", "dashboard", "global_zone", "limiter", "log", "sys_topics", "sysmon")
Line = tuple[list[str], bytes, list[Exchange]]
Owner = Callable[[Exchange], Line | None]


def fixed(*words: str) -> Owner:
    """Make the line of a command without arguments."""
    return lambda _one: ([*words], b"", [])


def root_of(root: str) -> Owner:
    """Make the line that shows a root; what was asked for beside it is another one."""
    return lambda one: (["configs", "get", root], b"", []) if one.path.endswith(root) else None


def named(at: int, *words: str) -> Owner:
    """Make the line of a command whose argument stands in the path."""

    def made(one: Exchange) -> Line | None:
        segments = one.path.split("/")
        name = unquote(segments[at]) if len(segments) > at else ""
        return None if name in {"", ".", ".."} else ([*words, "--", name], b"", [])

    return made


def whole(*words: str, reads: str) -> Owner:
    """Make the line of a command that reads, and sends the recorded body whole."""

    def made(one: Exchange) -> Line | None:
        if not isinstance(one.request.get("body"), dict) or not one.request["body"]:
            return None  # what was no object, or nothing, is refused before it is sent
        return [*words, "-f", "-", "--replace"], one.sent or b"", [exchange(reads, "plain")]

    return made


def hocon(one: Exchange) -> Line | None:
    """Make `configs update` of recorded HOCON; JSON's content type is never sent."""
    if one.request["headers"].get("Content-Type") == "application/json":
        return None
    return ["configs", "update", "-f", "-"], one.sent or b"", []


def backup(one: Exchange) -> Line | None:
    """Make `backups import`; without a name nothing is sent."""
    body = one.request["body"]
    if "filename" not in body:
        return None
    return (
        ["backups", "import", body["filename"], "--node", body.get("node", "emqx1@127.0.0.1"), "-y"],
        b"",
        [],
    )


def bulk(one: Exchange) -> Line | None:
    """Make `publish-bulk`; what is no list of messages is refused before it is sent."""
    body = one.request.get("body")
    good = isinstance(body, list) and body and all("topic" in item and "payload" in item for item in body)
    return (["publish-bulk", "-"], json.dumps(body).encode(), []) if good else None


def keepalive(one: Exchange) -> Line | None:
    """Make `clients keepalive` of a recorded interval that can be given."""
    interval = (one.request.get("body") or {}).get("interval")
    if not isinstance(interval, int) or interval > 65535:
        return None
    return ["clients", "keepalive", unquote(one.path.split("/")[4]), str(interval)], b"", []


def telemetry(one: Exchange) -> Line | None:
    """Make `telemetry enable` or `disable`, which was otherwise before."""
    wanted = one.request["body"].get("enable")
    if wanted is None:
        return None
    states = exchanges(operation="GET /telemetry/status")
    before = next(each for each in states if each.body == {"enable": not wanted})
    return ["telemetry", "enable" if wanted else "disable"], b"", [before]


OWNERS: dict[str, Owner] = {
    "GET /configs": fixed("configs", "get"),
    "PUT /configs": hocon,
    "POST /configs_reset/{rootname}": named(4, "configs", "reset", "-y"),
    **{f"GET /configs/{root}": root_of(root) for root in ROOTS},
    **{f"PUT /configs/{root}": whole("configs", "set", root, reads=f"GET /configs/{root}") for root in ROOTS},
    "POST /data/export": fixed("backups", "export"),
    "GET /data/files": fixed("backups", "list", "--limit", "3"),
    "GET /data/files/{filename}": named(5, "backups", "get", "--node", "n", "--output-file", "-"),
    "DELETE /data/files/{filename}": named(5, "backups", "delete", "--node", "n", "-y"),
    "POST /data/import": backup,
    "GET /cluster/invitation": fixed("cluster", "invitation"),
    "PUT /cluster/{node}/invite": named(4, "cluster", "invite"),
    "PUT /cluster/{node}/invite_async": named(4, "cluster", "invite", "--async"),
    "DELETE /cluster/{node}/force_leave": named(4, "cluster", "force-leave", "-y"),
    "GET /error_codes": fixed("error-codes", "list"),
    "GET /error_codes/{code}": named(4, "error-codes", "get"),
    "GET /prometheus": fixed("prometheus", "get"),
    "PUT /prometheus": whole("prometheus", "update", reads="GET /prometheus"),
    "GET /prometheus/stats": fixed("prometheus", "stats"),
    "GET /prometheus/auth": fixed("prometheus", "auth"),
    "GET /prometheus/data_integration": fixed("prometheus", "data-integration"),
    "GET /relup/package": fixed("relup", "package", "get"),
    "DELETE /relup/package": fixed("relup", "package", "delete", "-y"),
    "GET /relup/status": fixed("relup", "status"),
    "GET /relup/status/{node}": named(5, "relup", "status"),
    "POST /relup/upgrade": fixed("relup", "upgrade", "-y"),
    "POST /relup/upgrade/{node}": named(5, "relup", "upgrade", "-y"),
    "GET /telemetry/status": fixed("telemetry", "get"),
    "PUT /telemetry/status": telemetry,
    "GET /telemetry/data": fixed("telemetry", "data"),
    "GET /schemas/{name}": named(4, "dashboard-schemas", "get"),
    "GET /clients/{clientid}/mqueue_messages": named(4, "clients", "mqueue", "--limit", "1"),
    "GET /clients/{clientid}/inflight_messages": named(4, "clients", "inflight", "--limit", "1"),
    "PUT /clients/{clientid}/keepalive": keepalive,
    "POST /publish/bulk": bulk,
}
RAW = frozenset(
    {"GET /configs", "GET /prometheus/stats", "GET /prometheus/auth", "GET /prometheus/data_integration"}
)


def cases() -> Iterator[object]:
    """Give every recorded exchange that a command line can make, with that line."""
    for operation, owner in OWNERS.items():
        for one in exchanges(operation=operation):
            line = owner(one) if one.response is not None else None
            if line is not None:
                yield pytest.param(one, line, id=f"{operation}: {one.title}")


CASES = list(cases())


def test_enough_is_replayed() -> None:
    assert len(CASES) > 130
    assert {case.values[0].operation for case in CASES} == set(OWNERS)  # type: ignore[attr-defined]  # pytest's own


@pytest.mark.parametrize(("one", "line"), CASES)
def test_a_recorded_answer_is_understood(run: Run, one: Exchange, line: Line) -> None:
    words, stdin, before = line
    if one.status < 300 and one.operation in RAW and "json" not in one.headers["content-type"]:
        assert talk(run, [*before, one], *words, stdin=stdin).ran.stdout == one.answer
        return
    at = words.index("--") if "--" in words else len(words)
    told = talk(run, [*before, one], *words[:at], "--json", *words[at:], stdin=stdin)
    if not told.received:
        assert told.ran.code in {2, 14}, told.ran.err
        return
    if one.status < 300:
        assert told.ran.code == 0, told.ran.err
        return
    assert told.ran.code == expected(one), told.ran.err
    if one.operation == "POST /publish/bulk":  # what became of each message is told in its row
        message = told.ran.json[0]["reason"]
    else:
        assert told.ran.stdout == b""
        message = told.ran.error["message"]
    assert '\\"' not in message
    assert "\n" not in message
    assert "Basic " not in message


def expected(one: Exchange) -> int:
    """Give the exit code of an error answer; `Unsupported code 'X'` means X (api.md §0.13)."""
    hidden = re.search(rb"Unsupported code '(\w+)'", one.answer)
    if hidden:
        return int(exit_code_of(400, hidden[1].decode()))
    body = one.body if isinstance(one.body, dict) else {}
    return int(exit_code_of(one.status, str(body.get("code", ""))))
