"""`emqxctl bundle`: everything a support case needs is in it, no secret is, and nothing stops it."""

import gzip
import io
import json
import stat
import tarfile
from pathlib import Path
from typing import Any

import pytest

from emqxctl.commands import bundle
from emqxctl.sandbox.server import Sandbox
from emqxctl.text.redaction import MASK
from tests.conftest import Run, RunResult
from tests.faults.server import FaultServer, closed_port, respond
from tests.support.recordings import ReplayServer
from tests.support.replay import make_exchange

SECRET = "Zx9-bundle-SECRET"
FILES = {
    *("actions.json", "alarms-past.json", "alarms.json", "cluster.json", "config.hocon", "config.json"),
    *("connectors.json", "doctor.json", "listeners.json", "manifest.json", "metrics-1.json"),
    *("metrics-2.json", "nodes.json", "plugins.json", "rates.json", "requests.jsonl", "rules.json"),
    *("slow-subscriptions.json", "sources.json", "stats.json", "status.json"),
}


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Record the pauses instead of making them."""
    recorded: list[float] = []
    monkeypatch.setattr("time.sleep", recorded.append)
    return recorded


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Where the archive goes."""
    return tmp_path / "emqx.tar.gz"


def read_archive(archive: Path) -> dict[str, bytes]:
    """Read an archive's files, all of which lie in its one folder."""
    with tarfile.open(archive) as tar:
        entries = tar.getmembers()
        assert all(entry.name.startswith("emqxctl-bundle/") and entry.isfile() for entry in entries)
        assert {(entry.mode, entry.uid, entry.uname) for entry in entries} == {(0o600, 0, "")}
        streams = {entry.name.partition("/")[2]: tar.extractfile(entry) for entry in entries}
        return {name: stream.read() for name, stream in streams.items() if stream}


def read_manifest(archive: Path) -> Any:
    """Read the manifest."""
    return json.loads(read_archive(archive)["manifest.json"])


def test_it_holds_everything_and_no_secret(
    run: Run, cluster: Sandbox, archive: Path, pauses: list[float]
) -> None:
    result = run("bundle", str(archive), "--interval", "7s")
    assert result.code == 0, result.err
    files = read_archive(archive)
    assert set(files) == FILES
    assert pauses == [7.0]
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    whole = b"".join(files.values()).decode()
    assert cluster.api_secret not in whole
    text = files["config.hocon"].decode()
    assert f'cookie = "{MASK}"' in text
    assert "listeners" in text
    manifest_data = read_manifest(archive)
    assert manifest_data["files"] == {
        name: len(body) for name, body in files.items() if name != "manifest.json"
    }
    assert manifest_data["redacted"]["config.hocon"]["node.cookie"] == 1
    assert manifest_data["missing"] == {}
    assert f"wrote {archive}: 21 files" in result.err
    assert "review it" in result.err
    assert len(json.loads(files["nodes.json"])) == 3
    assert len(json.loads(files["metrics-1.json"])) == len(json.loads(files["metrics-2.json"])) == 3
    assert {finding["status"] for finding in json.loads(files["doctor.json"])} == {"ok"}


def test_what_was_asked_is_logged(run: Run, cluster: Sandbox, archive: Path, pauses: list[float]) -> None:
    run("bundle", str(archive))
    lines = [json.loads(line) for line in read_archive(archive)["requests.jsonl"].splitlines()]
    logged_requests = [(line["method"], line["path"].partition("?")[0], line["status"]) for line in lines]
    assert logged_requests == [(request.method, request.path, request.status) for request in cluster.requests]
    assert all(line["ms"] > 0 for line in lines)
    assert {request.method for request in cluster.requests} == {"GET"}


def test_the_same_at_the_same_moment_is_the_same_to_the_byte() -> None:
    files = {"b.json": b"2", "a.json": b"1"}
    packed = bundle.build_archive(files, 1_700_000_000)
    assert packed == bundle.build_archive(dict(reversed(files.items())), 1_700_000_000)
    assert int.from_bytes(packed[4:8], "little") == 1_700_000_000
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(packed))) as tar:
        assert tar.getnames() == ["emqxctl-bundle/a.json", "emqxctl-bundle/b.json"]
        assert {entry.mtime for entry in tar.getmembers()} == {1_700_000_000}


