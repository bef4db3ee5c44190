"""`emqxctl publish-bulk`: what is sent, and what is told of each message."""

import json
from pathlib import Path

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.recorded import exchange
from tests.support.replay import made, talk

BULK = "POST /publish/bulk"
LINES = b'{"topic": "cmd/1", "payload": "a", "qos": 1}\n\n{"topic": "cmd/2", "payload": {"on": true}}\n'


def test_messages_are_sent_as_they_stand(run: Run) -> None:
    told = talk(run, [exchange(BULK, "all delivered")], "publish-bulk", "-", "--json", stdin=LINES)
    assert told.ran.code == 0, told.ran.err
    assert told.bodies == [
        [{"topic": "cmd/1", "payload": "a", "qos": 1}, {"topic": "cmd/2", "payload": '{"on": true}'}]
    ]
    found = [(row["number"], row["topic"], row["status"]) for row in told.ran.json]
    assert found == [(1, "cmd/1", "done"), (2, "cmd/2", "done")]
    assert all(row["id"] for row in told.ran.json)


@pytest.mark.parametrize(
    "content", [json.dumps([{"topic": "a", "payload": "1"}]), "- topic: a\n  payload: '1'\n"]
)
def test_lists_are_taken_too(run: Run, tmp_path: Path, content: str) -> None:
    file = tmp_path / ("m.json" if content.startswith("[") else "m.yaml")
    file.write_text(content)
    told = talk(run, [made(BULK, 200, [{"id": "1"}])], "publish-bulk", str(file))
    assert told.bodies == [[{"topic": "a", "payload": "1"}]]


def test_nobody_there_is_no_failure(run: Run) -> None:
    told = talk(run, [exchange(BULK, "mixed delivered and not")], "publish-bulk", "-", "--json", stdin=LINES)
    assert told.ran.code == 0
    assert [row["reason"] for row in told.ran.json] == ["", "no subscriber"]


@pytest.mark.parametrize(
    ("first", "status", "code"),
    [({"id": "1"}, "done", 9), ({"reason_code": 131, "message": "x"}, "failed", 10)],
)
def test_messages_that_were_not_dispatched_are_told(
    run: Run, first: dict[str, object], status: str, code: int
) -> None:
    answer = [first, {"reason_code": 131, "message": "failed_to_dispatch"}]
    told = talk(run, [made(BULK, 503, answer)], "publish-bulk", "-", "--json", stdin=LINES)
    assert [row["status"] for row in told.ran.json] == [status, "failed"]
    assert told.ran.json[1]["reason"] == "failed_to_dispatch"
    assert (told.ran.code, len(told.calls)) == (code, 1)


FOUR = b"".join(b'{"topic": "t/%d", "payload": ""}\n' % number for number in range(4))


def test_batches_are_cut_by_number_and_the_rest_is_left_after_a_failure_where_wished(
    run: Run, tmp_path: Path
) -> None:
    script = [made(BULK, 200, [{"id": "1"}]), exchange(BULK, "one bad topic")]
    report = tmp_path / "report.jsonl"
    words = ("publish-bulk", "-", "--batch", "1", "--fail-fast", "--report", str(report), "--json")
    told = talk(run, script, *words, stdin=FOUR)
    assert [body[0]["topic"] for body in told.bodies] == ["t/0", "t/1"]
    assert [row["status"] for row in told.ran.json] == ["done", "failed", "left", "left"]
    assert told.ran.code == 9
    assert "published 1 of 4" in told.ran.err


def test_the_one_bad_message_of_a_batch_is_found(run: Run) -> None:
    fine, bad = made(BULK, 200, [{"id": "1"}, {"id": "2"}]), exchange(BULK, "one bad topic")
    script = [bad, fine, bad, made(BULK, 200, [{"id": "3"}]), bad]
    told = talk(run, script, "publish-bulk", "-", "--json", stdin=FOUR)
    assert [[one["topic"] for one in body] for body in told.bodies] == [
        ["t/0", "t/1", "t/2", "t/3"],
        ["t/0", "t/1"],
        ["t/2", "t/3"],
        ["t/2"],
        ["t/3"],
    ]
    assert [row["status"] for row in told.ran.json] == ["done", "done", "done", "failed"]
    assert "topic_name_invalid" in told.ran.json[3]["reason"]
    assert told.ran.code == 9


