"""`emqxctl validate`."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run

GOOD = """emqxctl: 1
connectors:
  http:a: {url: "http://a:80", headers: {authorization: !env TOKEN}}
actions:
  http:b: {connector: a, parameters: {method: post}}
rules:
  c: {sql: 'SELECT * FROM "t"', actions: ["http:b"]}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a file to be written."""
    return tmp_path / "c.yaml"


def test_a_good_file_needs_no_server(run: Run, path: Path) -> None:
    path.write_text(GOOD)
    ran = run("validate", "-f", str(path), env={"TOKEN": "x"})
    assert (ran.code, ran.out, ran.err) == (0, "3 objects are valid\n", "")


def test_one_object_and_one_error_are_singular(run: Run, path: Path) -> None:
    path.write_text("emqxctl: 1\nrules:\n  c: {sql: 'SELECT * FROM \"t\"'}\n")
    assert run("validate", "-f", str(path)).out == "1 object is valid\n"
    path.write_text("rules: {}\n")
    assert run("validate", "-f", str(path)).out.endswith("\n1 error\n")


def test_a_variable_that_is_not_set_is_a_doubt(run: Run, path: Path) -> None:
    path.write_text(GOOD)
    ran = run("validate", "-f", str(path))
    assert ran.code == 0
    assert f"{path}:3: warning: variable TOKEN is not set or empty [MISSING_VARIABLE]" in ran.out
    assert run("validate", "-f", str(path), "--strict").code == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "rules:\n  r: {sql: x, actions: ['http:b']}\nactions: {}\n",
            "3: error: rule 'r' needs action 'http:b'",
        ),
        (
            "actions: {'http:b': {connector: a}}\nconnectors: {'http:c': {url: u}}\n",
            "2: error: action 'http:b' needs connector 'http:a'",
        ),
        ("rules:\n  'a b': {sql: x}\n", "3: error: rule id 'a b'"),
        ("rules:\n  r: {enable: 'no'}\n", "3: error: rule 'r': enable must be true or false"),
        (
            "listeners: {'tcp:a': {bind: 1}, 'tcp:b': {bind: 1}}",
            "2: error: listeners tcp:b and tcp:a have the same bind: 1",
        ),
        (
            "schema_validations: [{name: v, checks: [{schema: s}]}]\nschemas: {}",
            "2: error: schema validation 'v' needs schema 's'",
        ),
        ("auto_subscribe: [a]", "2: error: an element of auto_subscribe must be a mapping"),
        ("rules:\n  r: {}\n  r: {}\n", "4: error: 'r' is stated twice, first in line 3"),
        (
            "streams: {s: {topic_filter: 'a/#/b'}}",
            "2: error: stream 's': topic_filter 'a/#/b' is not a topic filter",
        ),
    ],
)
def test_a_mistake_is_found_offline(text: str, message: str, run: Run, path: Path) -> None:
    path.write_text("emqxctl: 1\n" + text)
    ran = run("validate", "-f", str(path))
    assert ran.code == 2
    assert f"{path}:{message}" in ran.out


def test_a_reference_to_what_another_file_states_is_left(run: Run, path: Path) -> None:
    path.write_text("emqxctl: 1\nrules: {r: {sql: x, actions: ['http:b']}}\n")
    assert run("validate", "-f", str(path)).code == 0


def test_an_unknown_field_is_a_doubt_with_a_suggestion(run: Run, path: Path) -> None:
    path.write_text("emqxctl: 1\nconnectors: {'http:a': {url: u, poolsize: 3}}\n")
    ran = run("validate", "-f", str(path))
    assert ran.code == 0
    assert "unknown field 'poolsize'; did you mean pool_size?" in ran.out


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ("s3cret", True),
        ("!env TOKEN", False),
        ("file:///etc/s", False),
        ("'******'", False),
        ("!file s.txt", False),
    ],
)
def test_a_secret_in_clear_is_a_doubt(value: str, plain: bool, run: Run, path: Path) -> None:
    path.with_name("s.txt").write_text("x")
    path.write_text(f"emqxctl: 1\nconnectors:\n  mqtt:a:\n    server: s\n    password: {value}\n")
    ran = run("validate", "-f", str(path), env={"TOKEN": "x"})
    assert ran.code == 0
    assert ("5: warning: connector 'mqtt:a': password contains a secret in clear" in ran.out) is plain
    assert "s3cret" not in ran.out + ran.err


def test_as_data(run: Run, path: Path) -> None:
    path.write_text("emqxctl: 1\nrulez: {}\n")
    ran = run("validate", "-f", str(path), "-o", "json")
    assert ran.code == 2
    assert ran.json["valid"] is False
    assert ran.json["errors"][0] == {
        "code": "UNKNOWN_KIND",
        "message": "unknown kind 'rulez'; did you mean rules?",
        "place": f"{path}:2",
        "path": "rulez",
    }


@pytest.mark.parametrize(
    ("text", "version", "message"),
    [
        ("bridges: {'webhook:a': {url: u}}", "6.0", "bridges was removed in EMQX 6.0"),
        ("bridges: {'webhook:a': {url: u}}", "5.8", ""),
        ("settings: {statsd: {enable: true}}", "6.0", "settings statsd was removed"),
        ("settings: {limiter: {}}", "6.0", "settings limiter was removed"),
        (
            "connectors: {'gcp_pubsub_producer:a': {service_account_json: x}}",
            "6.2",
            "state it below authentication",
        ),
        ("authentication: [{mechanism: jwt, password_attribute: x}]", "6.2", "last seen in EMQX 5.8.9"),
        ("authentication: [{mechanism: jwt, password_attribute: x}]", "5.8.9", ""),
        ("authentication: [{mechanism: jwt, precondition: x}]", "5.5", "is not in the API before EMQX"),
        ("connectors: {'http:a': {url: u}}", "5.0.20", "connectors requires EMQX"),
        ("streams: {s: {topic_filter: a}}", "6.0", "streams requires EMQX"),
        ("rules: {r: {sql: x}}", "6.0", ""),
    ],
)
def test_what_a_version_no_longer_takes(text: str, version: str, message: str, run: Run, path: Path) -> None:
    path.write_text("emqxctl: 1\n" + text)
    ran = run("validate", "-f", str(path), "--against", version)
    assert ran.code == (2 if message else 0)
    assert message in ran.out


def test_a_version_that_is_none_is_a_usage_error(run: Run, path: Path) -> None:
    path.write_text("emqxctl: 1\n")
    assert run("validate", "-f", str(path), "--against", "new").code == 2


def test_the_schema_is_printed_and_fits_an_export(run: Run, cluster: Sandbox) -> None:
    import yaml
    from jsonschema import Draft202012Validator

    schema = json.loads(run("validate", "--schema").out)
    Draft202012Validator.check_schema(schema)

    class Loader(yaml.SafeLoader):
        """Reads `!env` as text."""

    Loader.add_constructor("!env", lambda _loader, node: str(node.value))
    document = yaml.load(run("export").out, Loader=Loader)
    assert [error.message for error in Draft202012Validator(schema).iter_errors(document)] == []
    assert list(Draft202012Validator(schema).iter_errors({"emqxctl": 1, "rulez": {}})) != []
    assert list(Draft202012Validator(schema).iter_errors({"emqxctl": 1, "connectors": {"a": {}}})) != []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("rules: {r: {sql: SELECT FROM, actions: []}}", "BAD_SQL"),
        ("connectors: {'http:a': {url: 'http://h:9'}}", "PROBE_FAILED"),
        ("connectors: {'http:a': {url: 'http://h:80', poolsize: 1}}", "UNKNOWN_FIELD"),
        ("connectors: {'http:a': {pool_size: 1}}", "MISSING_FIELD"),
        ("rules: {r: {sql: 'SELECT * FROM \"t\"', actions: ['http:nowhere']}}", "MISSING_REFERENCE"),
    ],
)
def test_online_the_server_is_asked_and_nothing_is_written(
    text: str, code: str, run: Run, cluster: Sandbox, path: Path
) -> None:
    path.write_text("emqxctl: 1\n" + text)
    assert run("validate", "-f", str(path)).code == 0
    ran = run("validate", "-f", str(path), "--online", "-o", "json")
    assert ran.code == 2
    assert code in {error["code"] for error in ran.json["errors"]}
    written = [error.path for error in cluster.requests if error.method != "GET"]
    assert [error for error in written if not error.endswith(("_probe", "rule_test"))] == []


def test_online_all_kinds_that_the_server_does_not_have_are_listed_with_other_errors(
    run: Run, cluster: Sandbox, path: Path
) -> None:
    path.write_text(
        "emqxctl: 1\nstreams: {s: {topic_filter: a}}\nmessage_queues: {q: {topic_filter: a}}\n"
        "rules: {r: {sql: SELECT FROM, actions: []}}\n"
    )
    ran = run("validate", "-f", str(path), "--online", "-o", "json")
    problems = {(error["code"], error["place"]) for error in ran.json["errors"]}
    assert ran.code == 2
    assert problems == {("KIND_GONE", f"{path}:2"), ("KIND_GONE", f"{path}:3"), ("BAD_SQL", f"{path}:4")}


def test_online_an_export_is_valid(run: Run, cluster: Sandbox, path: Path) -> None:
    path.write_text(run("export").out)
    assert run("validate", "-f", str(path), "--online").code == 0


def test_files_are_needed(run: Run) -> None:
    assert run("validate").code == 2


def test_stdin(run: Run) -> None:
    assert run("validate", "-f", "-", stdin=b"emqxctl: 1\nrules: {}\n").code == 0


@pytest.mark.parametrize(
    "words",
    [
        ("validate",),
        ("diff", "-p", "sandbox"),
        ("apply", "-p", "sandbox"),
        ("rules", "test", "-p", "sandbox"),
    ],
)
def test_a_closed_stdin_is_a_usage_error(
    run: Run, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emqxctl.cli.input.files.sys", SimpleNamespace(stdin=None))
    result = run(*words, "-f", "-")
    assert (result.code, "cannot read -f -: standard input is closed" in result.err) == (2, True), result.err


def test_stdin_that_is_not_utf8_is_a_usage_error(run: Run) -> None:
    result = run("validate", "-f", "-", stdin=b"emqxctl: \xff")
    assert (result.code, "not UTF-8" in result.err) == (2, True), result.err
