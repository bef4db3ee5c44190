"""Differences between configurations: what should be the same is found, what differs by design is not."""

from typing import Any

from emqxctl.diagnosis.configuration_differences import (
    Difference,
    compare_configurations,
    find_differing_nodes,
)
from emqxctl.diagnosis.node_configurations import Configuration
from emqxctl.emqx.hocon import parse_hocon
from emqxctl.emqx.node_settings import parse_path
from tests.support.recordings import find_exchange

TEXT = find_exchange("GET /configs", "HOCON, Accept text/plain").response_bytes.decode()
NODES = ("emqx@10.0.0.1", "emqx@10.0.0.2", "emqx@10.0.0.3")


def set_value(roots: Any, key: str, value: object) -> None:
    """Set a value of a configuration; None removes it."""
    *parents, last = parse_path(key)
    for part in parents:
        roots = roots[int(part)] if isinstance(roots, list) else roots.setdefault(part, {})
    if value is None:
        del roots[last]
    else:
        roots[last] = value


def differences_of(
    changes: dict[str, object], node: int = 1, *, names: tuple[str, ...] = NODES, version: str = "5.8.9"
) -> list[Difference]:
    """Return the differences when one node of three has these values."""
    configurations = {}
    for position, name in enumerate(names):
        roots = parse_hocon(TEXT)
        set_value(roots, "node.name", name)
        for key, value in (changes if position == node else {}).items():
            set_value(roots, key, value)
        configurations[name] = Configuration(roots, name, version if position == node else "5.8.9")
    return compare_configurations(configurations)


def unexpected(differences: list[Difference]) -> list[Difference]:
    """Return the differences without a reason."""
    return [difference for difference in differences if not difference.reason]


def test_nodes_with_one_configuration_differ_in_their_names_only() -> None:
    assert [(difference.key, difference.reason) for difference in differences_of({})] == [
        ("node.name", "each node has its own name")
    ]


def test_a_changed_value_is_found_with_the_node_that_has_it() -> None:
    (difference,) = unexpected(differences_of({"mqtt.max_packet_size": "2MB"}))
    assert difference.key == "mqtt.max_packet_size"
    assert [(value.value, value.sources) for value in difference.values] == [
        ("3MB", (NODES[0], NODES[2])),
        ("2MB", (NODES[1],)),
    ]
    assert find_differing_nodes([difference]) == {NODES[1]: ["mqtt.max_packet_size"]}


def test_values_are_compared_by_meaning() -> None:
    same = {"sysmon.os.cpu_check_interval": "1m", "force_gc.bytes": "16384KB", "durable_storage": None}
    assert not unexpected(differences_of(dict(same)))
    assert unexpected(differences_of({"dashboard.cors": "yes"}))


def test_settings_of_a_node_are_no_drift_and_have_a_reason() -> None:
    own = {
        "node.role": "replicant",
        "node.data_dir": "/srv/emqx",
        "rpc.listen_address": "10.0.0.2",
        "cluster.discovery_strategy": "static",
        "cluster.static": {"seeds": ["emqx@10.0.0.1"]},
        "log.file.default.path": "/var/log/emqx.log",
        "actions.http.post-dead.created_at": 1,
        "rule_engine.rules.foreach.metadata": {"created_at": 1},
    }
    differences = differences_of(dict(own))
    assert not unexpected(differences)
    assert len(differences) > len(own)
    assert all(difference.reason for difference in differences)


def test_another_port_is_a_difference_unless_the_nodes_share_a_host() -> None:
    change: dict[str, object] = {"listeners.tcp.default.bind": "127.0.0.1:2883"}
    assert [difference.key for difference in unexpected(differences_of(change))] == [
        "listeners.tcp.default.bind"
    ]
    local = ("emqx1@127.0.0.1", "emqx2@127.0.0.1", "emqx3@127.0.0.1")
    assert not unexpected(differences_of(change, names=local))


