"""`emqxctl traces` against recorded answers: created, read to the end, stopped, fetched."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from tests.conftest import Run
from tests.support.recorded import Exchange, exchange
from tests.support.replay import made, talk

DETAIL = exchange("GET /trace/{name}/log_detail", "trace trace-client")
CREATED = exchange("POST /trace", "clientid")
LOG = "/trace/t1/log"


def piece(text: str, position: int) -> Exchange:
    """Make one answer of a log up."""
    return made(f"GET {LOG}", 200, {"items": text, "meta": {"bytes": 9, "position": position}})


def detail(*sizes: tuple[str, int]) -> Exchange:
    """Make up how much each node has logged."""
    return made("GET /trace/t1/log_detail", 200, [{"node": node, "size": size} for node, size in sizes])


def test_the_list_shows_what_is_traced_and_how_much_was_logged(run: Run) -> None:
    told = talk(run, [exchange("GET /trace", "plain")], "traces", "list", "--json")
    assert told.ran.json == exchange("GET /trace", "plain").body
    lines = talk(run, [exchange("GET /trace", "plain")], "traces", "list").ran.out.splitlines()
    row = next(line for line in lines if line.startswith("trace-client")).split()
    assert row[:4] == ["trace-client", "running", "clientid", "sensor-001"]
    assert row[-1] == "34.2K"


def test_create_names_the_field_after_what_is_traced(run: Run) -> None:
    told = talk(
        run,
        [CREATED],
        *("traces", "create", "rec-t1", "clientid", "sensor-003"),
        *("--start-at", "2026-11-23T00:24:55Z", "--for", "10m", "--formatter", "text", "--json"),
    )
    assert told.ran.code == 0, told.ran.err
    sent = told.bodies[0]
    assert {key: sent[key] for key in ("name", "type", "clientid", "formatter")} == {
        "name": "rec-t1",
        "type": "clientid",
        "clientid": "sensor-003",
        "formatter": "text",
    }
    start, end = (datetime.fromisoformat(sent[key]) for key in ("start_at", "end_at"))
    assert start == datetime(2026, 11, 23, 0, 24, 55, tzinfo=UTC)
    assert end - start == timedelta(minutes=10)
    assert datetime.fromisoformat(told.ran.json["end_at"]) == end  # EMQX's own answer repeats start_at


def test_without_times_emqx_decides(run: Run) -> None:
    told = talk(
        run, [exchange("POST /trace", "ruleid")], "traces", "create", "t", "ruleid", "forward", "--json"
    )
    assert told.bodies == [{"name": "t", "type": "ruleid", "ruleid": "forward"}]
    assert "end_at" not in told.ran.json


def test_a_length_alone_begins_now(run: Run) -> None:
    told = talk(
        run, [CREATED], "traces", "create", "t", "topic", "a/#", "--for", "1h", "--payload-encode", "hidden"
    )
    sent = told.bodies[0]
    left = datetime.fromisoformat(sent["end_at"]) - datetime.now(UTC)
    assert timedelta(minutes=59) < left <= timedelta(hours=1)
    assert "start_at" not in sent
    assert (sent["topic"], sent["payload_encode"]) == ("a/#", "hidden")


@pytest.mark.parametrize(
    "words",
    [
        ("--for", "soon"),
        ("--start-at", "yesterday"),
        ("--for", "1h", "--end-at", "2030-01-01T00:00:00Z"),
    ],
)
def test_times_that_make_no_sense_are_not_sent(run: Run, words: tuple[str, ...]) -> None:
    told = talk(run, [CREATED], "traces", "create", "t", "clientid", "x", *words)
    assert (told.ran.code, told.calls) == (2, [])
    assert words[0] in told.ran.err


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("same name", "Already Exists"),
        ("same condition", "rec-t1 Duplication Condition"),
        ("bad name", "Name should be"),
        ("table is full", "reached the maximum"),
    ],
)
def test_why_a_trace_is_refused_can_be_read(run: Run, title: str, words: str) -> None:
    script = [exchange("POST /trace", title)]
    told = talk(run, script, "traces", "create", "x", "clientid", "y", "--json")
    assert (told.ran.code, told.ran.stdout) == (7, b"")
    assert words in told.ran.error["message"]


def test_stop_and_delete(run: Run) -> None:
    stop = exchange("PUT /trace/{name}/stop", "done")
    assert talk(run, [stop], "traces", "stop", "rec-t1").calls == ["PUT /trace/rec-t1/stop"]
    unknown = exchange("PUT /trace/{name}/stop", "unknown")
    assert talk(run, [unknown], "traces", "stop", "nope").ran.code == 6
    assert talk(run, [], "traces", "delete", "rec-t1").ran.code == 14
    gone = exchange("DELETE /trace/{name}", "again")
    assert talk(run, [gone], "traces", "delete", "rec-t1", "--yes").ran.code == 6


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_no_name_deletes_all_traces(run: Run, name: str) -> None:
    told = talk(run, [exchange("DELETE /trace", "all traces")], "traces", "delete", "--yes", "--", name)
    assert (told.ran.code, told.calls) == (2, [])


def test_clear_is_confirmed(run: Run) -> None:
    script = [exchange("DELETE /trace", "all traces")]
    assert talk(run, script, "traces", "clear").ran.code == 14
    assert talk(run, script, "traces", "clear", "-y").calls == ["DELETE /trace"]


def test_the_log_is_read_to_its_end_and_lines_stay_whole(run: Run) -> None:
    script = [detail(("n1", 9), ("n2", 0)), piece("one\ntw", 6), piece("o\nthree", 13), piece("", 13)]
    told = talk(run, script, "traces", "log", "t1")
    assert told.ran.out == "one\ntwo\nthree\n"
    queries = [parse_qs(one.query) for one in told.received[1:]]
    assert [query["position"] for query in queries] == [["0"], ["6"], ["13"]]
    assert {query["node"][0] for query in queries} == {"n1"}
    assert "log of n1" in told.ran.err


def test_recorded_pieces_make_the_recorded_log(run: Run) -> None:
    titles = [
        "trace-client from the start",
        *(f"trace-client position page {number}" for number in (2, 3, 4)),
    ]
    pages = [exchange("GET /trace/{name}/log", title) for title in titles]
    told = talk(run, pages, "traces", "log", "trace-client", "--node", "emqx1@127.0.0.1", "--bytes", "1600")
    assert told.ran.out == "".join(page.body["items"] for page in pages) + "\n"
    assert len(told.calls) == 4


def test_bytes_is_the_most_that_is_asked_for(run: Run) -> None:
    told = talk(run, [piece("abc", 3), piece("d", 4)], "traces", "log", "t1", "--node", "n1", "--bytes", "4")
    assert [parse_qs(one.query)["bytes"] for one in told.received] == [["4"], ["1"]]
    assert talk(run, [], "traces", "log", "t1", "--bytes", "lots").ran.code == 2


def test_a_log_that_does_not_go_on_ends(run: Run) -> None:
    told = talk(run, [piece("again\n", 0)], "traces", "log", "t1", "--node", "n1")
    assert told.ran.out == "again\n"
    assert len(told.calls) == 1


def test_every_node_that_logged_is_read(run: Run) -> None:
    script = [detail(("n1", 3), ("n2", 3)), piece("x\n", 2), piece("", 2)]
    told = talk(run, script, "traces", "log", "t1", "-o", "jsonl")
    assert json.loads(told.ran.out) == {"node": "n1", "line": "x"}
    assert [parse_qs(one.query)["node"] for one in told.received[1:]] == [["n1"], ["n1"], ["n2"]]


def test_a_log_cannot_drive_a_terminal(run: Run) -> None:
    told = talk(
        run, [piece("\x1b[31mred\n", 9), piece("", 9)], "traces", "log", "t1", "--node", "n", terminal=True
    )
    assert told.ran.out == "\\x1b[31mred\n"


def test_a_log_of_nothing_is_nothing(run: Run) -> None:
    told = talk(
        run,
        [exchange("GET /trace/{name}/log_detail", "trace trace-nothing")],
        "traces",
        "log",
        "trace-nothing",
    )
    assert (told.ran.code, told.ran.out) == (0, "")
    unknown = [exchange("GET /trace/{name}/log_detail", "trace nope")]
    assert talk(run, unknown, "traces", "log", "nope").ran.code == 6


def test_log_detail_is_by_node(run: Run) -> None:
    told = talk(run, [DETAIL], "traces", "log-detail", "trace-client")
    assert ["emqx1@127.0.0.1", "34.2K", "2026-11-22T23:43:16+00:00"] in [
        x.split() for x in told.ran.out.splitlines()
    ]


def test_the_archive_is_written_whole(run: Run, tmp_path: Path) -> None:
    archive = exchange("GET /trace/{name}/download", "zip of a small trace")
    target = tmp_path / "trace.zip"
    told = talk(run, [archive], "traces", "download", "trace-client", "--output-file", str(target), "--json")
    assert told.ran.code == 0, told.ran.err
    assert target.read_bytes() == archive.answer
    assert told.ran.json == {"file": str(target), "bytes": len(archive.answer)}
    assert told.calls == ["GET /trace/trace-client/download"]
    raw = talk(
        run,
        [archive],
        "traces",
        "download",
        "trace-client",
        "--node",
        "emqx1@127.0.0.1",
        "--output-file",
        "-",
    )
    assert raw.ran.stdout == archive.answer
    assert raw.calls == ["GET /trace/trace-client/download?node=emqx1%40127.0.0.1"]


def test_an_archive_of_nothing_leaves_no_file(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.iterdir())
    empty = exchange("GET /trace/{name}/download", "node without data")
    told = talk(run, [empty], "traces", "download", "trace-client", "--node", "emqx2@127.0.0.1")
    assert told.ran.code == 6
    assert "Trace is empty" in told.ran.err
    assert set(tmp_path.iterdir()) == before
