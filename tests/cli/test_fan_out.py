"""Reading commands on several profiles at once: one list, each row with its profile, failures told apart."""

import json
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.faults.server import closed_port
from tests.support.recordings import ReplayServer


@pytest.fixture
def three(run: Run) -> Iterator[dict[str, Sandbox]]:
    """Run three clusters with a profile each, and keep a fourth profile of another name."""
    with ExitStack() as stack:
        found = {}
        for name in ("prod-b", "prod-a", "test"):
            found[name] = stack.enter_context(Sandbox())
            add(run, name, found[name].url, found[name].api_key, found[name].api_secret)
            with found[name].cluster.lock:
                found[name].cluster.clients.clear()
                for number in range(3):
                    found[name].cluster.add_client(f"{name}-{number}")
        yield found


def add(run: Run, name: str, url: str, key: str = "k", secret: str = "s") -> None:
    """Store a profile."""
    words = ("keys", "add", name, "--url", url, "--api-key", key, "--no-verify", "--api-secret-file", "-")
    assert run(*words, stdin=f"{secret}\n".encode()).code == 0


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("prod-*", ["prod-a", "prod-b"]),
        ("test,prod-b", ["test", "prod-b"]),
        ("prod-b,prod-*", ["prod-b", "prod-a"]),
        ("?est", ["test"]),
        ("prod-[a]", ["prod-a"]),
    ],
)
def test_rows_of_all_profiles_are_one_list(
    run: Run, three: dict[str, Sandbox], pattern: str, names: list[str]
) -> None:
    ran = run("clients", "list", "-p", pattern, "-o", "json")
    assert ran.code == 0, ran.err
    ids = [(row["profile"], row["clientid"]) for row in ran.json]
    assert ids == [(name, f"{name}-{number}") for name in names for number in range(3)]
    assert next(iter(ran.json[0])) == "profile"
    assert all(len(three[name].requests) == 1 for name in names)


def test_a_table_has_a_column_for_the_profile(run: Run, three: dict[str, Sandbox]) -> None:
    lines = run("clients", "list", "-p", "prod-*", "--sort", "-clientid", "--limit", "2").out.splitlines()
    assert lines[0].split()[:3] == ["PROFILE", "CLIENT", "ID"]
    assert [line.split()[:2] for line in lines[1:]] == [["prod-b", "prod-b-2"], ["prod-b", "prod-b-1"]]


def test_single_things_become_rows(run: Run, three: dict[str, Sandbox]) -> None:
    found = run("monitor", "-p", "prod-a,prod-b", "-o", "json").json
    assert [row["profile"] for row in found] == ["prod-a", "prod-b"]
    assert all("connections" in row for row in found)
    got = run("clients", "get", "prod-a-1", "-p", "prod-*", "-o", "jsonl")
    assert [(row["profile"], row["clientid"]) for row in map(json.loads, got.out.splitlines())] == [
        ("prod-a", "prod-a-1")
    ]
    assert got.code == 9
    assert json.loads(got.err)["error"]["profile"] == "prod-b"


def test_a_failure_is_told_with_its_profile_and_the_others_go_on(run: Run, three: dict[str, Sandbox]) -> None:
    add(run, "prod-0", f"http://127.0.0.1:{closed_port()}")
    ran = run("clients", "list", "-p", "prod-*", "-o", "name", "--retries", "0")
    assert ran.out.splitlines() == [f"prod-{letter}-{number}" for letter in "ab" for number in range(3)]
    assert ran.code == 9
    assert ran.err.startswith("emqxctl: prod-0: ")
    ran = run("clients", "list", "-p", "prod-*", "-o", "json", "--retries", "0")
    error = json.loads(ran.err)["error"]
    assert (error["profile"], error["exit_code"], len(ran.json)) == ("prod-0", 11, 6)


