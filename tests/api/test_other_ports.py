"""Ports of MQTT and its other protocols."""

from emqxctl.api.other_ports import mqtt_port_hint


def test_ports_of_mqtt_are_recognized() -> None:
    assert mqtt_port_hint("http://emqx:1883").startswith("1883 is the port of MQTT; ")
    assert mqtt_port_hint("https://emqx:8883/x").startswith("8883 is the port of MQTT with TLS; ")
    for url in ("http://emqx:18083", "http://emqx", "https://[::1]:18084", "http://emqx:99999"):
        assert mqtt_port_hint(url) == ""
