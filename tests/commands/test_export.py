"""`emqxctl export`."""

from pathlib import Path

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.state_files import server_of


def test_an_export_goes_to_stdout(run: Run, cluster: Sandbox) -> None:
    ran = run("export")
    assert ran.code == 0
    assert ran.out.startswith('emqxctl: 1\nversion: "5.8.9"\n')
    assert "    password: !env CONNECTORS_MQTT_CLOUD_BROKER_PASSWORD\n" in ran.out
    assert ran.out.endswith("#   CONNECTORS_MQTT_CLOUD_BROKER_PASSWORD\n")
    assert "secrets are not exported" in ran.err


def test_an_export_goes_to_a_file(run: Run, cluster: Sandbox, tmp_path: Path) -> None:
    ran = run("export", "-f", str(tmp_path / "c.yaml"))
    assert (ran.code, ran.out) == (0, "")
    assert "exported 45 objects" in ran.err
    assert (tmp_path / "c.yaml").read_text() == run("export").out


def test_one_exported_object_is_singular(run: Run, cluster: Sandbox, tmp_path: Path) -> None:
    ran = run("export", "--only", "rules/hot-sensors", "-f", str(tmp_path / "c.yaml"))
    assert (ran.code, ran.err) == (0, f"exported 1 object to {tmp_path / 'c.yaml'}\n")


def test_a_folder_gets_a_file_for_each_kind(run: Run, cluster: Sandbox, tmp_path: Path) -> None:
    folder = tmp_path / "state"
    assert run("export", "-f", f"{folder}/").code == 0
    names = {file.name for file in folder.iterdir()}
    assert {"connectors.yaml", "rules.yaml", "listeners.yaml"} <= names
    assert "bridges.yaml" not in names
    assert run("diff", "-f", str(folder)).code == 0
    cluster.cluster.integration.rules.clear()
    (folder / "mine.yaml").write_text("emqxctl: 1\n")
    assert run("export", "-f", str(folder)).code == 0
    assert {file.name for file in folder.iterdir()} == names - {"rules.yaml"} | {"mine.yaml"}


def test_only_what_is_named(run: Run, cluster: Sandbox) -> None:
    text = run("export", "--only", "rules/bill-usage", "--only", "topic_metrics").out
    assert [line for line in text.splitlines() if line and line[0] not in " #"] == [
        "emqxctl: 1",
        'version: "5.8.9"',
        "rules:",
        "topic_metrics:",
    ]
    assert "hot-sensors" not in text


def test_what_is_named_and_does_not_exist_is_an_error(run: Run, cluster: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text("kept\n")
    ran = run("export", "--only", "rules/bill-usage", "--only", "rules/no", "-f", str(file))
    assert (ran.code, ran.err.splitlines()[0]) == (
        6,
        "emqxctl: cannot export rule 'no': not found [NOT_FOUND]",
    )
    assert file.read_text() == "kept\n"
    assert run("export", "--only", "settings/alarm").code == 0


def test_a_full_export_has_defaults(run: Run, cluster: Sandbox) -> None:
    text = run("export", "--only", "connectors/http:billing-webhook", "--full").out
    assert "    enable_pipelining: 100\n" in text
    assert "enable_pipelining" not in run("export", "--only", "connectors/http:billing-webhook").out


def test_masks_can_be_kept(run: Run, cluster: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(run("export", "--keep-masks").out)
    assert '    password: "******"\n' in path.read_text()
    assert run("diff", "-f", str(path)).code == 0
    path.write_text(path.read_text().replace("username: edge", "username: edge2"))
    before = cluster.cluster.integration.connectors["mqtt", "cloud-broker"].config["password"]
    assert run("apply", "-f", str(path)).code == 0
    after = cluster.cluster.integration.connectors["mqtt", "cloud-broker"].config
    assert (after["username"], after["password"]) == ("edge2", before)


def test_bans_and_built_in_rules_only_on_request(run: Run, cluster: Sandbox) -> None:
    client = server_of(cluster).api
    client.post("/banned", body={"as": "clientid", "who": "evil"})
    client.post("/banned", body={"as": "clientid", "who": "short", "until": "2099-01-01T00:00:00Z"})
    rules = [{"topic": "t", "permission": "allow", "action": "all"}]
    path = "/authorization/sources/built_in_database/rules"
    client.post(f"{path}/users", body=[{"username": "ann", "rules": rules}])
    client.post(f"{path}/all", body={"rules": rules})
    plain = run("export").out
    assert "banned:" not in plain
    assert "builtin_rules" not in plain
    kinds = ("banned", "builtin_rules_users", "builtin_rules_all")
    text = run("export", *(word for kind in kinds for word in ("--include", kind))).out
    assert "banned:\n  clientid:evil:\n" in text
    assert "short" not in text
    assert "builtin_rules_users:\n  ann:\n" in text
    assert "builtin_rules_all:\n  - action: all\n" in text


@pytest.mark.parametrize("options", [("--only", "rulez"), ("--include", "users")])
def test_an_unknown_kind_is_a_usage_error(options: tuple[str, ...], run: Run, cluster: Sandbox) -> None:
    assert run("export", *options).code == 2


def test_as_json_a_program_gets_what_was_written(run: Run, cluster: Sandbox, tmp_path: Path) -> None:
    ran = run("export", "-f", str(tmp_path / "c.yaml"), "-o", "json")
    assert ran.json == {"file": str(tmp_path / "c.yaml"), "objects": 45}
