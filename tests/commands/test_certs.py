"""`emqxctl certs`: uploads, lists and deletions."""

from pathlib import Path

from tests.conftest import Run
from tests.support.replay import make_exchange, replay


def test_certificates_go_up_and_never_down(run: Run, tmp_path: Path) -> None:
    key, chain = tmp_path / "k.pem", tmp_path / "c.pem"
    key.write_text("-----BEGIN KEY-----\nsecret stuff\n-----END KEY-----\n")
    chain.write_text("-----BEGIN CERTIFICATE-----\n")
    arguments = ("certs", "upload", "server", "--key", str(key), "--chain", str(chain))
    replayed = replay(run, [make_exchange("POST /certs/global/name/server", 204)], *arguments, "--json")
    assert replayed.bodies == [{"key": key.read_text(), "chain": chain.read_text()}]
    assert replayed.result.json == {"name": "server", "files": ["key", "chain"]}
    dry = replay(run, [], *arguments, "--dry-run", "--debug")
    assert "secret stuff" not in dry.result.out + dry.result.err
    replayed = replay(
        run, [make_exchange("POST /certs/ns/plant/name/server", 204)], *arguments, "--namespace", "plant"
    )
    assert replayed.calls == ["POST /certs/ns/plant/name/server"]
    assert replay(run, [], "certs", "upload", "server").result.code == 2


def test_certificates_are_listed_and_deleted_by_namespace(run: Run) -> None:
    replayed = replay(
        run, [make_exchange("GET /certs/global/list", 200, [{"name": "a"}])], "certs", "list", "-o", "name"
    )
    assert replayed.result.out.split() == ["a"]
    script = [make_exchange("GET /certs/ns/plant/list", 200, [{"name": "b"}])]
    assert replay(run, script, "certs", "list", "--namespace", "plant", "-o", "name").result.out.split() == [
        "b"
    ]
    files = {"key": {"path": "/x/key.pem"}, "ca": {"path": "/x/ca.pem"}}
    replayed = replay(
        run, [make_exchange("GET /certs/global/name/a", 200, files)], "certs", "get", "a", "-o", "name"
    )
    assert replayed.result.out.split() == ["key", "ca"]
    script = [
        make_exchange("GET /certs/global/name/a", 200, files),
        make_exchange("DELETE /certs/global/name/a", 204),
    ]
    assert replay(run, script, "certs", "delete", "a").calls == []
    assert replay(run, script, "certs", "delete", "a", "-y").calls == [
        "GET /certs/global/name/a",
        "DELETE /certs/global/name/a",
    ]
    replayed = replay(run, script, "certs", "delete", "a", "-y", "--force")
    assert replayed.calls[1:] == ["DELETE /certs/global/name/a?force_delete=true"]
