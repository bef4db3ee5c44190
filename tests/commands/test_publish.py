"""`emqxctl publish`: text and bytes, properties, and a success if there are no subscribers."""

import base64
import json
from pathlib import Path

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run


def last_body(cluster: Sandbox) -> dict[str, object]:
    """Give the body of the last request."""
    content: dict[str, object] = json.loads(cluster.requests[-1].body)
    return content


def test_text_goes_as_it_is(run: Run, cluster: Sandbox) -> None:
    assert run("publish", "a/b", "héllo {}").code == 0
    assert last_body(cluster) == {
        "topic": "a/b",
        "payload": "héllo {}",
        "payload_encoding": "plain",
        "qos": 0,
        "retain": False,
    }


@pytest.mark.parametrize("content", [b"\xff\xfe", b"\x00\x07", b"bell\x07"])
def test_bytes_go_as_base64(run: Run, cluster: Sandbox, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "payload"
    file.write_bytes(content)
    assert run("publish", "a/b", "-f", str(file)).code == 0
    assert last_body(cluster)["payload_encoding"] == "base64"
    assert base64.b64decode(str(last_body(cluster)["payload"])) == content


def test_stdin_is_read_only_for_a_dash(run: Run, cluster: Sandbox) -> None:
    assert run("publish", "a/b", "-f", "-", stdin=b"piped").code == 0
    assert last_body(cluster)["payload"] == "piped"
    result = run("publish", "a/b", stdin=b"piped")
    assert result.code == 2
    assert "--file" in result.err


def test_the_note_about_no_subscribers_knows_what_was_published(run: Run, cluster: Sandbox) -> None:
    for words, note in (
        (("x",), "the message is kept only if it is retained or delayed"),
        (("x", "--retain"), "the message is retained, unless retained messages are disabled"),
        (("", "--retain"), "the empty payload deletes the retained message"),
    ):
        assert f"no subscribers; {note}\n" in run("publish", "not/subscribed", *words).err


def test_nobody_subscribed_is_a_success_with_a_note(run: Run, cluster: Sandbox) -> None:
    result = run("publish", "nobody/listens", "x", "-o", "json")
    assert result.code == 0
    assert result.json["reason_code"] == 16
    assert "no subscriber" in result.err


def test_somebody_subscribed_gives_the_messages_id(run: Run, cluster: Sandbox) -> None:
    client = next(iter(cluster.cluster.clients))
    run("clients", "subscribe", client, "news/#")
    result = run("publish", "news/today", "x", "-o", "json")
    assert result.code == 0
    assert result.json["id"]
    assert "no subscriber" not in result.err


def test_properties_are_sent_by_their_mqtt_names(run: Run, cluster: Sandbox) -> None:
    options = (
        "--content-type",
        "text/plain",
        "--response-topic",
        "r/1",
        "--correlation-data",
        "c",
        "--message-expiry",
        "2m",
    )
    more_options = (
        "--payload-format",
        "1",
        "--user-property",
        "k=v=w",
        "--user-property",
        "x=y",
        "--qos",
        "2",
        "--retain",
    )
    assert run("publish", "a/b", "p", *options, *more_options).code == 0
    assert last_body(cluster)["properties"] == {
        "content_type": "text/plain",
        "response_topic": "r/1",
        "correlation_data": "c",
        "message_expiry_interval": 120,
        "payload_format_indicator": 1,
        "user_properties": {"k": "v=w", "x": "y"},
    }
    assert (last_body(cluster)["qos"], last_body(cluster)["retain"]) == (2, True)


def test_base64_is_checked_before_it_is_sent(run: Run, cluster: Sandbox) -> None:
    assert run("publish", "a/b", "/w==", "--base64").code == 0
    assert last_body(cluster)["payload"] == "/w=="
    request_count = len(cluster.requests)
    assert run("publish", "a/b", "not base64!", "--base64").code == 2
    assert len(cluster.requests) == request_count


def test_a_topic_with_wildcards_is_refused_by_the_server_in_words(run: Run, cluster: Sandbox) -> None:
    result = run("publish", "a/#", "x", "-o", "json")
    assert result.code == 7
    assert result.out == ""
    assert "topic_name_invalid" in result.error["message"]
