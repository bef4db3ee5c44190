"""`emqxctl banned add|delete`: the kind of a ban from its spelling, or from the form of an address."""

import json
from pathlib import Path

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (("10.2.3.0/24",), "peerhost_net"),
        (("2001:db8::/32",), "peerhost_net"),
        (("10.2.3.4",), "peerhost"),
        (("peerhost", "10.2.3.0/24"), "peerhost_net"),
        (("ip", "10.2.3.0/24"), "peerhost_net"),
        (("ip", "10.2.3.4"), "peerhost"),
        (("address", "::1"), "peerhost"),
        (("network", "10.2.3.0/24"), "peerhost_net"),
        (("client", "dev-1"), "clientid"),
        (("user", "ann"), "username"),
        (("clientid", "10.2.3.0/24"), "clientid"),
    ],
)
def test_add_and_delete(cluster: Sandbox, run: Run, words: tuple[str, ...], kind: str) -> None:
    del cluster
    added = run("banned", "add", *words, "-o", "json")
    assert (added.code, json.loads(added.out)["as"]) == (0, kind), added.err
    assert f"{kind}\t{words[-1]}" in run("banned", "list", "-o", "name").out
    assert run("banned", "delete", *words, "--yes").code == 0
    assert words[-1] not in run("banned", "list", "-o", "name").out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("x", "y"), "unknown kind of ban 'x'"),
        (("10.0.0.1", "10.0.0.0/8"), "'10.0.0.0/8' is a network"),
        (("ip", "10.0.0.1", "10.0.0.0/8"), "'10.0.0.0/8' is a network"),
        (("ip", "a/b"), "invalid network 'a/b'"),
    ],
)
def test_errors(cluster: Sandbox, run: Run, words: tuple[str, ...], message: str) -> None:
    result = run("banned", "add", *words)
    assert (result.code, message in result.err) == (2, True), result.err
    assert cluster.requests == []


def test_a_report_of_one_ban_is_written_and_brought_up_to_date(
    run: Run, cluster: Sandbox, tmp_path: Path
) -> None:
    report = tmp_path / "report.jsonl"
    assert run("banned", "add", "clientid", "one", "--report", str(report)).code == 0
    header, *rows = [json.loads(line) for line in report.read_text().splitlines()]
    assert (header["kind"], rows[-1]["status"]) == ("clientid", "done")
    report.write_text(json.dumps({**header, "targets": ["two"]}) + "\n")
    assert run("banned", "add", "clientid", "--resume", str(report)).code == 0
    assert json.loads(report.read_text().splitlines()[-1]) == {"who": "two", "status": "done", "reason": ""}


@pytest.mark.parametrize("verb", ["add", "delete"])
def test_a_report_of_client_ids_is_not_resumed_with_usernames(
    verb: str, run: Run, cluster: Sandbox, tmp_path: Path
) -> None:
    report = tmp_path / "report.jsonl"
    header = {"verb": "ban" if verb == "add" else "delete", "url": cluster.url, "targets": ["a", "b"]}
    report.write_text(json.dumps({**header, "kind": "clientid"}) + "\n")
    ran = run("banned", verb, "username", "--resume", str(report), "--yes")
    assert (ran.code, "report of clientid, not of username" in ran.err) == (2, True), ran.err
    assert [request for request in cluster.requests if request.method != "GET"] == []
    assert run("banned", verb, "clientid", "--resume", str(report), "--yes").code == 0


def test_the_only_ban_is_named_as_one_before_all_are_deleted(run: Run, cluster: Sandbox) -> None:
    assert "confirmation required: delete all 5 bans on" in run("banned", "clear").err
    del cluster
    for kind, who in [
        ("clientid", "rogue-01"),
        ("peerhost", "203.0.113.7"),
        ("username", "intern"),
        ("clientid_re", "^bot-[0-9]+$"),
    ]:
        assert run("banned", "delete", kind, who, "--yes").code == 0
    assert "confirmation required: delete the only ban on" in run("banned", "clear").err
    assert run("banned", "clear", "--yes").err == "deleted the only ban\n"
