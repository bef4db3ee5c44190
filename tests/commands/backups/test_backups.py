"""`emqxctl backups` against recorded answers."""

from pathlib import Path

import pytest

from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import make_exchange, replay

LIST = find_exchange("GET /data/files", "after the upload")
FILE = "GET /data/files/{filename}"
HERE = find_exchange(FILE, "with node")
NAME = HERE.path.rpartition("/")[2]


def on(*nodes: str) -> object:
    """Make up a list that has the backup on these nodes."""
    return {"data": [{"filename": NAME, "node": node, "size": 9} for node in nodes], "meta": {"count": 1}}


def test_the_list_tells_on_which_node_each_lies(run: Run) -> None:
    replayed = replay(run, [LIST], "backups", "list")
    first = replayed.result.out.splitlines()[1].split()
    assert first[:3] == ["emqx-export-2026-11-23-00-22-25.699.tar.gz", "emqx1@127.0.0.1", "17.7K"]
    assert replay(run, [LIST], "backups", "list", "--json").result.json == LIST.body["data"]


def test_export_says_where_the_backup_is(run: Run) -> None:
    replayed = replay(run, [find_exchange("POST /data/export", "everything")], "backups", "export", "--json")
    assert replayed.bodies == [{}]
    assert replayed.result.json["node"] == "emqx1@127.0.0.1"
    script = [find_exchange("POST /data/export", "some tables and keys")]
    selected = replay(
        run,
        script,
        "backups",
        "export",
        "--tables",
        "banned",
        "--roots",
        "rule_engine",
        "--roots",
        "connectors",
    )
    assert selected.bodies == [{"table_sets": ["banned"], "root_keys": ["rule_engine", "connectors"]}]
    assert (
        "created backup 'emqx-export-2026-11-23-00-22-25.610.tar.gz' on emqx1@127.0.0.1"
        in selected.result.err
    )


@pytest.mark.parametrize("title", ["unknown table set", "unknown root key"])
def test_what_emqx_does_not_know_is_refused_in_words(run: Run, title: str) -> None:
    replayed = replay(
        run, [find_exchange("POST /data/export", title)], "backups", "export", "--roots", "nope", "--json"
    )
    assert replayed.result.code == 7
    assert "nope" in replayed.result.error["message"]


def test_export_can_fetch_what_it_made(run: Run, tmp_path: Path) -> None:
    script = [make_exchange("POST /data/export", 200, {"filename": NAME, "node": "emqx1@127.0.0.1"}), HERE]
    target = tmp_path / "b.tar.gz"
    replayed = replay(run, script, "backups", "export", "--output-file", str(target))
    assert replayed.result.code == 0, replayed.result.err
    assert replayed.calls[1] == f"GET /data/files/{NAME}?node=emqx1%40127.0.0.1"
    assert target.read_bytes() == HERE.response_bytes


