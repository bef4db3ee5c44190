"""The URL of a port that speaks MQTT, which closes the connection or does not know the API's paths."""

import pytest

from emqxctl.api.other_ports import MQTT_PORTS
from tests.faults.conftest import RunAgainst, Serve
from tests.faults.server import FaultServer, Responder, never_respond, reset_connection, respond, respond_raw

HINT = "is the port of MQTT; EMQX's API is at port 18083 (http://) or 18084 (https://)"


def as_mqtt_port(monkeypatch: pytest.MonkeyPatch, server: FaultServer) -> None:
    monkeypatch.setitem(MQTT_PORTS, int(server.url.rpartition(":")[2]), "MQTT")


@pytest.mark.parametrize(
    "responder", [respond_raw(b""), reset_connection(), respond_raw(b"\x20\x02\x00\x01")]
)
def test_a_closed_connection_is_not_retried_but_explained(
    serve: Serve, run_against: RunAgainst, monkeypatch: pytest.MonkeyPatch, responder: Responder
) -> None:
    server = serve(responder)
    as_mqtt_port(monkeypatch, server)
    for words in (("nodes", "list"), ("doctor",), ("status",)):
        result = run_against(server, *words)
        assert result.code == 11, result.err
        assert "does not speak HTTP" in result.err + result.out
        assert HINT in result.err + result.out
    assert run_against(server, "nodes", "list", "-o", "json").error["code"] == "NOT_HTTP"


def test_a_write_stays_unknown(
    serve: Serve, run_against: RunAgainst, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(respond_raw(b""))
    as_mqtt_port(monkeypatch, server)
    result = run_against(server, "publish", "a", "b", "-o", "json")
    assert (result.code, result.error["unknown"]) == (11, True)
    assert HINT in result.error["hint"]


def test_a_listener_for_web_sockets_is_recognized(
    serve: Serve, run_against: RunAgainst, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(respond(404, b"", {"Server": "Cowboy"}))
    as_mqtt_port(monkeypatch, server)
    for words in (("nodes", "list"), ("status",)):
        assert HINT in run_against(server, *words).err


def test_a_change_of_the_configuration_that_times_out_names_cluster_sync(
    serve: Serve, run_against: RunAgainst
) -> None:

    server = serve(never_respond())
    for words, expected in (
        (("rules", "delete", "r", "--yes"), False),  # the rule is read first
        (("topic-metrics", "create", "a"), True),
        (("listeners", "stop", "tcp:default", "--yes"), True),
        (("publish", "a", "b"), False),
    ):
        result = run_against(server, *words, "--timeout", "0.2")
        assert result.code == 12, result.err
        assert ("emqx ctl conf cluster_sync status" in result.err) is expected
