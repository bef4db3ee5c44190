"""`emqxctl apply`."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.state_files import clear, writes

SECRET = "sesame-of-the-test"
STATE = """emqxctl: 1
connectors:
  http:a: {url: "http://a:80", headers: {authorization: !env TOKEN}}
  mqtt:m: {server: "b:1883", password: !env TOKEN}
actions:
  http:b: {connector: a, parameters: {method: post}}
rules:
  c: {sql: 'SELECT * FROM "t"', actions: ["http:b"]}
"""


@pytest.fixture
def path(cluster: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a file for an empty cluster."""
    clear(cluster)
    monkeypatch.setenv("TOKEN", SECRET)
    file = tmp_path / "c.yaml"
    file.write_text(STATE)
    return file


def edit(path: Path, before: str, after: str) -> None:
    """Replace text in a file; it must be there."""
    assert before in path.read_text()
    path.write_text(path.read_text().replace(before, after))


def test_everything_is_made_once(run: Run, cluster: Sandbox, path: Path) -> None:
    ran = run("apply", "-f", str(path))
    assert ran.code == 0
    assert ran.out.endswith("4 done; 0 unchanged\n")
    assert writes(cluster) == ["POST /connectors", "POST /connectors", "POST /actions", "POST /rules"]
    assert cluster.cluster.integration.connectors["http", "a"].config["headers"]["authorization"] == SECRET
    before = len(cluster.requests)
    ran = run("apply", "-f", str(path))
    assert (ran.code, ran.out) == (0, "no changes; 4 unchanged; 2 secrets cannot be compared\n")
    assert writes(cluster, before) == []


def test_a_secret_is_never_emptied_by_an_empty_variable(run: Run, cluster: Sandbox, path: Path) -> None:
    ran = run("apply", "-f", str(path), env={"TOKEN": ""})
    assert (ran.code, writes(cluster)) == (2, [])
    assert "these variables are not set or empty: TOKEN" in ran.err
    path.write_text("emqxctl: 1\nrules: {c: {sql: 'SELECT * FROM \"t\"', description: !env TOKEN}}\n")
    assert run("apply", "-f", str(path), env={"TOKEN": ""}).code == 0


def test_a_dry_run_sends_nothing_and_shows_what_diff_shows(run: Run, cluster: Sandbox, path: Path) -> None:
    ran = run("apply", "-f", str(path), "--dry-run")
    assert ran.code == 0
    assert ran.out == run("diff", "-f", str(path)).out
    assert writes(cluster) == []
    assert not path.with_name("c.yaml.applied.json").exists()


def test_the_report_is_the_same_schema_as_that_of_diff(run: Run, cluster: Sandbox, path: Path) -> None:
    before = run("diff", "-f", str(path), "-o", "json").json
    after = run("apply", "-f", str(path), "-o", "json").json
    assert set(before) == set(after)
    assert [change["result"] for change in after["changes"]] == ["done"] * 4
    for change in after["changes"]:
        change["result"] = None
    assert after["changes"] == before["changes"]
    again = run("apply", "-f", str(path), "-o", "json").json
    results = [(change["action"], change["result"]) for change in again["changes"]]
    assert results == [("none", "unchanged")] * 4


