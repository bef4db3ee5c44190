"""`emqxctl relup` against recorded responses."""

from pathlib import Path

from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import make_exchange, replay


def test_hot_upgrades(run: Run, tmp_path: Path) -> None:
    replayed = replay(run, [find_exchange("GET /relup/status", "plain")], "relup", "status", "-o", "name")
    assert len(replayed.result.out.split()) == 3
    node_status = find_exchange("GET /relup/status/{node}", "node emqx2@127.0.0.1")
    assert (
        replay(run, [node_status], "relup", "status", "emqx2@127.0.0.1", "--json").result.json
        == node_status.body
    )
    no_package = find_exchange("POST /relup/upgrade", "no package")
    assert replay(run, [no_package], "relup", "upgrade").calls == []
    replayed = replay(run, [no_package], "relup", "upgrade", "--yes", "--json")
    assert replayed.result.code == 7
    assert "No relup package" in replayed.result.error["message"]
    package = tmp_path / "emqx_relup-5.8.1.tar.gz"
    package.write_bytes(b"packed")
    replayed = replay(
        run, [make_exchange("POST /relup/package/upload", 204)], "relup", "package", "upload", str(package)
    )
    assert b'name="plugin"; filename="emqx_relup-5.8.1.tar.gz"' in replayed.received[0].body
    no_installed_package = find_exchange("GET /relup/package", "plain")
    assert replay(run, [no_installed_package], "relup", "package", "get").result.code == 6


def test_the_name_of_a_package_is_that_of_the_option(run: Run, tmp_path: Path) -> None:
    package = tmp_path / "download.tmp"
    package.write_bytes(b"packed")
    upload = ("relup", "package", "upload")
    answer = [make_exchange("POST /relup/package/upload", 204)]
    name = "emqx_relup-5.8.1.tar.gz"
    for file in (str(package), "-"):
        replayed = replay(run, answer, *upload, file, "--name", name, "--json", stdin=b"packed")
        assert f'name="plugin"; filename="{name}"'.encode() in replayed.received[0].body
        assert b"\r\n\r\npacked\r\n" in replayed.received[0].body
        assert replayed.result.json == {"file": name}
    replayed = replay(run, [], *upload, "-", stdin=b"packed")
    assert (replayed.result.code, "--name NAME" in replayed.result.err) == (2, True)
