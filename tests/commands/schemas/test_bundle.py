"""`emqxctl schemas bundle`: a schema of several files."""

from pathlib import Path

from tests.conftest import Run
from tests.support.replay import make_exchange, replay


def test_a_schema_of_several_files_is_one_form(run: Run, tmp_path: Path) -> None:
    archive = tmp_path / "p.tar.gz"
    archive.write_bytes(b"\x1f\x8b packed")
    path = "/schema_registry_protobuf/bundle"
    arguments = ("schemas", "bundle", "t", str(archive), "--root", "a.proto")
    replayed = replay(run, [make_exchange(f"POST {path}", 201, {"name": "t"})], *arguments)
    assert replayed.result.code == 0, replayed.result.err
    request = replayed.received[0]
    boundary = request.headers["content-type"].partition("boundary=")[2].encode()
    parts = request.body.split(b"--" + boundary)
    assert [part.partition(b'name="')[2].partition(b'"')[0] for part in parts[1:-1]] == [
        b"name",
        b"root_proto_file",
        b"bundle",
    ]
    assert parts[1].endswith(b"\r\n\r\nt\r\n")
    assert parts[3].endswith(b"\r\n\r\n\x1f\x8b packed\r\n")
    replayed = replay(run, [make_exchange(f"PUT {path}", 200, {"name": "t"})], *arguments, "--update")
    assert replayed.calls == [f"PUT {path}"]
    archive.write_bytes(b"plain")
    assert replay(run, [], *arguments).result.code == 2
