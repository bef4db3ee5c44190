"""Every recorded exchange of the founding groups is replayed through the command that owns its operation."""

import shlex
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote

import pytest

from emqxctl.api.codes import exit_code_of
from tests.conftest import Run
from tests.recorded import Exchange, ReplayServer, exchanges

Words = list[str] | None


def tail(exchange: Exchange, number: int) -> str:
    """Give one segment of a recorded path, decoded."""
    return unquote(exchange.request["path"].split("/")[number])


def no_body(exchange: Exchange) -> bool:
    """Tell whether nothing was sent but method, path and query."""
    return exchange.sent is None


def query_options(exchange: Exchange, known: dict[str, str]) -> list[str] | None:
    """Write a recorded query as options, None when a command could not send it."""
    words: list[str] = []
    for name, value in exchange.query:
        if name not in known:
            return None
        flag = known[name]
        if flag == "":
            continue
        if flag.startswith("?"):
            words.append(flag[1:] if value == "true" else "--no-" + flag[3:])
        else:
            words += [flag, value]
    return words


CLIENT_FILTERS = {
    "node": "--node",
    "username": "--username",
    "clientid": "--clientid",
    "ip_address": "--ip-address",
    "like_clientid": "--like-clientid",
    "like_username": "--like-username",
}
SUBSCRIPTION_FILTERS = {
    "node": "--node",
    "clientid": "--clientid",
    "topic": "--topic",
    "match_topic": "--match-topic",
    "share_group": "--share-group",
}
BAN_FILTERS = {
    "clientid": "--clientid",
    "username": "--username",
    "peerhost": "--peerhost",
    "like_clientid": "--like-clientid",
    "like_username": "--like-username",
    "like_peerhost_net": "--like-peerhost-net",
}


def listing(words: list[str], known: dict[str, str]) -> Callable[[Exchange], Words]:
    """Make a list command's line."""

    def made(exchange: Exchange) -> Words:
        options = query_options(exchange, known)
        return None if options is None else [*words, *options]

    return made


def on_path(words: list[str], *numbers: int) -> Callable[[Exchange], Words]:
    """Make the line of a command whose arguments stand in the path."""

    def made(exchange: Exchange) -> Words:
        if exchange.query or len(exchange.request["path"].split("/")) != DEPTHS.get(
            exchange.operation, max(numbers) + 1
        ):
            return None
        arguments = [tail(exchange, number) for number in numbers]
        return None if {"", ".", ".."} & set(arguments) else [*words, "--", *arguments]

    return made


# Where something follows the last argument in the path.
DEPTHS = {
    "GET /nodes/{node}/stats": 6,
    "GET /nodes/{node}/metrics": 6,
    "GET /clients/{clientid}/subscriptions": 6,
    "GET /clients/{clientid}/authorization/cache": 7,
    "DELETE /clients/{clientid}/authorization/cache": 7,
}


def plain(words: list[str]) -> Callable[[Exchange], Words]:
    """Make the line of a command without arguments."""
    return lambda exchange: None if exchange.query else words


def publish(exchange: Exchange) -> Words:
    """Make `publish` of a recorded body that a command could send."""
    body = exchange.request.get("body")
    if not isinstance(body, dict) or set(body) - {"topic", "payload", "qos", "retain"}:
        return None
    if not all(isinstance(body.get(name), str) for name in ("topic", "payload")) or body.get(
        "qos", 0
    ) not in range(3):
        return None
    words = ["publish", "--qos", str(body.get("qos", 0)), *(["--retain"] if body.get("retain") else [])]
    return [*words, "--", body["topic"], body["payload"]]


def ban(exchange: Exchange) -> Words:
    """Make `banned add` of a recorded body that a command could send."""
    body = exchange.request.get("body")
    if not isinstance(body, dict) or not isinstance(body.get("who"), str):
        return None
    return ["banned", "add", "--", str(body.get("as")), body["who"]]


def subscribe(exchange: Exchange) -> Words:
    """Make `clients subscribe` or `unsubscribe` of a recorded body."""
    body = exchange.request.get("body")
    if not isinstance(body, dict) or not isinstance(body.get("topic"), str):
        return None
    verb = exchange.request["path"].rpartition("/")[2]
    return ["clients", verb, "--", tail(exchange, 4), body["topic"]]


