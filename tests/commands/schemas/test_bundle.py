"""`emqxctl schemas bundle`: a schema of several files."""

from pathlib import Path

import pytest

from tests.conftest import Run
from tests.support.replay import make_exchange, replay

PATH = "/schema_registry_protobuf/bundle"


def test_a_schema_of_several_files_is_one_form(run: Run, tmp_path: Path) -> None:
    archive = tmp_path / "p.tar.gz"
    archive.write_bytes(b"\x1f\x8b packed")
    arguments = ("schemas", "bundle", "t", str(archive), "--root", "a.proto")
    replayed = replay(run, [make_exchange(f"POST {PATH}", 201, {"name": "t"})], *arguments)
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
    archive.write_bytes(b"plain")
    assert replay(run, [], *arguments).result.code == 2


def read_description(body: bytes) -> str | None:
    """Return the description in a form; None if the form has none."""
    _, header, rest = body.partition(b'name="description"\r\n\r\n')
    return rest.partition(b"\r\n--")[0].decode() if header else None


@pytest.mark.parametrize(
    ("words", "method", "sent"),
    [
        ((), "POST", None),
        (("--description", "of ${x}\nä"), "POST", "of ${x}\nä"),
        (("--update",), "PUT", "before"),
        (("--update", "--description", "after"), "PUT", "after"),
        (("--update", "--description", ""), "PUT", ""),
    ],
)
def test_an_update_only_changes_the_description_that_is_typed(
    run: Run, tmp_path: Path, words: tuple[str, ...], method: str, sent: str | None
) -> None:
    archive = tmp_path / "p.tar.gz"
    archive.write_bytes(b"\x1f\x8b packed")
    script = [
        make_exchange("GET /schema_registry/t", 200, {"name": "t", "description": "before"}),
        make_exchange(f"{method} {PATH}", 200, {"name": "t"}),
    ]
    replayed = replay(run, script, "schemas", "bundle", "t", str(archive), "--root", "a.proto", *words)
    assert replayed.result.code == 0, replayed.result.err
    assert replayed.received[-1].method == method
    assert read_description(replayed.received[-1].body) == sent


def test_a_schema_that_does_not_exist_is_not_updated(run: Run, tmp_path: Path) -> None:
    archive = tmp_path / "p.tar.gz"
    archive.write_bytes(b"\x1f\x8b packed")
    missing = make_exchange(
        "GET /schema_registry/t", 404, {"code": "NOT_FOUND", "message": "Schema not found"}
    )
    words = ("schemas", "bundle", "t", str(archive), "--root", "a.proto", "--update")
    replayed = replay(run, [missing], *words)
    assert (replayed.result.code, replayed.calls) == (6, ["GET /schema_registry/t"])
