"""`emqxctl gateways clients`: clients of a gateway and their subscriptions."""

from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import replay

CLIENT = "t3ApxQ9BqVJ2l6FC"


def test_clients_are_listed_with_the_filters_of_the_server(run: Run) -> None:
    script = [find_exchange("GET /gateways/{name}/clients", "lwm2m endpoint")]
    outcome = replay(
        run, script, "gateways", "clients", "list", "lwm2m", "--endpoint-name", "lwm2m-meter-01", "-o", "name"
    )
    assert outcome.result.out == "lwm2m-meter-01\n"
    assert outcome.calls == ["GET /gateways/lwm2m/clients?endpoint_name=lwm2m-meter-01&page=1&limit=1000"]


def test_a_client_is_shown_and_kicked(run: Run) -> None:
    client = find_exchange("GET /gateways/{name}/clients/{clientid}", f"stomp client {CLIENT}")
    assert (
        replay(run, [client], "gateways", "clients", "get", "stomp", CLIENT, "--json").result.json
        == client.body
    )
    assert replay(run, [], "gateways", "clients", "kick", "mqttsn", "sn/node 02").result.code == 14
    deletion = find_exchange("DELETE /gateways/{name}/clients/{clientid}", "odd id")
    outcome = replay(run, [deletion], "gateways", "clients", "kick", "mqttsn", "sn/node 02", "--yes")
    assert (outcome.result.code, outcome.calls) == (
        0,
        ["DELETE /gateways/mqttsn/clients/sn%2Fnode%2002"],
    )
    unknown = find_exchange("DELETE /gateways/{name}/clients/{clientid}", "unknown client")
    assert replay(run, [unknown], "gateways", "clients", "kick", "stomp", "nobody", "-y").result.code == 6


def test_subscriptions_of_a_client(run: Run) -> None:
    path = "/gateways/{name}/clients/{clientid}/subscriptions"
    stomp = find_exchange(f"POST {path}", "stomp client")
    client = "Wz6jSriJUbcAIMsq"
    words = (
        "gateways",
        "clients",
        "subscribe",
        "stomp",
        client,
        "rec/gw",
        "--qos",
        "1",
        "--subid",
        "10",
        "--json",
    )
    outcome = replay(run, [stomp], *words)
    assert outcome.bodies == [
        {"topic": "rec/gw", "qos": 1, "nl": 0, "rap": 0, "rh": 0, "sub_props": {"subid": "10"}}
    ]
    assert outcome.result.json["topic"] == "stomp/rec/gw"
    deletion = find_exchange(f"DELETE {path}/{{topic}}", "done")
    unsubscribe = replay(run, [deletion], "gateways", "clients", "unsubscribe", "stomp", client, "rec/gw")
    assert unsubscribe.calls == [f"DELETE /gateways/stomp/clients/{client}/subscriptions/rec%2Fgw"]
    subscriptions = find_exchange(f"GET {path}", "mqttsn client sn/node 02")
    rows = replay(
        run, [subscriptions], "gateways", "clients", "subscriptions", "mqttsn", "sn/node 02", "-o", "name"
    )
    assert rows.result.out == "sn/sn/t\n"
