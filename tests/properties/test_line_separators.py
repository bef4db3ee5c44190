"""U+2028 and U+2029 are in no configuration that is sent, since EMQX could not read it again."""

from pathlib import Path

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run

SEPARATOR = "a\u2028b"
STORED = (
    ("topic-metrics", "create", SEPARATOR),
    ("rules", "create", "r1", "--sql", 'SELECT * FROM "t"', "--description", SEPARATOR),
    ("rules", "update", "hot-sensors", "--description", SEPARATOR),
    ("connectors", "create", "http:a", "--set", "url=http://127.0.0.1", "--set", f"description={SEPARATOR}"),
    ("listeners", "create", "tcp:a", "--bind", "1999", "--set", f"mountpoint={SEPARATOR}"),
    ("authentication", "create", "jwt", "--set", f"secret={SEPARATOR}"),
    ("configs", "set", "sysmon", "--set", f"vm.x={SEPARATOR}"),
    ("api", "POST", "mqtt/topic_metrics", "--raw-field", f"topic={SEPARATOR}"),
)
NOT_STORED = (
    ("publish", SEPARATOR, SEPARATOR, "--retain"),
    ("banned", "add", "clientid", SEPARATOR, "--reason", "b\u2029"),
    ("clients", "subscribe", "sensor-001", SEPARATOR),
)


def test_what_would_be_stored_is_refused(run: Run, cluster: Sandbox, tmp_path: Path) -> None:
    for words in STORED:
        result = run(*words, "-o", "json")
        assert (result.code, result.error["code"]) == (2, "UNSTORABLE_CHARACTER"), (words, result.err)
        assert "U+2028 in" in result.error["message"]
    body = tmp_path / "file.hocon"
    body.write_text('mqtt { response_information = "\u2029" }')
    assert run("configs", "update", "-f", str(body), "--yes").code == 2
    assert [request.path for request in cluster.requests if request.method != "GET"] == []


@pytest.mark.parametrize("words", NOT_STORED)
def test_anything_else_is_sent(run: Run, cluster: Sandbox, words: tuple[str, ...]) -> None:
    result = run(*words)
    assert result.code == 0, result.err
    assert [request.method for request in cluster.requests if request.method != "GET"] == ["POST"]
