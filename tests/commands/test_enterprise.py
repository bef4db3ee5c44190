"""What only EMQX Enterprise has, against made-up answers; what is sent must fit EMQX's documents."""

from pathlib import Path

from tests.conftest import Run
from tests.support.recordings import find_exchange
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


def test_a_license_key_never_stands_in_the_process_list_or_a_dry_run(run: Run, tmp_path: Path) -> None:
    key = tmp_path / "emqx.lic"
    key.write_text("MjIwMTEx.LICENSE-KEY==\n")
    answer = {"customer": "Foo", "expiry_at": "2295-10-27"}
    outcome = replay(
        run, [make_exchange("POST /license", 200, answer)], "license", "update", "--key-file", str(key)
    )
    assert outcome.bodies == [{"key": "MjIwMTEx.LICENSE-KEY=="}]
    assert "until 2295-10-27" in outcome.result.err
    dry = replay(run, [], "license", "update", "--key-file", str(key), "--dry-run", "--debug")
    assert "LICENSE-KEY" not in dry.result.out + dry.result.err
    assert "curl -X POST" in dry.result.out
    assert replay(run, [], "license", "update", "--key-file", "-", stdin=b"\n").result.code == 2


def test_the_license_and_its_settings_are_shown_and_changed(run: Run) -> None:
    license_ = {"customer": "Foo", "expiry": False, "max_connections": 10, "type": "trial"}
    assert (
        replay(run, [make_exchange("GET /license", 200, license_)], "license", "get", "--json").result.json
        == license_
    )
    before = {"connection_high_watermark": "80%", "connection_low_watermark": "75%"}
    script = [
        make_exchange("GET /license/setting", 200, before),
        make_exchange("PUT /license/setting", 200, before),
    ]
    outcome = replay(run, script, "license", "settings", "update", "--high-watermark", "90%")
    assert outcome.bodies == [{**before, "connection_high_watermark": "90%"}]


def test_what_community_lacks_ends_in_13(run: Run) -> None:
    status = {"node_name": "n1", "rel_vsn": "v5.8.9", "app_status": "running", "broker_status": "started"}
    unknown = {"code": "NOT_FOUND", "message": "Request Path Not Found"}
    script = [make_exchange("GET /license", 404, unknown), make_exchange("GET /status", 200, status)]
    outcome = replay(run, script, "license", "get", "--json")
    assert (outcome.result.code, outcome.result.stdout) == (13, b"")
    assert "requires EMQX Enterprise" in outcome.result.error["message"]


def test_a_cluster_link_keeps_its_secret_and_loses_what_is_computed(run: Run) -> None:
    path = "/cluster/links/link/berlin"
    script = [make_exchange(f"GET {path}", 200, LINK), make_exchange(f"PUT {path}", 200, LINK)]
    outcome = replay(run, script, "cluster-links", "update", "berlin", "--no-enable")
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.bodies == [
        {"enable": False, "server": "berlin:1883", "password": "******", "topics": ["plant/#"]}
    ]
    words = ("cluster-links", "create", "berlin", "--server", "berlin:1883", "--topic", "a/#", "--topic", "b")
    outcome = replay(run, [make_exchange("POST /cluster/links", 201, LINK)], *words)
    assert outcome.bodies == [{"name": "berlin", "server": "berlin:1883", "topics": ["a/#", "b"]}]


def test_the_metrics_of_a_cluster_link_are_node_by_node(run: Run) -> None:
    path = "/cluster/links/link/berlin/metrics"
    counted = {"router": {"routes": 7}, "forwarding": {"matched": 5}}
    answer = {"metrics": counted, "node_metrics": [{"node": "n1", "metrics": counted}]}
    script = [make_exchange(f"GET {path}", 200, answer), make_exchange(f"PUT {path}/reset", 204)]
    outcome = replay(run, script, "cluster-links", "metrics", "berlin", "--per-node")
    assert outcome.result.out.splitlines()[1].split()[:3] == ["n1", "7", "5"]
    assert replay(run, script, "cluster-links", "reset-metrics", "berlin", "-y").calls == [
        f"PUT {path}/reset"
    ]


