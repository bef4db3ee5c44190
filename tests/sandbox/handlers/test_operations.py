"""What is done to the sandbox shows in what it answers afterwards."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from emqxctl.sandbox.server import Sandbox

HOSTILE = ["a/b", "a+b", "a#b", "a%2Fb", "a b", "üñ", "q?x=1", "x/../y", "trail/", "\x1b[31mred", "名前"]


def rows(answer: tuple[int, Any]) -> list[Any]:
    status, body = answer
    assert status == 200, body
    return list(body["data"])


def test_the_inhabitants_follow_from_the_seed(clock: Any) -> None:
    def inhabitants(seed: int) -> str:
        cluster = Sandbox(seed=seed, clock=clock).cluster
        return json.dumps([client.row() for client in cluster.clients.values()])

    assert inhabitants(1) == inhabitants(1)
    assert inhabitants(1) != inhabitants(2)


def test_the_inhabitants_are_of_every_kind(call: Any) -> None:
    clients = rows(call("GET", "/clients"))
    assert len(clients) == 24
    assert {row["connected"] for row in clients} == {True, False}
    assert {row["proto_ver"] for row in clients} == {3, 4, 5}
    assert len({row["node"] for row in clients}) == 3
    assert any(row["mqueue_len"] for row in clients)
    topics = {row["topic"] for row in rows(call("GET", "/subscriptions"))}
    assert any(topic.startswith("$share/") for topic in topics)
    assert any("#" in topic for topic in topics)


def test_a_kick_takes_subscriptions_and_topics_along(call: Any) -> None:
    call.cluster.add_client("lonely")
    call.cluster.add_subscription("lonely", "only/here")
    assert call("GET", "/topics/only%2Fhere")[0] == 200
    assert call("DELETE", "/clients/lonely") == (204, None)
    assert call("GET", "/clients/lonely")[0] == 404
    assert rows(call("GET", "/subscriptions?clientid=lonely")) == []
    assert call("GET", "/topics/only%2Fhere")[1]["code"] == "TOPIC_NOT_FOUND"


def test_a_bulk_kick_never_tells_what_it_found(call: Any) -> None:
    before = call("GET", "/sessions_count")[1]
    assert call("POST", "/clients/kickout/bulk", ["sensor-001", "nobody"])[0] == 204
    assert call("GET", "/sessions_count")[1] == before - 1


@pytest.mark.parametrize("clientid", HOSTILE)
def test_a_hostile_id_can_be_shown_and_kicked(call: Any, clientid: str) -> None:
    call.cluster.add_client(clientid)
    path = "/clients/" + quote(clientid, safe="")
    assert call("GET", path)[1]["clientid"] == clientid
    assert call("DELETE", path)[0] == 204
    assert clientid not in call.cluster.clients


def test_an_id_with_a_bell_is_refused_everywhere(call: Any) -> None:
    call.cluster.add_client("ding\x07")
    assert call("DELETE", "/clients/ding%07")[0] == 400
    assert call("POST", "/clients/kickout/bulk", ["sensor-001", "ding\x07"])[0] == 400
    assert "sensor-001" in call.cluster.clients


def test_subscribing_shows_and_unsubscribing_ends_it(call: Any) -> None:
    made = call("POST", "/clients/sensor-001/subscribe", {"topic": "new/#", "qos": 1})[1]
    assert made == {
        "clientid": "sensor-001",
        "node": call.cluster.clients["sensor-001"].node,
        "topic": "new/#",
        "nl": 0,
        "qos": 1,
        "rap": 0,
        "rh": 0,
    }
    assert call("GET", "/topics/new%2F%23")[0] == 200
    assert call("POST", "/clients/sensor-001/unsubscribe", {"topic": "new/#"})[0] == 204
    assert call("GET", "/topics/new%2F%23")[0] == 404


def test_a_failed_bulk_subscription_is_still_a_200(call: Any) -> None:
    status, body = call("POST", "/clients/sensor-001/subscribe/bulk", [{"topic": "$share/x"}, {"topic": "y"}])
    assert status == 200
    assert [row["topic"] for row in body["succeed"]] == ["y"]
    assert body["failed"][0]["data"][:2] == ["sensor-001", "$share/x"]


def test_publishing_reaches_subscribers_and_waits_for_those_away(call: Any) -> None:
    call.cluster.add_client("away", connected=False)
    call.cluster.add_subscription("away", "news/#", qos=1)
    status, body = call("POST", "/publish", {"topic": "news/today", "payload": "hello", "qos": 1})
    assert (status, list(body)) == (200, ["id"])
    waiting = rows(call("GET", "/clients/away/mqueue_messages?payload=plain"))
    assert [(row["topic"], row["payload"]) for row in waiting] == [("news/today", "hello")]
    assert call("GET", "/clients/away")[1]["mqueue_len"] == 1


def test_a_share_group_gets_a_message_once(call: Any) -> None:
    for name in ("worker-1", "worker-2"):
        call.cluster.add_client(name, connected=False)
        call.cluster.add_subscription(name, "$share/crew/work", qos=1)
    assert call("POST", "/publish", {"topic": "work", "payload": "x", "qos": 1})[0] == 200
    assert sum(len(call.cluster.clients[name].mqueue) for name in ("worker-1", "worker-2")) == 1


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/banned?like_clientid=[", None),
        ("GET", "/banned?peerhost=nope", None),
        ("GET", "/error_codes/NOPE", None),
        ("GET", "/clients_v2?cursor=W10", None),
        ("GET", "/clients?conn_state=gone", None),
        ("POST", "/banned", {"as": "peerhost", "who": "nope"}),
        ("POST", "/banned", {"as": "colour", "who": "red"}),
        ("POST", "/banned", {"who": "red"}),
        ("POST", "/clients/kickout/bulk", ["fine", "b\x00d"]),
        ("DELETE", "/banned/colour/red", None),
    ],
)
def test_bad_requests_are_refused_in_emqx_s_way(call: Any, method: str, path: str, body: Any) -> None:
    status, answered = call(method, path, body)
    assert (status, answered["code"]) == (400, "BAD_REQUEST")


def test_bad_base64_is_refused_in_the_words_of_mqtt(call: Any) -> None:
    wish = {"topic": "t", "payload": "?", "payload_encoding": "base64"}
    assert call("POST", "/publish", wish)[1]["reason_code"] == 131


def test_publishing_to_nobody_is_202_and_success(call: Any) -> None:
    assert call("POST", "/publish", {"topic": "void", "payload": "x"}) == (
        202,
        {"message": "no_matching_subscribers", "reason_code": 16},
    )


def test_a_retained_message_is_kept_until_an_empty_one_comes(call: Any) -> None:
    call(
        "POST",
        "/publish",
        {"topic": "keep/me", "payload": "AP8=", "payload_encoding": "base64", "retain": True},
    )
    assert call("GET", "/mqtt/retainer/message/keep%2Fme")[1]["payload"] == "AP8="
    assert [row["topic"] for row in rows(call("GET", "/mqtt/retainer/messages?topic=keep/%2B"))] == [
        "keep/me"
    ]
    call("POST", "/publish", {"topic": "keep/me", "payload": "", "retain": True})
    assert call("GET", "/mqtt/retainer/message/keep%2Fme")[0] == 404


def test_deleting_a_retained_filter_takes_all_that_fit(call: Any) -> None:
    assert call("DELETE", "/mqtt/retainer/message/status%2F%2B")[0] == 204
    assert not any(topic.startswith("status/") for topic in call.cluster.retained)
    assert call.cluster.retained
    assert call("DELETE", "/mqtt/retainer/messages")[0] == 204
    assert not call.cluster.retained


def test_a_ban_ends_by_itself(call: Any, clock: Any) -> None:
    until = int(clock.now) + 60
    assert call("POST", "/banned", {"as": "clientid", "who": "x", "until": until})[0] == 200
    assert len(rows(call("GET", "/banned?clientid=x"))) == 1
    assert call("POST", "/banned", {"as": "clientid", "who": "x"})[1]["code"] == "ALREADY_EXISTS"
    clock.now += 61
    assert rows(call("GET", "/banned?clientid=x")) == []
    assert call("DELETE", "/banned/clientid/x")[0] == 404


@pytest.mark.parametrize("path", ["/banned/clientid/..", "/banned/clientid/%2E%2E", "/banned/", "/banned/."])
def test_dot_segments_really_clear_all_bans(call: Any, path: str) -> None:
    assert rows(call("GET", "/banned"))
    assert call("DELETE", path)[0] == 204
    assert rows(call("GET", "/banned")) == []


def test_a_dot_is_the_list_and_two_dots_are_nowhere(call: Any) -> None:
    assert len(rows(call("GET", "/clients/."))) == 24
    assert call("GET", "/clients/..")[0] == 404


def test_an_alarm_ends_on_the_answering_node_only(call: Any) -> None:
    name = "connector:http:billing-webhook"
    assert call("POST", "/alarms/force_deactivate", {"name": name})[0] == 204
    left = [row["node"] for row in rows(call("GET", "/alarms")) if row["name"] == name]
    assert left == ["emqx2@sandbox.local", "emqx3@sandbox.local"]
    assert [row["name"] for row in rows(call("GET", "/alarms?activated=false"))][-1] == name
    assert call("DELETE", "/alarms")[0] == 204
    assert rows(call("GET", "/alarms?activated=false")) == []
    assert rows(call("GET", "/alarms"))


def test_a_stopped_node_is_missing_from_lists_and_named_in_nodes(call: Any) -> None:
    call.cluster.stop_node("emqx3@sandbox.local")
    assert call("GET", "/nodes")[1][2] == {
        "node": "emqx3@sandbox.local",
        "node_status": "stopped",
        "role": "core",
    }
    assert call("GET", "/nodes/emqx3@sandbox.local")[0] == 404
    status, body = call("GET", "/clients?node=emqx3@sandbox.local")
    assert (status, body["code"]) == (500, "NODE_DOWN")


def test_the_counts_agree_with_the_lists(call: Any) -> None:
    total = call("GET", "/stats?aggregate=true")[1]
    assert total["connections.count"] == call("GET", "/clients")[1]["meta"]["count"]
    assert total["subscriptions.count"] == call("GET", "/subscriptions")[1]["meta"]["count"]
    assert total["retained.count"] == call("GET", "/mqtt/retainer/messages")[1]["meta"]["count"]
    assert total["topics.count"] == call("GET", "/topics")[1]["meta"]["count"]
    call("DELETE", "/clients/sensor-001")
    after = call("GET", "/stats?aggregate=true")[1]
    assert after["connections.count"] == total["connections.count"] - 1
    assert after["connections.max"] == total["connections.max"]


def test_a_token_slides_ends_and_expires(call: Any, clock: Any) -> None:
    token = "Bearer " + call("POST", "/login", {"username": "admin", "password": "public"})[1]["token"]
    clock.now += 3_000
    assert call("GET", "/nodes", authorization=token)[0] == 200
    clock.now += 3_000
    assert call("GET", "/nodes", authorization=token)[0] == 200
    clock.now += 3_601
    assert call("GET", "/nodes", authorization=token)[1]["code"] == "TOKEN_TIME_OUT"
    token = "Bearer " + call("POST", "/login", {"username": "admin", "password": "public"})[1]["token"]
    assert call("POST", "/logout", {"username": "admin"}, authorization=token)[0] == 204
    assert call("GET", "/nodes", authorization=token)[1]["code"] == "BAD_TOKEN"


@pytest.mark.parametrize("path", ["/api_key", "/api_key/x", "/users"])
def test_an_api_key_is_refused_where_only_tokens_count(call: Any, path: str) -> None:
    status, body = call("GET", path)
    assert (status, body["code"]) == (401, "API_KEY_NOT_ALLOW")


@pytest.mark.parametrize("limit", [1, 5, 7, 24, 100])
@pytest.mark.parametrize(
    "path", ["/clients", "/subscriptions", "/topics", "/banned", "/mqtt/retainer/messages"]
)
def test_all_pages_hold_each_row_once(call: Any, path: str, limit: int) -> None:
    whole = rows(call("GET", f"{path}?limit=1000"))
    found: list[Any] = []
    page = 1
    while data := rows(call("GET", f"{path}?limit={limit}&page={page}")):
        found += data
        page += 1
    assert found == whole


@pytest.mark.parametrize("limit", [1, 3, 8, 24, 100])
def test_all_cursor_pages_hold_each_client_once(call: Any, limit: int) -> None:
    found: list[str] = []
    cursor = ""
    while True:
        _, body = call("GET", f"/clients_v2?limit={limit}{cursor}")
        found += [row["clientid"] for row in body["data"]]
        if "cursor" not in body["meta"]:
            break
        cursor = "&cursor=" + body["meta"]["cursor"]
    assert sorted(found) == sorted(call.cluster.clients)


def test_a_kick_between_cursor_pages_loses_nobody_else(call: Any) -> None:
    _, body = call("GET", "/clients_v2?limit=4")
    last = body["data"][-1]["clientid"]
    call("DELETE", f"/clients/{last}")
    _, rest = call("GET", f"/clients_v2?limit=100&cursor={body['meta']['cursor']}")
    seen = {row["clientid"] for row in body["data"] + rest["data"]}
    assert seen == set(call.cluster.clients) | {last}


def test_unknown_parameters_are_ignored_and_named_fields_kept(call: Any) -> None:
    assert len(rows(call("GET", "/clients?clientidd=sensor-001"))) == 24
    narrow = rows(call("GET", "/clients?fields=clientid,node&limit=1"))[0]
    assert set(narrow) == {"clientid", "node"}
    assert call("GET", "/clients?fields=clientid&fields=node")[0] == 400
    assert call("GET", "/clients?fields=colour")[0] == 400


def test_times_filter(call: Any, clock: Any) -> None:
    call.cluster.add_client("fresh", connected_at=clock.now - 5)
    since = int(clock.now - 60) * 1000
    assert [row["clientid"] for row in rows(call("GET", f"/clients?gte_connected_at={since}"))] == ["fresh"]
    assert len(rows(call("GET", f"/clients?lte_connected_at={since}"))) == 24
    assert call("GET", "/clients?gte_connected_at=2026-01-01")[0] == 400


def test_fields_of_an_added_client_win(call: Any) -> None:
    call.cluster.add_client("busy", mqueue_len=5_000, mqueue_dropped=7, username="ops", ip_address="::1")
    row = call("GET", "/clients/busy")[1]
    assert (row["mqueue_len"], row["mqueue_dropped"], row["username"]) == (5_000, 7, "ops")
    assert [each["clientid"] for each in rows(call("GET", "/clients?ip_address=::1"))] == ["busy"]
