"""`emqxctl namespaces`: tenants listed over all pages, limited, emptied, deleted."""

import json
from pathlib import Path

import pytest

from tests.conftest import Run
from tests.support.replay import make_exchange, replay

UNKNOWN = {"code": "NOT_FOUND", "message": "Request Path Not Found"}
LIMITS = {"limiter": {"tenant": "disabled", "client": "disabled"}, "session": {"max_sessions": "infinity"}}


@pytest.mark.parametrize(
    ("flags", "path"),
    [
        ((), "/mt/ns_list"),
        (("--managed",), "/mt/managed_ns_list"),
        (("--details",), "/mt/ns_list_details"),
        (("--managed", "--details"), "/mt/managed_ns_list_details"),
    ],
)
def test_each_list_has_its_path(run: Run, flags: tuple[str, ...], path: str) -> None:
    rows: list[object] = [{"name": "plant", "created_at": 1747917753}] if "--details" in flags else ["plant"]
    outcome = replay(run, [make_exchange(f"GET {path}", 200, rows)], "namespaces", "list", *flags)
    assert outcome.calls == [f"GET {path}?limit=1000"]
    created_at = ["2025-05-22T12:42:33+00:00"] if "--details" in flags else []
    assert outcome.result.out.splitlines()[1].split() == ["plant", *created_at]


def test_a_list_goes_on_after_its_last_name(run: Run) -> None:
    first = [f"n{number:04}" for number in range(1000)]
    pages = [make_exchange("GET /mt/ns_list", 200, first), make_exchange("GET /mt/ns_list", 200, ["z&"])]
    outcome = replay(run, pages, "namespaces", "list", "-o", "name")
    assert outcome.result.out.split() == [*first, "z&"]
    assert outcome.calls[1] == "GET /mt/ns_list?limit=1000&last_ns=n0999"
    outcome = replay(run, [pages[0]], "namespaces", "list", "-o", "name")
    assert len(outcome.calls) == 2, "a list that does not get on ends"
    outcome = replay(
        run, [make_exchange("GET /mt/ns_list", 200, ["a", "b"])], "namespaces", "list", "--limit", "2"
    )
    assert outcome.calls == ["GET /mt/ns_list?limit=2"]
    assert replay(run, [make_exchange("GET /mt/ns_list", 200, {})], "namespaces", "list").result.code == 10


def test_one_or_several_are_created_and_deleted(run: Run) -> None:
    first_path, second_path = "/mt/ns/a%2Fb", "/mt/ns/c"
    script = [
        make_exchange(f"POST {first_path}", 204),
        make_exchange(f"POST {second_path}", 204),
        make_exchange(f"DELETE {first_path}", 204),
    ]
    assert replay(run, script, "namespaces", "create", "a/b", "c").calls == [
        f"POST {first_path}",
        f"POST {second_path}",
    ]
    assert replay(run, script, "namespaces", "delete", "a/b").result.code == 14
    assert replay(run, script, "namespaces", "delete", "a/b", "-y").calls == [
        f"GET {first_path}/config",
        f"DELETE {first_path}",
    ]
    outcome = replay(
        run, [make_exchange("DELETE /mt/bulk_delete_ns", 204)], "namespaces", "delete", "a/b", "c", "-y"
    )
    assert outcome.bodies == [{"nss": ["a/b", "c"]}]
    assert outcome.calls[2:] == ["DELETE /mt/bulk_delete_ns"]
    unsafe = replay(run, [], "namespaces", "delete", "..", "-y")
    assert (unsafe.result.code, unsafe.calls) == (2, [])


def test_5_9_0_deletes_one_after_the_other(run: Run) -> None:
    status = {"node_name": "n1", "rel_vsn": "e5.9.0", "app_status": "running", "broker_status": "started"}
    script = [
        make_exchange("DELETE /mt/bulk_delete_ns", 404, UNKNOWN),
        make_exchange("GET /status", 200, status),
        make_exchange("DELETE /mt/ns/a", 204),
        make_exchange("DELETE /mt/ns/b", 204),
    ]
    outcome = replay(run, script, "namespaces", "delete", "a", "b", "-y")
    assert outcome.result.code == 0, outcome.result.err
    deletions = [call for call in outcome.calls if call.startswith("DELETE /mt/ns/")]
    assert deletions == ["DELETE /mt/ns/a", "DELETE /mt/ns/b"]


