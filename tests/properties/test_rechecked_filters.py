"""Rows that the server's filters return wrongly are dropped: EMQX does so with durable sessions."""

import json
from typing import Any

import pytest

from tests.conftest import Run
from tests.support.replay import make_exchange, replay

ONLINE = {
    "clientid": "car-1",
    "username": "alice",
    "connected": True,
    "node": "emqx1@10.0.0.1",
    "ip_address": "10.0.0.9",
    "clean_start": True,
    "proto_ver": 5,
    "created_at": "2026-11-23T10:00:00.000+00:00",
    "connected_at": "2026-11-23T10:00:00.000+00:00",
}
OFFLINE = {
    "clientid": "bus-2",
    "username": "bob",
    "connected": False,
    "node": None,
    "ip_address": "fd00:0::1",
    "clean_start": False,
    "proto_ver": 4,
    "created_at": "2026-11-22T12:00:00.000+02:00",
    "connected_at": "2026-11-22T12:00:00.000+02:00",
}
SPARSE = {"clientid": "lift-3"}  # a field that is missing is no reason to drop a row


def list_ids(run: Run, *options: str) -> list[str]:
    """List clients of a server that filters nothing; give the ids that are shown."""
    script = [
        make_exchange("GET /clients", 200, {"data": [ONLINE, OFFLINE, SPARSE], "meta": {"hasnext": False}})
    ]
    result = replay(run, script, "clients", "list", "-o", "json", *options).result
    assert result.code == 0
    rows: list[dict[str, Any]] = json.loads(result.out)
    return [row["clientid"] for row in rows]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("--conn-state connected", "car-1 lift-3"),
        ("--conn-state disconnected", "bus-2 lift-3"),
        ("--conn-state idle", "car-1 bus-2 lift-3"),
        ("--username bob", "bus-2 lift-3"),
        ("--username bob --username alice", "car-1 bus-2 lift-3"),
        ("--clientid car-1", "car-1"),
        ("--node emqx1@10.0.0.1", "car-1 lift-3"),
        ("--ip-address fd00::1", "bus-2 lift-3"),
        ("--clean-start", "car-1 lift-3"),
        ("--no-clean-start", "bus-2 lift-3"),
        ("--proto-ver 4", "bus-2 lift-3"),
        ("--like-clientid us", "bus-2"),
        ("--like-username LIC", "lift-3"),
        ("--created-after 2026-11-23T00:00:00Z", "car-1 lift-3"),
        ("--created-before 2026-11-22T10:00:00Z", "bus-2 lift-3"),
        ("--connected-before 2026-11-22T09:59:59Z", "lift-3"),
        ("--connected-after 2026-11-22T10:00:00Z --conn-state disconnected", "bus-2 lift-3"),
    ],
)
def test_every_filter_of_clients_is_checked_here(run: Run, options: str, expected: str) -> None:
    assert list_ids(run, *options.split()) == expected.split()


def test_a_limit_counts_what_is_shown(run: Run) -> None:
    pages = [
        make_exchange("GET /clients", 200, {"data": [OFFLINE], "meta": {"hasnext": True}}),
        make_exchange("GET /clients", 200, {"data": [ONLINE], "meta": {"hasnext": False}}),
    ]
    replayed = replay(
        run, pages, "clients", "list", "--conn-state", "connected", "--limit", "1", "-o", "name"
    )
    assert replayed.result.out == "car-1\n"


def test_fields_are_asked_for_with_those_that_are_checked(run: Run) -> None:
    script = [make_exchange("GET /clients", 200, {"data": [ONLINE, OFFLINE], "meta": {"hasnext": False}})]
    options = ("clients", "list", "--conn-state", "connected", "--fields", "clientid", "-o", "jsonl")
    replayed = replay(run, script, *options)
    assert "fields=clientid%2Cconnected" in replayed.calls[0]
    assert replayed.result.out == '{"clientid":"car-1"}\n'


def test_a_client_that_moves_between_pages_is_listed_once(run: Run) -> None:
    pages = [
        make_exchange("GET /clients", 200, {"data": [ONLINE], "meta": {"hasnext": True}}),
        make_exchange("GET /clients", 200, {"data": [ONLINE, OFFLINE], "meta": {"hasnext": False}}),
    ]
    assert replay(run, pages, "clients", "list", "-o", "name").result.out == "car-1\nbus-2\n"