def test_durable_storage_is_sites_storages_and_replicas(run: Run) -> None:
    listed = replay(
        run, [make_exchange("GET /ds/sites", 200, ["A1", "B2"])], "durable-storage", "sites", "list"
    )
    assert listed.result.out.split() == ["SITE", "A1", "B2"]
    shards = [{"storage": "messages", "id": "0", "status": "up"}, {"id": "1", "transition": "joining"}]
    site = {"node": "n1", "up": True, "shards": shards}
    outcome = replay(
        run, [make_exchange("GET /ds/sites/A1", 200, site)], "durable-storage", "sites", "get", "A1"
    )
    assert "2 (1 joining, 1 up)" in outcome.result.out
    replicas = "/ds/storages/messages/replicas"
    words = ("durable-storage", "replicas", "set", "messages", "A1", "B2")
    assert replay(run, [], *words).result.code == 14
    outcome = replay(run, [make_exchange(f"PUT {replicas}", 202, ["A1"])], *words, "--yes")
    assert outcome.bodies == [["A1", "B2"]]
    script = [make_exchange(f"PUT {replicas}/C3", 202), make_exchange(f"DELETE {replicas}/C3", 202)]
    assert replay(run, script, "durable-storage", "replicas", "add", "messages", "C3").calls == [
        f"PUT {replicas}/C3"
    ]
    outcome = replay(run, script, "durable-storage", "replicas", "remove", "messages", "C3", "-y")
    assert outcome.calls == [f"DELETE {replicas}/C3"]


def test_durable_queues_are_declared_and_paged(run: Run) -> None:
    first = {"data": [{"id": "1", "group": "g", "topic": "t"}], "meta": {"hasnext": True, "cursor": "c"}}
    last = {"data": [{"id": "2", "group": "g", "topic": "u"}], "meta": {"hasnext": False}}
    script = [
        make_exchange("GET /durable_queues", 200, first),
        make_exchange("GET /durable_queues", 200, last),
    ]
    outcome = replay(run, script, "durable-queues", "list", "-o", "name")
    assert outcome.result.out.split() == ["1", "2"]
    assert "cursor=c" in outcome.calls[1]
    script = [make_exchange("POST /durable_queues", 201, last["data"][0])]  # type: ignore[index]  # a list
    outcome = replay(
        run, script, "durable-queues", "create", "g", "u", "--start-time", "2026-01-01T00:00:00Z"
    )
    assert outcome.bodies == [{"group": "g", "topic": "u", "start_time": 1767225600000}]


def test_files_are_listed_over_all_pages_and_fetched_where_they_lie(run: Run, tmp_path: Path) -> None:
    uri = "http://10.0.0.1:18083/api/v5/file_transfer/file?node=n1%40h&fileref=a%2Fb.bin"
    one = {"name": "b.bin", "clientid": "dev-1", "fileid": "f1", "size": 3, "uri": uri}
    pages = [{"files": [one], "cursor": "c1"}, {"files": [{**one, "fileid": "f2"}]}]
    script = [make_exchange("GET /file_transfer/files", 200, page) for page in pages]
    outcome = replay(run, script, "file-transfer", "files", "list", "-o", "name")
    assert outcome.result.out.split() == ["f1", "f2"]
    assert "following=c1" in outcome.calls[1]
    assert "following" not in outcome.calls[0]
    script = [
        make_exchange("GET /file_transfer/files/dev-1/f1", 200, pages[0]),
        make_exchange("GET /file_transfer/file", 200, "abc"),
    ]
    target = tmp_path / "b"
    words = ("file-transfer", "files", "download", "dev-1", "f1", "--output-file", str(target))
    outcome = replay(run, script, *words)
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.calls[1] == "GET /file_transfer/file?node=n1%40h&fileref=a%2Fb.bin"
    assert target.read_bytes() == b'"abc"'
    s3 = {"files": [{**one, "uri": "s3://bucket/b.bin"}]}
    outcome = replay(run, [make_exchange("GET /file_transfer/files/dev-1/f1", 200, s3)], *words)
    assert outcome.result.code == 2
    assert "s3://bucket/b.bin" in outcome.result.err


def test_rebalancing_says_what_it_does_before_it_does_it(run: Run) -> None:
    path = "/load_rebalance/n1%40h/start"
    words = ("rebalance", "start", "n1@h", "--nodes", "n1@h", "--nodes", "n2@h", "--conn-evict-rate", "50")
    assert replay(run, [], *words).result.code == 14
    outcome = replay(
        run, [make_exchange(f"POST {path}", 200, {})], *words, "--rel-conn-threshold", "1.2", "--yes"
    )
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.bodies == [{"nodes": ["n1@h", "n2@h"], "conn_evict_rate": 50, "rel_conn_threshold": 1.2}]
    path = "/load_rebalance/n1%40h/evacuation/start"
    script = [make_exchange(f"POST {path}", 200, {})]
    outcome = replay(
        run, script, "rebalance", "evacuation", "start", "n1@h", "--redirect-to", "h2:1883", "-y"
    )
    assert outcome.bodies == [{"redirect_to": "h2:1883"}]
    for verb, path in (("stop", "stop"), ("evacuation stop", "evacuation/stop")):
        script = [make_exchange(f"POST /load_rebalance/n1%40h/{path}", 200, {})]
        assert replay(run, script, "rebalance", *verb.split(), "n1@h").result.code == 0


