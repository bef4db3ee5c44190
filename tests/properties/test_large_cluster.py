"""Lists of a cluster with 5,000 live clients and 20,000 sessions that are offline."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.every_case import check_every
from tests.support.sandboxes import EMQXCTL, sandbox_env

LIVE, OFFLINE = 5_000, 20_000
START = 1_800_000_000
START_TIME = "2027-01-15T07:26:40Z"  # 2 000 seconds before


@pytest.fixture(scope="module")
def large_cluster() -> Iterator[Sandbox]:
    """Fill a cluster; its tests only read it."""
    with Sandbox() as sandbox:
        with sandbox.cluster.lock:
            sandbox.cluster.clients.clear()
            for number in range(LIVE + OFFLINE):
                sandbox.cluster.add_client(
                    f"c{number % 13}-{number:05}",
                    connected=number % 5 == 0,
                    username=f"u{number % 7}",
                    ip_address=f"10.{number % 4}.0.{number % 250}",
                    mqueue_len=number * 7919 % 1009,
                    connected_at=START - number,
                    clean_start=number % 2 == 0,
                    proto_ver=3 + number // 3 % 3,
                    heap_size=number,
                    expiry_interval=number,
                )
        yield sandbox


@pytest.fixture
def list_clients(
    run: Run, large_cluster: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., list[dict[str, Any]]]:
    """List clients of the large cluster."""
    monkeypatch.setenv("EMQXCTL_URL", large_cluster.url)
    monkeypatch.setenv("EMQXCTL_API_KEY", large_cluster.api_key)
    monkeypatch.setenv("EMQXCTL_API_SECRET", large_cluster.api_secret)

    def rows(*arguments: str) -> list[dict[str, Any]]:
        result = run("clients", "list", "-o", "jsonl", *arguments)
        assert result.code == 0, result.err
        return [json.loads(line) for line in result.out.splitlines()]

    return rows


@pytest.fixture(scope="module")
def all_rows(large_cluster: Sandbox) -> list[dict[str, Any]]:
    """List all of it once, as the installed command does."""
    env = {**os.environ, **sandbox_env(large_cluster)}
    result = subprocess.run(
        [EMQXCTL, "clients", "list", "-o", "jsonl"], env=env, capture_output=True, check=True
    )
    return [json.loads(line) for line in result.stdout.splitlines()]


ListClients = Callable[..., list[dict[str, Any]]]


def client_number(row: dict[str, Any]) -> int:
    """Return the number in a client's id."""
    return int(row["clientid"].rpartition("-")[2])


def matches_three_conditions(row: dict[str, Any]) -> bool:
    """Return whether a row matches three conditions at once."""
    return not row["clean_start"] and row["proto_ver"] == 4 and row["node"] == "emqx1@sandbox.local"


def is_live(row: dict[str, Any]) -> bool:
    """Return whether a client was created connected."""
    return client_number(row) % 5 == 0


def test_every_session_is_listed_once(all_rows: list[dict[str, Any]], large_cluster: Sandbox) -> None:
    ids = [row["clientid"] for row in all_rows]
    assert len(ids) == len(set(ids)) == LIVE + OFFLINE
    assert set(ids) == set(large_cluster.cluster.clients)