def test_get_finds_the_node_itself(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    script = [make_exchange("GET /data/files", 200, on("emqx1@127.0.0.1")), HERE]
    replayed = replay(run, script, "backups", "get", NAME)
    assert replayed.result.code == 0, replayed.result.err
    assert replayed.calls[-1] == f"GET /data/files/{NAME}?node=emqx1%40127.0.0.1"
    assert (tmp_path / NAME).read_bytes() == HERE.response_bytes
    piped = replay(run, [HERE], "backups", "get", NAME, "--node", "emqx1@127.0.0.1", "--output-file", "-")
    assert piped.calls == [f"GET /data/files/{NAME}?node=emqx1%40127.0.0.1"]
    assert piped.result.stdout == HERE.response_bytes


def test_get_replaces_no_local_file_that_was_not_named(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / NAME).write_bytes(b"mine")
    for words in ((), ("--output-file", NAME)):
        replayed = replay(run, [HERE], "backups", "get", NAME, "--node", "n1@h", "-o", "json", *words)
        assert replayed.result.code == 14
        assert replayed.result.error["code"] == "FILE_EXISTS"
        assert (tmp_path / NAME).read_bytes() == b"mine"
    replayed = replay(run, [HERE], "backups", "get", NAME, "--node", "n1@h", "--force")
    assert replayed.result.code == 0
    assert (tmp_path / NAME).read_bytes() == HERE.response_bytes
    replayed = replay(run, [HERE], "backups", "get", NAME, "--node", "n1@h")
    assert (replayed.result.code, "already the same" in replayed.result.err) == (0, True)
    (tmp_path / NAME).write_bytes(HERE.response_bytes[:-1])
    assert replay(run, [HERE], "backups", "get", NAME, "--node", "n1@h").result.code == 14


def test_a_backup_on_two_nodes_must_be_told_apart(run: Run) -> None:
    script = [make_exchange("GET /data/files", 200, on("n1", "n2"))]
    replayed = replay(run, script, "backups", "get", NAME)
    assert replayed.result.code == 2
    assert "n1, n2" in replayed.result.err
    assert "--node" in replayed.result.err


def test_a_missing_backup_leaves_no_file(run: Run, tmp_path: Path) -> None:
    script = [find_exchange("GET /data/files", "none left"), find_exchange(FILE, "unknown file")]
    target = tmp_path / "x"
    replayed = replay(run, script, "backups", "get", "nope.tar.gz", "--output-file", str(target))
    assert replayed.result.code == 6
    assert list(tmp_path.glob("x*")) == []


def test_upload_sends_the_archive_as_emqx_wants_it(run: Run, tmp_path: Path) -> None:
    archive = tmp_path / NAME
    archive.write_bytes(b"\x1f\x8b packed")
    script = [find_exchange("POST /data/files", "upload")]
    replayed = replay(run, script, "backups", "upload", str(archive), "--json")
    assert replayed.result.json == {"filename": NAME}
    assert f'name="filename"; filename="{NAME}"'.encode() in replayed.received[0].body
    assert b"\x1f\x8b packed" in replayed.received[0].body
    other = tmp_path / "b.zip"
    other.write_bytes(b"x")
    assert replay(run, script, "backups", "upload", str(other)).calls == []
    assert replay(run, script, "backups", "upload", "-", stdin=b"x").result.code == 2


@pytest.mark.parametrize(
    ("title", "text"),
    [("same name again", "already exists"), ("upload of a backup with a bad setting", "sysmon.os.mem_check")],
)
def test_a_refused_upload_says_why(run: Run, tmp_path: Path, title: str, text: str) -> None:
    archive = tmp_path / NAME
    archive.write_bytes(b"x")
    replayed = replay(
        run, [find_exchange("POST /data/files", title)], "backups", "upload", str(archive), "--json"
    )
    assert replayed.result.code == 7
    assert text in replayed.result.error["message"]


def test_import_is_confirmed_and_names_the_node(run: Run) -> None:
    recorded = find_exchange("POST /data/import", "with node")
    name = "emqx-export-2026-11-23-00-22-25.544.tar.gz"
    unconfirmed = replay(run, [LIST, recorded], "backups", "import", name)
    assert unconfirmed.result.code == 14
    assert "POST /data/import" not in unconfirmed.calls
    replayed = replay(run, [LIST, recorded], "backups", "import", name, "--yes")
    assert replayed.result.code == 0, replayed.result.err
    assert {"filename": name, "node": "emqx1@127.0.0.1"} in replayed.bodies
    script = [find_exchange("POST /data/import", "file is on another node")]
    wrong = replay(run, script, "backups", "import", name, "--node", "emqx2@127.0.0.1", "-y")
    assert wrong.result.code == 6
    assert f"backup '{name}' not found: backup file not found" in wrong.result.err
    assert "emqxctl backups list" in wrong.result.err


def test_a_backup_that_does_not_exist_is_not_imported(run: Run) -> None:
    script = [find_exchange(FILE, "unknown file"), find_exchange("POST /data/import", "with node")]
    name = script[0].path.rpartition("/")[2]
    replayed = replay(run, script, "backups", "import", name, "--node", "emqx1@127.0.0.1", "-y")
    assert replayed.result.code == 6
    assert f"file '{name}' not found" in replayed.result.err
    assert "POST /data/import" not in replayed.calls


def test_delete_goes_to_the_node_it_lies_on(run: Run) -> None:
    script = [
        make_exchange("GET /data/files", 200, on("n1")),
        make_exchange(f"DELETE /data/files/{NAME}", 204),
    ]
    assert replay(run, script, "backups", "delete", NAME).calls == []
    replayed = replay(run, script, "backups", "delete", NAME, "--yes")
    assert replayed.calls[-1] == f"DELETE /data/files/{NAME}?node=n1"
    assert replayed.result.code == 0


def test_a_backup_with_users_takes_a_dashboard_user(run: Run) -> None:
    refused = find_exchange("GET /data/files/{filename}", "full backup, API key", "6.2.2")
    name = refused.path.rpartition("/")[2]
    result = replay(
        run, [refused], "backups", "get", name, "--node", "emqx6@127.0.0.1", "--output-file", "-"
    ).result
    assert result.code == 5
    assert "log in as a dashboard user: --username USER" in result.err
    token = make_exchange("POST /login", 200, {"token": "t0ken-of-the-test"})
    script = [token, make_exchange("GET /data/files", 200, []), make_exchange("POST /data/import", 204)]
    env = {"EMQXCTL_USERNAME": "admin", "EMQXCTL_PASSWORD": "public"}
    imported = replay(run, script, "backups", "import", name, "-y", env=env)
    assert imported.result.code == 0, imported.result.err
    assert imported.received[-1].headers["authorization"] == "Bearer t0ken-of-the-test"
