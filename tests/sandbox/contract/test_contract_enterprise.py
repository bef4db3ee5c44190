"""The sandbox of EMQX Enterprise responds as the real 6.2.2 was recorded to: status, error code, keys."""

import json
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

from emqxctl.sandbox.handlers.durable_storage import sites_of
from tests.sandbox.contract.enterprise import (
    authorization_of,
    enterprise_sandbox,
    fill_state,
    prepare_state,
    read_exchanges,
)
from tests.sandbox.contract.playback import play
from tests.support.recordings import Exchange

DIFFERENCES = Path(__file__).with_name("differences_6.2.2.txt")
RECORDED_SITE = "5C7F4A4C1F4FC137"
HELD = ("collections", "settings", "access", "users", "tokens", "license", "audit", "clients")


def keys_of(body: Any) -> Any:
    """Return what is compared of a body: the keys of an object, of the first row of a list."""
    rows = body.get("data") if isinstance(body, dict) else body
    if isinstance(rows, list):
        first = rows[0] if rows else None
        return ("list", sorted(first) if isinstance(first, dict) else type(first).__name__)
    return sorted(body) if isinstance(body, dict) else type(body).__name__


def compare(exchange: Exchange, status: int, played: bytes) -> str:
    """Return how a response differs from the recorded one; empty if it does not."""
    assert exchange.response is not None
    if status != exchange.response["status"]:
        return f"{status}, recorded {exchange.response['status']}"
    if exchange.body is None:
        return ""
    body = json.loads(played) if played else None
    if isinstance(exchange.body, dict) and "code" in exchange.body and status >= 400:
        code = body.get("code") if isinstance(body, dict) else None
        return "" if code == exchange.body["code"] else f"code {code}"
    return "" if keys_of(body) == keys_of(exchange.body) else "other keys"


def find_differences() -> dict[str, str]:
    """Play every exchange back, each from the same state; return how those differ that do."""
    differences = {}
    with enterprise_sandbox() as sandbox:
        fill_state(sandbox.cluster)
        state = pickle.dumps({name: getattr(sandbox.cluster, name) for name in HELD})
        for exchange in read_exchanges():
            vars(sandbox.cluster).update(pickle.loads(state))
            prepare_state(sandbox.cluster, exchange)
            headers = {name: value for name, value in exchange.request["headers"].items() if name != "auth"}
            authorization = authorization_of(exchange)
            headers |= {"Authorization": authorization} if authorization else {}
            path = exchange.request["path"].replace(RECORDED_SITE, next(iter(sites_of(sandbox.cluster))))
            request = {**exchange.request, "path": path, "headers": {**headers, "auth": "none"}}
            played = play(sandbox, replace(exchange, title="", request=request))
            if difference := compare(exchange, played.status, played.body):
                differences[f"{exchange.operation} - {exchange.title}"] = difference
    return differences


def test_only_the_listed_exchanges_differ() -> None:
    listed = dict(line.split(" # ", 1) for line in DIFFERENCES.read_text().splitlines())
    differences = find_differences()
    assert sorted(set(differences) - set(listed)) == []
    assert sorted(set(listed) - set(differences)) == [], "these are right now: take them off the list"


def test_most_are_compared() -> None:
    listed = DIFFERENCES.read_text().splitlines()
    assert len(read_exchanges()) > 900
    assert len(listed) < len(read_exchanges()) // 4
