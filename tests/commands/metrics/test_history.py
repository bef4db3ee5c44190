"""`emqxctl metrics history`: charts on a terminal, numbers elsewhere."""

import pytest

from emqxctl.commands.metrics._history_chart import draw_history, list_drawn_fields, read_series
from emqxctl.output.formats.plain_table import measure_width
from emqxctl.output.results import Row
from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import replay

RECORDED = find_exchange("GET /monitor", "latest 60")
RECORDED_6 = find_exchange("GET /monitor", "latest 60", "6.2.2")


def test_a_terminal_gets_charts_of_rates(run: Run) -> None:
    result = replay(run, [RECORDED], "metrics", "history", "--since", "1m", terminal=True).result
    lines = result.out.splitlines()
    assert lines[0].endswith("6 samples")
    assert "received/s  now 21.7, min 21.7, max 23.3" in result.out  # 217 in 10 s
    assert "connections  now 307, min 307, max 307" in result.out
    assert "sessions  now 507" in result.out
    assert "validation" not in result.out  # never above 0


def test_further_series_are_drawn_if_they_have_values() -> None:
    fields = list_drawn_fields([row for row in RECORDED_6.body if len(row) > 1])
    assert {"rules_matched", "actions_executed", "validation_failed"} <= set(fields)
    assert "validation_succeeded" not in fields
    assert fields[:3] == ["received", "sent", "dropped"]


@pytest.mark.parametrize("words", [("-o", "wide"), ("--limit", "2"), ("--sort", "-sent"), ("-o", "csv")])
def test_numbers_are_printed_when_rows_are_wanted(run: Run, words: tuple[str, ...]) -> None:
    out = replay(run, [RECORDED], "metrics", "history", *words, terminal=True).result.out
    assert "│" not in out
    assert "1167" in out


def test_a_pipe_gets_a_table_with_times_and_without_empty_samples(run: Run) -> None:
    lines = replay(run, [RECORDED], "metrics", "history").result.out.splitlines()
    assert len(lines) == 7
    assert lines[1].split()[0].startswith("2026-")
    assert lines[1].split()[1:] == ["307", "507", "1167", "485", "232", "1048", "160"]


def test_json_stays_as_the_server_sent_it(run: Run) -> None:
    outcome = replay(run, [RECORDED], "metrics", "history", "-o", "json", terminal=True)
    assert outcome.result.json == RECORDED.body


def test_fields_select_the_series(run: Run) -> None:
    result = replay(run, [RECORDED], "metrics", "history", "--fields", "dropped", terminal=True).result
    assert "dropped/s" in result.out
    assert "received/s" not in result.out
    wrong = replay(run, [RECORDED], "metrics", "history", "--fields", "dropt", terminal=True).result
    assert wrong.code == 2
    assert "dropped" in wrong.err


def test_the_start_is_sent_in_seconds(run: Run, cluster: Sandbox) -> None:
    for words in (("--since", "1h"), ("--latest", "1h"), ("--node", "emqx1@sandbox.local")):
        assert run("metrics", "history", *words, "-o", "json").code == 0
    queries = [dict(request.query)["latest"] for request in cluster.requests if "monitor" in request.path]
    assert queries == ["3600", "3600", "600"]
    assert cluster.requests[-1].path.endswith("/monitor/nodes/emqx1%40sandbox.local")
    assert run("metrics", "history", "--since", "2999-01-01T00:00:00Z").code == 2


def test_samples_of_different_length_become_the_same_rate() -> None:
    rows: list[Row] = [
        {"time_stamp": 0, "received": 600},
        {"time_stamp": 60_000, "received": 600},
        {"time_stamp": 70_000, "received": 100},
    ]
    assert [point.value for point in read_series(rows, "received").points] == [10, 10, 10]


@pytest.mark.parametrize("width", [20, 40, 79, 100, 200])
def test_charts_fit_the_screen(width: int) -> None:
    text = draw_history(RECORDED.body, (), width, color=False)
    assert max(map(measure_width, text.splitlines()[1:])) <= width


def test_too_few_samples_say_so() -> None:
    assert draw_history([{"time_stamp": 1}], (), 80, color=False).startswith("No samples")
