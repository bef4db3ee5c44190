"""Hostile client ids: each command affects exactly the named client, in every format."""

import csv
import io
import json
from urllib.parse import unquote

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.every_case import check_every

HOSTILE_IDS = (
    "a/b",
    "a+b",
    "a#b",
    "100%",
    "a%2Fb",
    "q?x=1",
    "a&b=c",
    "two words",
    " lead and trail ",
    'double "quotes"',
    "single 'quotes'",
    "中文客户端",
    "👩‍👩‍👧 emoji",
    "\x1b[31mred\x1b[0m",
    "[bold]x[/bold]",
    "[/]",
    "--help",
    "-o",
    "x/../y",
    "trail/",
    "...",
    "a\\b",
    "line\nbreak",
    "tab\there",
    "rtl\u202eoverride",
    "zero\u200bwidth",
    "$(reboot)",
    "`id`",
    ";rm -rf",
    "=1+1",
    "@sum",
    "{}",
    "[]",
    "null",
    "true",
    "1e3",
)
FORMATS = ("table", "wide", "json", "jsonl", "yaml", "csv", "tsv", "md", "name")


@pytest.fixture
def hostile_cluster(cluster: Sandbox) -> Sandbox:
    """Replace the cluster's clients by one for each hostile id."""
    with cluster.cluster.lock:
        cluster.cluster.clients.clear()
        for clientid in HOSTILE_IDS:
            cluster.cluster.add_client(clientid)
            cluster.cluster.add_subscription(clientid, f"cmd/{clientid}")
    return cluster


def read_ids(text: str, format_: str) -> list[str]:
    """Return the client ids in a machine format."""
    match format_:
        case "json":
            return [row["clientid"] for row in json.loads(text)]
        case "jsonl":
            return [json.loads(line)["clientid"] for line in text.splitlines()]
        case "yaml":
            return [row["clientid"] for row in yaml.safe_load(text)]
        case "csv":
            return [row["clientid"] for row in csv.DictReader(io.StringIO(text))]
        case _:
            raise AssertionError(format_)


@pytest.mark.parametrize("format_", ["json", "jsonl", "yaml", "csv"])
def test_machine_formats_hold_every_id_exactly(run: Run, hostile_cluster: Sandbox, format_: str) -> None:
    result = run("clients", "list", "-o", format_)
    assert result.code == 0
    assert sorted(read_ids(result.out, format_)) == sorted(HOSTILE_IDS)


@pytest.mark.parametrize("format_", FORMATS)
def test_no_format_prints_control_characters(run: Run, hostile_cluster: Sandbox, format_: str) -> None:
    result = run("clients", "list", "-o", format_, terminal=True, env={"NO_COLOR": "1"})
    assert result.code == 0
    separators = "\t" if format_ == "tsv" else ""
    assert not (set("\x1b\u202e\u200b\t\r\x00") - set(separators)) & set(result.out)


def test_name_prints_one_line_per_client(run: Run, hostile_cluster: Sandbox) -> None:
    lines = run("clients", "list", "-o", "name").out.splitlines()
    assert len(lines) == len(HOSTILE_IDS)
    assert "line\\nbreak" in lines


def test_get_shows_exactly_the_named_client(run: Run, hostile_cluster: Sandbox) -> None:
    def check(clientid: str) -> None:
        for format_ in FORMATS:
            result = run("clients", "get", "-o", format_, "--", clientid)
            assert result.code == 0, result.err
        assert run("clients", "get", "--json", "--", clientid).json["clientid"] == clientid

    check_every(HOSTILE_IDS, check, name=repr)


def test_subscriptions_are_those_of_the_named_client(run: Run, hostile_cluster: Sandbox) -> None:
    def check(clientid: str) -> None:
        rows = run("clients", "subscriptions", "-o", "json", "--", clientid).json
        assert [row["topic"] for row in rows] == [f"cmd/{clientid}"]

    check_every(HOSTILE_IDS, check, name=repr)


def test_kick_ends_exactly_the_named_client(run: Run, hostile_cluster: Sandbox) -> None:
    def check(clientid: str) -> None:
        before = set(hostile_cluster.cluster.clients)
        result = run("clients", "kick", "--yes", "--", clientid)
        assert result.code == 0, result.err
        assert before - set(hostile_cluster.cluster.clients) == {clientid}

    check_every(HOSTILE_IDS, check, name=repr)
    assert hostile_cluster.cluster.clients == {}


@pytest.mark.parametrize("argument", ["", ".", ".."])
@pytest.mark.parametrize(
    "arguments",
    [
        ("clients", "get"),
        ("clients", "kick", "--yes"),
        ("clients", "subscriptions"),
        ("clients", "authz-cache", "clean"),
        ("nodes", "get"),
        ("topics", "get"),
        ("banned", "delete", "--yes", "clientid"),
        ("metrics", "get", "--node"),
    ],
)
def test_an_id_that_would_widen_a_request_is_refused(
    run: Run, cluster: Sandbox, arguments: tuple[str, ...], argument: str
) -> None:
    result = run(*arguments, argument)
    assert result.code == 2
    assert result.stdout == b""
    assert repr(argument) in result.err
    assert cluster.requests == []


@given(clientid=st.text(min_size=1))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_id_is_requested_exactly_or_refused(run: Run, cluster: Sandbox, clientid: str) -> None:
    before = len(cluster.requests)
    result = run("clients", "get", "-o", "json", "--", clientid)
    requests = cluster.requests[before:]
    if result.code == 2:
        assert requests == []
    else:
        assert [unquote(request.path) for request in requests] == [f"/api/v5/clients/{clientid}"]
        assert all(request.path.count("/") == 4 for request in requests)


def test_nothing_is_created_that_no_command_could_delete(run: Run, cluster: Sandbox) -> None:
    creations = (
        ("authentication", "users", "create", "--password-file", "-"),
        ("exhooks", "create", "--server", "http://10.0.0.9:9000"),
        ("users", "create", "--username", "admin", "--new-password-file", "-"),
        ("connectors", "create"),
        ("listeners", "create", "--bind", "1999"),
    )

    def check(case: tuple[tuple[str, ...], str]) -> None:
        words, key = case
        result = run(*words, "--", key, stdin=b"Abcd1234\n")
        assert (result.code, cluster.requests) == (2, [])
        assert f"invalid id {key!r}" in result.err

    check_every([(words, key) for words in creations for key in ("..", ".")], check)