def test_what_is_under_way_is_one_list(run: Run) -> None:
    stats = {"current_connected": 3, "initial_connected": 9, "current_sessions": 4, "initial_sessions": 9}
    answer = {
        "rebalances": [{"node": "n1", "state": "evicting_conns", "stats": stats}],
        "evacuations": [{"node": "n2", "state": "evicting_conns", "stats": stats}],
    }
    outcome = replay(
        run, [make_exchange("GET /load_rebalance/global_status", 200, answer)], "rebalance", "global-status"
    )
    rows = [line.split() for line in outcome.result.out.splitlines()[1:]]
    assert rows == [
        ["rebalance", "n1", "evicting_conns", "3", "9", "4"],
        ["evacuation", "n2", "evicting_conns", "3", "9", "4"],
    ]


def test_a_node_that_is_evacuated_is_not_available(run: Run) -> None:
    path = "GET /load_rebalance/availability_check"
    away = {"code": "NODE_EVACUATING", "message": "Node Evacuating"}
    outcome = replay(run, [make_exchange(path, 503, away)], "rebalance", "availability", "--json")
    assert (outcome.result.code, outcome.result.json["available"]) == (8, False)
    assert len(outcome.calls) == 1
    assert "authorization" not in outcome.received[0].headers
    outcome = replay(run, [make_exchange(path, 200, {})], "rebalance", "availability", "--json")
    assert (outcome.result.code, outcome.result.json) == (0, {"available": True})


def test_the_status_of_rebalancing_and_eviction(run: Run) -> None:
    off = {"status": "disabled"}
    outcome = replay(
        run, [make_exchange("GET /load_rebalance/status", 200, off)], "rebalance", "status", "--json"
    )
    assert outcome.result.json == off
    on = {"status": "enabled", "stats": {"connections": 3, "sessions": 4}}
    outcome = replay(run, [make_exchange("GET /node_eviction/status", 200, on)], "eviction", "status")
    assert "3" in outcome.result.out


def test_devices_are_set_whole_and_imported(run: Run) -> None:
    put = make_exchange("PUT /gcp_devices/d1", 200, {"deviceid": "d1"})
    outcome = replay(
        run, [put], "gcp-devices", "set", "d1", "-f", "-", stdin=b'{"deviceid": "d1", "registry": "r"}'
    )
    assert outcome.bodies == [{"config": "", "keys": [], "registry": "r"}]
    device = b'[{"deviceid": "d1", "config": "", "blocked": false, "keys": []}]'
    for errors, imported, code in ((0, 1, 0), (1, 1, 9), (2, 0, 7)):
        answer = [make_exchange("POST /gcp_devices", 200, {"errors": errors, "imported": imported})]
        assert replay(run, answer, "gcp-devices", "import", "-", stdin=device).result.code == code
    assert replay(run, [], "gcp-devices", "import", "-", stdin=b"{}").result.code == 2


def test_hot_upgrades(run: Run, tmp_path: Path) -> None:
    outcome = replay(run, [find_exchange("GET /relup/status", "plain")], "relup", "status", "-o", "name")
    assert len(outcome.result.out.split()) == 3
    one = find_exchange("GET /relup/status/{node}", "node emqx2@127.0.0.1")
    assert replay(run, [one], "relup", "status", "emqx2@127.0.0.1", "--json").result.json == one.body
    none = find_exchange("POST /relup/upgrade", "no package")
    assert replay(run, [none], "relup", "upgrade").calls == []
    outcome = replay(run, [none], "relup", "upgrade", "--yes", "--json")
    assert outcome.result.code == 7
    assert "No relup package" in outcome.result.error["message"]
    package = tmp_path / "emqx_relup-5.8.1.tar.gz"
    package.write_bytes(b"packed")
    outcome = replay(
        run, [make_exchange("POST /relup/package/upload", 204)], "relup", "package", "upload", str(package)
    )
    assert b'name="plugin"; filename="emqx_relup-5.8.1.tar.gz"' in outcome.received[0].body
    absent = find_exchange("GET /relup/package", "plain")
    assert replay(run, [absent], "relup", "package", "get").result.code == 6
