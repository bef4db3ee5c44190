"""`emqxctl configs diff`: the node, or the cluster, whose configuration differs is found."""

from pathlib import Path

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run

NODES = [f"emqx{number}@sandbox.local" for number in (1, 2, 3)]


def change_node(cluster: Sandbox, position: int, **roots: object) -> None:
    """Change the configuration of one node behind the others' back."""
    with cluster.cluster.lock:
        cluster.cluster.nodes[NODES[position]].configs = dict(roots)


def test_equal_nodes_have_no_differences(run: Run, cluster: Sandbox) -> None:
    result = run("configs", "diff")
    assert (result.code, result.out) == (0, "")
    assert "no differences" in result.err
    assert "1 setting differs by design" in result.err
    rows = run("configs", "diff", "--all", "-o", "json").json
    assert {row["key"] for row in rows} == {"node.name"}
    assert {row["reason"] for row in rows} == {"each node has its own name"}


def test_a_node_changed_behind_the_others_is_found(run: Run, cluster: Sandbox) -> None:
    change_node(cluster, 1, mqtt={"max_packet_size": "2MB"}, broker={"enable_session_registry": False})
    result = run("configs", "diff", "-o", "json")
    assert result.code == 1
    rows = [(row["key"], row["value"], row["nodes"]) for row in result.json]
    assert rows == [
        ("broker.enable_session_registry", True, [NODES[0], NODES[2]]),
        ("broker.enable_session_registry", False, [NODES[1]]),
        ("mqtt.max_packet_size", "1MB", [NODES[0], NODES[2]]),
        ("mqtt.max_packet_size", "2MB", [NODES[1]]),
    ]
    table = run("configs", "diff", "mqtt").out.splitlines()
    assert table[0].split() == ["KEY", "VALUE", "NODES"]
    assert [line.split()[:3] for line in table[1:]] == [
        ["mqtt.max_packet_size", "1MB", f"{NODES[0]},"],
        ["mqtt.max_packet_size", "2MB", NODES[1]],
    ]
    assert run("configs", "diff", "mqtt.max_packet_size", "--nodes").code == 1
    assert run("configs", "diff", "mqtt.max_inflight", "listeners").code == 0


def test_only_the_wanted_root_is_read(run: Run, cluster: Sandbox) -> None:
    run("configs", "diff", "mqtt.max_packet_size")
    queries = [request.query for request in cluster.requests if request.path.endswith("/configs")]
    assert len(queries) == len(NODES)
    assert all(("key", "mqtt") in query for query in queries)


def test_secrets_differ_without_being_shown(run: Run, cluster: Sandbox) -> None:
    change_node(cluster, 2, node={"cookie": "hidden-cookie"})
    result = run("configs", "diff", "--debug")
    assert result.code == 1
    assert "node.cookie" in result.out
    assert "hidden-cookie" not in result.out + result.err


def test_a_value_from_a_node_cannot_control_the_terminal(run: Run, cluster: Sandbox) -> None:
    change_node(cluster, 1, mqtt={"response_information": "\x1b[31mred"})
    assert "\x1b[31m" not in run("configs", "diff", "-o", "table").out


def test_a_stopped_node_is_named(run: Run, cluster: Sandbox) -> None:
    with cluster.cluster.lock:
        cluster.cluster.stop_node(NODES[2])
    result = run("configs", "diff")
    assert result.code == 0
    assert f"not compared, not running: {NODES[2]}" in result.err


def test_an_unknown_key_is_an_error(run: Run, cluster: Sandbox) -> None:
    result = run("configs", "diff", "mqtt.max_packet_sise")
    assert result.code == 6
    assert "did you mean mqtt.max_packet_size?" in result.err
    result = run("configs", "diff", "mqt")
    assert result.code == 6
    assert "configuration root 'mqt' not found" in result.err
    assert run("configs", "diff", "nope", "mqtt").code == 6
    assert run("configs", "diff", "a..b").code == 2


def test_two_clusters_are_compared(run: Run, cluster: Sandbox, home: Path) -> None:
    folder = home / "config"
    folder.mkdir()
    with Sandbox() as other:
        profiles = "".join(
            f'[profiles.{name}]\nurl = "{server.url}"\n'
            f'api_key = "{server.api_key}"\napi_secret = "{server.api_secret}"\n'
            for name, server in (("a", cluster), ("b", other))
        )
        (folder / "config.toml").write_text(profiles)
        (folder / "config.toml").chmod(0o600)
        env = {"EMQXCTL_URL": "", "EMQXCTL_API_KEY": "", "EMQXCTL_API_SECRET": ""}
        keys = ("mqtt", "sysmon", "node")
        equal = run("configs", "diff", *keys, "-p", "a,b", env=env)
        assert equal.code == 0, equal.err
        with other.cluster.lock:
            other.cluster.configs["mqtt"] = {**other.cluster.configs["mqtt"], "max_packet_size": "9MB"}
        result = run("configs", "diff", *keys, "-p", "a,b", "-o", "json", env=env)
        assert result.code == 1
        assert [(row["key"], row["value"], row["profiles"]) for row in result.json] == [
            ("mqtt.max_packet_size", "1MB", ["a"]),
            ("mqtt.max_packet_size", "9MB", ["b"]),
        ]
        assert run("configs", "diff", "--nodes", "-p", "a,b", env=env).code == 2
        other.stop()
        lost = run("configs", "diff", "-p", "a,b", env=env)
        assert lost.code == 11
