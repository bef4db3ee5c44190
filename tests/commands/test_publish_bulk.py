"""`emqxctl publish-bulk`: what is sent, and what is reported of each message."""

import json
from pathlib import Path

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import make_exchange, replay

BULK = "POST /publish/bulk"
LINES = b'{"topic": "cmd/1", "payload": "a", "qos": 1}\n\n{"topic": "cmd/2", "payload": {"on": true}}\n'


def test_messages_are_sent_as_they_stand(run: Run) -> None:
    replayed = replay(run, [find_exchange(BULK, "all delivered")], "publish-bulk", "-", "--json", stdin=LINES)
    assert replayed.result.code == 0, replayed.result.err
    assert replayed.bodies == [
        [{"topic": "cmd/1", "payload": "a", "qos": 1}, {"topic": "cmd/2", "payload": '{"on": true}'}]
    ]
    statuses = [(row["number"], row["topic"], row["status"]) for row in replayed.result.json]
    assert statuses == [(1, "cmd/1", "done"), (2, "cmd/2", "done")]
    assert all(row["id"] for row in replayed.result.json)


@pytest.mark.parametrize(
    "content", [json.dumps([{"topic": "a", "payload": "1"}]), "- topic: a\n  payload: '1'\n"]
)
def test_lists_are_taken_too(run: Run, tmp_path: Path, content: str) -> None:
    file = tmp_path / ("m.json" if content.startswith("[") else "m.yaml")
    file.write_text(content)
    replayed = replay(run, [make_exchange(BULK, 200, [{"id": "1"}])], "publish-bulk", str(file))
    assert replayed.bodies == [[{"topic": "a", "payload": "1"}]]


def test_nobody_there_is_no_failure(run: Run) -> None:
    replayed = replay(
        run, [find_exchange(BULK, "mixed delivered and not")], "publish-bulk", "-", "--json", stdin=LINES
    )
    assert replayed.result.code == 0
    assert [row["reason"] for row in replayed.result.json] == ["", "no subscribers"]


@pytest.mark.parametrize(
    ("first", "status", "code"),
    [({"id": "1"}, "done", 9), ({"reason_code": 131, "message": "x"}, "failed", 10)],
)
def test_messages_that_were_not_dispatched_are_told(
    run: Run, first: dict[str, object], status: str, code: int
) -> None:
    answer = [first, {"reason_code": 131, "message": "failed_to_dispatch"}]
    replayed = replay(run, [make_exchange(BULK, 503, answer)], "publish-bulk", "-", "--json", stdin=LINES)
    assert [row["status"] for row in replayed.result.json] == [status, "failed"]
    assert replayed.result.json[1]["reason"] == "failed_to_dispatch"
    assert (replayed.result.code, len(replayed.calls)) == (code, 1)


FOUR = b"".join(b'{"topic": "t/%d", "payload": ""}\n' % number for number in range(4))


def test_batches_are_cut_by_number_and_the_rest_is_left_after_a_failure_where_wished(
    run: Run, tmp_path: Path
) -> None:
    script = [make_exchange(BULK, 200, [{"id": "1"}]), find_exchange(BULK, "one bad topic")]
    report = tmp_path / "report.jsonl"
    arguments = ("publish-bulk", "-", "--batch", "1", "--fail-fast", "--report", str(report), "--json")
    replayed = replay(run, script, *arguments, stdin=FOUR)
    assert [body[0]["topic"] for body in replayed.bodies] == ["t/0", "t/1"]
    assert [row["status"] for row in replayed.result.json] == ["done", "failed", "pending", "pending"]
    assert replayed.result.code == 9
    assert "published 1 of 4" in replayed.result.err


def test_the_one_bad_message_of_a_batch_is_found(run: Run) -> None:
    accepted, refused = (
        make_exchange(BULK, 200, [{"id": "1"}, {"id": "2"}]),
        find_exchange(BULK, "one bad topic"),
    )
    script = [refused, accepted, refused, make_exchange(BULK, 200, [{"id": "3"}]), refused]
    replayed = replay(run, script, "publish-bulk", "-", "--json", stdin=FOUR)
    assert [[item["topic"] for item in body] for body in replayed.bodies] == [
        ["t/0", "t/1", "t/2", "t/3"],
        ["t/0", "t/1"],
        ["t/2", "t/3"],
        ["t/2"],
        ["t/3"],
    ]
    assert [row["status"] for row in replayed.result.json] == ["done", "done", "done", "failed"]
    assert "topic_name_invalid" in replayed.result.json[3]["reason"]
    assert replayed.result.code == 9