def test_what_a_report_left_open_is_sent_later(run: Run, cluster: Sandbox, tmp_path: Path) -> None:
    messages, report = tmp_path / "m.jsonl", tmp_path / "report.jsonl"
    messages.write_bytes(FOUR)
    head = {"verb": "publish", "place": cluster.url}
    rows = [{"number": number, "status": "done" if number < 3 else "left"} for number in (1, 2, 3, 4)]
    report.write_text("\n".join(json.dumps(one) for one in (head, *rows)))
    ran = run("publish-bulk", str(messages), "--resume", str(report), "--json")
    assert [row["topic"] for row in ran.json] == ["t/2", "t/3"], ran.err
    assert [one["topic"] for one in json.loads(cluster.requests[-1].body)] == ["t/2", "t/3"]


def test_a_table_is_taken_too(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "m.csv"
    file.write_text('topic,payload,qos,retain\n"a,b",1,2,true\nc,"say ""hi""",,\n')
    told = talk(run, [made(BULK, 200, [{"id": "1"}, {"id": "2"}])], "publish-bulk", str(file))
    assert told.bodies == [
        [
            {"topic": "a,b", "payload": "1", "qos": 2, "retain": True},
            {"topic": "c", "payload": 'say "hi"', "qos": 0, "retain": False},
        ]
    ]


def test_a_batch_whose_answer_was_lost_is_not_sent_again(run: Run) -> None:
    told = talk(run, [made(BULK, 504, {"message": "x"})], "publish-bulk", "-", "--json", stdin=FOUR)
    assert [row["status"] for row in told.ran.json] == ["unknown"] * 4
    assert len(told.calls) == 1


def test_no_body_is_larger_than_emqx_can_take(run: Run) -> None:
    lines = b"".join(b'{"topic": "t", "payload": "%s"}\n' % (b"x" * 1_500_000) for _ in range(3))
    script = [made(BULK, 200, [{"id": "1"}, {"id": "2"}]), made(BULK, 200, [{"id": "3"}])]
    told = talk(run, script, "publish-bulk", "-", stdin=lines)
    assert [len(body) for body in told.bodies] == [2, 1]
    assert told.ran.code == 0


def test_a_refusal_of_all_is_told_in_words(run: Run) -> None:
    told = talk(run, [exchange(BULK, "one bad topic")] * 3, "publish-bulk", "-", "--json", stdin=LINES)
    assert told.ran.code == 7
    assert all("topic_name_invalid" in row["reason"] for row in told.ran.json)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "standard input: it holds nothing"),
        (b"[]", "it holds nothing"),
        (b'{"topic": "a", "payload": "1"}\n{"topic": "b"}\n', "line 2: no message"),
        (b'{"topic": "a", "payload": "1"}\nnot json\n', "line 2: not JSON"),
        (b'[{"topic": "a", "payload": "1"}, 5]', "item 2: not an object"),
        (b"topic,payload\na,1\nb\n", "line 3: 1 cells, but the header names 2"),
        (b'topic,payload\n"a,1\n', "not CSV"),
    ],
)
def test_what_is_no_message_is_named_before_anything_is_sent(run: Run, content: bytes, words: str) -> None:
    told = talk(run, [], "publish-bulk", "-", stdin=content)
    assert (told.ran.code, told.calls) == (2, [])
    assert words in told.ran.err


def test_the_sandbox_takes_them(run: Run, cluster: Sandbox) -> None:
    ran = run("publish-bulk", "-", "--json", stdin=b'{"topic": "x/y", "payload": "1", "retain": true}\n')
    assert ran.code == 0, ran.err
    assert run("retained", "get", "x/y", "--json").json["payload"] == "MQ=="
    assert run("publish-bulk", "-", "--dry-run", stdin=LINES).err.count("would publish 2 messages") == 1
