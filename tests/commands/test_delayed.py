"""`emqxctl delayed` against recorded answers."""

import pytest

from tests.conftest import Run
from tests.support.recorded import exchange
from tests.support.replay import talk

LIST = "GET /mqtt/delayed/messages"
ONE = "GET /mqtt/delayed/messages/{node}/{msgid}"
DELETE = "DELETE /mqtt/delayed/messages/{node}/{msgid}"
NODE = "emqx1@127.0.0.1"
PUMP = "000660E5F6F7D7EB70F3000016F90000"
GONE = "000660E69EF7B0B770F302000A570000"


def test_the_list_is_complete_over_its_pages(run: Run) -> None:
    pages = [exchange(LIST, f"paging, limit=3, page {number}") for number in (1, 2, 3)]
    told = talk(run, pages, "delayed", "list", "--json")
    assert [row["topic"] for row in told.ran.json] == [
        row["topic"] for page in pages for row in page.body["data"]
    ]
    assert len(told.ran.json) == 8


def test_the_table_tells_when_each_comes_and_how_to_name_it(run: Run) -> None:
    told = talk(run, [exchange(LIST, "paging, limit=3, page 3")], "delayed", "list")
    heading, row = told.ran.out.splitlines()[:2]
    assert heading.split()[:3] == ["TOPIC", "IN", "QOS"]
    assert row.split()[:4] == ["alerts/pump-1", "5h", "29m", "1"]
    assert PUMP in row
    assert NODE in row


def test_a_payload_is_shown_as_text_and_given_as_base64(run: Run) -> None:
    script = [exchange(ONE, "message to alerts/pump-1")]
    told = talk(run, script, "delayed", "get", NODE, PUMP)
    assert told.calls == [f"GET /mqtt/delayed/messages/emqx1%40127.0.0.1/{PUMP}"]
    assert "check pump 1" in told.ran.out
    assert talk(run, script, "delayed", "get", NODE, PUMP, "--json").ran.json["payload"] == "Y2hlY2sgcHVtcCAx"


def test_a_payload_that_is_too_large_is_called_so(run: Run) -> None:
    told = talk(
        run, [exchange(ONE, "message to big")], "delayed", "get", NODE, "000660E5F6F81B6670F3000017050000"
    )
    assert "PAYLOAD_TOO_LARGE" in told.ran.out


@pytest.mark.parametrize(
    ("operation", "title", "code"),
    [
        (ONE, "unknown id", 6),
        (ONE, "the stopped node", 6),
    ],
)
def test_what_cannot_be_shown_is_an_error(run: Run, operation: str, title: str, code: int) -> None:
    recorded = exchange(operation, title)
    node = "emqx3@127.0.0.1" if "stopped" in title else NODE
    told = talk(run, [recorded], "delayed", "get", node, "0" * 32, "--json")
    assert (told.ran.code, told.ran.stdout) == (code, b"")
    assert recorded.body["message"] in told.ran.error["message"]


def test_delete_names_node_and_message(run: Run) -> None:
    told = talk(run, [exchange(DELETE, "one")], "delayed", "delete", NODE, GONE, "--yes")
    assert told.ran.code == 0
    assert told.calls == [f"DELETE /mqtt/delayed/messages/emqx1%40127.0.0.1/{GONE}"]
    assert talk(run, [], "delayed", "delete", NODE, GONE).ran.code == 14


def test_character_codes_are_read_to_the_user(run: Run) -> None:
    told = talk(run, [exchange(DELETE, "again")], "delayed", "delete", NODE, GONE, "--yes")
    assert told.ran.code == 6
    assert "77,101" not in told.ran.err
    assert "Message ID" in told.ran.err


@pytest.mark.parametrize(
    ("title", "topic", "code"),
    [
        ("by topic", "rec/later2", 0),
        ("by topic again", "rec/later2", 6),
        ("wildcard", "rec/#", 7),
    ],
)
def test_all_of_a_topic_can_be_deleted(run: Run, title: str, topic: str, code: int) -> None:
    script = [exchange("DELETE /mqtt/delayed/messages/{topic}", title)]
    told = talk(run, script, "delayed", "delete-topic", topic, "--yes")
    assert told.ran.code == code, told.ran.err
    assert told.calls == ["DELETE /mqtt/delayed/messages/" + topic.replace("/", "%2F").replace("#", "%23")]


def test_the_configuration_is_changed(run: Run) -> None:
    script = [exchange("GET /mqtt/delayed", "plain"), exchange("PUT /mqtt/delayed", "limit")]
    told = talk(run, script, "delayed", "config", "update", "--max-delayed-messages", "1000", "--json")
    assert told.bodies == [{"enable": True, "max_delayed_messages": 1000}]
    assert told.ran.json == {"enable": True, "max_delayed_messages": 1000}
    off = [exchange("GET /mqtt/delayed", "plain"), exchange("PUT /mqtt/delayed", "off")]
    assert talk(run, off, "delayed", "config", "update", "--no-enable").bodies == [
        {"enable": False, "max_delayed_messages": 0}
    ]
    assert talk(run, off, "delayed", "config", "get", "--json").ran.json["enable"] is True
