"""Read commands on several profiles at once: one list with the profile in each row, an error per failure."""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.faults.server import closed_port
from tests.support.recordings import ReplayServer


@pytest.fixture
def three_clusters(run: Run) -> Iterator[dict[str, Sandbox]]:
    """Run three clusters with a profile each, two of them with similar names."""
    with ExitStack() as stack:
        sandboxes = {}
        for name in ("prod-b", "prod-a", "test"):
            sandboxes[name] = stack.enter_context(Sandbox())
            add_profile(run, name, sandboxes[name].url, sandboxes[name].api_key, sandboxes[name].api_secret)
            with sandboxes[name].cluster.lock:
                sandboxes[name].cluster.clients.clear()
                for number in range(3):
                    sandboxes[name].cluster.add_client(f"{name}-{number}")
        yield sandboxes


def add_profile(run: Run, name: str, url: str, key: str = "k", secret: str = "s") -> None:
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
    run: Run, three_clusters: dict[str, Sandbox], pattern: str, names: list[str]
) -> None:
    result = run("clients", "list", "-p", pattern, "-o", "json")
    assert result.code == 0, result.err
    ids = [(row["profile"], row["clientid"]) for row in result.json]
    assert ids == [(name, f"{name}-{number}") for name in names for number in range(3)]
    assert next(iter(result.json[0])) == "profile"
    assert all(len(three_clusters[name].requests) == 1 for name in names)


@pytest.mark.parametrize(
    ("names", "message", "close_name"),
    [
        ("bad,test", "profile 'bad' not found", ""),
        ("test,prod-c", "profile 'prod-c' not found", "prod-b"),
        ("zz*", "no profile matches 'zz*'", ""),
        ("test,zz*", "no profile matches 'zz*'", ""),
    ],
)
def test_an_unknown_profile_in_a_list_has_the_hint_of_a_single_one(
    run: Run, names: str, message: str, close_name: str
) -> None:
    for name in ("prod-a", "prod-b", "test"):
        add_profile(run, name, "http://127.0.0.1:1")
    single, result = run("nodes", "list", "-p", "unlike"), run("nodes", "list", "-p", names)
    assert (result.code, result.err.splitlines()[0]) == (3, f"emqxctl: {message} [NO_SUCH_PROFILE]")
    hint = result.err.partition("\n")[2]
    assert single.err.partition("\n")[2].removeprefix("hint: ") in hint
    assert "existing profiles: prod-a, prod-b, sandbox, test" in hint
    assert ("did you mean " in hint) is bool(close_name)
    assert close_name in hint


def test_a_table_has_a_column_for_the_profile(run: Run, three_clusters: dict[str, Sandbox]) -> None:
    lines = run("clients", "list", "-p", "prod-*", "--sort", "-clientid", "--limit", "2").out.splitlines()
    assert lines[0].split()[:3] == ["PROFILE", "CLIENT", "ID"]
    assert [line.split()[:2] for line in lines[1:]] == [["prod-b", "prod-b-2"], ["prod-b", "prod-b-1"]]


def test_a_limit_ends_without_an_error_and_names_the_profiles_without_rows(
    run: Run, three_clusters: dict[str, Sandbox]
) -> None:
    result = run("clients", "list", "-p", "prod-a,prod-b,test", "--limit", "2", "-o", "json")
    assert [row["profile"] for row in result.json] == ["prod-a", "prod-a"]
    assert result.code == 0
    assert result.err.splitlines() == [
        "prod-b: no rows shown: --limit was reached before",
        "test: no rows shown: --limit was reached before",
    ]


def test_a_limit_hides_no_failure_of_a_profile_after_it(run: Run, three_clusters: dict[str, Sandbox]) -> None:
    add_profile(run, "prod-z", f"http://127.0.0.1:{closed_port()}")
    words = ("clients", "list", "-p", "prod-a,prod-z", "--limit", "2", "--retries", "0")
    result = run(*words)
    assert result.code == 9
    assert result.err.startswith("emqxctl: prod-z: cannot connect")


@pytest.mark.parametrize("output", ["table", "json", "csv", "tsv", "md", "yaml"])
def test_selected_fields_keep_the_profile(run: Run, three_clusters: dict[str, Sandbox], output: str) -> None:
    result = run("clients", "list", "-p", "prod-*", "--fields", "clientid", "-o", output)
    assert result.code == 0, result.err
    assert len(re.findall(r"prod-a\b(?!-\d)", result.out)) == 3
    assert "profile" in result.out.lower()


def test_single_things_become_rows(run: Run, three_clusters: dict[str, Sandbox]) -> None:
    rows = run("monitor", "-p", "prod-a,prod-b", "-o", "json").json
    assert [row["profile"] for row in rows] == ["prod-a", "prod-b"]
    assert all("connections" in row for row in rows)
    result = run("clients", "get", "prod-a-1", "-p", "prod-*", "-o", "jsonl")
    assert [(row["profile"], row["clientid"]) for row in map(json.loads, result.out.splitlines())] == [
        ("prod-a", "prod-a-1")
    ]
    assert result.code == 9
    assert json.loads(result.err)["error"]["profile"] == "prod-b"


