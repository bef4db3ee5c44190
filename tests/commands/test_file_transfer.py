"""`emqxctl file-transfer`: lists over all pages, and downloads."""

from pathlib import Path

from tests.conftest import Run
from tests.support.replay import make_exchange, replay


def test_files_are_listed_over_all_pages_and_fetched_where_they_lie(run: Run, tmp_path: Path) -> None:
    uri = "http://10.0.0.1:18083/api/v5/file_transfer/file?node=n1%40h&fileref=a%2Fb.bin"
    file = {"name": "b.bin", "clientid": "dev-1", "fileid": "f1", "size": 3, "uri": uri}
    pages = [{"files": [file], "cursor": "c1"}, {"files": [{**file, "fileid": "f2"}]}]
    script = [make_exchange("GET /file_transfer/files", 200, page) for page in pages]
    replayed = replay(run, script, "file-transfer", "files", "list", "-o", "name")
    assert replayed.result.out == "dev-1\tf1\ndev-1\tf2\n"
    assert "following=c1" in replayed.calls[1]
    assert "following" not in replayed.calls[0]
    script = [
        make_exchange("GET /file_transfer/files/dev-1/f1", 200, pages[0]),
        make_exchange("GET /file_transfer/file", 200, "abc"),
    ]
    target = tmp_path / "b"
    arguments = ("file-transfer", "files", "download", "dev-1", "f1", "--output-file", str(target))
    replayed = replay(run, script, *arguments)
    assert replayed.result.code == 0, replayed.result.err
    assert replayed.calls[1] == "GET /file_transfer/file?node=n1%40h&fileref=a%2Fb.bin"
    assert target.read_bytes() == b'"abc"'
    s3 = {"files": [{**file, "uri": "s3://bucket/b.bin"}]}
    replayed = replay(run, [make_exchange("GET /file_transfer/files/dev-1/f1", 200, s3)], *arguments)
    assert replayed.result.code == 2
    assert "s3://bucket/b.bin" in replayed.result.err
