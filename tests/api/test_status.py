"""What a broker is, read from /status and /nodes of several versions."""

import pytest

from emqxctl.api.status import BrokerStatus, fetch_status, parse_status
from tests.api.stub_transport import STATUS_TEXT, transport


@pytest.mark.parametrize(
    ("text", "broker"),
    [
        (STATUS_TEXT, BrokerStatus(node="emqx@10.0.0.1", is_running=True)),
        ("Node emqx@10.0.0.1 is started\nemqx is not_running", BrokerStatus(node="emqx@10.0.0.1")),
        ('{"node_name":"n@h","rel_vsn":"e5.8.9","app_status":"running","broker_status":"started"}',
         BrokerStatus("n@h", "e5.8.9", "Enterprise", is_running=True)),
        ('{"node_name":"n@h","rel_vsn":"v5.1.0","app_status":"running"}',
         BrokerStatus("n@h", "v5.1.0", "Opensource", is_running=True)),
        ('{"node_name":"n@h","rel_vsn":"5.8.9","app_status":"not_running","broker_status":"started"}',
         BrokerStatus("n@h", "5.8.9")),
        ('{"app_status":"running","broker_status":"stopped"}', BrokerStatus()),
        ("", BrokerStatus()),
        ("Node", BrokerStatus()),
        ("[]", BrokerStatus()),
        ("<html>", BrokerStatus()),
    ],
)  # fmt: skip
def test_a_status_is_read(text: str, broker: BrokerStatus) -> None:
    assert parse_status(text) == broker


def test_a_broker_is_asked_below_and_then_outside() -> None:
    assert fetch_status(transport(below=(200, STATUS_TEXT))) == BrokerStatus("emqx@10.0.0.1", is_running=True)
    assert fetch_status(transport(below=(503, ""))) == BrokerStatus()
    booting = fetch_status(transport(outside=(200, STATUS_TEXT)))
    assert booting == BrokerStatus("emqx@10.0.0.1", is_running=False)
    assert fetch_status(transport(outside=(503, ""))) == BrokerStatus()


def test_what_is_no_emqx_is_nobody() -> None:
    page = "<!doctype html><title>Node emqx@a is started</title>"
    assert fetch_status(transport()) is None
    assert fetch_status(transport(below=(200, page), outside=(200, page))) is None
    assert fetch_status(transport(below=(302, ""), outside=(401, ""))) is None
