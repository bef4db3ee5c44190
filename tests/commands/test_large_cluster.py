"""Lists of a cluster with 5,000 live clients and 20,000 sessions that are offline."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run

EMQXCTL = str(Path(sys.executable).with_name("emqxctl"))
LIVE, OFFLINE = 5_000, 20_000


@pytest.fixture(scope="module")
def large() -> Iterator[Sandbox]:
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
                    connected_at=1_800_000_000 - number,
                )
        yield sandbox


@pytest.fixture
def listed(run: Run, large: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[dict[str, Any]]]:
    """List clients of the large cluster."""
    monkeypatch.setenv("EMQXCTL_URL", large.url)
    monkeypatch.setenv("EMQXCTL_API_KEY", large.api_key)
    monkeypatch.setenv("EMQXCTL_API_SECRET", large.api_secret)

    def rows(*words: str) -> list[dict[str, Any]]:
        ran = run("clients", "list", "-o", "jsonl", *words)
        assert ran.code == 0, ran.err
        return [json.loads(line) for line in ran.out.splitlines()]

    return rows


@pytest.fixture(scope="module")
def everything(large: Sandbox) -> list[dict[str, Any]]:
    """List all of it once, as the installed command does."""
    env = {
        **os.environ,
        "EMQXCTL_URL": large.url,
        "EMQXCTL_API_KEY": large.api_key,
        "EMQXCTL_API_SECRET": large.api_secret,
    }
    ran = subprocess.run(
        [EMQXCTL, "clients", "list", "-o", "jsonl"], env=env, capture_output=True, check=True
    )
    return [json.loads(line) for line in ran.stdout.splitlines()]


List = Callable[..., list[dict[str, Any]]]


def test_every_session_is_listed_once(everything: list[dict[str, Any]], large: Sandbox) -> None:
    ids = [row["clientid"] for row in everything]
    assert len(ids) == len(set(ids)) == LIVE + OFFLINE
    assert set(ids) == set(large.cluster.clients)


@pytest.mark.parametrize(
    ("options", "holds"),
    [
        ("--conn-state connected", lambda row: row["connected"]),
        ("--conn-state disconnected", lambda row: not row["connected"]),
        ("--username u3 --username u5", lambda row: row["username"] in {"u3", "u5"}),
        ("--like-clientid c7-", lambda row: "c7-" in row["clientid"]),
        ("--node emqx2@sandbox.local", lambda row: row["node"] == "emqx2@sandbox.local"),
        ("--ip-address 10.2.0.6", lambda row: row["ip_address"] == "10.2.0.6"),
        (
            "--where connected=true --where mqueue_len>=900",
            lambda row: row["connected"] and row["mqueue_len"] >= 900,
        ),
        ("--where username=u3", lambda row: row["username"] == "u3"),
        ("--where ip_address~^10[.]3[.]", lambda row: row["ip_address"].startswith("10.3.")),
    ],
)
def test_a_filter_gives_what_filtering_the_whole_list_gives(
    listed: List, everything: list[dict[str, Any]], options: str, holds: Callable[[dict[str, Any]], bool]
) -> None:
    expected = {row["clientid"] for row in everything if holds(row)}
    found = [row["clientid"] for row in listed("--fields", "clientid", *options.split())]
    assert 0 < len(expected) < len(everything)
    assert sorted(found) == sorted(expected)


def test_networks_are_ranges(listed: List) -> None:
    found = listed("--fields", "ip_address", "--where", "ip_address in 10.1.0.0/16,10.3.0.0/24")
    assert {row["ip_address"].split(".")[1] for row in found} == {"1", "3"}
    assert len(found) == (LIVE + OFFLINE) // 2


def test_the_longest_queues_come_first(listed: List, large: Sandbox) -> None:
    found = [row["mqueue_len"] for row in listed("--sort", "-mqueue_len", "--limit", "10")]
    lengths: list[Any] = [client.fields["mqueue_len"] for client in large.cluster.clients.values()]
    assert found == sorted(lengths, reverse=True)[:10]


def test_what_is_cut_on_the_server_is_the_same(listed: List, everything: list[dict[str, Any]]) -> None:
    cut = listed("--fields", "clientid,mqueue_len")
    assert cut == [{"clientid": row["clientid"], "mqueue_len": row["mqueue_len"]} for row in everything]