def test_preview_lists_and_writes_nothing(
    run: Run, cluster: Sandbox, archive: Path, pauses: list[float]
) -> None:
    result = run("bundle", str(archive), "--preview", "-o", "json")
    assert result.code == 0
    assert {row["file"] for row in result.json} == FILES
    (config,) = [row for row in result.json if row["file"] == "config.hocon"]
    assert config["paths"]["node.cookie"] == 1
    assert config["redacted"] == sum(config["paths"].values())
    assert pauses == []
    assert list(archive.parent.glob("*emqx*")) == []
    table = run("bundle", str(archive), "--preview").out.splitlines()
    assert table[0].split() == ["FILE", "SIZE", "REDACTED", "MISSING"]
    assert len(table) == len(FILES) + 1


def test_an_existing_file_is_kept_unless_forced(
    run: Run, cluster: Sandbox, archive: Path, pauses: list[float]
) -> None:
    archive.write_text("mine")
    result = run("bundle", str(archive))
    assert (result.code, "--force" in result.err) == (14, True)
    assert archive.read_text() == "mine"
    assert cluster.requests == []
    assert run("bundle", str(archive), "--force", "-o", "json").json["missing"] == []
    assert set(read_archive(archive)) == FILES
    assert run("bundle", str(archive.parent)).code == 2


def test_a_disk_that_refuses_leaves_nothing(
    run: Run, cluster: Sandbox, tmp_path: Path, pauses: list[float]
) -> None:
    result = run("bundle", str(tmp_path / "nowhere" / "emqx.tar.gz"))
    assert (result.code, "CANNOT_WRITE" in result.err) == (1, True)
    assert not (tmp_path / "nowhere").exists()


