"""`emqxctl retained`: against the sandbox where it simulates, else against recorded answers."""

from pathlib import Path

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import replay

GET_ONE = "GET /mqtt/retainer/message/{topic}"


def retain(run: Run, *topics: str) -> None:
    """Have messages retained, each with its topic for a payload."""
    for topic in topics:
        assert run("publish", topic, f"at {topic}", "--retain").code == 0


def list_retained(run: Run) -> list[str]:
    """List the topics that have a retained message."""
    return sorted(run("retained", "list", "-o", "name").out.splitlines())


@pytest.fixture
def empty(run: Run, cluster: Sandbox) -> Sandbox:
    """Give a cluster that retains nothing."""
    assert run("retained", "clear", "--yes").code == 0
    assert list_retained(run) == []
    return cluster


def test_list_can_be_narrowed_by_a_filter(run: Run, empty: Sandbox) -> None:
    retain(run, "a/1", "a/2", "b/1")
    result = run("retained", "list", "--topic", "a/+", "--json")
    assert sorted(row["topic"] for row in result.json) == ["a/1", "a/2"]
    assert [
        request.query for request in empty.requests if request.path.endswith("messages") and request.query
    ][-1][0] == (
        "topic",
        "a/+",
    )


def test_a_payload_that_is_text_is_shown_as_text(run: Run, empty: Sandbox) -> None:
    retain(run, "lamp/1")
    assert "at lamp/1" in run("retained", "get", "lamp/1").out
    assert run("retained", "get", "lamp/1", "--json").json["payload"] == "YXQgbGFtcC8x"


def test_a_payload_is_harmless_to_a_terminal(run: Run) -> None:
    script = [find_exchange(GET_ONE, 'topic "ansi/payload"')]
    replayed = replay(run, script, "retained", "get", "ansi/payload", terminal=True, env={"NO_COLOR": "1"})
    assert r"\x1b[31mALARM\x1b[0m" in replayed.result.out
    assert "\x1b" not in replayed.result.out


def test_a_payload_that_is_no_text_stays_base64(run: Run) -> None:
    replayed = replay(run, [find_exchange(GET_ONE, 'topic "utf8/broken"')], "retained", "get", "utf8/broken")
    assert "//76 (base64)" in replayed.result.out


def test_the_bytes_of_a_payload_go_to_a_file_or_to_stdout(run: Run, tmp_path: Path) -> None:
    script = [find_exchange(GET_ONE, 'topic "utf8/broken"')]
    target = tmp_path / "payload"
    replayed = replay(run, script, "retained", "get", "utf8/broken", "--output-file", str(target))
    assert replayed.result.code == 0
    assert target.read_bytes() == b"\xff\xfe\xfa"
    assert (
        replay(run, script, "retained", "get", "utf8/broken", "--output-file", "-").result.stdout
        == b"\xff\xfe\xfa"
    )


def test_a_payload_that_emqx_leaves_out_is_no_empty_file(run: Run, tmp_path: Path) -> None:
    script = [find_exchange(GET_ONE, 'topic "big/above-1MiB"')]
    assert "1 MiB" in replay(run, script, "retained", "get", "big/above-1MiB").result.err
    target = tmp_path / "payload"
    replayed = replay(
        run, script, "retained", "get", "big/above-1MiB", "--output-file", str(target), "--json"
    )
    assert replayed.result.code == 1
    assert replayed.result.error["code"] == "PAYLOAD_TOO_LARGE"
    assert not target.exists()


@pytest.mark.parametrize(
    ("title", "topic", "path"),
    [
        ('topic "odd/%2F"', "odd/%2F", "odd%2F%252F"),
        ('topic "odd/q?a=b&c"', "odd/q?a=b&c", "odd%2Fq%3Fa%3Db%26c"),
        ('topic "/leading/slash"', "/leading/slash", "%2Fleading%2Fslash"),
    ],
)
def test_odd_topics_are_asked_for_exactly(run: Run, title: str, topic: str, path: str) -> None:
    replayed = replay(run, [find_exchange(GET_ONE, title)], "retained", "get", topic, "--json")
    assert replayed.calls == [f"GET /mqtt/retainer/message/{path}"]
    assert replayed.result.json["topic"] == topic