def test_no_secret_anywhere(run: Run, cluster: Sandbox, path: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    assert run("diff", "-f", str(path), "--save-plan", str(plan)).code == 1
    ran = run("apply", "-f", str(path), "--debug")
    assert ran.code == 0
    assert "POST /api/v5/connectors" in ran.err
    written = [file.read_text() for file in tmp_path.iterdir() if file.is_file() and file != path]
    assert len(written) == 2
    assert SECRET not in "".join([ran.out, ran.err, *written])


@pytest.mark.parametrize("form", ["table", "json", "md"])
def test_a_server_that_quotes_a_secret_is_masked(form: str, run: Run, cluster: Sandbox, path: Path) -> None:
    connectors = "  http:a: {url: !env TOKEN}\n  mqtt:b: {server: s, pool_size: !env TOKEN}\n"
    path.write_text(f"emqxctl: 1\nconnectors:\n{connectors}")
    ran = run("apply", "-f", str(path), "-o", form)
    assert ran.code == 7
    assert SECRET not in ran.out + ran.err


def test_a_refusal_in_the_middle(run: Run, cluster: Sandbox, path: Path) -> None:
    edit(path, "http://a:80", "no url")
    ran = run("apply", "-f", str(path))
    assert ran.code == 9
    assert "+ connectors http:a  (FAILED)" in ran.out
    assert "+ actions http:b  (not tried)" in ran.out
    assert "needs connector http:a, which failed [BLOCKED]" in ran.out
    assert "+ connectors mqtt:m  (done)" in ran.out
    assert ran.out.endswith("1 done, 1 failed, 2 not tried; 0 unchanged\n")
    edit(path, "no url", "http://a:80")
    assert run("apply", "-f", str(path)).out.endswith("3 done; 1 unchanged; 1 secret cannot be compared\n")


def test_where_nothing_was_done_the_cause_is_the_code(run: Run, cluster: Sandbox, path: Path) -> None:
    path.write_text("emqxctl: 1\nconnectors: {'http:a': {url: none}}\n")
    assert run("apply", "-f", str(path)).code == 7


def test_fail_fast(run: Run, cluster: Sandbox, path: Path) -> None:
    edit(path, "http://a:80", "no url")
    ran = run("apply", "-f", str(path), "--fail-fast")
    assert ran.out.endswith("1 failed, 3 not tried; 0 unchanged\n")
    assert ran.code == 7


def test_prune_asks_with_the_list(run: Run, cluster: Sandbox, path: Path) -> None:
    assert run("apply", "-f", str(path)).code == 0
    edit(path, '  mqtt:m: {server: "b:1883", password: !env TOKEN}\n', "")
    ran = run("apply", "-f", str(path))
    assert ran.code == 0
    assert "no longer in the files, kept on the server: connectors/mqtt:m (--prune deletes)" in ran.err
    ran = run("apply", "-f", str(path), "--prune")
    assert ran.code == 14
    assert "delete connectors mqtt:m" in ran.err
    assert run("apply", "-f", str(path), "--prune", "rules", "--yes").code == 0
    assert ("mqtt", "m") in cluster.cluster.integration.connectors
    ran = run("apply", "-f", str(path), "--prune", "connectors", "--yes")
    assert "- connectors mqtt:m  (done)\n" in ran.out
    assert ("mqtt", "m") not in cluster.cluster.integration.connectors


def test_the_number_of_deletes_is_limited(run: Run, cluster: Sandbox, path: Path) -> None:
    rules = "\n".join(f"  r{n}: {{sql: 'SELECT * FROM \"t\"', actions: []}}" for n in range(5))
    path.write_text(f"emqxctl: 1\nrules:\n{rules}\n")
    assert run("apply", "-f", str(path)).code == 0
    path.write_text("emqxctl: 1\nrules: {}\n")
    ran = run("apply", "-f", str(path), "--prune", "--yes", "--max-deletes", "4")
    assert ran.code == 14
    assert "5 objects would be deleted, more than 4" in ran.err
    assert len(cluster.cluster.integration.rules) == 5
    path.write_text("emqxctl: 1\nrules:\n" + "\n".join(rules.splitlines()[1:]))
    ran = run("apply", "-f", str(path), "--prune", "--yes", "--max-deletes", "0")
    assert "1 object would be deleted, more than 0" in ran.err
    path.write_text("emqxctl: 1\nrules: {}\n")
    assert run("apply", "-f", str(path), "--prune", "--yes").code == 0


@pytest.mark.parametrize(
    "text",
    [
        "listeners: {'tcp:default': {max_connections: 5}}",
        "settings: {global_zone: {mqtt: {max_inflight: 5}}}",
    ],
)
def test_what_can_disconnect_clients_asks(text: str, run: Run, cluster: Sandbox, path: Path) -> None:
    path.write_text(f"emqxctl: 1\n{text}\n")
    ran = run("apply", "-f", str(path))
    assert ran.code == 14
    assert "which can disconnect clients" in ran.err
    assert writes(cluster) == []
    assert run("apply", "-f", str(path), "--yes").code == 0


def test_a_saved_plan_is_applied_as_it_is(run: Run, cluster: Sandbox, path: Path, tmp_path: Path) -> None:
    plan = str(tmp_path / "plan.json")
    assert run("diff", "-f", str(path), "--save-plan", plan).code == 1
    ran = run("apply", "--plan", plan)
    assert ran.code == 0
    assert ran.out.endswith("4 done; 0 unchanged\n")
    ran = run("apply", "--plan", plan)
    assert (ran.code, "STALE_PLAN" in ran.err) == (14, True)


def test_a_saved_plan_uses_the_record_that_it_was_made_with(
    run: Run, cluster: Sandbox, path: Path, tmp_path: Path
) -> None:
    plan, record = str(tmp_path / "the plan.json"), str(tmp_path / "record.json")
    assert run("apply", "-f", str(path), "--record", record).code == 0
    edit(path, """  c: {sql: 'SELECT * FROM "t"', actions: ["http:b"]}\n""", "")
    ran = run("diff", "-f", str(path), "--prune", "--record", record, "--save-plan", plan)
    assert (ran.code, f"emqxctl apply --plan '{plan}'" in ran.err) == (1, True)
    ran = run("apply", "--plan", plan, "--yes")
    assert (ran.code, ran.err) == (0, "")
    assert cluster.cluster.integration.rules == {}
    assert not path.with_name("c.yaml.applied.json").exists()


@pytest.mark.parametrize("options", [("-f", "c.yaml"), ("--prune",), ("--take", "file"), ("--secrets",)])
def test_a_plan_has_made_its_choices(
    options: tuple[str, ...], run: Run, cluster: Sandbox, tmp_path: Path
) -> None:
    ran = run("apply", "--plan", str(tmp_path / "plan.json"), *options)
    assert ran.code == 2
    assert "--plan cannot be used together with" in ran.err


def test_a_plan_is_refused_when_the_file_moved(
    run: Run, cluster: Sandbox, path: Path, tmp_path: Path
) -> None:
    plan = str(tmp_path / "plan.json")
    run("diff", "-f", str(path), "--save-plan", plan)
    path.write_text(path.read_text() + "# a comment\n")
    ran = run("apply", "--plan", plan)
    assert ran.code == 14
    assert "the files have changed since the plan was saved" in ran.err


def test_a_plan_is_refused_when_the_server_moved(
    run: Run, cluster: Sandbox, path: Path, tmp_path: Path
) -> None:
    plan = str(tmp_path / "plan.json")
    run("apply", "-f", str(path))
    edit(path, 'FROM "t"', 'FROM "u"')
    run("diff", "-f", str(path), "--save-plan", plan)
    cluster.cluster.integration.rules["c"].description = "theirs"
    ran = run("apply", "--plan", plan)
    assert ran.code == 14
    assert "the server has changed since the plan was saved: rules c" in ran.err
    assert cluster.cluster.integration.rules["c"].sql == 'SELECT * FROM "t"'


def test_another_url_is_another_target_than_the_profile(
    run: Run, cluster: Sandbox, path: Path, home: Path, tmp_path: Path
) -> None:
    config = home / "config" / "config.toml"
    config.parent.mkdir()
    lines = ['current = "prod"', "[profiles.prod]", 'url = "http://127.0.0.1:9"']
    config.write_text("\n".join([*lines, f'api_key = "{cluster.api_key}"\n']))
    config.chmod(0o600)
    plan = tmp_path / "plan.json"
    assert run("diff", "-f", str(path), "--save-plan", str(plan)).code == 1
    assert json.loads(plan.read_text())["target"] == cluster.url
    ran = run("clients", "kick", "--all")
    assert (ran.code, f"on {cluster.url}" in ran.err) == (14, True), ran.err


def test_a_plan_is_for_one_target(run: Run, cluster: Sandbox, path: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    run("diff", "-f", str(path), "--save-plan", str(plan))
    plan_data = json.loads(plan.read_text())
    plan.write_text(json.dumps({**plan_data, "target": "other"}))
    assert run("apply", "--plan", str(plan)).code == 14


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"emqxctl_plan": 2}'])
def test_what_is_no_plan_is_refused(text: str, run: Run, cluster: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(text)
    assert run("apply", "--plan", str(tmp_path / "p.json")).code == 2


def test_a_conflict_wants_a_side(run: Run, cluster: Sandbox, path: Path) -> None:
    run("apply", "-f", str(path))
    cluster.cluster.integration.rules["c"].sql = 'SELECT * FROM "theirs"'
    edit(path, 'FROM "t"', 'FROM "mine"')
    ran = run("apply", "-f", str(path))
    assert ran.code == 14
    assert (
        "was changed in the file and on the server: --take file or --take server [CHANGED_ON_BOTH_SIDES]"
        in ran.out
    )
    assert run("apply", "-f", str(path), "--take", "server").code == 0
    assert cluster.cluster.integration.rules["c"].sql == 'SELECT * FROM "theirs"'
    assert run("apply", "-f", str(path), "--take", "file").code == 0
    assert cluster.cluster.integration.rules["c"].sql == 'SELECT * FROM "mine"'


def test_waiting_for_what_does_not_connect_fails(
    run: Run, cluster: Sandbox, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emqxctl.commands.apply.WAIT_SECONDS", 0.0)
    path.write_text(
        "emqxctl: 1\nconnectors:\n  http:dead: {url: 'http://a:9'}\n"
        "  http:off: {url: 'http://a:9', enable: false}\n"
    )
    assert run("apply", "-f", str(path)).code == 0
    edit(path, "enable: false", "enable: false, pool_size: 2")
    edit(path, "http://a:9'}", "http://a:9', pool_size: 2}")
    ran = run("apply", "-f", str(path), "--wait")
    assert ran.code == 9
    assert "connector 'http:dead' was applied but does not run" in ran.out
    assert "http:off  (done)" in ran.out


def test_waiting_for_what_connects(run: Run, cluster: Sandbox, path: Path) -> None:
    assert run("apply", "-f", str(path), "--wait").code == 0


def test_missing_variables_are_named_before_anything_is_sent(
    run: Run, cluster: Sandbox, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TOKEN")
    ran = run("apply", "-f", str(path))
    assert ran.code == 2
    assert "these variables are not set or empty: TOKEN" in ran.err
    assert ran.err.endswith("the server's secrets: emqxctl export --keep-masks\n")
    assert cluster.requests == []


def test_a_mistake_in_a_file_stops_before_anything_is_sent(run: Run, cluster: Sandbox, path: Path) -> None:
    path.write_text("emqxctl: 1\nrulez: {}\nconnectors: {a: {}}\n")
    ran = run("apply", "-f", str(path))
    assert ran.code == 2
    assert f"{path}:2: unknown kind 'rulez'" in ran.err
    assert f"{path}:3: connector 'a' is not TYPE:NAME" in ran.err
    assert cluster.requests == []


def test_a_rule_for_an_action_that_does_not_exist_is_refused(run: Run, cluster: Sandbox, path: Path) -> None:
    path.write_text("emqxctl: 1\nrules: {r: {sql: 'SELECT * FROM \"t\"', actions: ['http:nowhere']}}\n")
    ran = run("apply", "-f", str(path))
    assert ran.code == 14
    assert "rule 'r' needs action 'http:nowhere', which does not exist [MISSING_REFERENCE]" in ran.out
    assert writes(cluster) == []


def test_a_plugin_is_installed_first(run: Run, cluster: Sandbox, path: Path) -> None:
    path.write_text("emqxctl: 1\nplugins: [{name: other-1.0.0, running: true}]\n")
    ran = run("apply", "-f", str(path))
    assert ran.code == 6
    assert "plugin 'other-1.0.0' is not installed [NOT_INSTALLED]" in ran.out


def test_a_second_cluster_gets_the_same_files(run: Run, cluster: Sandbox, path: Path) -> None:
    run("apply", "-f", str(path))
    with Sandbox() as other:
        clear(other)
        key = ("--url", other.url, "--api-key", other.api_key)
        ran = run("apply", "-f", str(path), *key, env={"EMQXCTL_API_SECRET": other.api_secret})
        assert (ran.code, len(other.cluster.integration.rules)) == (0, 1)
    targets = json.loads(path.with_name("c.yaml.applied.json").read_text())["targets"]
    assert len(targets) == 2


def test_a_folder_and_a_record_elsewhere(run: Run, cluster: Sandbox, path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    path.rename(folder / "all.yaml")
    assert run("apply", "-f", str(folder), "--record", str(tmp_path / "ci.json")).code == 0
    assert (tmp_path / "ci.json").exists()
    assert [file.name for file in folder.iterdir()] == ["all.yaml"]


def test_ctrl_c_reports_what_was_done(cluster: Sandbox, path: Path) -> None:
    rules = "\n".join(f"  r{n}: {{sql: 'SELECT * FROM \"t\"', actions: []}}" for n in range(2000))
    path.write_text(f"emqxctl: 1\nrules:\n{rules}\n")
    command = [sys.executable, "-m", "emqxctl", "apply", "-f", str(path), "-o", "json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(os.environ))
    until = time.monotonic() + 60
    while len(cluster.cluster.integration.rules) < 20 and time.monotonic() < until:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    report = json.loads(out)
    done_names = [change["name"] for change in report["changes"] if change["result"] == "done"]
    assert set(done_names) == set(cluster.cluster.integration.rules)
    assert report["summary"]["not_tried"] == 2000 - len(done_names) > 0


def test_a_read_only_profile_writes_nothing(run: Run, cluster: Sandbox, path: Path, home: Path) -> None:
    config = home / "config" / "config.toml"
    config.parent.mkdir()
    config.write_text(
        f'[profiles.look]\nurl = "{cluster.url}"\napi_key = "{cluster.api_key}"\n'
        f'api_secret = "{cluster.api_secret}"\nreadonly = true\n'
    )
    config.chmod(0o600)
    names = ("EMQXCTL_URL", "EMQXCTL_API_KEY", "EMQXCTL_API_SECRET")
    with pytest.MonkeyPatch.context() as patch:
        for name in names:
            patch.delenv(name)
        ran = run("-p", "look", "apply", "-f", str(path))
    assert ran.code == 14
    assert "READONLY" in ran.out.upper()
    assert writes(cluster) == []


def test_an_unknown_kind_has_the_close_one_as_hint(run: Run) -> None:
    assert "hint: did you mean rules?" in run("apply", "-f", "x", "--prune", "rule").err
    assert "hint: kinds: namespaces, settings," in run("export", "--only", "zzz").err
    assert "hint: name files with -f: -f rules.yaml" in run("apply", "rules.yaml").err
