"""`emqxctl cluster-links` against responses made up."""

from tests.conftest import Run
from tests.support.replay import make_exchange, replay

LINK = {
    "name": "berlin",
    "enable": True,
    "server": "berlin:1883",
    "password": "******",
    "topics": ["plant/#"],
    "status": "connected",
    "node_status": [{"node": "n1", "status": "connected"}],
}


def test_a_cluster_link_keeps_its_secret_and_loses_what_is_computed(run: Run) -> None:
    path = "/cluster/links/link/berlin"
    script = [make_exchange(f"GET {path}", 200, LINK), make_exchange(f"PUT {path}", 200, LINK)]
    replayed = replay(run, script, "cluster-links", "update", "berlin", "--no-enable")
    assert replayed.result.code == 0, replayed.result.err
    assert replayed.bodies == [
        {"enable": False, "server": "berlin:1883", "password": "******", "topics": ["plant/#"]}
    ]
    arguments = (
        "cluster-links",
        "create",
        "berlin",
        "--server",
        "berlin:1883",
        "--topic",
        "a/#",
        "--topic",
        "b",
    )
    replayed = replay(run, [make_exchange("POST /cluster/links", 201, LINK)], *arguments)
    assert replayed.bodies == [{"name": "berlin", "server": "berlin:1883", "topics": ["a/#", "b"]}]


def test_the_metrics_of_a_cluster_link_are_node_by_node(run: Run) -> None:
    path = "/cluster/links/link/berlin/metrics"
    counted = {"router": {"routes": 7}, "forwarding": {"matched": 5}}
    answer = {"metrics": counted, "node_metrics": [{"node": "n1", "metrics": counted}]}
    script = [make_exchange(f"GET {path}", 200, answer), make_exchange(f"PUT {path}/reset", 204)]
    replayed = replay(run, script, "cluster-links", "metrics", "berlin", "--per-node")
    assert replayed.result.out.splitlines()[1].split()[:3] == ["n1", "7", "5"]
    assert replay(run, script, "cluster-links", "reset-metrics", "berlin", "-y").calls == [
        f"PUT {path}/reset"
    ]