def test_wait_on_several_clusters_is_a_readable_row_for_each(
    run: Run, three_clusters: dict[str, Sandbox]
) -> None:
    result = run("wait", "-p", "prod-*", "--for", "nodes=3", "--for", "version=5.8")
    assert result.code == 0, result.err
    rows = [line.split(maxsplit=1) for line in result.out.splitlines()]
    assert rows[0] == ["PROFILE", "CONDITIONS            ELAPSED"]
    assert [(name, text.rpartition("  ")[0].strip()) for name, text in rows[1:]] == [
        ("prod-a", "nodes=3, version=5.8"),
        ("prod-b", "nodes=3, version=5.8"),
    ]


def test_a_failure_names_its_profile_and_the_others_continue(
    run: Run, three_clusters: dict[str, Sandbox]
) -> None:
    add_profile(run, "prod-0", f"http://127.0.0.1:{closed_port()}")
    result = run("clients", "list", "-p", "prod-*", "-o", "name", "--retries", "0")
    assert result.out.splitlines() == [
        f"prod-{letter}\tprod-{letter}-{number}" for letter in "ab" for number in range(3)
    ]
    assert result.code == 9
    assert result.err.startswith("emqxctl: prod-0: ")
    result = run("clients", "list", "-p", "prod-*", "-o", "json", "--retries", "0")
    error = json.loads(result.err)["error"]
    assert (error["profile"], error["exit_code"], len(result.json)) == ("prod-0", 11, 6)


def test_all_failing_alike_is_that_failure(run: Run) -> None:
    for name in ("a", "b"):
        add_profile(run, name, f"http://127.0.0.1:{closed_port()}")
    result = run("clients", "list", "-p", "a,b", "-o", "json", "--retries", "0")
    assert (result.code, result.out) == (11, "")
    assert [json.loads(line)["error"]["profile"] for line in result.err.splitlines()] == ["a", "b"]


def test_a_later_page_that_fails_leaves_the_rows_before_it(
    run: Run, three_clusters: dict[str, Sandbox]
) -> None:
    with ReplayServer([]) as nothing:
        add_profile(run, "prod-c", nothing.url)
        result = run("clients", "list", "-p", "prod-a,prod-c,test", "-o", "jsonl", "--retries", "0")
    assert [json.loads(line)["profile"] for line in result.out.splitlines()] == ["prod-a"] * 3 + ["test"] * 3
    assert result.code == 9


@pytest.mark.parametrize(
    "words",
    [
        ("clients", "kick", "x", "--yes"),
        ("banned", "add", "clientid", "x"),
        ("keys", "list"),
        ("errors",),
    ],
)
def test_writes_and_local_commands_support_only_one_profile(
    run: Run, three_clusters: dict[str, Sandbox], words: tuple[str, ...]
) -> None:
    result = run("-p", "prod-*", *words)
    assert result.code == 2
    assert "supports only one profile" in result.err
    assert all(sandbox.requests == [] for sandbox in three_clusters.values())


def test_a_pattern_without_a_match_is_refused(run: Run, three_clusters: dict[str, Sandbox]) -> None:
    result = run("clients", "list", "-p", "prod-a,stage-*")
    assert result.code == 3
    assert "'stage-*'" in result.err
    assert three_clusters["prod-a"].requests == []


def test_a_page_becomes_a_row(run: Run, three_clusters: dict[str, Sandbox]) -> None:
    result = run("status", "-p", "prod-*")
    head, *rows = result.out.splitlines()
    assert head.split()[:5] == ["PROFILE", "CLUSTER", "HEALTHY", "NODES", "PROBLEMS"]
    assert [row.split()[0] for row in rows] == ["prod-a", "prod-b"]
    assert all("3 of 3" in row and "connector http:billing-webhook" in row for row in rows)
    assert result.code == 8
    json_rows = run("status", "-p", "prod-*", "-o", "json").json
    assert [(row["profile"], row["healthy"], len(row["nodes"])) for row in json_rows] == [
        ("prod-a", False, 3),
        ("prod-b", False, 3),
    ]


def test_why_and_who_of_several_clusters(run: Run, three_clusters: dict[str, Sandbox]) -> None:
    result = run("clients", "why", "prod-a-1", "-p", "prod-*", "--fields", "profile,state")
    assert [row.split(maxsplit=1)[1] for row in result.out.splitlines()[1:]] == ["connected", "no session"]
    assert result.code == 9
    assert "possible: " in run("clients", "why", "nobody", "-p", "prod-*").out
    who = run("topics", "who", "a/b", "-p", "prod-*").out.splitlines()
    assert [row.split()[:3] for row in who[1:]] == [["prod-a", "a/b", "0"], ["prod-b", "a/b", "0"]]


def test_check_of_several_clusters(run: Run, three_clusters: dict[str, Sandbox]) -> None:
    with three_clusters["prod-b"].cluster.lock:
        three_clusters["prod-b"].cluster.stop_node("emqx3@sandbox.local")
    result = run("check", "--only", "nodes", "-p", "prod-*", "-o", "json")
    assert [(row["profile"], row["status"]) for row in result.json] == [
        ("prod-a", "ok"),
        ("prod-b", "critical"),
    ]
    assert result.code == 9


@pytest.mark.parametrize("words", [("-o", "nagios"), ("-o", "prometheus"), ("--only", "api-keys")])
def test_check_of_several_clusters_sends_no_password_and_no_metrics(
    run: Run, three_clusters: dict[str, Sandbox], words: tuple[str, ...]
) -> None:
    result = run("check", "-p", "prod-*", *words)
    assert (result.code, result.out) == (2, "")
    assert all(sandbox.requests == [] for sandbox in three_clusters.values())
