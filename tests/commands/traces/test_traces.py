"""`emqxctl traces` against recorded answers: created, read to the end, stopped, fetched."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from tests.conftest import Run
from tests.support.recordings import Exchange, find_exchange
from tests.support.replay import make_exchange, replay

DETAIL = find_exchange("GET /trace/{name}/log_detail", "trace trace-client")
CREATED = find_exchange("POST /trace", "clientid")
LOG = "/trace/t1/log"


def log_piece(text: str, position: int) -> Exchange:
    """Make one answer of a log up."""
    return make_exchange(f"GET {LOG}", 200, {"items": text, "meta": {"bytes": 9, "position": position}})


def log_detail(*sizes: tuple[str, int]) -> Exchange:
    """Make up how much each node has logged."""
    return make_exchange(
        "GET /trace/t1/log_detail", 200, [{"node": node, "size": size} for node, size in sizes]
    )


def test_the_list_shows_what_is_traced_and_how_much_was_logged(run: Run) -> None:
    replayed = replay(run, [find_exchange("GET /trace", "plain")], "traces", "list", "--json")
    assert replayed.result.json == find_exchange("GET /trace", "plain").body
    lines = replay(run, [find_exchange("GET /trace", "plain")], "traces", "list").result.out.splitlines()
    row = next(line for line in lines if line.startswith("trace-client")).split()
    assert row[:4] == ["trace-client", "running", "clientid", "sensor-001"]
    assert row[-1] == "34.2K"


def test_create_names_the_field_after_what_is_traced(run: Run) -> None:
    replayed = replay(
        run,
        [CREATED],
        *("traces", "create", "rec-t1", "clientid", "sensor-003"),
        *("--start-at", "2026-11-23T00:24:55Z", "--for", "10m", "--formatter", "text", "--json"),
    )
    assert replayed.result.code == 0, replayed.result.err
    body = replayed.bodies[0]
    assert {key: body[key] for key in ("name", "type", "clientid", "formatter")} == {
        "name": "rec-t1",
        "type": "clientid",
        "clientid": "sensor-003",
        "formatter": "text",
    }
    start, end = (datetime.fromisoformat(body[key]) for key in ("start_at", "end_at"))
    assert start == datetime(2026, 11, 23, 0, 24, 55, tzinfo=UTC)
    assert end - start == timedelta(minutes=10)
    assert datetime.fromisoformat(replayed.result.json["end_at"]) == end  # EMQX's own answer repeats start_at


def test_without_times_emqx_decides(run: Run) -> None:
    replayed = replay(
        run, [find_exchange("POST /trace", "ruleid")], "traces", "create", "t", "ruleid", "forward", "--json"
    )
    assert replayed.bodies == [{"name": "t", "type": "ruleid", "ruleid": "forward"}]
    assert "end_at" not in replayed.result.json


def test_a_length_alone_begins_now(run: Run) -> None:
    replayed = replay(
        run, [CREATED], "traces", "create", "t", "topic", "a/#", "--for", "1h", "--payload-encode", "hidden"
    )
    body = replayed.bodies[0]
    remaining = datetime.fromisoformat(body["end_at"]) - datetime.now(UTC)
    assert timedelta(minutes=59) < remaining <= timedelta(hours=1)
    assert "start_at" not in body
    assert (body["topic"], body["payload_encode"]) == ("a/#", "hidden")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--for", "soon"),
        ("--start-at", "yesterday"),
        ("--for", "1h", "--end-at", "2030-01-01T00:00:00Z"),
    ],
)
def test_times_that_make_no_sense_are_not_sent(run: Run, arguments: tuple[str, ...]) -> None:
    replayed = replay(run, [CREATED], "traces", "create", "t", "clientid", "x", *arguments)
    assert (replayed.result.code, replayed.calls) == (2, [])
    assert arguments[0] in replayed.result.err


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("same name", "Already Exists"),
        ("same condition", "rec-t1 Duplication Condition"),
        ("bad name", "Name should be"),
        ("table is full", "reached the maximum"),
    ],
)
def test_why_a_trace_is_refused_can_be_read(run: Run, title: str, reason: str) -> None:
    script = [find_exchange("POST /trace", title)]
    replayed = replay(run, script, "traces", "create", "x", "clientid", "y", "--json")
    assert (replayed.result.code, replayed.result.stdout) == (7, b"")
    assert reason in replayed.result.error["message"]


def test_stop_and_delete(run: Run) -> None:
    stop = find_exchange("PUT /trace/{name}/stop", "done")
    assert replay(run, [stop], "traces", "stop", "rec-t1").calls == ["PUT /trace/rec-t1/stop"]
    unknown = find_exchange("PUT /trace/{name}/stop", "unknown")
    assert replay(run, [unknown], "traces", "stop", "nope").result.code == 6
    assert replay(run, [], "traces", "delete", "rec-t1").result.code == 14
    deleted = find_exchange("DELETE /trace/{name}", "again")
    assert replay(run, [deleted], "traces", "delete", "rec-t1", "--yes").result.code == 6


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_no_name_deletes_all_traces(run: Run, name: str) -> None:
    replayed = replay(
        run, [find_exchange("DELETE /trace", "all traces")], "traces", "delete", "--yes", "--", name
    )
    assert (replayed.result.code, replayed.calls) == (2, [])


def test_clear_is_confirmed(run: Run) -> None:
    script = [find_exchange("DELETE /trace", "all traces")]
    assert replay(run, script, "traces", "clear").result.code == 14
    assert replay(run, script, "traces", "clear", "-y").calls == ["DELETE /trace"]


def test_the_log_is_read_to_its_end_and_lines_stay_whole(run: Run) -> None:
    script = [
        log_detail(("n1", 9), ("n2", 0)),
        log_piece("one\ntw", 6),
        log_piece("o\nthree", 13),
        log_piece("", 13),
    ]
    replayed = replay(run, script, "traces", "log", "t1")
    assert replayed.result.out == "one\ntwo\nthree\n"
    queries = [parse_qs(request.query) for request in replayed.received[1:]]
    assert [query["position"] for query in queries] == [["0"], ["6"], ["13"]]
    assert {query["node"][0] for query in queries} == {"n1"}
    assert "log of n1" in replayed.result.err


def test_recorded_pieces_make_the_recorded_log(run: Run) -> None:
    titles = [
        "trace-client from the start",
        *(f"trace-client position page {number}" for number in (2, 3, 4)),
    ]
    pages = [find_exchange("GET /trace/{name}/log", title) for title in titles]
    replayed = replay(
        run, pages, "traces", "log", "trace-client", "--node", "emqx1@127.0.0.1", "--bytes", "1600"
    )
    assert replayed.result.out == "".join(page.body["items"] for page in pages) + "\n"
    assert len(replayed.calls) == 4


def test_bytes_is_the_most_that_is_asked_for(run: Run) -> None:
    replayed = replay(
        run, [log_piece("abc", 3), log_piece("d", 4)], "traces", "log", "t1", "--node", "n1@h", "--bytes", "4"
    )
    assert [parse_qs(request.query)["bytes"] for request in replayed.received] == [["4"], ["1"]]
    assert replay(run, [], "traces", "log", "t1", "--bytes", "lots").result.code == 2


def test_a_log_that_does_not_go_on_ends(run: Run) -> None:
    replayed = replay(run, [log_piece("again\n", 0)], "traces", "log", "t1", "--node", "n1@h")
    assert replayed.result.out == "again\n"
    assert len(replayed.calls) == 1


def test_every_node_that_logged_is_read(run: Run) -> None:
    script = [log_detail(("n1", 3), ("n2", 3)), log_piece("x\n", 2), log_piece("", 2)]
    replayed = replay(run, script, "traces", "log", "t1", "-o", "jsonl")
    assert json.loads(replayed.result.out) == {"node": "n1", "line": "x"}
    assert [parse_qs(request.query)["node"] for request in replayed.received[1:]] == [["n1"], ["n1"], ["n2"]]


def test_a_log_cannot_drive_a_terminal(run: Run) -> None:
    replayed = replay(
        run,
        [log_piece("\x1b[31mred\n", 9), log_piece("", 9)],
        "traces",
        "log",
        "t1",
        "--node",
        "n",
        terminal=True,
    )
    assert replayed.result.out == "\\x1b[31mred\n"


def cursor_piece(text: str, cursor: str, *, is_last: bool = False) -> Exchange:
    """Make up one answer of a log of EMQX 6.2, where positions are cursors."""
    meta = {"bytes": 9, "position": cursor, **({"hint": "eof"} if is_last else {})}
    return make_exchange(f"GET {LOG}", 200, {"items": text, "meta": meta})


def test_a_log_with_cursors_is_read_to_its_end(run: Run) -> None:
    script = [
        cursor_piece("one\ntw", "g3-a"),
        cursor_piece("o\n", "g3-b"),
        cursor_piece("", "g3-b", is_last=True),
    ]
    replayed = replay(run, script, "traces", "log", "t1", "--node", "n1@h")
    assert replayed.result.out == "one\ntwo\n"
    assert [parse_qs(request.query)["position"] for request in replayed.received] == [
        ["0"],
        ["g3-a"],
        ["g3-b"],
    ]


def test_recorded_cursors_are_sent_back(run: Run) -> None:
    titles = ("rec-trace1 from the start", "rec-trace1 position page 2")
    pages = [find_exchange("GET /trace/{name}/log", title, "6.2.2") for title in titles]
    words = ("traces", "log", "rec-trace1", "--node", "emqx6@127.0.0.1", "--bytes", "2000")
    replayed = replay(run, pages, *words)
    assert replayed.result.out == "".join(page.body["items"] for page in pages) + "\n"
    sent = [parse_qs(request.query) for request in replayed.received]
    assert sent[1]["position"] == [pages[0].body["meta"]["position"]]
    assert sent[1]["bytes"] == ["1000"]


def test_a_limit_cuts_a_piece_that_is_longer(run: Run) -> None:
    replayed = replay(
        run, [cursor_piece("abcdef", "g3-a")], "traces", "log", "t1", "--node", "n1@h", "--bytes", "4"
    )
    assert replayed.result.out == "abcd\n"
    assert len(replayed.calls) == 1


def test_a_piece_that_a_cursor_ends_inside_a_character_is_read_longer(run: Run) -> None:
    script = [
        cursor_piece("z\ufffd", "g3-a"),
        cursor_piece("z\u00e4", "g3-b"),
        cursor_piece("", "g3-b", is_last=True),
    ]
    replayed = replay(run, script, "traces", "log", "t1", "--node", "n1@h", "--bytes", "64")
    assert replayed.result.out == "z\u00e4\n"
    assert [parse_qs(request.query)["bytes"] for request in replayed.received] == [["64"], ["65"], ["61"]]


def test_a_log_of_nothing_is_nothing(run: Run) -> None:
    replayed = replay(
        run,
        [find_exchange("GET /trace/{name}/log_detail", "trace trace-nothing")],
        "traces",
        "log",
        "trace-nothing",
    )
    assert (replayed.result.code, replayed.result.out) == (0, "")
    unknown = [find_exchange("GET /trace/{name}/log_detail", "trace nope")]
    assert replay(run, unknown, "traces", "log", "nope").result.code == 6


def test_log_detail_is_by_node(run: Run) -> None:
    replayed = replay(run, [DETAIL], "traces", "log-detail", "trace-client")
    assert ["emqx1@127.0.0.1", "34.2K", "2026-11-22T23:43:16+00:00"] in [
        line.split() for line in replayed.result.out.splitlines()
    ]


def test_the_archive_is_written_whole(run: Run, tmp_path: Path) -> None:
    archive = find_exchange("GET /trace/{name}/download", "zip of a small trace")
    target = tmp_path / "trace.zip"
    replayed = replay(
        run, [archive], "traces", "download", "trace-client", "--output-file", str(target), "--json"
    )
    assert replayed.result.code == 0, replayed.result.err
    assert target.read_bytes() == archive.response_bytes
    assert replayed.result.json == {"file": str(target), "bytes": len(archive.response_bytes)}
    assert replayed.calls == ["GET /trace/trace-client/download"]
    raw = replay(
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
    assert raw.result.stdout == archive.response_bytes
    assert raw.calls == ["GET /trace/trace-client/download?node=emqx1%40127.0.0.1"]


def test_an_archive_of_nothing_leaves_no_file(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.iterdir())
    empty = find_exchange("GET /trace/{name}/download", "node without data")
    replayed = replay(run, [empty], "traces", "download", "trace-client", "--node", "emqx2@127.0.0.1")
    assert replayed.result.code == 6
    assert "Trace is empty" in replayed.result.err
    assert set(tmp_path.iterdir()) == before
