"""`emqxctl explain`: fields from the cluster's schemas and from our facts."""

import socket

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.sandboxes import sandbox_env


@pytest.fixture
def env(sandbox: Sandbox) -> dict[str, str]:
    """Return the environment that reaches the sandbox without an API key."""
    return {"EMQXCTL_URL": sandbox_env(sandbox)["EMQXCTL_URL"]}


def test_kinds_are_listed_with_their_types(run: Run) -> None:
    rows = {row["kind"]: row["types"] for row in run("explain", "-o", "json").json}
    assert {"http", "mqtt", "kafka_producer"} <= set(rows["connectors"])
    assert rows["rules"] == []


def test_a_kind_lists_what_each_type_requires(run: Run) -> None:
    rows = {row["type"]: row["required"] for row in run("explain", "connectors", "-o", "json").json}
    assert rows["http"] == ["url"]


def test_the_fields_of_a_type_are_explained_without_a_cluster(run: Run) -> None:
    result = run("explain", "connectors", "http", "-o", "json")
    rows = {row["field"]: row for row in result.json}
    assert rows["url"]["flags"] == ["required"]
    assert rows["pool_size"] | {"description": ""} == {
        "field": "pool_size",
        "type": "integer",
        "default": 8,
        "flags": None,
        "description": "",
        "values": None,
        "minimum": 1,
        "maximum": None,
    }
    assert rows["pool_type"]["values"] == ["random", "hash"]
    assert "facts of EMQX 6.2.2" in result.err


def test_secrets_are_named(run: Run) -> None:
    rows = {row["field"]: row for row in run("explain", "connectors", "mqtt", "-o", "json").json}
    assert rows["password"]["flags"] == ["secret"]


def test_a_nested_field_is_explained(run: Run) -> None:
    row = run("explain", "connectors", "http", "resource_opts.health_check_interval", "-o", "json").json
    assert (row["type"], row["default"]) == ("duration", "15s")
    rows = run("explain", "connectors", "http", "resource_opts", "-o", "json").json
    assert "resource_opts.health_check_interval" in {row["field"] for row in rows}
    rows = run("explain", "connectors", "http", "--recursive", "-o", "json").json
    assert "ssl.verify" in {row["field"] for row in rows}


def test_the_cluster_describes_its_own_fields(run: Run, env: dict[str, str], sandbox: Sandbox) -> None:
    result = run("explain", "connectors", "http", "-o", "json", env=env)
    fields = {row["field"]: row for row in result.json}
    assert "the cluster's own schema" in result.err
    assert "max_inactive" not in fields  # a field of later versions
    assert fields["pool_size"]["description"]
    assert {request.path for request in sandbox.requests} == {"/api/v5/schemas/connectors"}
    assert not any("authorization" in map(str.lower, request.headers) for request in sandbox.requests)


def test_configuration_roots_are_explained(run: Run, env: dict[str, str]) -> None:
    rows = run("explain", "configs", "mqtt", "-o", "json", env=env).json
    assert "max_packet_size" in {row["field"] for row in rows}
    row = run("explain", "configs", "mqtt", "max_packet_size", "-o", "json").json
    assert row["default"] == "1MB"


def test_offline_sends_nothing(run: Run, env: dict[str, str], sandbox: Sandbox) -> None:
    result = run("explain", "connectors", "http", "--offline", env=env)
    assert result.code == 0
    assert not sandbox.requests


def test_a_cluster_that_is_away_does_not_matter(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
    result = run("explain", "connectors", "http", env={"EMQXCTL_URL": url})
    assert result.code == 0
    assert "facts of EMQX" in result.err


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("conectors",), "did you mean connectors"),
        (("connectors", "htp"), "did you mean http?"),
        (("connectors", "http", "pool_sise"), "did you mean pool_size"),
        (("nonsense-of-all",), "list the kinds: emqxctl explain"),
    ],
)
def test_unknown_words_are_refused_with_the_close_ones(run: Run, words: tuple[str, ...], hint: str) -> None:
    result = run("explain", *words)
    assert result.code == 6
    assert hint in result.err


@pytest.mark.parametrize(
    "words", [("connector", "http"), ("authn", "jwt"), ("retained",), ("connectors", "http:a")]
)
def test_other_forms_of_a_kind_are_accepted(run: Run, words: tuple[str, ...]) -> None:
    assert run("explain", *words).code == 0


def test_a_field_of_a_newer_emqx_is_not_suggested_for_itself(run: Run, sandbox: Sandbox) -> None:
    words = ("listeners", "update", "tcp:default", "--set", "tcp_backend=socket")
    result = run(*words, env=sandbox_env(sandbox))
    assert result.code == 7
    assert "unknown field 'tcp_backend'" in result.err
    assert "did you mean" not in result.err


@pytest.mark.parametrize(
    ("arguments", "hints"),
    [
        (
            ("connectors", "create", "http:x", "--target-url", "http://a", "--set", "pool_sise=3"),
            ("did you mean pool_size", "fields: emqxctl explain connectors http"),
        ),
        (
            ("connectors", "create", "http:x", "--target-url", "http://a", "--set", "pool_size=x"),
            ("emqxctl connectors create --help; fields: emqxctl explain connectors http",),
        ),
        (
            ("listeners", "create", "tcp:x", "--bind", "1885", "--set", "max_conections=3"),
            ("did you mean max_connections", "fields: emqxctl explain listeners tcp"),
        ),
        (
            ("retained", "config", "update", "--set", "max_payload_sze=2MB"),
            ("did you mean max_payload_size?", "fields: emqxctl explain retained config"),
        ),
        (
            ("configs", "set", "mqtt.nope=1", "--yes"),
            (
                "hint: options and their values: emqxctl configs set --help; ",
                "; fields: emqxctl explain configs mqtt\n",
            ),
        ),
    ],
)
def test_refused_bodies_lead_to_the_explanation(
    run: Run, sandbox: Sandbox, arguments: tuple[str, ...], hints: tuple[str, ...]
) -> None:
    result = run(*arguments, env=sandbox_env(sandbox))
    assert result.code == 7
    assert [hint for hint in hints if hint not in result.err] == []


def test_a_type_that_the_cluster_does_not_have_is_said(run: Run, env: dict[str, str]) -> None:
    result = run("explain", "connectors", "kafka_producer", env=env)
    assert result.code == 0
    assert "the cluster's own schema has no connectors kafka_producer" in result.err
