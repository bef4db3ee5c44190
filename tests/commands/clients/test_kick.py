"""Ten thousand kicks: each once, each accounted for, interrupted and resumed with none left out."""

import json
import os
import signal
import subprocess
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from emqxctl.sandbox.messages import Request, Response
from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.sandboxes import EMQXCTL, bulk_ids, count_kicks, replace_clients


def test_all_that_match_are_kicked_once(run: Run, cluster: Sandbox) -> None:
    ids = replace_clients(cluster, bulk_ids(10_000))
    with cluster.cluster.lock:
        cluster.cluster.add_client("bystander", mqueue_len=0)
    result = run("clients", "kick", "--where", "clientid~^bulk-", "--workers", "4", "--yes", "-o", "json")
    assert result.code == 0, result.err
    assert count_kicks(cluster) == Counter(ids)
    assert set(cluster.cluster.clients) == {"bystander"}
    assert Counter(row["status"] for row in result.json) == {"done": 10_000}
    assert {row["clientid"] for row in result.json} == set(ids)


def test_a_person_sees_the_sum_and_what_went_wrong(run: Run, cluster: Sandbox, tmp_path: Path) -> None:
    ids = replace_clients(cluster, bulk_ids(5))
    file = tmp_path / "ids"
    file.write_text("\n".join([*ids, "nobody", ""]))
    result = run("clients", "kick", "--ids", str(file), "--yes")
    assert result.code == 9
    assert "kicked 5 of 6 clients, 1 failed: not found" in result.err
    assert result.out.splitlines()[1].split() == ["nobody", "failed", "client", "not", "found"]
    assert len(result.out.splitlines()) == 2