def test_limits_are_merged_and_sent_whole(run: Run) -> None:
    path = "/mt/ns/plant/config"
    script = [make_exchange(f"GET {path}", 200, LIMITS), make_exchange(f"PUT {path}", 200, LIMITS)]
    words = ("namespaces", "config", "update", "plant", "--tenant-messages-rate", "3000/1s")
    outcome = replay(run, script, *words, "--set", "session.max_sessions=10")
    assert outcome.bodies == [
        {
            "limiter": {"tenant": {"messages": {"rate": "3000/1s"}}, "client": "disabled"},
            "session": {"max_sessions": 10},
        }
    ]
    assert replay(run, script, "namespaces", "config", "get", "plant", "--json").result.json == LIMITS
    version = make_exchange("GET /status", 200, {"node_name": "n", "rel_vsn": "6.2.2"})
    limit = "--client-delivery-messages-rate=9/s"
    outcome = replay(run, [version, *script], "namespaces", "config", "update", "plant", limit)
    assert outcome.bodies[0]["limiter"]["client"] == {"delivery_messages": {"rate": "9/s"}}


def test_what_is_exported_is_what_is_imported(run: Run, tmp_path: Path) -> None:
    configs: dict[str, dict[str, object]] = {"plant": {"rule_engine": {"rules": {}}}}
    outcome = replay(
        run,
        [make_exchange("POST /mt/bulk_export_ns_configs", 200, configs)],
        "namespaces",
        "export",
        "plant",
        "--json",
    )
    assert outcome.bodies == [{"namespaces": ["plant"]}]
    file = tmp_path / "plants.json"
    file.write_bytes(outcome.result.stdout)
    script = [make_exchange("POST /mt/bulk_import_ns_configs", 200, configs)]
    outcome = replay(run, script, "namespaces", "import", str(file), "--check")
    assert outcome.bodies == [{"configs": configs, "dry_run": True}]
    outcome = replay(run, script, "namespaces", "import", str(file), "--json")
    assert outcome.bodies == [{"configs": configs, "dry_run": False}]
    assert outcome.result.json == {"namespaces": ["plant"], "checked_only": False}
    file.write_text("[1]")
    assert replay(run, script, "namespaces", "import", str(file)).result.code == 2


def test_limits_of_many_come_from_a_file(run: Run) -> None:
    limits = [{"ns": "a", "config": {"session": {"max_sessions": 1}}}]
    words = ("namespaces", "config", "import", "-")
    outcome = replay(
        run, [make_exchange("POST /mt/bulk_import_configs", 204)], *words, stdin=json.dumps(limits).encode()
    )
    assert outcome.bodies == [limits]
    for bad in (b"{}", b"[1]", b"[{}]"):
        assert replay(run, [], *words, stdin=bad).result.code == 2


def test_clients_are_listed_counted_and_kicked(run: Run) -> None:
    path = "/mt/ns/plant"
    outcome = replay(
        run,
        [make_exchange(f"GET {path}/client_list", 200, ["c1", "c2"])],
        "namespaces",
        "clients",
        "list",
        "plant",
        "-o",
        "name",
    )
    assert outcome.result.out.split() == ["c1", "c2"]
    outcome = replay(
        run,
        [make_exchange(f"GET {path}/client_count", 200, {"count": 7})],
        "namespaces",
        "clients",
        "count",
        "plant",
    )
    assert outcome.result.out.strip() == "7"
    script = [make_exchange(f"POST {path}/kick_all_clients", 202)]
    assert replay(run, script, "namespaces", "clients", "kick", "plant").calls == []
    assert replay(run, script, "namespaces", "clients", "kick", "plant", "-y").calls == [
        f"POST {path}/kick_all_clients"
    ]
    outcome = replay(
        run,
        [make_exchange(f"GET {path}/metrics", 200, {"sessions": 3})],
        "namespaces",
        "metrics",
        "plant",
        "--json",
    )
    assert outcome.result.json == {"sessions": 3}
