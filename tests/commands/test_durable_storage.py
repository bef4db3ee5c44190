"""`emqxctl durable-storage`: sites, storages and replicas."""

from tests.conftest import Run
from tests.support.replay import make_exchange, replay


def test_durable_storage_is_sites_storages_and_replicas(run: Run) -> None:
    sites = replay(
        run, [make_exchange("GET /ds/sites", 200, ["A1", "B2"])], "durable-storage", "sites", "list"
    )
    assert sites.result.out.split() == ["SITE", "A1", "B2"]
    shards = [{"storage": "messages", "id": "0", "status": "up"}, {"id": "1", "transition": "joining"}]
    site = {"node": "n1", "up": True, "shards": shards}
    replayed = replay(
        run, [make_exchange("GET /ds/sites/A1", 200, site)], "durable-storage", "sites", "get", "A1"
    )
    assert "2 (1 joining, 1 up)" in replayed.result.out
    replicas = "/ds/storages/messages/replicas"
    arguments = ("durable-storage", "replicas", "set", "messages", "A1", "B2")
    assert replay(run, [], *arguments).result.code == 14
    replayed = replay(run, [make_exchange(f"PUT {replicas}", 202, ["A1"])], *arguments, "--yes")
    assert replayed.bodies == [["A1", "B2"]]
    script = [make_exchange(f"PUT {replicas}/C3", 202), make_exchange(f"DELETE {replicas}/C3", 202)]
    assert replay(run, script, "durable-storage", "replicas", "add", "messages", "C3").calls == [
        f"PUT {replicas}/C3"
    ]
    replayed = replay(run, script, "durable-storage", "replicas", "remove", "messages", "C3", "-y")
    assert replayed.calls == [f"DELETE {replicas}/C3"]


def test_a_site_is_forgotten_only_when_confirmed(run: Run) -> None:
    script = [make_exchange("PUT /ds/sites/A1/forget", 204)]
    assert replay(run, script, "durable-storage", "sites", "forget", "A1").result.code == 14
    replayed = replay(run, script, "durable-storage", "sites", "forget", "A1", "-y")
    assert replayed.calls == ["PUT /ds/sites/A1/forget"]