def test_of_many_failures_a_person_sees_the_first_and_a_file_has_all(
    run: Run, cluster: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    replace_clients(cluster, bulk_ids(1))
    missing = "\n".join(f"gone-{number}" for number in range(50)).encode()
    result = run("clients", "kick", "--ids", "-", "--yes", stdin=missing)
    assert result.code == 6
    assert len(result.out.splitlines()) == 21
    (file,) = tmp_path.glob("emqxctl-kick-*.jsonl")
    assert result.err.splitlines() == [
        "(30 more targets)",
        "kicked 0 of 50 clients, 50 failed: not found",
        f"all results: {file.name}",
    ]
    assert len(file.read_text().splitlines()) == 51
    assert len(run("clients", "kick", "--ids", "-", "--yes", "-o", "json", stdin=missing).json) == 50


def test_none_there_ends_in_the_causes_code(run: Run, cluster: Sandbox) -> None:
    replace_clients(cluster, bulk_ids(1))
    result = run("clients", "kick", "nobody", "no one", "--yes")
    assert result.code == 6
    assert count_kicks(cluster) == Counter()


def test_ids_come_from_stdin_and_are_named_once(run: Run, cluster: Sandbox) -> None:
    ids = replace_clients(cluster, bulk_ids(3))
    result = run("clients", "kick", ids[0], "--ids", "-", "--yes", stdin="\n".join(ids * 2).encode())
    assert result.code == 0
    assert count_kicks(cluster) == Counter(ids)


def test_without_a_selection_all_must_be_said(run: Run, cluster: Sandbox) -> None:
    replace_clients(cluster, bulk_ids(3))
    result = run("clients", "kick", "--yes")
    assert result.code == 2
    assert "--all" in result.err
    assert count_kicks(cluster) == Counter()
    assert run("clients", "kick", "--all", "--yes").code == 0
    assert cluster.cluster.clients == {}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("clients", "kick", "sensor-001", "--all"), "--all and targets named as arguments"),
        (("clients", "kick", "--ids", "{}", "--where", "node~x"), "--where and --ids"),
        (("clients", "kick", "--resume", "{}", "--where", "node~x"), "--where and --resume"),
        (("clients", "subscribe", "t", "--ids", "{}", "--all"), "--all and --ids"),
        (("banned", "add", "clientid", "a", "--where", "node~x"), "--where and targets named as arguments"),
        (("banned", "delete", "clientid", "--ids", "{}", "--all"), "--all and --ids"),
    ],
)
def test_a_selection_is_not_added_to_named_targets(
    run: Run, cluster: Sandbox, tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    (tmp_path / "ids").write_text("sensor-001\n")
    ran = run(*(word.replace("{}", str(tmp_path / "ids")) for word in words), "--yes")
    assert (ran.code, f"{message} cannot be used together" in ran.err) == (2, True), ran.err
    assert [request for request in cluster.requests if request.method != "GET"] == []


def test_the_question_names_number_sample_and_place(run: Run, cluster: Sandbox) -> None:
    replace_clients(cluster, bulk_ids(50))
    result = run("clients", "kick", "--all")
    assert result.code == 14
    assert "kick 50 clients (" in result.err
    assert cluster.url in result.err
    assert len(cluster.cluster.clients) == 50


def test_a_dry_run_lists_the_targets_and_sends_nothing(run: Run, cluster: Sandbox) -> None:
    ids = replace_clients(cluster, bulk_ids(20))
    result = run("clients", "kick", "--all", "--dry-run", "-o", "json")
    assert result.code == 0
    assert {row["clientid"] for row in result.json} == set(ids)
    assert {row["status"] for row in result.json} == {"planned"}
    assert count_kicks(cluster) == Counter()


def test_one_unprintable_id_does_not_stop_its_batch(run: Run, cluster: Sandbox) -> None:
    ids = replace_clients(cluster, bulk_ids(4))
    with cluster.cluster.lock:
        cluster.cluster.add_client("bell\x07")
    result = run("clients", "kick", "--all", "--yes", "-o", "json")
    statuses = {row["clientid"]: row["status"] for row in result.json}
    assert {clientid for clientid in ids if statuses[clientid] == "done"} == set(ids)
    assert statuses["bell\x07"] == "failed"
    assert result.code == 9


def test_ids_that_no_path_can_hold_are_kicked_in_a_body(run: Run, cluster: Sandbox) -> None:
    replace_clients(cluster, bulk_ids(1))
    with cluster.cluster.lock:
        for clientid in ("..", "."):
            cluster.cluster.add_client(clientid)
    assert run("clients", "kick", "..", ".", "--yes").code == 0
    assert set(cluster.cluster.clients) == {"bulk-00000"}


def test_fail_fast_stops_at_the_first_failure(run: Run, cluster: Sandbox, tmp_path: Path) -> None:
    ids = replace_clients(cluster, bulk_ids(5))
    report = tmp_path / "report.jsonl"
    counts = [ids[0], "nobody", *ids[1:]]
    result = run("clients", "kick", *counts, "--batch", "1", "--fail-fast", "--report", str(report), "--yes")
    assert result.code == 9
    remaining = {
        row["clientid"]
        for row in map(json.loads, report.read_text().splitlines()[1:])
        if row.get("status") == "pending"
    }
    assert remaining == set(ids[1:]) == set(cluster.cluster.clients)
    assert run("clients", "kick", "--resume", str(report), "--yes").code == 0
    assert cluster.cluster.clients == {}


@pytest.mark.parametrize("content", ["sensor-001\n", '{"topic": "t"}\n', "7\n", "\n"])
def test_a_report_does_not_replace_another_file(
    run: Run, cluster: Sandbox, tmp_path: Path, content: str
) -> None:
    path = tmp_path / "ids.txt"
    path.write_text(content)
    ran = run("clients", "kick", "sensor-001", "sensor-002", "--report", str(path), "--yes")
    assert (ran.code, "the file exists and is not a report" in ran.err) == (2, True), ran.err
    assert path.read_text() == content
    assert [request for request in cluster.requests if request.method != "GET"] == []
    path.write_text("")
    assert run("clients", "kick", "a", "b", "--report", str(path), "--yes").code == 6
    assert run("clients", "kick", "c", "d", "--report", str(path), "--yes").code == 6
    assert json.loads(path.read_text().splitlines()[0])["targets"] == ["c", "d"]


def test_a_report_of_something_else_is_refused(run: Run, cluster: Sandbox, tmp_path: Path) -> None:
    report = tmp_path / "report.jsonl"
    for content in (
        '{"verb": "ban", "url": "x"}\n',
        "no json\n",
        "",
        '{"verb": "kick", "url": "http://other:1"}\n',
    ):
        report.write_text(content)
        result = run("clients", "kick", "--resume", str(report), "--yes")
        assert result.code == 2, content
    assert count_kicks(cluster) == Counter()


@pytest.mark.parametrize("value", ["0", "-1", "fast", "1/m"])
def test_a_rate_that_is_none_is_refused(run: Run, cluster: Sandbox, value: str) -> None:
    assert run("clients", "kick", "x", f"--rate={value}", "--yes").code == 2


def test_interrupted_and_resumed_none_is_left_out_and_none_kicked_twice(
    cluster: Sandbox, tmp_path: Path
) -> None:
    ids = replace_clients(cluster, bulk_ids(10_000))
    arguments = [
        "clients",
        "kick",
        "--where",
        "clientid~^bulk-",
        "--yes",
        "--batch",
        "100",
        "--rate",
        "1000/s",
    ]
    child = subprocess.Popen(
        [EMQXCTL, *arguments],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ},
    )
    while sum(count_kicks(cluster).values()) < 300:
        assert child.poll() is None
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=60)
    assert child.returncode == 130
    assert b"--resume" in err
    assert b"Traceback" not in err
    (report,) = tmp_path.glob("emqxctl-kick-*.jsonl")
    before = sum(count_kicks(cluster).values())
    assert 300 <= before < 10_000
    result = subprocess.run(
        [EMQXCTL, "clients", "kick", "--resume", report, "--yes"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert result.returncode == 0, result.stderr
    assert count_kicks(cluster) == Counter(ids)
    assert cluster.cluster.clients == {}


def test_bans_of_many_are_accounted_for(run: Run, cluster: Sandbox) -> None:
    ids = replace_clients(cluster, bulk_ids(60))
    assert run("banned", "add", "clientid", ids[0]).code == 0
    result = run(
        "banned", "add", "clientid", "--where", "clientid~^bulk-", "--for", "1h", "--yes", "-o", "json"
    )
    assert result.code == 0, result.err
    assert Counter(row["status"] for row in result.json) == {"done": 59, "skipped": 1}
    assert {who for kind, who in cluster.cluster.bans if kind == "clientid"} >= set(ids)


def test_bans_are_lifted_by_what_they_say(run: Run, cluster: Sandbox) -> None:
    for who, reason in (("a", "floods"), ("b", "floods"), ("c", "spoofs")):
        run("banned", "add", "clientid", who, "--reason", reason)
    assert run("banned", "delete", "clientid", "--where", "reason=floods").code == 14
    assert run("banned", "delete", "clientid", "--where", "reason=floods", "--yes").code == 0
    remaining = {who for kind, who in cluster.cluster.bans if kind == "clientid"}
    assert "c" in remaining
    assert not {"a", "b"} & remaining
    result = run("banned", "delete", "clientid", "c", "nobody", "--yes", "-o", "json")
    assert result.code == 0
    assert {row["who"]: row["status"] for row in result.json} == {"c": "done", "nobody": "skipped"}


def test_nobody_is_banned_by_accident(run: Run, cluster: Sandbox) -> None:
    before = dict(cluster.cluster.bans)
    assert run("banned", "add", "clientid").code == 2
    assert run("banned", "add", "peerhost_net", "--where", "clientid~x").code == 2
    assert cluster.cluster.bans == before


def test_a_dry_run_says_which_clients_do_not_exist(run: Run, cluster: Sandbox) -> None:
    ids = replace_clients(cluster, bulk_ids(2))
    result = run("clients", "kick", *ids, "nobody", "--dry-run", "-o", "json")
    assert [row["status"] for row in result.json] == ["planned", "planned", "not found"]
    assert "would kick 2 clients, 1 not found" in result.err
    assert run("clients", "kick", "nobody", "--dry-run").code == 6
    result = run("clients", "kick", ids[0], "--dry-run")
    assert (result.code, "would kick client 'bulk-00000'" in result.err) == (0, True)
    assert count_kicks(cluster) == Counter()


def count_requests(cluster: Sandbox) -> Counter[str]:
    """Return how many requests were sent, by method and path."""
    return Counter(f"{request.method} {request.path.removeprefix('/api/v5')}" for request in cluster.requests)


def write_ids(tmp_path: Path, ids: Iterable[str]) -> str:
    """Write ids to a file, one per line."""
    file = tmp_path / "ids.txt"
    file.write_text("\n".join(ids))
    return str(file)


@pytest.mark.parametrize("missing", [0, 250, 1000])
def test_no_client_of_many_is_looked_up_on_its_own(
    run: Run, cluster: Sandbox, tmp_path: Path, missing: int
) -> None:
    ids = replace_clients(cluster, bulk_ids(1000))
    for clientid in ids[:missing]:
        cluster.cluster.clients.pop(clientid)
    result = run("clients", "kick", "--ids", write_ids(tmp_path, ids), "--yes", "-o", "json")
    assert Counter(row["status"] for row in result.json) == +Counter(done=1000 - missing, failed=missing)
    requests = count_requests(cluster)
    assert requests.pop("GET /clients") == 10, "one request for a hundred clients"
    assert requests.pop("POST /clients/kickout/bulk", 0) == -(-(1000 - missing) // 100)
    assert requests.pop("GET /status", 0) <= 1
    assert not requests


def test_a_version_that_lists_one_client_per_query_is_asked_for_all_once(
    run: Run, cluster: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = replace_clients(cluster, bulk_ids(1000))
    respond_normally = cluster._service.respond  # noqa: SLF001

    class Version55:
        """The service of an earlier version."""

        def respond(self, request: Request) -> Response:
            """Answer as EMQX 5.5: of several client IDs in a query the last one counts."""
            parts = request.raw_query.split("&")
            others = [part for part in parts if not part.startswith(("clientid=", "fields="))]
            last_id = [part for part in parts if part.startswith("clientid=")][-1:]
            response = respond_normally(replace(request, raw_query="&".join(others + last_id)))
            if request.path.endswith("/status"):
                return replace(response, body=response.body.replace(b"5.8.9", b"5.5.1"))
            return response

    monkeypatch.setattr(cluster, "_service", Version55())
    result = run("clients", "kick", "--ids", write_ids(tmp_path, [*ids, "gone"]), "--yes", "-o", "json")
    assert Counter(row["status"] for row in result.json) == Counter(done=1000, failed=1)
    requests = count_requests(cluster)
    assert requests["GET /clients"] <= 4 + 2, "a first batch of each worker, and the pages of the list"
    assert not [name for name in requests if name.startswith("GET /clients/")]
