"""What emqxctl does to real MQTT clients: kick, ban, publish, subscribe, traces, why and who."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.live.conftest import WriteJson
from tests.live.environment import (
    IDENTIFIER,
    LIVE_VARIABLES,
    PREFIX,
    Emqxctl,
    RawApi,
    Server,
    quote_segment,
    wait_until,
)
from tests.live.mqtt_client import TIMEOUT, MqttClient, connected_client, find_unreachable_reason
from tests.live.rounds_of_access import BUILT_IN, RULES, RULES_NEEDED

pytestmark = pytest.mark.live

CLIENT = f"{PREFIX}-client"
BANNED = 138  # the reason code of CONNACK, and of DISCONNECT
BAD_CREDENTIALS = (134, 135)
ADMINISTRATIVE_ACTION = 152


@pytest.fixture(scope="module", autouse=True)
def _mqtt() -> None:
    """Skip the module if nothing accepts MQTT connections."""
    if reason := find_unreachable_reason():
        pytest.skip(reason)


@pytest.fixture
def client(raw: RawApi) -> Iterator[MqttClient]:
    """Return a connected client that EMQX lists."""
    with connected_client(CLIENT) as connected:
        wait_until(lambda: raw.read_object(f"/clients/{CLIENT}") is not None, f"{CLIENT} is listed")
        yield connected


def test_a_connected_client_is_listed_counted_and_shown(
    emqxctl: Emqxctl, raw: RawApi, client: MqttClient
) -> None:
    shown = emqxctl.read("clients", "get", CLIENT)
    stored = raw.read_object(f"/clients/{CLIENT}")
    assert stored
    for field in ("clientid", "connected", "proto_ver", "keepalive", "ip_address", "port", "clean_start"):
        assert shown[field] == stored[field], field
    rows = emqxctl.read("clients", "list", "--like-clientid", PREFIX)
    assert [row["clientid"] for row in rows] == [CLIENT]


def test_a_kicked_client_is_disconnected_and_gone(emqxctl: Emqxctl, raw: RawApi, client: MqttClient) -> None:
    assert emqxctl.run("clients", "kick", CLIENT).returncode == 14
    assert not client.disconnected.is_set()
    emqxctl.succeed("clients", "kick", CLIENT, "--yes")
    assert client.disconnected.wait(TIMEOUT)
    assert client.disconnect_code == ADMINISTRATIVE_ACTION
    wait_until(lambda: raw.read_object(f"/clients/{CLIENT}") is None, f"{CLIENT} is gone")


def test_only_the_named_clients_are_kicked(emqxctl: Emqxctl, tmp_path: Path) -> None:
    ids = tmp_path / "ids"
    ids.write_text(f"{PREFIX}-1\n{PREFIX}-3\n", encoding="utf-8")
    with (
        connected_client(f"{PREFIX}-1") as first,
        connected_client(f"{PREFIX}-2") as second,
        connected_client(f"{PREFIX}-3") as third,
    ):
        emqxctl.succeed("clients", "kick", "--ids", str(ids), "--yes")
        assert first.disconnected.wait(TIMEOUT)
        assert third.disconnected.wait(TIMEOUT)
        assert not second.disconnected.is_set()


def test_a_banned_client_is_refused_and_why_names_the_ban(
    emqxctl: Emqxctl, cleanup: Callable[..., None]
) -> None:
    cleanup("DELETE", f"/banned/clientid/{CLIENT}")
    emqxctl.succeed("banned", "add", "clientid", CLIENT, "--for", "10m", "--reason", "a live test")
    refused = MqttClient(CLIENT)
    try:
        assert refused.connect() == BANNED
    finally:
        refused.close()
    why = emqxctl.run("clients", "why", CLIENT, "-o", "json")
    assert why.returncode == 8
    assert "ban" in why.stdout
    assert "a live test" in why.stdout
    emqxctl.succeed("banned", "delete", "clientid", CLIENT, "--yes")
    with connected_client(CLIENT):
        pass


def test_why_finds_no_fault_with_a_connected_client(emqxctl: Emqxctl, client: MqttClient) -> None:
    ran = emqxctl.run("clients", "why", CLIENT, "-o", "json")
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_a_published_message_arrives(emqxctl: Emqxctl, client: MqttClient) -> None:
    client.subscribe(f"{PREFIX}/in/#")
    emqxctl.succeed("publish", f"{PREFIX}/in/1", "grüße", "--qos", "1")
    assert client.wait_for_message() == (f"{PREFIX}/in/1", "grüße".encode())


def test_messages_of_a_file_arrive_once_each(emqxctl: Emqxctl, client: MqttClient, tmp_path: Path) -> None:
    client.subscribe(f"{PREFIX}/bulk/#")
    lines = tmp_path / "messages.jsonl"
    lines.write_text(
        "".join(f'{{"topic": "{PREFIX}/bulk/{n}", "payload": "{n}", "qos": 1}}\n' for n in range(50)),
        encoding="utf-8",
    )
    emqxctl.succeed("publish-bulk", str(lines), "--yes")
    wait_until(lambda: len(client.messages) >= 50, "50 messages arrive")
    assert sorted(int(payload) for _, payload in client.messages) == list(range(50))


def test_a_retained_message_arrives_upon_subscribing(
    emqxctl: Emqxctl, client: MqttClient, cleanup: Callable[..., None]
) -> None:
    topic = f"{PREFIX}/kept"
    cleanup("DELETE", f"/mqtt/retainer/message/{quote_segment(topic)}")
    emqxctl.succeed("publish", topic, "value", "--retain", "--qos", "1")
    client.subscribe(topic)
    assert client.wait_for_message() == (topic, b"value")
    emqxctl.succeed("retained", "delete", topic, "--yes")


def test_a_client_is_subscribed_and_unsubscribed(emqxctl: Emqxctl, raw: RawApi, client: MqttClient) -> None:
    path = f"/clients/{CLIENT}/subscriptions"
    topic = f"{PREFIX}/pushed"
    emqxctl.succeed("clients", "subscribe", CLIENT, topic, "--qos", "1")
    wait_until(lambda: topic in {row["topic"] for row in raw.get(path).rows}, "subscribed")
    client.publish(topic, "to itself")
    assert client.wait_for_message() == (topic, b"to itself")
    emqxctl.succeed("clients", "unsubscribe", CLIENT, topic, "--yes")
    wait_until(lambda: topic not in {row["topic"] for row in raw.get(path).rows}, "unsubscribed")


def test_who_names_the_subscribers_of_a_topic(emqxctl: Emqxctl, client: MqttClient) -> None:
    client.subscribe(f"{PREFIX}/+/temp")
    with connected_client(f"{PREFIX}-shared") as shared:
        shared.subscribe(f"$share/g/{PREFIX}/#")
        who = emqxctl.succeed("topics", "who", f"{PREFIX}/1/temp", "-o", "json")
        assert CLIENT in who
        assert f"{PREFIX}-shared" in who
    nobody = emqxctl.run("topics", "who", f"{PREFIX}-nobody/1", "-o", "json")
    assert nobody.returncode in {0, 8}  # 0 if a rule, or another client of this cluster, receives everything
    assert CLIENT not in nobody.stdout


def test_a_trace_file_has_the_packets_of_its_client(
    emqxctl: Emqxctl, client: MqttClient, cleanup: Callable[..., None]
) -> None:
    cleanup("DELETE", f"/trace/{IDENTIFIER}")
    emqxctl.succeed("traces", "create", IDENTIFIER, "clientid", CLIENT, "--for", "10m")

    def publish_and_look() -> bool:
        client.publish(f"{PREFIX}/traced", "seen")
        return f"{PREFIX}/traced" in emqxctl.succeed("traces", "log", IDENTIFIER)

    wait_until(publish_and_look, "the log of the trace has the topic", seconds=30)
    emqxctl.succeed("traces", "delete", IDENTIFIER, "--yes")


def test_a_tail_prints_packets_and_removes_its_trace(raw: RawApi, client: MqttClient) -> None:
    before = [row["name"] for row in raw.get("/trace").rows]
    tail = subprocess.Popen(
        [sys.executable, "-m", "emqxctl", "traces", "tail", "--client", CLIENT, "--for", "2m"],
        env={**LIVE_VARIABLES, "PATH": "/usr/bin:/bin", "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    lines: list[str] = []
    assert tail.stdout
    reader = threading.Thread(target=lambda: lines.extend(tail.stdout or ()), daemon=True)
    reader.start()
    try:

        def publish_and_look() -> bool:
            client.publish(f"{PREFIX}/tailed", "seen")
            return any(f"{PREFIX}/tailed" in line for line in lines)

        wait_until(publish_and_look, "the tail prints the topic", seconds=45)
    finally:
        tail.send_signal(signal.SIGINT)
        tail.wait(30)
        reader.join(10)
    assert tail.returncode == 130
    assert [row["name"] for row in raw.get("/trace").rows] == before


def test_a_user_of_the_built_in_database_may_connect_with_its_password_only(
    emqxctl: Emqxctl, raw: RawApi, cleanup: Callable[..., None]
) -> None:
    if raw.get("/authentication").rows:
        pytest.skip("this cluster has authenticators, and what they accept is not known here")
    emqxctl.succeed(
        "authentication", "create", "password_based:built_in_database", "--user-id-type", "username"
    )
    cleanup("DELETE", BUILT_IN)
    cleanup("DELETE", f"{BUILT_IN}/users/{PREFIX}")
    emqxctl.succeed("authentication", "users", "create", PREFIX, "--password-file", "-", stdin="right-1\n")
    with connected_client(CLIENT, PREFIX, "right-1"):
        pass
    refused = MqttClient(CLIENT, PREFIX, "wrong-1")
    try:
        assert refused.connect() in BAD_CREDENTIALS
    finally:
        refused.close()
    emqxctl.succeed("authentication", "users", "delete", PREFIX, "--yes")


def test_a_rule_of_a_client_decides_what_it_may_publish(
    emqxctl: Emqxctl, raw: RawApi, server: Server, cleanup: Callable[..., None]
) -> None:
    server.require("POST /authorization/sources/built_in_database/rules/clients")
    if raw.get(RULES_NEEDED.path).status == 200:
        pytest.skip("this cluster has rules, and their place in the order is not known here")
    emqxctl.succeed("authorization", "sources", "create", "built_in_database")  # it becomes the first
    cleanup("DELETE", RULES_NEEDED.path)
    cleanup("DELETE", f"{RULES}/clients/{CLIENT}")
    emqxctl.succeed(
        *("authorization", "rules", "clients", "create", CLIENT, "--rule", f"deny publish {PREFIX}/secret"),
        *("--rule", "allow all #"),
    )
    with connected_client(CLIENT) as client:
        client.subscribe(f"{PREFIX}/#")
        client.publish(f"{PREFIX}/secret", "denied")
        client.publish(f"{PREFIX}/open", "allowed")
        assert client.wait_for_message() == (f"{PREFIX}/open", b"allowed")
    denied = emqxctl.run("topics", "who", f"{PREFIX}/secret", "--client", CLIENT, "--action", "publish")
    assert denied.returncode == 8, denied.stdout
    emqxctl.succeed("authorization", "rules", "clients", "delete", CLIENT, "--yes")


def test_auto_subscribe_and_topic_rewrite_reach_new_clients(
    emqxctl: Emqxctl, raw: RawApi, cleanup: Callable[..., None], write_json: WriteJson
) -> None:
    subscribed, rewritten = raw.get("/mqtt/auto_subscribe").rows, raw.get("/mqtt/topic_rewrite").rows
    cleanup("PUT", "/mqtt/auto_subscribe", subscribed)
    cleanup("PUT", "/mqtt/topic_rewrite", rewritten)
    auto = {"topic": f"{PREFIX}/new/#", "qos": 1, "nl": 0, "rap": 0, "rh": 0}
    rewrite = {
        "action": "publish",
        "source_topic": f"{PREFIX}/old/#",
        "dest_topic": f"{PREFIX}/new/$1",
        "re": f"^{PREFIX}/old/(.+)$",
    }
    emqxctl.succeed("auto-subscribe", "set", "-f", write_json([*subscribed, auto]), "--yes")
    emqxctl.succeed("topic-rewrite", "set", "-f", write_json([*rewritten, rewrite]), "--yes")
    with connected_client(CLIENT) as client:
        path = f"/clients/{CLIENT}/subscriptions"
        wait_until(lambda: auto["topic"] in {row["topic"] for row in raw.get(path).rows}, "auto-subscribed")
        client.publish(f"{PREFIX}/old/1", "moved")
        assert client.wait_for_message() == (f"{PREFIX}/new/1", b"moved")
    emqxctl.succeed("auto-subscribe", "set", "-f", write_json(subscribed), "--yes")
    emqxctl.succeed("topic-rewrite", "set", "-f", write_json(rewritten), "--yes")
