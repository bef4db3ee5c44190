"""Backups, and the state of a cluster as files: export, diff and apply."""

import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import yaml

from tests.live.environment import IDENTIFIER, PREFIX, Emqxctl, RawApi, Server, quote_segment
from tests.live.leftovers import take_snapshot

pytestmark = pytest.mark.live


def test_a_backup_is_made_downloaded_and_deleted(
    emqxctl: Emqxctl, raw: RawApi, server: Server, tmp_path: Path
) -> None:
    server.require("POST /data/export", "GET /data/files", "DELETE /data/files/{filename}")
    before = {row["filename"] for row in raw.get("/data/files", {"limit": 1000}).rows}
    target = tmp_path / "backup.tar.gz"
    emqxctl.succeed("backups", "export", "--output-file", str(target))
    (created,) = {row["filename"] for row in raw.get("/data/files", {"limit": 1000}).rows} - before
    try:
        assert tarfile.is_tarfile(target)
        assert created in {row["filename"] for row in emqxctl.read("backups", "list")}
        emqxctl.succeed("backups", "delete", created, "--yes")
        assert {row["filename"] for row in raw.get("/data/files", {"limit": 1000}).rows} == before
    finally:
        raw.request("DELETE", f"/data/files/{quote_segment(created)}")


def test_an_exported_cluster_differs_in_nothing_and_applies_nothing(
    emqxctl: Emqxctl, raw: RawApi, tmp_path: Path
) -> None:
    state = tmp_path / "cluster.yaml"
    before = take_snapshot(raw)
    emqxctl.succeed("export", "-f", str(state), "--keep-masks")
    emqxctl.succeed("validate", "-f", str(state))
    different = emqxctl.run("diff", "-f", str(state))
    assert different.returncode == 0, different.stdout + different.stderr
    emqxctl.succeed("apply", "-f", str(state), "--yes")
    assert take_snapshot(raw) == before


def test_a_rule_in_a_file_is_applied_changed_and_pruned(
    emqxctl: Emqxctl, raw: RawApi, tmp_path: Path, cleanup: Callable[..., None]
) -> None:
    state = tmp_path / "cluster.yaml"
    emqxctl.succeed("export", "-f", str(state), "--only", "rules")
    documents = yaml.safe_load(state.read_text(encoding="utf-8")) or {}
    before = {row["id"] for row in raw.get("/rules", {"limit": 1000}).rows}
    rule = {"sql": f'SELECT * FROM "{PREFIX}/#"', "actions": [{"function": "console"}], "enable": False}
    path = f"/rules/{IDENTIFIER}"
    cleanup("DELETE", path)

    def write(rules: Mapping[str, object]) -> None:
        state.write_text(yaml.safe_dump({**documents, "rules": rules}), encoding="utf-8")

    others = documents.get("rules") or {}
    write({**others, IDENTIFIER: rule})
    assert emqxctl.run("diff", "-f", str(state)).returncode == 1
    assert raw.read_object(path) is None
    emqxctl.succeed("apply", "-f", str(state), "--yes")
    created = raw.read_object(path)
    assert created
    assert (created["sql"], created["enable"]) == (rule["sql"], False)
    assert emqxctl.run("diff", "-f", str(state)).returncode == 0

    write({**others, IDENTIFIER: {**rule, "description": "changed"}})
    emqxctl.succeed("apply", "-f", str(state), "--yes")
    changed = raw.read_object(path)
    assert changed
    assert changed["description"] == "changed"

    write(others)
    emqxctl.succeed("apply", "-f", str(state), "--prune", "rules", "--yes")
    assert {row["id"] for row in raw.get("/rules", {"limit": 1000}).rows} == before
