"""`emqxctl namespaces`: tenants listed over all pages, limited, emptied, deleted."""

import json
from pathlib import Path

import pytest

from tests.conftest import Run
from tests.support.replay import made, talk

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
    told = talk(run, [made(f"GET {path}", 200, rows)], "namespaces", "list", *flags)
    assert told.calls == [f"GET {path}?limit=1000"]
    moment = ["2025-05-22T12:42:33+00:00"] if "--details" in flags else []
    assert told.ran.out.splitlines()[1].split() == ["plant", *moment]


def test_a_list_goes_on_after_its_last_name(run: Run) -> None:
    first = [f"n{number:04}" for number in range(1000)]
    pages = [made("GET /mt/ns_list", 200, first), made("GET /mt/ns_list", 200, ["z&"])]
    told = talk(run, pages, "namespaces", "list", "-o", "name")
    assert told.ran.out.split() == [*first, "z&"]
    assert told.calls[1] == "GET /mt/ns_list?limit=1000&last_ns=n0999"
    told = talk(run, [pages[0]], "namespaces", "list", "-o", "name")
    assert len(told.calls) == 2, "a list that does not get on ends"
    told = talk(run, [made("GET /mt/ns_list", 200, ["a", "b"])], "namespaces", "list", "--limit", "2")
    assert told.calls == ["GET /mt/ns_list?limit=2"]
    assert talk(run, [made("GET /mt/ns_list", 200, {})], "namespaces", "list").ran.code == 10


def test_one_or_several_are_created_and_deleted(run: Run) -> None:
    one, two = "/mt/ns/a%2Fb", "/mt/ns/c"
    script = [made(f"POST {one}", 204), made(f"POST {two}", 204), made(f"DELETE {one}", 204)]
    assert talk(run, script, "namespaces", "create", "a/b", "c").calls == [f"POST {one}", f"POST {two}"]
    assert talk(run, script, "namespaces", "delete", "a/b").ran.code == 14
    assert talk(run, script, "namespaces", "delete", "a/b", "-y").calls == [f"DELETE {one}"]
    told = talk(run, [made("DELETE /mt/bulk_delete_ns", 204)], "namespaces", "delete", "a/b", "c", "-y")
    assert told.bodies == [{"nss": ["a/b", "c"]}]
    assert told.calls == ["DELETE /mt/bulk_delete_ns"]
    unsafe = talk(run, [], "namespaces", "delete", "..", "-y")
    assert (unsafe.ran.code, unsafe.calls) == (2, [])


def test_5_9_0_deletes_one_after_the_other(run: Run) -> None:
    status = {"node_name": "n1", "rel_vsn": "e5.9.0", "app_status": "running", "broker_status": "started"}
    script = [
        made("DELETE /mt/bulk_delete_ns", 404, UNKNOWN),
        made("GET /status", 200, status),
        made("DELETE /mt/ns/a", 204),
        made("DELETE /mt/ns/b", 204),
    ]
    told = talk(run, script, "namespaces", "delete", "a", "b", "-y")
    assert told.ran.code == 0, told.ran.err
    assert told.calls[-2:] == ["DELETE /mt/ns/a", "DELETE /mt/ns/b"]


def test_limits_are_merged_and_sent_whole(run: Run) -> None:
    path = "/mt/ns/plant/config"
    script = [made(f"GET {path}", 200, LIMITS), made(f"PUT {path}", 200, LIMITS)]
    words = ("namespaces", "config", "update", "plant", "--tenant-messages-rate", "3000/1s")
    told = talk(run, script, *words, "--set", "session.max_sessions=10")
    assert told.bodies == [
        {
            "limiter": {"tenant": {"messages": {"rate": "3000/1s"}}, "client": "disabled"},
            "session": {"max_sessions": 10},
        }
    ]
    assert talk(run, script, "namespaces", "config", "get", "plant", "--json").ran.json == LIMITS


def test_what_is_exported_is_what_is_imported(run: Run, tmp_path: Path) -> None:
    configs: dict[str, dict[str, object]] = {"plant": {"rule_engine": {"rules": {}}}}
    told = talk(
        run,
        [made("POST /mt/bulk_export_ns_configs", 200, configs)],
        "namespaces",
        "export",
        "plant",
        "--json",
    )
    assert told.bodies == [{"namespaces": ["plant"]}]
    file = tmp_path / "plants.json"
    file.write_bytes(told.ran.stdout)
    script = [made("POST /mt/bulk_import_ns_configs", 200, configs)]
    told = talk(run, script, "namespaces", "import", str(file), "--check")
    assert told.bodies == [{"configs": configs, "dry_run": True}]
    told = talk(run, script, "namespaces", "import", str(file), "--json")
    assert told.bodies == [{"configs": configs, "dry_run": False}]
    assert told.ran.json == {"namespaces": ["plant"], "checked_only": False}
    file.write_text("[1]")
    assert talk(run, script, "namespaces", "import", str(file)).ran.code == 2


def test_limits_of_many_come_from_a_file(run: Run) -> None:
    wanted = [{"ns": "a", "config": {"session": {"max_sessions": 1}}}]
    words = ("namespaces", "config", "import", "-")
    told = talk(run, [made("POST /mt/bulk_import_configs", 204)], *words, stdin=json.dumps(wanted).encode())
    assert told.bodies == [wanted]
    for bad in (b"{}", b"[1]", b"[{}]"):
        assert talk(run, [], *words, stdin=bad).ran.code == 2


def test_clients_are_listed_counted_and_kicked(run: Run) -> None:
    path = "/mt/ns/plant"
    told = talk(
        run,
        [made(f"GET {path}/client_list", 200, ["c1", "c2"])],
        "namespaces",
        "clients",
        "list",
        "plant",
        "-o",
        "name",
    )
    assert told.ran.out.split() == ["c1", "c2"]
    told = talk(
        run, [made(f"GET {path}/client_count", 200, {"count": 7})], "namespaces", "clients", "count", "plant"
    )
    assert told.ran.out.strip() == "7"
    script = [made(f"POST {path}/kick_all_clients", 202)]
    assert talk(run, script, "namespaces", "clients", "kick", "plant").calls == []
    assert talk(run, script, "namespaces", "clients", "kick", "plant", "-y").calls == [
        f"POST {path}/kick_all_clients"
    ]
    told = talk(
        run, [made(f"GET {path}/metrics", 200, {"sessions": 3})], "namespaces", "metrics", "plant", "--json"
    )
    assert told.ran.json == {"sessions": 3}
