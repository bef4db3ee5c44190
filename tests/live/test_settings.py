"""Settings: changed by emqxctl, verified through the raw API, and set back by emqxctl."""

from typing import Any

import pytest

from tests.live.conftest import WriteJson
from tests.live.environment import IDENTIFIER, PREFIX, Emqxctl, RawApi, Server, quote_segment

pytestmark = pytest.mark.live

CONNECTED = "/mqtt/delayed/messages"
LISTS = (
    (
        "auto-subscribe",
        "/mqtt/auto_subscribe",
        {"topic": f"{PREFIX}/auto", "qos": 1, "nl": 0, "rap": 0, "rh": 0},
    ),
    (
        "topic-rewrite",
        "/mqtt/topic_rewrite",
        {
            "action": "publish",
            "source_topic": f"{PREFIX}/old/#",
            "dest_topic": f"{PREFIX}/new/$1",
            "re": f"^{PREFIX}/old/(.+)$",
        },
    ),
)


@pytest.mark.parametrize(("group", "path", "entry"), LISTS, ids=[group for group, *_ in LISTS])
def test_a_list_is_set_and_set_back(
    emqxctl: Emqxctl,
    raw: RawApi,
    server: Server,
    write_json: WriteJson,
    cleanup: Any,
    group: str,
    path: str,
    entry: dict[str, Any],
) -> None:
    server.require(f"PUT {path}")
    before = raw.get(path).rows
    cleanup("PUT", path, before)
    emqxctl.succeed(group, "set", "-f", write_json([*before, entry]), "--yes")
    assert raw.get(path).rows == [*before, entry]
    assert emqxctl.read(group, "get") == [*before, entry]
    emqxctl.succeed(group, "set", "-f", write_json(before), "--yes")
    assert raw.get(path).rows == before


def test_delayed_settings_are_updated_and_set_back(
    emqxctl: Emqxctl, raw: RawApi, server: Server, cleanup: Any
) -> None:
    server.require("PUT /mqtt/delayed")
    before = raw.get("/mqtt/delayed").body
    cleanup("PUT", "/mqtt/delayed", before)
    emqxctl.succeed("delayed", "config", "update", "--max-delayed-messages", "4321", "--yes")
    assert raw.get("/mqtt/delayed").body == {**before, "max_delayed_messages": 4321}
    emqxctl.succeed(
        "delayed", "config", "update", "--max-delayed-messages", str(before["max_delayed_messages"]), "--yes"
    )
    assert raw.get("/mqtt/delayed").body == before


def test_retainer_settings_are_updated_and_set_back(
    emqxctl: Emqxctl, raw: RawApi, server: Server, cleanup: Any
) -> None:
    server.require("PUT /mqtt/retainer")
    before = raw.get("/mqtt/retainer").body
    cleanup("PUT", "/mqtt/retainer", before)
    emqxctl.succeed("retained", "config", "update", "--set", "max_payload_size=512KB", "--yes")
    assert raw.get("/mqtt/retainer").body == {**before, "max_payload_size": "512KB"}
    emqxctl.succeed(
        "retained", "config", "update", "--set", f"max_payload_size={before['max_payload_size']}", "--yes"
    )
    assert raw.get("/mqtt/retainer").body == before


def test_one_field_of_a_configuration_root_is_set_and_set_back(
    emqxctl: Emqxctl, raw: RawApi, cleanup: Any
) -> None:
    before = raw.get("/configs/alarm").body
    cleanup("PUT", "/configs/alarm", before)
    emqxctl.succeed("configs", "set", "alarm", "--set", "size_limit=1234", "--yes")
    assert raw.get("/configs/alarm").body == {**before, "size_limit": 1234}
    emqxctl.succeed("configs", "set", "alarm", "--set", f"size_limit={before['size_limit']}", "--yes")
    assert raw.get("/configs/alarm").body == before


def test_a_dry_run_changes_nothing(emqxctl: Emqxctl, raw: RawApi) -> None:
    before = raw.get("/configs/alarm").body
    out = emqxctl.succeed("configs", "set", "alarm", "--set", "size_limit=1234", "--dry-run")
    assert "1234" in out
    assert raw.get("/configs/alarm").body == before


def test_a_gateway_is_changed_and_set_back(
    emqxctl: Emqxctl, raw: RawApi, server: Server, cleanup: Any
) -> None:
    name = find_loaded_gateway(raw, server)
    path = f"/gateways/{name}"
    before = raw.get(path).body["idle_timeout"]
    cleanup("PUT", path, without_read_only(raw.get(path).body))
    emqxctl.succeed("gateways", "update", name, "--idle-timeout", "77s", "--yes")
    assert raw.get(path).body["idle_timeout"] in {"77s", "1m17s"}
    emqxctl.succeed("gateways", "update", name, "--idle-timeout", before, "--yes")
    assert raw.get(path).body["idle_timeout"] == before


def test_a_listener_of_a_gateway_comes_and_goes(
    emqxctl: Emqxctl, raw: RawApi, server: Server, cleanup: Any
) -> None:
    name = find_loaded_gateway(raw, server)
    kind = "udp" if name in {"coap", "lwm2m", "mqttsn"} else "tcp"
    listener = f"{kind}:{IDENTIFIER}"
    path = f"/gateways/{name}/listeners/{quote_segment(f'{name}:{listener}')}"
    assert raw.get(path).status == 404
    cleanup("DELETE", path)
    emqxctl.succeed("gateways", "listeners", "create", name, listener, "--bind", "127.0.0.1:31613")
    assert raw.get(path).body["bind"] == "127.0.0.1:31613"
    emqxctl.succeed("gateways", "listeners", "delete", name, listener, "--yes")
    assert raw.get(path).status == 404


def find_loaded_gateway(raw: RawApi, server: Server) -> str:
    """Return the name of a running gateway, and skip without one: a loaded one cannot be unloaded again."""
    server.require("PUT /gateways/{name}")
    names = [row["name"] for row in raw.get("/gateways").rows if row["status"] == "running"]
    if not names:
        pytest.skip("no gateway runs, and one that is loaded cannot be unloaded again")
    return "stomp" if "stomp" in names else str(names[0])


def without_read_only(gateway: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a gateway that PUT takes."""
    return {key: value for key, value in gateway.items() if not key.endswith("_at") and key != "status"}


def test_delayed_messages_are_listed_and_deleted(emqxctl: Emqxctl, raw: RawApi, server: Server) -> None:
    server.require("GET /mqtt/delayed/messages", "DELETE /mqtt/delayed/messages/{node}/{msgid}")
    if not raw.get("/mqtt/delayed").body["enable"]:
        pytest.skip("delayed publishing is disabled")
    topic = f"{PREFIX}/later"
    emqxctl.succeed("publish", f"$delayed/600/{topic}", "later")
    mine = [row for row in raw.get(CONNECTED, {"limit": 1000}).rows if row["topic"] == topic]
    assert len(mine) == 1
    listed = [row for row in emqxctl.read("delayed", "list") if row["topic"] == topic]
    assert [row["msgid"] for row in listed] == [row["msgid"] for row in mine]
    emqxctl.succeed("delayed", "delete", mine[0]["node"], mine[0]["msgid"], "--yes")
    gone = raw.get(f"{CONNECTED}/{quote_segment(mine[0]['node'])}/{quote_segment(mine[0]['msgid'])}")
    assert gone.status == 404
