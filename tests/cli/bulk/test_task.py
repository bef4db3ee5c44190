"""The summary of a bulk change."""

import pytest

from emqxctl.cli.bulk.task import BulkTask, TargetResult, build_report, summarize_problems
from emqxctl.errors import ExitCode
from emqxctl.output.results import BulkResult

NOT_FOUND = TargetResult("a", "failed", "client 'a' not found", ExitCode.NOT_FOUND)
TIMED_OUT = TargetResult("b", "unknown", "no response to DELETE /clients/b", ExitCode.TIMED_OUT)


@pytest.mark.parametrize(
    ("results", "parts"),
    [
        ([TargetResult("x")], []),
        ([TargetResult("x"), NOT_FOUND], ["1 failed: not found"]),
        (
            [NOT_FOUND, NOT_FOUND, NOT_FOUND._replace(exit_code=ExitCode.TIMED_OUT)],
            ["3 failed: 2 not found, 1 timed out"],
        ),
        ([NOT_FOUND, TIMED_OUT], ["1 failed: not found", "1 unknown: timed out"]),
        (
            [TargetResult("x", "skipped", "already banned")] * 2 + [TargetResult("y", "pending")],
            ["2 skipped: already banned", "1 pending"],
        ),
        (
            [TargetResult("x", "failed", reason) for reason in ("a", "a", "b", "c", "d", "e")],
            ["6 failed: 2 a, 1 b, 1 c, 2 others"],
        ),
    ],
)
def test_problems_are_counted_by_reason(results: list[TargetResult], parts: list[str]) -> None:
    assert summarize_problems(results) == parts


def test_a_report_with_pending_targets_can_be_resumed_and_another_be_read() -> None:
    task = BulkTask("kick", "kicked", "client", "clientid", (), lambda _client, _batch: [])

    def notes(*results: TargetResult) -> tuple[str, ...]:
        report = build_report(task, results, file="r.jsonl")
        assert isinstance(report, BulkResult)
        return tuple(report.notes)

    assert notes(TargetResult("x"), TargetResult("y", "pending")) == (
        "kicked 1 of 2 clients, 1 pending",
        "continue with: --resume r.jsonl",
    )
    assert notes(TargetResult("x"), NOT_FOUND)[1] == "all results: r.jsonl"
