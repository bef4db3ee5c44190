"""`emqxctl delayed` against recorded answers."""

import pytest

from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import replay

LIST = "GET /mqtt/delayed/messages"
GET_ONE = "GET /mqtt/delayed/messages/{node}/{msgid}"
DELETE = "DELETE /mqtt/delayed/messages/{node}/{msgid}"
NODE = "emqx1@127.0.0.1"
PUMP = "000660E5F6F7D7EB70F3000016F90000"
GONE = "000660E69EF7B0B770F302000A570000"


def test_the_list_is_complete_over_its_pages(run: Run) -> None:
    pages = [find_exchange(LIST, f"paging, limit=3, page {number}") for number in (1, 2, 3)]
    replayed = replay(run, pages, "delayed", "list", "--json")
    assert [row["topic"] for row in replayed.result.json] == [
        row["topic"] for page in pages for row in page.body["data"]
    ]
    assert len(replayed.result.json) == 8


def test_the_table_tells_when_each_comes_and_how_to_name_it(run: Run) -> None:
    replayed = replay(run, [find_exchange(LIST, "paging, limit=3, page 3")], "delayed", "list")
    heading, row = replayed.result.out.splitlines()[:2]
    assert heading.split()[:3] == ["TOPIC", "IN", "QOS"]
    assert row.split()[:4] == ["alerts/pump-1", "5h", "29m", "1"]
    assert PUMP in row
    assert NODE in row


def test_a_payload_is_shown_as_text_and_given_as_base64(run: Run) -> None:
    script = [find_exchange(GET_ONE, "message to alerts/pump-1")]
    replayed = replay(run, script, "delayed", "get", NODE, PUMP)
    assert replayed.calls == [f"GET /mqtt/delayed/messages/emqx1%40127.0.0.1/{PUMP}"]
    assert "check pump 1" in replayed.result.out
    assert (
        replay(run, script, "delayed", "get", NODE, PUMP, "--json").result.json["payload"]
        == "Y2hlY2sgcHVtcCAx"
    )


def test_a_payload_that_is_too_large_is_called_so(run: Run) -> None:
    replayed = replay(
        run,
        [find_exchange(GET_ONE, "message to big")],
        "delayed",
        "get",
        NODE,
        "000660E5F6F81B6670F3000017050000",
    )
    assert "PAYLOAD_TOO_LARGE" in replayed.result.out


@pytest.mark.parametrize(
    ("operation", "title", "code"),
    [
        (GET_ONE, "unknown id", 6),
        (GET_ONE, "the stopped node", 6),
    ],
)
def test_what_cannot_be_shown_is_an_error(run: Run, operation: str, title: str, code: int) -> None:
    recorded = find_exchange(operation, title)
    node = "emqx3@127.0.0.1" if "stopped" in title else NODE
    replayed = replay(run, [recorded], "delayed", "get", node, "0" * 32, "--json")
    assert (replayed.result.code, replayed.result.stdout) == (code, b"")
    assert recorded.body["message"] in replayed.result.error["message"]


def test_delete_names_node_and_message(run: Run) -> None:
    replayed = replay(run, [find_exchange(DELETE, "one")], "delayed", "delete", NODE, GONE, "--yes")
    assert replayed.result.code == 0
    assert replayed.calls == [f"DELETE /mqtt/delayed/messages/emqx1%40127.0.0.1/{GONE}"]
    assert replay(run, [], "delayed", "delete", NODE, GONE).result.code == 14


def test_character_codes_are_read_to_the_user(run: Run) -> None:
    replayed = replay(run, [find_exchange(DELETE, "again")], "delayed", "delete", NODE, GONE, "--yes")
    assert replayed.result.code == 6
    assert "77,101" not in replayed.result.err
    assert "Message ID" in replayed.result.err


@pytest.mark.parametrize(
    ("title", "topic", "code"),
    [
        ("by topic", "rec/later2", 0),
        ("by topic again", "rec/later2", 6),
        ("wildcard", "rec/#", 7),
    ],
)
def test_all_of_a_topic_can_be_deleted(run: Run, title: str, topic: str, code: int) -> None:
    script = [find_exchange("DELETE /mqtt/delayed/messages/{topic}", title)]
    replayed = replay(run, script, "delayed", "delete-topic", topic, "--yes")
    assert replayed.result.code == code, replayed.result.err
    assert replayed.calls == [
        "DELETE /mqtt/delayed/messages/" + topic.replace("/", "%2F").replace("#", "%23")
    ]


def test_the_configuration_is_changed(run: Run) -> None:
    script = [find_exchange("GET /mqtt/delayed", "plain"), find_exchange("PUT /mqtt/delayed", "limit")]
    replayed = replay(run, script, "delayed", "config", "update", "--max-delayed-messages", "1000", "--json")
    assert replayed.bodies == [{"enable": True, "max_delayed_messages": 1000}]
    assert replayed.result.json == {"enable": True, "max_delayed_messages": 1000}
    off = [find_exchange("GET /mqtt/delayed", "plain"), find_exchange("PUT /mqtt/delayed", "off")]
    assert replay(run, off, "delayed", "config", "update", "--no-enable").bodies == [
        {"enable": False, "max_delayed_messages": 0}
    ]
    assert replay(run, off, "delayed", "config", "get", "--json").result.json["enable"] is True
