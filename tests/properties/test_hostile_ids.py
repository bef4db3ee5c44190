"""Ids that a client chose to hurt us: each command hits exactly the client named, in every format."""

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

NASTY = (
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
def crowd(cluster: Sandbox) -> Sandbox:
    """Give the cluster a client for each nasty id, and nobody else."""
    with cluster.cluster.lock:
        cluster.cluster.clients.clear()
        for clientid in NASTY:
            cluster.cluster.add_client(clientid)
            cluster.cluster.add_subscription(clientid, f"cmd/{clientid}")
    return cluster


def ids(text: str, format_: str) -> list[str]:
    """Read the client ids out of a machine format."""
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
def test_machine_formats_carry_every_id_exactly(run: Run, crowd: Sandbox, format_: str) -> None:
    result = run("clients", "list", "-o", format_)
    assert result.code == 0
    assert sorted(ids(result.out, format_)) == sorted(NASTY)


@pytest.mark.parametrize("format_", FORMATS)
def test_no_format_lets_a_terminal_be_driven(run: Run, crowd: Sandbox, format_: str) -> None:
    result = run("clients", "list", "-o", format_, terminal=True, env={"NO_COLOR": "1"})
    assert result.code == 0
    separators = "\t" if format_ == "tsv" else ""
    assert not [
        request
        for request in result.out
        if request in "\x1b\u202e\u200b\t\r\x00" and request not in separators
    ]


def test_name_has_one_line_for_each_client(run: Run, crowd: Sandbox) -> None:
    lines = run("clients", "list", "-o", "name").out.splitlines()
    assert len(lines) == len(NASTY)
    assert "line\\nbreak" in lines


@pytest.mark.parametrize("clientid", NASTY)
def test_get_shows_exactly_the_client_named(run: Run, crowd: Sandbox, clientid: str) -> None:
    for format_ in FORMATS:
        result = run("clients", "get", "-o", format_, "--", clientid)
        assert result.code == 0, result.err
    assert run("clients", "get", "--json", "--", clientid).json["clientid"] == clientid


@pytest.mark.parametrize("clientid", NASTY)
def test_subscriptions_are_those_of_the_client_named(run: Run, crowd: Sandbox, clientid: str) -> None:
    rows = run("clients", "subscriptions", "-o", "json", "--", clientid).json
    assert [row["topic"] for row in rows] == [f"cmd/{clientid}"]


@pytest.mark.parametrize("clientid", NASTY)
def test_kick_takes_exactly_the_client_named(run: Run, crowd: Sandbox, clientid: str) -> None:
    result = run("clients", "kick", "--yes", "--", clientid)
    assert result.code == 0, result.err
    assert set(NASTY) - set(crowd.cluster.clients) == {clientid}


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
def test_what_would_widen_a_call_is_refused(
    run: Run, cluster: Sandbox, arguments: tuple[str, ...], argument: str
) -> None:
    result = run(*arguments, argument)
    assert result.code == 2
    assert result.stdout == b""
    assert repr(argument) in result.err
    assert cluster.requests == []


@given(clientid=st.text(min_size=1))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_asked_for_exactly_or_not_at_all(run: Run, cluster: Sandbox, clientid: str) -> None:
    before = len(cluster.requests)
    result = run("clients", "get", "-o", "json", "--", clientid)
    requests = cluster.requests[before:]
    if result.code == 2:
        assert requests == []
    else:
        assert [unquote(request.path) for request in requests] == [f"/api/v5/clients/{clientid}"]
        assert all(request.path.count("/") == 4 for request in requests)
