"""Backups from export to import on both editions: inspected, renamed, uploaded, restored, expired."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from emqxctl.emqx.backup_files import pack_backup
from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import make_exchange, replay
from tests.support.sandboxes import sandbox_env

LOGIN = ("--username", "admin", "--password-file", "password.txt")


@pytest.fixture(params=["community", "enterprise"])
def edition(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """Start a cluster of each edition, and write the password of its dashboard user."""
    Path("password.txt").write_text("public\n")
    with Sandbox(edition=request.param) as server:
        for name, value in sandbox_env(server).items():
            monkeypatch.setenv(name, value)
        yield server


def test_a_backup_makes_the_round_trip_under_any_name(run: Run, edition: Sandbox) -> None:
    exported = run("backups", "export", "--output-file", "b.tar.gz", *LOGIN)
    assert exported.code == 0, exported.err
    name = run("backups", "list", "-o", "name").out.split()[0]
    contents = run("backups", "inspect", "b.tar.gz", "-o", "json").json
    assert contents["name"] == name
    assert {"api_keys", "dashboard_users", "banned"} <= set(contents["tables"])
    assert any("API keys" in effect for effect in contents["effects_of_import"])
    assert run("backups", "inspect", name, *LOGIN, "-o", "json").json["name"] == name
    assert run("backups", "delete", name, "--yes").code == 0
    uploaded = run("backups", "upload", "b.tar.gz")
    assert uploaded.code == 0, uploaded.err
    assert f"uploading b.tar.gz as {name}" in uploaded.err
    with edition.cluster.lock:
        ban_count = len(edition.cluster.bans)
        edition.cluster.bans.clear()
    unconfirmed = run("backups", "import", name, *LOGIN)
    assert unconfirmed.code == 14
    assert "API keys" in unconfirmed.err
    imported = run("backups", "import", name, *LOGIN, "--yes", "-o", "json")
    assert imported.code == 0, imported.err
    counts = {row["kind"]: (row["before"], row["after"]) for row in imported.json["kinds"]}
    assert counts["banned"] == (0, ban_count)
    assert counts["authenticators"] == (2, 2)
    assert counts["dashboard users"][1] is not None


def test_an_api_key_may_not_restore_users(run: Run, edition: Sandbox) -> None:
    run("backups", "export", *LOGIN)
    name = run("backups", "list", "-o", "name").out.split()[0]
    result = run("backups", "import", name, "--yes")
    if edition.cluster.edition == "enterprise":
        assert result.code == 5
        assert "--username USER" in result.err
        assert run("backups", "get", name).code == 5
    else:
        assert result.code == 0, result.err
        assert "require a dashboard user (--username)" in result.err


def test_only_the_newest_backups_are_kept(run: Run, cluster: Sandbox) -> None:
    with cluster.cluster.lock:
        stored = dict(cluster.cluster.features.backups)
    names = sorted(name for _, name in stored)
    refused = run("backups", "export", "--keep", "2")
    assert refused.code == 14
    assert f"to be deleted: {names[0]} on " in refused.err
    assert len(run("backups", "list", "-o", "name").out.split()) == len(names)
    result = run("backups", "export", "--keep", "2", "--yes", "-o", "json")
    assert result.code == 0
    assert result.json["deleted"] == names[:-1]
    remaining_names = run("backups", "list", "-o", "name").out.split()
    assert remaining_names == [result.json["filename"], names[-1]]
    assert run("backups", "export", "--keep", "0").code == 2
    assert run("backups", "export", "--keep", "9").code == 0


def test_an_export_replaces_no_file(run: Run, cluster: Sandbox) -> None:
    Path("b.tar.gz").write_bytes(b"mine")
    result = run("backups", "export", "--output-file", "b.tar.gz")
    assert result.code == 14
    assert Path("b.tar.gz").read_bytes() == b"mine"
    assert not [request for request in cluster.requests if request.method == "POST"]
    assert run("backups", "export", "--output-file", "b.tar.gz", "--force").code == 0


def test_a_name_that_contradicts_the_archive_is_refused(run: Run, cluster: Sandbox) -> None:
    name = "emqx-export-2026-01-01-00-00-00.000.tar.gz"
    content = pack_backup(name, {"META.hocon": 'version = "5.8.9"', "cluster.hocon": "{}"}, 0)
    Path("other.tar.gz").write_bytes(content)
    assert run("backups", "upload", "other.tar.gz", "--name", "emqx-export-other.tar.gz").code == 2
    assert run("backups", "upload", "-", stdin=content, terminal=False).code == 0
    assert name in run("backups", "list", "-o", "name").out.split()


def test_names_in_an_archive_are_escaped(run: Run, cluster: Sandbox) -> None:
    content = pack_backup(
        "evil\x1b[31m.tar.gz",
        {"META.hocon": 'version = "5\x1b[0m"', "mnesia/\x1b[2J": "x", "cluster.hocon": "{}"},
        0,
    )
    Path("evil.tar.gz").write_bytes(content)
    result = run("backups", "inspect", "evil.tar.gz")
    assert result.code == 0
    assert "\x1b" not in result.out + result.err
    Path("text.tar.gz").write_bytes(b"hello")
    assert run("backups", "inspect", "text.tar.gz").code == 2
    assert run("backups", "inspect", "emqx-export-none.tar.gz").code == 6


def test_a_replaced_api_key_is_reported(run: Run) -> None:
    name = "emqx-export-2026-11-24-20-30-59.064.tar.gz"
    archive = find_exchange("GET /data/files/{filename}", "full backup, bearer", "6.2.2")
    denied = {"code": "BAD_API_KEY_OR_SECRET", "message": "Check api_key/api_secret"}
    script = [archive, make_exchange("POST /data/import", 204), make_exchange("GET /rules", 401, denied)]
    replayed = replay(run, script, "backups", "import", name, "--node", "emqx6@127.0.0.1", "--yes")
    assert replayed.result.code == 9
    assert "EMQX refuses this API key now" in replayed.result.err
    assert "it contains api_keys and dashboard_users" in replayed.result.err


def test_an_export_says_what_emqx_left_out(run: Run, edition: Sandbox) -> None:
    note = "EMQX exports them only with --username"
    is_restricted = edition.cluster.edition == "enterprise"
    assert (note in run("backups", "export").err) == is_restricted
    assert (note in run("backups", "export", "--output-file", "b.tar.gz").err) == is_restricted
    assert note not in run("backups", "export", *LOGIN).err
    assert note not in run("backups", "export", "--tables", "banned").err


def test_a_large_backup_is_imported_without_a_look(
    run: Run, cluster: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emqxctl.commands.backups._contents.MAX_INSPECTED_BYTES", 1 << 10)
    name = run("backups", "list", "-o", "name").out.split()[0]
    result = run("backups", "import", name, "--yes")
    assert result.code == 0, result.err
    assert f"read it: emqxctl backups inspect {name}" in result.err


def test_a_local_file_is_to_be_uploaded_first(run: Run, cluster: Sandbox) -> None:
    Path("nightly.tar.gz").write_bytes(b"x")
    result = run("backups", "import", "nightly.tar.gz", "--yes")
    assert result.code == 6
    assert "upload the local file first: emqxctl backups upload nightly.tar.gz" in result.err