Matches = Callable[[dict[str, Any]], bool]
FILTERS: list[tuple[str, Matches]] = [
    ("--conn-state connected", lambda row: row["connected"]),
    ("--conn-state disconnected", lambda row: not row["connected"]),
    ("--username u3 --username u5", lambda row: row["username"] in {"u3", "u5"}),
    ("--like-clientid c7-", lambda row: "c7-" in row["clientid"]),
    ("--node emqx2@sandbox.local", lambda row: row["node"] == "emqx2@sandbox.local"),
    ("--ip-address 10.2.0.6", lambda row: row["ip_address"] == "10.2.0.6"),
    ("--clientid c1-00001 --clientid c2-00002", lambda row: row["clientid"] in {"c1-00001", "c2-00002"}),
    ("--clean-start --conn-state connected", lambda row: is_live(row) and row["clean_start"]),
    ("--no-clean-start --proto-ver 4 --node emqx1@sandbox.local", matches_three_conditions),
    ("--proto-ver 4 --username u4", lambda row: row["proto_ver"] == 4 and row["username"] == "u4"),
    ("--like-username 4 --conn-state connected", lambda row: is_live(row) and row["username"] == "u4"),
    (f"--connected-after {START_TIME}", lambda row: client_number(row) <= 2_000),
    (
        f"--connected-before {START_TIME} --conn-state connected",
        lambda row: is_live(row) and client_number(row) >= 2_000,
    ),
    (f"--created-after {START_TIME}", lambda row: client_number(row) < 2_000),
    (
        f"--created-before {START_TIME} --username u3",
        lambda row: row["username"] == "u3" and client_number(row) >= 2_000,
    ),
    (
        f"--where connected_at<={START_TIME} --where heap_size<4K",
        lambda row: 2_000 <= client_number(row) < 4096,
    ),
    ("--where proto_ver!=5 --conn-state connected", lambda row: is_live(row) and row["proto_ver"] != 5),
    (
        "--where connected=true --where mqueue_len>=900 --where expiry_interval<=3h",
        lambda row: row["connected"] and row["mqueue_len"] >= 900 and client_number(row) <= 3 * 3600,
    ),
    ("--where username=u3", lambda row: row["username"] == "u3"),
    ("--where ip_address~^10[.]3[.]", lambda row: row["ip_address"].startswith("10.3.")),
]


def test_a_filter_returns_what_filtering_all_rows_returns(
    list_clients: ListClients, all_rows: list[dict[str, Any]]
) -> None:
    def check(options_and_filter: tuple[str, Matches]) -> None:
        options, matches = options_and_filter
        expected = {row["clientid"] for row in all_rows if matches(row)}
        ids = [row["clientid"] for row in list_clients("--fields", "clientid", *options.split())]
        assert 0 < len(expected) < len(all_rows)
        assert sorted(ids) == sorted(expected)

    check_every(FILTERS, check, name=lambda options_and_filter: options_and_filter[0])


def test_the_connected_clients_are_the_live_ones(all_rows: list[dict[str, Any]]) -> None:
    assert {row["clientid"] for row in all_rows if row["connected"]} == {
        row["clientid"] for row in all_rows if is_live(row)
    }


def test_a_descending_sort_lists_the_latest_first(list_clients: ListClients) -> None:
    arguments = (
        "--where",
        "clientid~^c3-",
        "--sort",
        "-connected_at,clientid",
        "--limit",
        "10",
        "--fields",
        "clientid",
    )
    assert [client_number(row) for row in list_clients(*arguments)] == list(range(3, 133, 13))


def test_networks_select_their_addresses(list_clients: ListClients) -> None:
    rows = list_clients("--fields", "ip_address", "--where", "ip_address in 10.1.0.0/16,10.3.0.0/24")
    assert {row["ip_address"].split(".")[1] for row in rows} == {"1", "3"}
    assert len(rows) == (LIVE + OFFLINE) // 2


def test_a_descending_sort_lists_the_longest_queues_first(
    list_clients: ListClients, large_cluster: Sandbox
) -> None:
    rows = [
        row["mqueue_len"]
        for row in list_clients("--fields", "mqueue_len", "--sort", "-mqueue_len", "--limit", "10")
    ]
    lengths: list[Any] = [client.fields["mqueue_len"] for client in large_cluster.cluster.clients.values()]
    assert rows == sorted(lengths, reverse=True)[:10]


def test_selected_fields_have_the_same_values(
    list_clients: ListClients, all_rows: list[dict[str, Any]]
) -> None:
    selected = list_clients("--fields", "clientid,mqueue_len")
    assert selected == [{"clientid": row["clientid"], "mqueue_len": row["mqueue_len"]} for row in all_rows]