def test_an_address_of_its_own_is_no_difference_but_loopback_is() -> None:
    def reasons(*addresses: str) -> list[str]:
        configurations = {
            name: Configuration({"listeners": {"tcp": {"default": {"bind": address}}}}, name)
            for name, address in zip(NODES, addresses, strict=True)
        }
        return [difference.reason for difference in compare_configurations(configurations)]

    assert reasons("10.0.0.1:1883", "10.0.0.2:1883", "10.0.0.3:1883") == ["address of the node"]
    assert reasons("192.168.1.1:1883", "192.168.1.2:1883", "192.168.1.3:1883") == ["address of the node"]
    assert reasons("0.0.0.0:1883", "127.0.0.1:1883", "0.0.0.0:1883") == [""]
    assert reasons("[::]:1883", "[::1]:1883", "[::]:1883") == [""]
    assert reasons("10.0.0.1:1883", "10.0.0.2:1884", "10.0.0.3:1883") == [""]


def test_paths_in_the_own_data_folder_are_the_same() -> None:
    configurations = {}
    for name, folder in zip(NODES[:2], ("/data/a", "/data/b"), strict=True):
        roots = {"node": {"data_dir": folder}, "listeners": {"certfile": f"{folder}/certs/c.pem"}}
        configurations[name] = Configuration(roots, name)
    assert [difference.key for difference in compare_configurations(configurations)] == ["node.data_dir"]


def test_a_whole_object_that_one_node_lacks_is_one_difference() -> None:
    (difference,) = unexpected(differences_of({"connectors.http.webhook-sink": None}))
    assert difference.key == "connectors.http.webhook-sink"
    assert [(value.is_set, value.sources) for value in difference.values] == [
        (True, (NODES[0], NODES[2])),
        (False, (NODES[1],)),
    ]
    assert difference.values[1].value is None


def test_objects_of_a_list_are_compared_one_by_one() -> None:
    (difference,) = unexpected(differences_of({"authentication.1.from": "username"}))
    assert difference.key == "authentication.1.from"
    (difference,) = unexpected(differences_of({"authentication": []}))
    assert difference.key == "authentication"


def test_secrets_are_compared_and_masked() -> None:
    changes: dict[str, object] = {
        "connectors.mqtt.to-node2.password": "pw-other",
        "authentication.1.secret": "other-secret",
        "connectors.http.webhook-sink.headers.authorization": "Bearer other",
        "node.cookie": "other-cookie",
    }
    differences = unexpected(differences_of(changes))
    assert sorted(difference.key for difference in differences) == sorted(changes)
    for difference in differences:
        assert [value.value for value in difference.values] == ["****** (1)", "****** (2)"]
    whole = unexpected(differences_of({"authentication": []}))[0].values[0].value
    assert whole[1]["secret"] == "******"  # a mask


def test_new_settings_of_another_version_are_no_drift() -> None:
    change: dict[str, object] = {"mqtt.new_setting": 1}
    (difference,) = [item for item in differences_of(change, version="5.8.10") if item.key != "node.name"]
    assert difference.reason == "the nodes run different versions: EMQX 5.8.9 and 5.8.10"
    assert unexpected(differences_of(change))


def test_without_a_majority_all_nodes_are_named() -> None:
    differences = differences_of({"mqtt.max_packet_size": "2MB"}, names=NODES[:2])
    assert sorted(find_differing_nodes(differences)) == sorted(NODES[:2])


def test_clusters_have_nodes_of_their_own() -> None:
    first, second = parse_hocon(TEXT), parse_hocon(TEXT)
    set_value(second, "node.cookie", "other")
    set_value(second, "cluster.name", "other")
    set_value(second, "listeners.tcp.default.bind", "0.0.0.0:1883")
    configurations = {"a": Configuration(first), "b": Configuration(second)}
    differences = compare_configurations(configurations, of_nodes=False)
    assert [difference.key for difference in unexpected(differences)] == ["listeners.tcp.default.bind"]
