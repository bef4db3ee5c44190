"""`emqxctl diff`."""

from pathlib import Path

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run

SECRET = "sesame-of-the-test"


@pytest.fixture
def path(run: Run, cluster: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Export the cluster to a file, and set its variables."""
    found = tmp_path / "c.yaml"
    found.write_text(run("export").out)
    for line in found.read_text().splitlines():
        if line.startswith("#   "):
            monkeypatch.setenv(line[4:], SECRET)
    return found


def edit(path: Path, before: str, after: str) -> None:
    """Replace text in a file; it must be there."""
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def test_equal(run: Run, path: Path) -> None:
    ran = run("diff", "-f", str(path))
    assert (ran.code, ran.out) == (0, "no changes; 45 unchanged; 3 secrets cannot be compared\n")


def test_different(run: Run, path: Path) -> None:
    edit(path, "pool_size: 1", "pool_size: 4")
    edit(path, '\\"usage/#\\"', '\\"usage/+\\"')
    ran = run("diff", "-f", str(path))
    assert ran.code == 1
    assert ran.out == (
        "~ connectors http:billing-webhook\n    pool_size: 1 -> 4\n"
        '~ rules bill-usage\n    sql: SELECT * FROM "usage/#" -> SELECT * FROM "usage/+"\n'
        "2 to update; 43 unchanged; 3 secrets cannot be compared\n"
    )


def test_long_texts_are_a_unified_diff(run: Run, path: Path) -> None:
    edit(path, "{allow, all}.", "{deny, all}.")
    out = run("diff", "-f", str(path)).out
    assert "~ authorization file\n    rules:\n      @@ " in out
    assert "\n      -{allow, all}.\n      +{deny, all}.\n" in out


def test_as_data(run: Run, path: Path) -> None:
    edit(path, "pool_size: 1", "pool_size: 4")
    ran = run("diff", "-f", str(path), "-o", "json")
    assert ran.code == 1
    assert ran.json["changes"] == [
        {
            "kind": "connectors",
            "name": "http:billing-webhook",
            "action": "update",
            "cause": "file",
            "fields": [{"path": "pool_size", "secret": False, "cause": "file", "from": 1, "to": 4}],
            "result": None,
            "error": None,
        }
    ]
    assert ran.json["summary"]["update"] == 1


def test_for_a_pull_request(run: Run, path: Path) -> None:
    edit(path, "pool_size: 1", "pool_size: 4")
    assert run("diff", "-f", str(path), "-o", "md").out == (
        "**emqxctl: 1 to update; 44 unchanged; 3 secrets cannot be compared**\n\n"
        "```diff\n! connectors http:billing-webhook\n    pool_size: 1 -> 4\n```\n"
    )


def test_a_plan_does_not_overwrite_what_it_is_made_from(run: Run, cluster: Sandbox, tmp_path: Path) -> None:
    path, record = tmp_path / "c.yaml", tmp_path / "c.yaml.applied.json"
    path.write_text("emqxctl: 1\nrules: {}\n")
    record.write_text('{"emqxctl": 1, "targets": {}}')
    for file in (path, record):
        before = file.read_text()
        ran = run("diff", "-f", str(path), "--save-plan", str(file))
        assert (ran.code, "would overwrite a file that the plan is made from" in ran.err) == (2, True)
        assert file.read_text() == before
    ran = run("diff", "-f", str(path), "--save-plan", str(tmp_path / "no" / "plan.json"))
    assert (ran.code, "[CANNOT_WRITE]" in ran.err, "EMQXCTL_CONFIG" in ran.err) == (1, True, False)


@pytest.mark.parametrize("form", ["name", "csv", "tsv", "yaml", "jsonl", "wide"])
def test_every_format(form: str, run: Run, path: Path) -> None:
    edit(path, "pool_size: 1", "pool_size: 4")
    ran = run("diff", "-f", str(path), "-o", form)
    assert ran.code == 1
    assert "http:billing-webhook" in ran.out


def test_secrets_are_two_masks(run: Run, path: Path) -> None:
    ran = run("diff", "-f", str(path), "--secrets")
    assert ran.code == 1
    assert "    password: ****** (before) -> ****** (after)\n" in ran.out


@pytest.mark.parametrize(
    "options",
    [(), ("--secrets",), ("-o", "json", "--secrets"), ("-o", "md", "--secrets"), ("--debug", "--secrets")],
)
def test_no_secret_is_shown(options: tuple[str, ...], run: Run, path: Path) -> None:
    edit(
        path,
        "http:old-crm:",
        "http:new-crm:\n    headers: {authorization: !env CONNECTORS_MQTT_CLOUD_BROKER_PASSWORD}\n"
        "    password: sesame-of-the-test",
    )
    ran = run("diff", "-f", str(path), *options)
    assert ran.code == 1
    assert SECRET not in ran.out + ran.err


def test_all_missing_variables_are_named_at_once(run: Run, cluster: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("emqxctl: 1\nconnectors: {'http:a': {url: !env URL_A}, 'http:b': {url: !env URL_B}}\n")
    ran = run("diff", "-f", str(path))
    assert ran.code == 2
    assert "these variables are not set or empty: URL_A, URL_B" in ran.err


def test_hostile_text_is_escaped(run: Run, cluster: Sandbox, path: Path) -> None:
    cluster.cluster.integration.rules["bill-usage"].description = "\x1b[31m\u202ered"
    edit(path, "    name: billing\n", "    name: billing\n    description: x\n")
    out = run("diff", "-f", str(path)).out
    assert "\x1b" not in out
    assert "\\u001b[31m\\u202ered" in out


def test_a_conflict_shows_all_three(run: Run, cluster: Sandbox, path: Path) -> None:
    edit(path, "    name: billing\n", "    name: billing\n    description: first\n")
    assert run("apply", "-f", str(path)).code == 0
    cluster.cluster.integration.rules["bill-usage"].description = "theirs"
    edit(path, "description: first", "description: second")
    ran = run("diff", "-f", str(path))
    assert ran.code == 1
    assert "description: theirs -> second  (both changed)\n      last applied: first\n" in ran.out


def test_drift(run: Run, cluster: Sandbox, path: Path) -> None:
    assert run("diff", "-f", str(path), "--drift").code == 2
    assert run("apply", "-f", str(path)).code == 0
    assert run("diff", "-f", str(path), "--drift").code == 0
    edit(path, "pool_size: 1", "pool_size: 4")
    assert run("diff", "-f", str(path), "--drift").code == 0
    cluster.cluster.integration.rules["bill-usage"].name = "theirs"
    ran = run("diff", "-f", str(path), "--drift")
    assert ran.code == 1
    assert "~ rules bill-usage  (server changed)\n    name: theirs -> billing" in ran.out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "missing option '--file' / '-f'"),
        (("-f", "nowhere.yaml"), "cannot read -f nowhere.yaml: no such file or directory [CANNOT_READ]"),
        (("-f", "{}", "rules"), "kinds are named only with --prune"),
        (("-f", "{}", "--prune", "rulez"), "unknown kind 'rulez'"),
        (("-f", "{}", "--take", "both"), "must be file or server"),
        (("-f", "{}", "--drift", "--save-plan", "p"), "cannot be used together"),
    ],
)
def test_usage_errors(options: tuple[str, ...], message: str, run: Run, path: Path) -> None:
    ran = run("diff", *(str(path) if one == "{}" else one for one in options))
    assert ran.code == 2
    assert message in ran.err


def test_a_kind_that_the_server_does_not_have(run: Run, cluster: Sandbox, tmp_path: Path) -> None:
    text = "emqxctl: 1\nstreams: {s: {topic_filter: a}}\nmessage_queues: {q: {topic_filter: a}}\n"
    (tmp_path / "c.yaml").write_text(text)
    ran = run("diff", "-f", str(tmp_path / "c.yaml"))
    assert ran.code == 13
    assert "streams requires EMQX" in ran.err
    assert "message_queues requires EMQX" in ran.err


def test_an_overlay_for_a_second_environment(run: Run, cluster: Sandbox, path: Path, tmp_path: Path) -> None:
    (tmp_path / "prod.yaml").write_text("emqxctl: 1\nconnectors: {'http:billing-webhook': {pool_size: 9}}\n")
    out = run("diff", "-f", str(path), "-f", str(tmp_path / "prod.yaml")).out
    assert "pool_size: 1 -> 9" in out


@pytest.mark.parametrize(
    "mask",
    [
        "connectors: {'http:new': {url: 'http://a:80', headers: {authorization: '******'}}}",
        "exhooks: [{name: new, url: u, password: '******'}]",
    ],
)
def test_a_mask_that_would_be_stored_is_refused(
    mask: str, run: Run, cluster: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "c.yaml").write_text("emqxctl: 1\n" + mask)
    for command in ("diff", "apply"):
        ran = run(command, "-f", str(tmp_path / "c.yaml"))
        assert ran.code == 14
        assert "is masked, and EMQX would store the mask as the secret [MASKED_SECRET]" in ran.out
    assert [one for one in cluster.requests if one.method != "GET"] == []


def test_warnings_become_failures(run: Run, path: Path) -> None:
    edit(path, "  tcp:default:\n", "  tcp:default:\n    max_connections: 5\n")
    text = path.read_text()
    first = text.index("max_connections: 5\n") + len("max_connections: 5\n")
    path.write_text(text[:first] + text[first:].replace("    max_connections: infinity\n", "", 2))
    ran = run("diff", "-f", str(path))
    assert "[MAY_BE_OVERRIDDEN]" in ran.err
    assert run("diff", "-f", str(path), "--strict").code == 14


def test_the_servers_schemas_are_read_without_credentials(run: Run, cluster: Sandbox, path: Path) -> None:
    asked = [one for one in cluster.requests if one.path.startswith("/api/v5/schemas/")]
    assert len(asked) >= 3
    assert [one.path for one in asked if "authorization" in one.headers] == []


def test_several_clusters_are_one_table(run: Run, cluster: Sandbox, path: Path, home: Path) -> None:
    profile = '[profiles.{}]\nurl = "{}"\napi_key = "{}"\napi_secret = "{}"\n'
    config = home / "config" / "config.toml"
    config.parent.mkdir()
    key = (cluster.url, cluster.api_key, cluster.api_secret)
    config.write_text(profile.format("a", *key) + profile.format("b", *key))
    config.chmod(0o600)
    edit(path, "pool_size: 1", "pool_size: 4")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("EMQXCTL_URL", "EMQXCTL_API_KEY", "EMQXCTL_API_SECRET"):
            patch.delenv(name)
        ran = run("-p", "a,b", "diff", "-f", str(path))
        assert run("-p", "a,b", "export").code == 2
    assert ran.code != 0
    assert ran.out.count("connectors/http:billing-webhook") == 2
