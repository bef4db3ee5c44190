"""Real MQTT clients (paho-mqtt), for the tests of what emqxctl does to clients."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from tests.live.environment import MQTT_HOST, MQTT_PORT

TIMEOUT = 10.0


class MqttClient:
    """One client over MQTT 5: it connects once, never again by itself, and keeps what it receives."""

    def __init__(self, clientid: str, username: str = "", password: str = "") -> None:
        """Create the client; nothing is sent before `connect`."""
        self.clientid = clientid
        self.messages: list[tuple[str, bytes]] = []
        self.connect_code: int | None = None
        self.disconnect_code: int | None = None
        self.connected = threading.Event()
        self.disconnected = threading.Event()
        self.subscribed = threading.Event()
        self.received = threading.Event()
        self.paho = paho.Client(
            CallbackAPIVersion.VERSION2, clientid, protocol=paho.MQTTv5, reconnect_on_failure=False
        )
        if username:
            self.paho.username_pw_set(username, password)
        self.paho.on_connect = self._keep_connect
        self.paho.on_disconnect = self._keep_disconnect
        self.paho.on_subscribe = self._keep_subscribe
        self.paho.on_message = self._keep_message

    def _keep_connect(self, _client: Any, _data: Any, _flags: Any, code: Any, _properties: Any) -> None:
        self.connect_code = code.value
        self.connected.set()

    def _keep_disconnect(self, _client: Any, _data: Any, _flags: Any, code: Any, _properties: Any) -> None:
        self.disconnect_code = code.value
        self.disconnected.set()

    def _keep_subscribe(self, _client: Any, _data: Any, _mid: int, _codes: Any, _properties: Any) -> None:
        self.subscribed.set()

    def _keep_message(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        self.messages.append((message.topic, bytes(message.payload)))
        self.received.set()

    def connect(self) -> int:
        """Connect and return the reason code of the broker: 0 if it accepts."""
        self.paho.connect(MQTT_HOST, MQTT_PORT, keepalive=30)
        self.paho.loop_start()
        assert self.connected.wait(TIMEOUT), f"no CONNACK for {self.clientid} within {TIMEOUT} s"
        assert self.connect_code is not None
        return self.connect_code

    def subscribe(self, topic: str, qos: int = 1) -> None:
        """Subscribe and wait for the SUBACK."""
        self.subscribed.clear()
        self.paho.subscribe(topic, qos)
        assert self.subscribed.wait(TIMEOUT), f"no SUBACK for {topic} within {TIMEOUT} s"

    def publish(self, topic: str, payload: str, qos: int = 1) -> None:
        """Publish and wait for the PUBACK."""
        self.paho.publish(topic, payload, qos).wait_for_publish(TIMEOUT)

    def wait_for_message(self) -> tuple[str, bytes]:
        """Return the next message: topic and payload."""
        assert self.received.wait(TIMEOUT), f"no message for {self.clientid} within {TIMEOUT} s"
        message = self.messages.pop(0)
        if not self.messages:
            self.received.clear()
        return message

    def close(self) -> None:
        """Disconnect and end the thread."""
        self.paho.disconnect()
        self.paho.loop_stop()


@contextlib.contextmanager
def connected_client(clientid: str, username: str = "", password: str = "") -> Iterator[MqttClient]:
    """Connect a client that must be accepted, and close it in the end."""
    client = MqttClient(clientid, username, password)
    try:
        code = client.connect()
        assert code == 0, f"{clientid} refused: {code}"
        yield client
    finally:
        client.close()


def find_unreachable_reason() -> str:
    """Return why no MQTT client can connect; empty if a connection to the port is accepted."""
    try:
        socket.create_connection((MQTT_HOST, MQTT_PORT), timeout=3).close()
    except OSError as error:
        return f"no MQTT at {MQTT_HOST}:{MQTT_PORT} (EMQX_MQTT_HOST, EMQX_MQTT_PORT): {error}"
    return ""