OWNERS: dict[str, Callable[[Exchange], Words]] = {
    "GET /nodes": plain(["nodes", "list"]),
    "GET /nodes/{node}": on_path(["nodes", "get"], 4),
    "GET /nodes/{node}/stats": on_path(["nodes", "stats"], 4),
    "GET /nodes/{node}/metrics": on_path(["nodes", "metrics"], 4),
    "GET /cluster": plain(["cluster", "get"]),
    "GET /cluster/topology": plain(["cluster", "topology"]),
    "GET /clients": listing(["clients", "list", "--limit", "100"], CLIENT_FILTERS),
    "GET /clients/{clientid}": on_path(["clients", "get"], 4),
    "DELETE /clients/{clientid}": on_path(["clients", "kick", "--yes"], 4),
    "GET /clients/{clientid}/subscriptions": on_path(["clients", "subscriptions"], 4),
    "POST /clients/{clientid}/subscribe": subscribe,
    "POST /clients/{clientid}/unsubscribe": subscribe,
    "GET /clients/{clientid}/authorization/cache": on_path(["clients", "authz-cache", "get"], 4),
    "DELETE /clients/{clientid}/authorization/cache": on_path(["clients", "authz-cache", "clean"], 4),
    "GET /sessions_count": plain(["clients", "count"]),
    "GET /subscriptions": listing(["subscriptions", "list", "--limit", "5"], SUBSCRIPTION_FILTERS),
    "GET /topics": listing(["topics", "list", "--limit", "5"], {"topic": "--topic", "node": "--node"}),
    "GET /topics/{topic}": on_path(["topics", "get"], 4),
    "POST /publish": publish,
    "GET /alarms": listing(["alarms", "list", "--limit", "5"], {}),
    "DELETE /alarms": plain(["alarms", "clear", "--yes"]),
    "GET /banned": listing(["banned", "list", "--limit", "5"], BAN_FILTERS),
    "POST /banned": ban,
    "DELETE /banned/{as}/{who}": on_path(["banned", "delete", "--yes"], 4, 5),
    "GET /metrics": plain(["metrics", "get", "--per-node"]),
    "GET /stats": plain(["stats", "get", "--per-node"]),
    "GET /monitor_current": plain(["monitor"]),
    "GET /monitor_current/nodes/{node}": on_path(["monitor", "--node"], 5),
    "GET /status": plain(["status", "--alive"]),
}


def cases() -> Iterator[Any]:
    """Give every recorded exchange that a command line can make, with that line."""
    for operation, owner in OWNERS.items():
        for exchange in exchanges(operation=operation):
            words = owner(exchange) if exchange.response is not None else None
            if words is not None:
                yield pytest.param(exchange, words, id=f"{operation}: {exchange.title}")


CASES = list(cases())


def test_enough_is_replayed() -> None:
    assert len(CASES) > 250
    assert {case.values[0].operation for case in CASES} == set(OWNERS)


@pytest.mark.parametrize(("exchange", "words"), CASES)
def test_a_recorded_answer_is_understood(run: Run, exchange: Exchange, words: list[str]) -> None:
    with ReplayServer(exchange) as server:
        env = {
            "EMQXCTL_URL": server.url,
            "EMQXCTL_API_KEY": "k" * 16,
            "EMQXCTL_API_SECRET": "s3cret-of-the-test",
        }
        at = words.index("--") if "--" in words else len(words)
        line = [*words[:at], "-o", "json", "--retries", "0", *words[at:]]
        ran = run(*line, env=env)
        if not server.received:
            assert ran.code == 2, (shlex.join(line), ran.err)
            return
    assert "Traceback" not in ran.err
    assert "s3cret-of-the-test" not in ran.err + ran.out
    if exchange.status < 300:
        assert ran.code in {0, 8}, (shlex.join(line), ran.err)
        assert ran.json is not None or ran.out == "null\n"
    else:
        assert ran.out == "", shlex.join(line)
        assert ran.code == expected(exchange), (shlex.join(line), ran.err)
        assert said(exchange) in ran.error["message"], ran.error


def expected(exchange: Exchange) -> int:
    """Give the exit code that an error answer should end in."""
    body = exchange.body if isinstance(exchange.body, dict) else {}
    if not exchange.answer and exchange.status == 503:
        return 8
    return int(exit_code_of(exchange.status, str(body.get("code", ""))))


def said(exchange: Exchange) -> str:
    """Give some of the server's own words, where it said something in plain words."""
    body = exchange.body if isinstance(exchange.body, dict) else {}
    message = body.get("message")
    simple = (
        isinstance(message, str)
        and message.isascii()
        and "<<" not in message
        and message[:1].isalpha()
        and "\\" not in message
    )
    return message.split(",")[0].split("{")[0].strip()[:40] if simple and isinstance(message, str) else ""