def test_all_failing_alike_is_that_failure(run: Run) -> None:
    for name in ("a", "b"):
        add(run, name, f"http://127.0.0.1:{closed_port()}")
    ran = run("clients", "list", "-p", "a,b", "-o", "json", "--retries", "0")
    assert (ran.code, ran.out) == (11, "")
    assert [json.loads(line)["error"]["profile"] for line in ran.err.splitlines()] == ["a", "b"]


def test_a_later_page_that_fails_leaves_the_rows_before_it(run: Run, three: dict[str, Sandbox]) -> None:
    with ReplayServer([]) as nothing:
        add(run, "prod-c", nothing.url)
        ran = run("clients", "list", "-p", "prod-a,prod-c,test", "-o", "jsonl", "--retries", "0")
    assert [json.loads(line)["profile"] for line in ran.out.splitlines()] == ["prod-a"] * 3 + ["test"] * 3
    assert ran.code == 9


@pytest.mark.parametrize(
    "words",
    [
        ("clients", "kick", "x", "--yes"),
        ("banned", "add", "clientid", "x"),
        ("keys", "list"),
        ("errors",),
    ],
)
def test_what_changes_or_asks_nobody_takes_one_profile(
    run: Run, three: dict[str, Sandbox], words: tuple[str, ...]
) -> None:
    ran = run("-p", "prod-*", *words)
    assert ran.code == 2
    assert "supports only one profile" in ran.err
    assert all(one.requests == [] for one in three.values())


def test_a_part_that_names_no_profile_is_refused(run: Run, three: dict[str, Sandbox]) -> None:
    ran = run("clients", "list", "-p", "prod-a,stage-*")
    assert ran.code == 3
    assert "'stage-*'" in ran.err
    assert three["prod-a"].requests == []


def test_a_page_becomes_a_row(run: Run, three: dict[str, Sandbox]) -> None:
    ran = run("status", "-p", "prod-*")
    head, *rows = ran.out.splitlines()
    assert head.split()[:5] == ["PROFILE", "CLUSTER", "HEALTHY", "NODES", "PROBLEMS"]
    assert [row.split()[0] for row in rows] == ["prod-a", "prod-b"]
    assert all("3 of 3" in row and "connector http:billing-webhook" in row for row in rows)
    assert ran.code == 8
    found = run("status", "-p", "prod-*", "-o", "json").json
    assert [(one["profile"], one["healthy"], len(one["nodes"])) for one in found] == [
        ("prod-a", False, 3),
        ("prod-b", False, 3),
    ]


def test_why_and_who_of_several_clusters(run: Run, three: dict[str, Sandbox]) -> None:
    ran = run("clients", "why", "prod-a-1", "-p", "prod-*", "--fields", "profile,state")
    assert [row.split(maxsplit=1)[1] for row in ran.out.splitlines()[1:]] == ["connected", "no session"]
    assert ran.code == 9
    assert "possible: " in run("clients", "why", "nobody", "-p", "prod-*").out
    who = run("topics", "who", "a/b", "-p", "prod-*").out.splitlines()
    assert [row.split()[:3] for row in who[1:]] == [["prod-a", "a/b", "0"], ["prod-b", "a/b", "0"]]


def test_check_of_several_clusters(run: Run, three: dict[str, Sandbox]) -> None:
    with three["prod-b"].cluster.lock:
        three["prod-b"].cluster.stop_node("emqx3@sandbox.local")
    ran = run("check", "--only", "nodes", "-p", "prod-*", "-o", "json")
    assert [(row["profile"], row["status"]) for row in ran.json] == [("prod-a", "ok"), ("prod-b", "critical")]
    assert ran.code == 9


@pytest.mark.parametrize("words", [("-o", "nagios"), ("-o", "prometheus"), ("--only", "api-keys")])
def test_check_of_several_clusters_sends_no_password_and_no_metrics(
    run: Run, three: dict[str, Sandbox], words: tuple[str, ...]
) -> None:
    ran = run("check", "-p", "prod-*", *words)
    assert (ran.code, ran.out) == (2, "")
    assert all(one.requests == [] for one in three.values())
