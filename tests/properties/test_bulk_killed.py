"""A bulk change that was killed: its report lists the remaining targets, also those it never reached."""

import json
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.sandboxes import EMQXCTL, bulk_ids, count_kicks, replace_clients

COUNT = 2000


@pytest.fixture
def ids(cluster: Sandbox) -> list[str]:
    """Replace the cluster's clients by others and return their ids."""
    return replace_clients(cluster, bulk_ids(COUNT))


def write_report(file: Path, cluster: Sandbox, ids: list[str], *lines: str) -> None:
    """Write the report of a kick: its header, and the lines of outcomes unchanged."""
    head = json.dumps({"verb": "kick", "url": cluster.url, "targets": ids})
    file.write_text("\n".join([head, *lines]))


def outcome(target: str, status: str = "done") -> str:
    """Return one line of a report."""
    return json.dumps({"clientid": target, "status": status, "reason": ""})


def test_a_killed_run_is_resumed_with_the_targets_it_never_reached(
    run: Run, cluster: Sandbox, ids: list[str], tmp_path: Path
) -> None:
    report = tmp_path / "report.jsonl"
    options = ["--all", "--yes", "--batch", "50", "--rate", "500/s", "--report", str(report)]
    with subprocess.Popen(
        [EMQXCTL, "clients", "kick", *options], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as child:
        while sum(count_kicks(cluster).values()) < 200:
            assert child.poll() is None
        child.kill()
    before = count_kicks(cluster)
    assert 200 <= sum(before.values()) < COUNT
    result = run("clients", "kick", "--resume", str(report), "--yes")
    assert cluster.cluster.clients == {}, result.err
    again = {target for target, times in count_kicks(cluster).items() if times > 1}
    assert len(again) <= 50  # the batch that the killed run had sent without reading the response
    assert set(count_kicks(cluster)) == set(ids)


def test_a_cut_last_line_is_ignored(run: Run, cluster: Sandbox, ids: list[str], tmp_path: Path) -> None:
    report = tmp_path / "report.jsonl"
    done, cut, *never = ids[:4]
    write_report(report, cluster, [done, cut, *never], outcome(done), outcome(cut)[:-9])
    result = run("clients", "kick", "--resume", str(report), "--yes", "-o", "json")
    assert result.code == 0, result.err
    assert count_kicks(cluster) == Counter([cut, *never])


def test_a_last_line_without_its_end_counts(
    run: Run, cluster: Sandbox, ids: list[str], tmp_path: Path
) -> None:
    report = tmp_path / "report.jsonl"
    write_report(report, cluster, ids[:2], outcome(ids[0]))
    assert run("clients", "kick", "--resume", str(report), "--yes").code == 0
    assert count_kicks(cluster) == Counter([ids[1]])


def test_a_report_with_a_cut_header_is_refused(
    run: Run, cluster: Sandbox, ids: list[str], tmp_path: Path
) -> None:
    report = tmp_path / "report.jsonl"
    report.write_text(json.dumps({"verb": "kick", "url": cluster.url, "targets": ids})[:-5])
    result = run("clients", "kick", "--resume", str(report), "--yes")
    assert (result.code, "not a report of kick" in result.err) == (2, True)
    assert count_kicks(cluster) == Counter()


def test_a_cut_line_in_the_middle_is_refused(
    run: Run, cluster: Sandbox, ids: list[str], tmp_path: Path
) -> None:
    report = tmp_path / "report.jsonl"
    write_report(report, cluster, ids[:3], outcome(ids[0])[:-9], outcome(ids[1]), "")
    assert run("clients", "kick", "--resume", str(report), "--yes").code == 2
    assert count_kicks(cluster) == Counter()


def test_the_last_outcome_of_a_target_counts(
    run: Run, cluster: Sandbox, ids: list[str], tmp_path: Path
) -> None:
    report = tmp_path / "report.jsonl"
    lines = (
        outcome(ids[0], "pending"),
        outcome(ids[1], "failed"),
        outcome(ids[2], "unknown"),
        outcome(ids[0]),
        "",
    )
    write_report(report, cluster, ids[:3], *lines)
    assert run("clients", "kick", "--resume", str(report), "--yes").code == 0
    assert count_kicks(cluster) == Counter([ids[2]])


@pytest.mark.parametrize("arguments", [("nodes", "list"), ("clients", "kick", "x", "--yes")])
def test_a_key_without_a_secret_is_refused_and_nothing_is_sent(
    run: Run, cluster: Sandbox, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.delenv("EMQXCTL_API_SECRET")
    result = run(*arguments)
    assert result.code == 3
    assert "[NO_SECRET]" in result.err
    assert (
        "hint: use --api-secret-file FILE (- for stdin), EMQXCTL_API_SECRET, or a profile: emqxctl keys add"
        in result.err
    )
    assert cluster.requests == []