def test_what_a_report_left_open_is_sent_later(run: Run, cluster: Sandbox, tmp_path: Path) -> None:
    messages, report = tmp_path / "m.jsonl", tmp_path / "report.jsonl"
    messages.write_bytes(FOUR)
    header = {"verb": "publish", "url": cluster.url}
    rows = [{"number": number, "status": "done" if number < 3 else "pending"} for number in (1, 2, 3, 4)]
    report.write_text("\n".join(json.dumps(item) for item in (header, *rows)))
    result = run("publish-bulk", str(messages), "--resume", str(report), "--json")
    assert [row["topic"] for row in result.json] == ["t/2", "t/3"], result.err
    assert [item["topic"] for item in json.loads(cluster.requests[-1].body)] == ["t/2", "t/3"]


def test_a_table_is_taken_too(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "m.csv"
    file.write_text('topic,payload,qos,retain\n"a,b",1,2,true\nc,"say ""hi""",,\n')
    script = [
        find_exchange("GET /mqtt/retainer", "plain"),
        make_exchange(BULK, 200, [{"id": "1"}, {"id": "2"}]),
    ]
    replayed = replay(run, script, "publish-bulk", str(file))
    assert replayed.bodies == [
        [
            {"topic": "a,b", "payload": "1", "qos": 2, "retain": True},
            {"topic": "c", "payload": 'say "hi"', "qos": 0, "retain": False},
        ]
    ]


def test_a_batch_whose_answer_was_lost_is_not_sent_again(run: Run) -> None:
    replayed = replay(
        run, [make_exchange(BULK, 504, {"message": "x"})], "publish-bulk", "-", "--json", stdin=FOUR
    )
    assert [row["status"] for row in replayed.result.json] == ["unknown"] * 4
    assert len(replayed.calls) == 1


def test_no_body_is_larger_than_emqx_can_take(run: Run) -> None:
    lines = b"".join(b'{"topic": "t", "payload": "%s"}\n' % (b"x" * 1_500_000) for _ in range(3))
    script = [make_exchange(BULK, 200, [{"id": "1"}, {"id": "2"}]), make_exchange(BULK, 200, [{"id": "3"}])]
    replayed = replay(run, script, "publish-bulk", "-", stdin=lines)
    assert [len(body) for body in replayed.bodies] == [2, 1]
    assert replayed.result.code == 0


def test_a_refusal_of_all_is_told_in_words(run: Run) -> None:
    replayed = replay(
        run, [find_exchange(BULK, "one bad topic")] * 3, "publish-bulk", "-", "--json", stdin=LINES
    )
    assert replayed.result.code == 7
    assert all("topic_name_invalid" in row["reason"] for row in replayed.result.json)


@pytest.mark.parametrize(
    ("content", "arguments"),
    [
        (b"", "standard input: empty"),
        (b"[]", "standard input: empty"),
        (b'{"topic": "a", "payload": "1"}\n{"topic": "b"}\n', "line 2: `topic` and `payload` are required"),
        (b'{"topic": "a", "payload": "1"}\nnot json\n', "line 2: invalid JSON"),
        (b'[{"topic": "a", "payload": "1"}, 5]', "item 2: not an object"),
        (b"topic,payload\na,1\nb\n", "line 3: 1 cells, but the header has 2"),
        (b'topic,payload\n"a,1\n', "invalid CSV"),
        (b"topic,payload\n", "standard input: no rows below the header"),
        (b"a/b,1\n", "standard input: the first line has no column 'topic'"),
    ],
)
def test_what_is_no_message_is_named_before_anything_is_sent(
    run: Run, content: bytes, arguments: str
) -> None:
    replayed = replay(run, [], "publish-bulk", "-", stdin=content)
    assert (replayed.result.code, replayed.calls) == (2, [])
    assert arguments in replayed.result.err


def test_the_sandbox_takes_them(run: Run, cluster: Sandbox) -> None:
    result = run("publish-bulk", "-", "--json", stdin=b'{"topic": "x/y", "payload": "1", "retain": true}\n')
    assert result.code == 0, result.err
    assert run("retained", "get", "x/y", "--json").json["payload"] == "MQ=="
    assert run("publish-bulk", "-", "--dry-run", stdin=LINES).err.count("would publish 2 messages") == 1


class RecordedRates:
    """Rate limiters that never wait; they record the rate and the size of each batch."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Take the place of the worker pool's rate limiter."""
        self.rates: list[float] = []
        self.batches: list[int] = []
        monkeypatch.setattr("emqxctl.cli.bulk.workers.RateLimiter", self.new_limiter)

    def new_limiter(self, rate: float) -> "RecordedRates":
        """Record the rate of a new limiter."""
        self.rates.append(rate)
        return self

    def wait(self, count: int, _stop_event: object) -> bool:
        """Record the size of a batch."""
        self.batches.append(count)
        return True


def retained_lines(count: int, payload: str = "r") -> bytes:
    rows = ({"topic": f"zz-r/{number}", "payload": payload, "retain": True} for number in range(count))
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


@pytest.mark.parametrize(
    ("max_rate", "rate", "largest_batch"),
    [
        ("1000/s", 800, 100),
        ("200/s", 160, 20),
        ("50/100ms", 400, 50),
        ("infinity", 1000, 500),
        (None, 1000, 500),
    ],
)
def test_retained_messages_are_published_below_the_rate_of_the_retainer(
    run: Run,
    cluster: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    max_rate: str | None,
    rate: float,
    largest_batch: int,
) -> None:
    cluster.cluster.settings["retainer"]["max_publish_rate"] = max_rate
    if max_rate is None:  # EMQX before 5.7
        del cluster.cluster.settings["retainer"]["max_publish_rate"]
    recorded = RecordedRates(monkeypatch)
    result = run("publish-bulk", "-", stdin=retained_lines(600))
    assert (result.code, recorded.rates, max(recorded.batches)) == (0, [rate], largest_batch), result.err
    assert "warning" not in result.err


def test_messages_without_retain_have_a_rate_that_subscribers_bear(
    run: Run, cluster: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = RecordedRates(monkeypatch)
    assert run("publish-bulk", "-", stdin=LINES).code == 0
    assert recorded.rates == [1000]
    assert [request.path for request in cluster.requests] == ["/api/v5/publish/bulk"]
    assert run("publish-bulk", "-", "--rate", "5000/s", stdin=LINES).code == 0
    assert recorded.rates == [1000, 5000]


def test_retained_messages_that_will_not_be_kept_are_warned_of(
    run: Run, cluster: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = RecordedRates(monkeypatch)
    too_fast = run("publish-bulk", "-", "--rate", "5000/s", stdin=retained_lines(2))
    assert "warning: --rate 5000/s is reduced to 800/s: EMQX drops retained messages above 1000/s" in (
        too_fast.err
    )
    assert recorded.rates == [800]
    cluster.cluster.settings["retainer"]["max_payload_size"] = "1KB"
    assert (
        "max_payload_size, not kept: 1" in run("publish-bulk", "-", stdin=retained_lines(1, "x" * 1025)).err
    )
    assert "max_payload_size" not in run("publish-bulk", "-", stdin=retained_lines(1, "x" * 1024)).err
    cluster.cluster.settings["retainer"]["enable"] = False
    assert "the retainer is disabled" in run("publish-bulk", "-", stdin=retained_lines(1)).err


def test_a_key_that_may_not_read_the_limits_publishes_below_the_default(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = RecordedRates(monkeypatch)
    refused = make_exchange("GET /mqtt/retainer", 403, {"code": "UNAUTHORIZED_ROLE", "message": "no"})
    script = [refused, make_exchange(BULK, 200, [{"id": "1"}])]
    replayed = replay(run, script, "publish-bulk", "-", stdin=retained_lines(1))
    assert (replayed.result.code, recorded.rates) == (0, [800])


@pytest.mark.parametrize(
    ("words", "sent", "code"),
    [((), ["t/3"], 9), (("--retry-unknown",), ["t/1", "t/2", "t/3"], 0)],
)
def test_messages_of_unknown_outcome_are_only_published_again_on_request(
    run: Run, cluster: Sandbox, tmp_path: Path, words: tuple[str, ...], sent: list[str], code: int
) -> None:
    messages, report = tmp_path / "m.jsonl", tmp_path / "report.jsonl"
    messages.write_bytes(FOUR)
    header = {"verb": "publish", "url": cluster.url, "targets": ["1", "2", "3", "4"]}
    rows = [{"number": 1, "status": "done"}, {"started": ["2", "3"]}, {"number": 2, "status": "unknown"}]
    report.write_text("".join(json.dumps(item) + "\n" for item in (header, *rows)))
    result = run("publish-bulk", str(messages), "--resume", str(report), *words, "--json")
    assert [item["topic"] for item in json.loads(cluster.requests[-1].body)] == sent
    assert result.code == code, result.err
    assert ("2 unknown left alone" in result.err) is (not words)


def test_unknown_outcomes_are_those_of_a_report(run: Run, cluster: Sandbox) -> None:
    result = run("publish-bulk", "-", "--retry-unknown", stdin=LINES)
    assert (result.code, "--retry-unknown requires --resume" in result.err) == (2, True)
    assert cluster.requests == []
