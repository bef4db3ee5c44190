"""`emqxctl gateways coap`: requests to CoAP clients."""

from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import make_exchange, replay


def test_a_coap_request_waits_for_its_answer(run: Run) -> None:
    path = "POST /gateways/coap/clients/{clientid}/request"
    answer = make_exchange(
        "POST /gateways/coap/clients/lamp/request", 200, {"payload": "on", "token": "t", "method": "content"}
    )
    words = (
        "gateways",
        "coap",
        "request",
        "lamp",
        "--method",
        "put",
        "--payload",
        "on",
        "--wait",
        "3s",
        "--json",
    )
    outcome = replay(run, [answer], *words)
    assert outcome.result.json["payload"] == "on"
    assert outcome.bodies == [
        {"token": "", "method": "put", "timeout": "3s", "content_type": "text/plain", "payload": "on"}
    ]
    assert (
        replay(
            run, [find_exchange(path, "unknown client")], "gateways", "coap", "request", "nobody"
        ).result.code
        == 6
    )
    without_count = replay(
        run, [find_exchange(path, "silent client")], "gateways", "coap", "request", "coap-silent", "--json"
    )
    assert without_count.result.code == 12
    assert without_count.result.error["code"] == "CLIENT_NOT_RESPONSE"
