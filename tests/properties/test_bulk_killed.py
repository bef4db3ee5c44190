"""A bulk change that was killed: its report names what is left, also what it never reached."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run

EMQXCTL = str(Path(sys.executable).with_name("emqxctl"))
COUNT = 2000


@pytest.fixture
def ids(cluster: Sandbox) -> list[str]:
    """Replace the cluster's clients by others and give their ids."""
    with cluster.cluster.lock:
        cluster.cluster.clients.clear()
        for number in range(COUNT):
            cluster.cluster.add_client(f"bulk-{number:05}")
        return list(cluster.cluster.clients)


def kicked(cluster: Sandbox) -> Counter[str]:
    """Count how often each client was named in a kick."""
    batches = [json.loads(one.body) for one in cluster.requests if one.path.endswith("/kickout/bulk")]
    return Counter(target for batch in batches for target in batch)


def write_report(file: Path, cluster: Sandbox, ids: list[str], *lines: str) -> None:
    """Write the report of a kick: its head, and the lines of outcomes as they are."""
    head = json.dumps({"verb": "kick", "place": cluster.url, "targets": ids})
    file.write_text("\n".join([head, *lines]))


def outcome(target: str, status: str = "done") -> str:
    """Write one line of a report."""
    return json.dumps({"clientid": target, "status": status, "reason": ""})


def test_a_killed_run_is_resumed_with_the_targets_it_never_reached(
    run: Run, cluster: Sandbox, ids: list[str], tmp_path: Path
) -> None:
    report = tmp_path / "report.jsonl"
    words = ["clients", "kick", "--all", "--yes", "--batch", "50", "--rate", "500/s", "--report", str(report)]
    with subprocess.Popen(
        [EMQXCTL, *words], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ}
    ) as child:
        while sum(kicked(cluster).values()) < 200:
            assert child.poll() is None
        child.kill()
    before = kicked(cluster)
    assert 200 <= sum(before.values()) < COUNT
    ran = run("clients", "kick", "--resume", str(report), "--yes")
    assert cluster.cluster.clients == {}, ran.err
    again = {target for target, times in kicked(cluster).items() if times > 1}
    assert len(again) <= 50  # the batch whose answer the killed run did not live to see
    assert set(kicked(cluster)) == set(ids)


def test_a_cut_last_line_is_ignored(run: Run, cluster: Sandbox, ids: list[str], tmp_path: Path) -> None:
    report = tmp_path / "report.jsonl"
    done, cut, *never = ids[:4]
    write_report(report, cluster, [done, cut, *never], outcome(done), outcome(cut)[:-9])
    ran = run("clients", "kick", "--resume", str(report), "--yes", "-o", "json")
    assert ran.code == 0, ran.err
    assert kicked(cluster) == Counter([cut, *never])


def test_a_last_line_without_its_end_counts(
    run: Run, cluster: Sandbox, ids: list[str], tmp_path: Path
) -> None:
    report = tmp_path / "report.jsonl"
    write_report(report, cluster, ids[:2], outcome(ids[0]))
    assert run("clients", "kick", "--resume", str(report), "--yes").code == 0
    assert kicked(cluster) == Counter([ids[1]])


def test_a_report_cut_in_its_head_is_refused(
    run: Run, cluster: Sandbox, ids: list[str], tmp_path: Path
) -> None:
    report = tmp_path / "report.jsonl"
    report.write_text(json.dumps({"verb": "kick", "place": cluster.url, "targets": ids})[:-5])
    ran = run("clients", "kick", "--resume", str(report), "--yes")
    assert (ran.code, "not a report of kick" in ran.err) == (2, True)
    assert kicked(cluster) == Counter()


def test_a_cut_line_in_the_middle_is_refused(
    run: Run, cluster: Sandbox, ids: list[str], tmp_path: Path
) -> None:
    report = tmp_path / "report.jsonl"
    write_report(report, cluster, ids[:3], outcome(ids[0])[:-9], outcome(ids[1]), "")
    assert run("clients", "kick", "--resume", str(report), "--yes").code == 2
    assert kicked(cluster) == Counter()


def test_the_last_outcome_of_a_target_counts(
    run: Run, cluster: Sandbox, ids: list[str], tmp_path: Path
) -> None:
    report = tmp_path / "report.jsonl"
    lines = (
        outcome(ids[0], "left"),
        outcome(ids[1], "failed"),
        outcome(ids[2], "unknown"),
        outcome(ids[0]),
        "",
    )
    write_report(report, cluster, ids[:3], *lines)
    assert run("clients", "kick", "--resume", str(report), "--yes").code == 0
    assert kicked(cluster) == Counter([ids[2]])


@pytest.mark.parametrize("words", [("nodes", "list"), ("clients", "kick", "x", "--yes")])
def test_a_key_without_a_secret_is_refused_and_nothing_is_sent(
    run: Run, cluster: Sandbox, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.delenv("EMQXCTL_API_SECRET")
    ran = run(*words)
    assert ran.code == 3
    assert "[NO_SECRET]" in ran.err
    assert (
        "hint: --api-secret-file FILE (- for stdin), EMQXCTL_API_SECRET, or a profile: emqxctl keys add"
        in ran.err
    )
    assert cluster.requests == []