def test_ctrl_c_leaves_nothing(
    run: Run, cluster: Sandbox, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", interrupted)
    assert run("bundle", str(archive)).code == 130
    assert list(archive.parent.glob("*emqx*")) == []


def run_bundle(run: Run, url: str, *words: str) -> RunResult:
    """Run against a server, as a key whose secret must never be seen."""
    env = {"EMQXCTL_URL": url, "EMQXCTL_API_KEY": "k" * 16, "EMQXCTL_API_SECRET": SECRET}
    result = run("bundle", *words, env={**env, "EMQXCTL_RETRIES": "0"})
    assert SECRET not in result.out + result.err
    return result


HOCON = f'''
authentication = [{{ mechanism = password_based, password = "{SECRET} \\"quoted\\"" }}]
connectors.http.x {{
  url = "https://jane:{SECRET}@example.com"
  headers {{ authorization = "Bearer {SECRET}" }}
  ssl {{ keyfile = """-----BEGIN PRIVATE KEY-----
{SECRET}
-----END PRIVATE KEY-----""" }}
}}
node {{ cookie = {SECRET}, name = "emqx@h" }}
'''


def test_secrets_are_masked_in_every_file_and_counted(run: Run, archive: Path, pauses: list[float]) -> None:
    connector = {
        "name": "x",
        "password": SECRET,
        "ssl": {"keyfile": f"-----BEGIN PRIVATE KEY-----\n{SECRET}"},
    }
    script = [
        make_exchange("GET /connectors", body=[connector, {**connector, "server": f"redis://u:{SECRET}@h"}]),
        make_exchange("GET /nodes", body=[{"node": "emqx@h", "note": f"the run's own {SECRET}"}]),
        make_exchange("GET /configs", body={"dashboard": {"default_password": SECRET}}),
    ]
    with ReplayServer(script) as server:
        result = run_bundle(run, server.url, str(archive))
    assert result.code == 0, result.err
    files = read_archive(archive)
    assert SECRET not in b"".join(files.values()).decode()
    redacted = read_manifest(archive)["redacted"]
    assert redacted["connectors.json"] == {"password": 2, "server": 1, "ssl.keyfile": 2}
    assert redacted["nodes.json"] == {"note": 1}
    assert redacted["config.json"] == {"dashboard.default_password": 1}


def test_hocon_with_quotes_and_many_lines_is_masked(run: Run, archive: Path, pauses: list[float]) -> None:
    text = respond(200, HOCON, content_type="text/plain")
    with FaultServer(responders=(respond(200, "[]"),), by_path={"/api/v5/configs": text}) as server:
        result = run_bundle(run, server.url, str(archive))
    assert result.code == 0, result.err
    hocon = read_archive(archive)["config.hocon"].decode()
    assert SECRET not in hocon
    assert 'name = "emqx@h"' in hocon
    assert read_manifest(archive)["redacted"]["config.hocon"] == {
        "authentication.password": 1,
        "connectors.http.x.headers.authorization": 1,
        "connectors.http.x.ssl.keyfile": 1,
        "connectors.http.x.url": 1,
        "node.cookie": 1,
    }


def test_what_cannot_be_read_is_told_with_its_reason(run: Run, archive: Path, pauses: list[float]) -> None:
    refused = respond(403, json.dumps({"code": "UNAUTHORIZED_ROLE", "message": "no"}))
    at = {"/api/v5/configs": refused, "/api/v5/rules": respond(200, "{broken")}
    with FaultServer(responders=(respond(200, "[]"),), by_path=at) as server:
        result = run_bundle(run, server.url, str(archive))
    assert result.code == 0
    manifest_data = read_manifest(archive)
    assert set(manifest_data["missing"]) == {"config.hocon", "config.json", "rules.json"}
    assert manifest_data["missing"]["config.json"]["code"] == "UNAUTHORIZED_ROLE"
    assert manifest_data["missing"]["rules.json"]["code"] == "NOT_JSON"
    assert set(read_archive(archive)) == FILES - set(manifest_data["missing"])
    assert "missing config.hocon, config.json: not allowed for the role of this API key" in result.err


def test_a_cluster_that_is_not_there_is_asked_once(run: Run, archive: Path, pauses: list[float]) -> None:
    result = run_bundle(run, f"http://127.0.0.1:{closed_port()}", str(archive), "-v")
    assert result.code == 11
    assert result.err.count("GET /api/v5/") == 1
    assert pauses == []
    files = read_archive(archive)
    assert set(files) == {"doctor.json", "manifest.json", "requests.jsonl"}
    assert {missing_file["code"] for missing_file in read_manifest(archive)["missing"].values()} == {
        "CONNECTION_REFUSED"
    }
    assert result.err.count("\nmissing ") == 1
    assert "missing actions.json, alarms-past.json, " in result.err
    assert "fail" in {finding["status"] for finding in json.loads(files["doctor.json"])}


def test_a_wrong_api_key_is_a_failure_although_the_status_is_public(
    run: Run, archive: Path, pauses: list[float]
) -> None:
    body = json.dumps({"code": "BAD_API_KEY_OR_SECRET", "message": "Check api_key/api_secret"})
    at = {"/api/v5/status": respond(200, "{}"), "/status": respond(200, "{}")}
    with FaultServer(responders=(respond(401, body),), by_path=at) as server:
        result = run_bundle(run, server.url, str(archive))
    assert result.code == 4
    assert "status.json" in read_archive(archive)
    assert "API key or secret not accepted" in result.err


def test_bad_words_are_refused_before_anything_is_asked(run: Run, cluster: Sandbox, archive: Path) -> None:
    result = run("bundle", str(archive), "--interval", "soon")
    assert (result.code, "--interval" in result.err) == (2, True)
    assert cluster.requests == []
    assert run("bundle").code == 2


def test_an_archive_holds_one_profile(run: Run, home: Path, archive: Path) -> None:
    config = home / "config" / "config.toml"
    config.parent.mkdir(mode=0o700)
    config.write_text("".join(f'[profiles.{name}]\nurl = "http://127.0.0.1:9"\n' for name in "ab"))
    result = run("bundle", str(archive), "-p", "a,b")
    assert (result.code, "only one profile" in result.err) == (2, True)
    assert not archive.exists()


def test_a_person_sees_how_far_it_is(
    run: Run, cluster: Sandbox, archive: Path, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    result = run("bundle", str(archive), terminal=True)
    assert result.code == 0, result.err
    assert "collecting" in result.err
    assert "collecting" not in run("bundle", str(archive), "--force", "--quiet", terminal=True).err