def test_get_wants_one_topic(run: Run, cluster: Sandbox) -> None:
    result = run("retained", "get", "a/#")
    assert (result.code, cluster.requests) == (2, [])
    assert "retained list --topic" in result.err


def test_delete_takes_exactly_what_was_named(run: Run, empty: Sandbox) -> None:
    retain(run, "a/1", "a/2", "b/1")
    result = run("retained", "delete", "a/1", "--yes", "--json")
    assert (result.code, result.json) == (0, {"topic": "a/1"})
    assert list_retained(run) == ["a/2", "b/1"]


def test_delete_by_filter_tells_how_many(run: Run, empty: Sandbox) -> None:
    retain(run, "a/1", "a/2", "b/1")
    unconfirmed = run("retained", "delete", "a/#")
    assert unconfirmed.code == 14
    assert "2 retained messages that match 'a/#'" in unconfirmed.err
    assert list_retained(run) == ["a/1", "a/2", "b/1"]
    done = run("retained", "delete", "a/#", "-y")
    assert done.code == 0
    assert "deleted 2 retained messages that match 'a/#'" in done.err
    assert list_retained(run) == ["b/1"]
    assert "1 retained message that matches 'b/#'" in run("retained", "delete", "b/#").err


def test_delete_by_several_filters_counts_for_each(run: Run, empty: Sandbox) -> None:
    retain(run, "a/1", "a/2", "b/1")
    err = run("retained", "delete", "a/#", "b/#").err
    assert "2 retained messages match 'a/#'\n1 retained message matches 'b/#'\n" in err


def test_delete_of_what_is_not_there_says_so(run: Run, empty: Sandbox) -> None:
    result = run("retained", "delete", "no/such", "--yes", "--json")
    assert (result.code, result.stdout) == (6, b"")


def test_clear_asks_with_the_number(run: Run, empty: Sandbox) -> None:
    retain(run, "a", "b", "c")
    result = run("retained", "clear")
    assert result.code == 14
    assert "all 3 retained messages" in result.err
    assert list_retained(run) == ["a", "b", "c"]


def test_the_configuration_is_sent_whole(run: Run) -> None:
    before = find_exchange("GET /mqtt/retainer", "plain")
    script = [before, find_exchange("PUT /mqtt/retainer", "change")]
    replayed = replay(run, script, "retained", "config", "update", "--msg-expiry-interval", "1d")
    assert replayed.result.code == 0, replayed.result.err
    assert replayed.bodies == [{**before.body, "msg_expiry_interval": "1d"}]
    nested = replay(
        run, script, "retained", "config", "update", "--max-retained-messages", "5", "--no-enable"
    )
    backend = {**before.body["backend"], "max_retained_messages": 5}
    assert nested.bodies == [{**before.body, "enable": False, "backend": backend}]


@pytest.mark.parametrize(("title", "text"), [("bad value", "max_payload_size"), ("unknown field", "colour")])
def test_a_bad_configuration_is_refused_in_words(run: Run, title: str, text: str) -> None:
    script = [find_exchange("GET /mqtt/retainer", "plain"), find_exchange("PUT /mqtt/retainer", title)]
    replayed = replay(run, script, "retained", "config", "update", "--max-payload-size", "huge", "--json")
    assert (replayed.result.code, replayed.result.stdout) == (7, b"")
    assert text in replayed.result.error["message"]
    assert '\\"' not in replayed.result.error["message"]


def test_the_configuration_is_shown(run: Run) -> None:
    replayed = replay(run, [find_exchange("GET /mqtt/retainer", "plain")], "retained", "config", "get")
    assert "1000/s" in replayed.result.out
