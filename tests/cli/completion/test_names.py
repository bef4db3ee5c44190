"""Names from the cluster at TAB: where they come from, and what is not done for them."""

import json
import os
import stat
import time
from functools import partial
from pathlib import Path

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.support import completion
from tests.support.sandboxes import sandbox_env

press_tab = partial(completion.press_tab, is_patient=True)
NAMES = (
    ("nodes get ", ["emqx1@sandbox.local", "emqx2@sandbox.local", "emqx3@sandbox.local"]),
    ("rules delete ho", ["hot-sensors"]),
    ("clients list --node emqx3", ["emqx3@sandbox.local"]),
    ("traces log ", ["alerts", "flapping-sensor"]),
    ("connectors get mqtt:", ["mqtt:cloud-broker"]),
    ("actions create http:x --connector http:o", ["http:old-crm"]),
    ("listeners stop ssl", ["ssl:default"]),
    ("exhooks move audit before:", ["before:audit", "before:enrichment"]),
    ("gateways clients subscribe st", ["stomp"]),
    ("authentication users get --provider password_based:built_in_database ops", ["ops-tool"]),
    ("banned delete clientid ", ["rogue-01"]),
    ("wait --for connector/http:old", ["connector/http:old-crm="]),
    ("clients subscribe offline-meter-007 telemetry/l", ["telemetry/lyon/#"]),
    ("publish telemetry/l", ["telemetry/lyon/"]),
    ("alarms deactivate connector:http:b", ["connector:http:billing-webhook"]),
    ("rules test --rule hot", ["hot-sensors"]),
    ("configs get sys", ["sys_topics", "sysmon"]),
    ("configs get mqtt.max_p", ["mqtt.max_packet_size"]),
    ("configs set mqtt.max_p", ["mqtt.max_packet_size="]),
    ("configs set mqt", ["mqtt."]),
    ("configs reset sysm", ["sysmon"]),
    ("configs set sysmon --set os.cpu_h", ["os.cpu_high_watermark="]),
    ("connectors update http:old-crm --set pool_s", ["pool_size="]),
    ("plugins get fl", ["fleet_audit-1.2.0"]),
)


@pytest.fixture
def env(sandbox: Sandbox, tmp_path: Path) -> dict[str, str]:
    """Return the environment of a user with a cluster and an empty cache."""
    return {**sandbox_env(sandbox), "EMQXCTL_CONFIG": str(tmp_path)}


def cached_files(folder: Path) -> list[Path]:
    """Return the files of the cache."""
    return sorted((folder / "cache" / "names").glob("*.json"))


def test_names_come_from_the_list_of_what_is_named(env: dict[str, str], sandbox: Sandbox) -> None:
    answers = {line: sorted(press_tab(line, env).values) for line, _ in NAMES}
    assert {line: answers[line] for line, names in NAMES if answers[line] != names} == {}
    assert {request.method for request in sandbox.requests} == {"GET"}


def test_descriptions_are_shown_where_the_shell_shows_them(env: dict[str, str]) -> None:
    line = press_tab("connectors get http:old", env).lines[1]
    assert line.startswith("http:old-crm\t")
    assert "disconnected" in line or "disabled" in line
    assert "  -- " in press_tab("connectors get http:old", env, "zsh").lines[1]
    assert press_tab("connectors get http:old", env, "powershell").lines[1].startswith("http:old-crm\thttp:")


def test_long_lists_are_asked_from_one_character_on(env: dict[str, str], sandbox: Sandbox) -> None:
    assert press_tab("clients kick ", env).values == []
    assert not sandbox.requests
    assert press_tab("clients kick offline-meter-007", env).values == ["offline-meter-007"]
    assert dict(sandbox.requests[-1].query)["like_clientid"] == "offline-meter-007"


def test_at_most_fifty_names_are_offered(env: dict[str, str], sandbox: Sandbox) -> None:
    with sandbox.cluster.lock:
        for number in range(120):
            sandbox.cluster.add_client(f"many-{number:03}")
    assert len(press_tab("clients kick many", env).values) == 50


def test_hostile_names_are_left_out(env: dict[str, str], sandbox: Sandbox) -> None:
    with sandbox.cluster.lock:
        for clientid in ("evil\x1b[2J", "evil\nline", "evil\u202e", "evil fine"):
            sandbox.cluster.add_client(clientid)
    assert press_tab("clients kick evil", env).values == ["evil fine"]
    assert press_tab("clients kick evil", env, "bash").lines[1:] == ["evil\\ fine"]
    assert press_tab('clients kick "evil', env, "bash").lines[1:] == ["evil fine"]


def test_names_are_cached_for_a_minute_and_privately(
    env: dict[str, str], sandbox: Sandbox, tmp_path: Path
) -> None:
    first = press_tab("nodes get ", env).values
    count = len(sandbox.requests)
    assert press_tab("nodes stats ", env).values == first
    assert len(sandbox.requests) == count
    (file,) = cached_files(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert [name for name, _ in json.loads(file.read_text())] == first
    os.utime(file, (time.time() - 61, time.time() - 61))
    press_tab("nodes get ", env)
    assert len(sandbox.requests) == count + 1


def test_old_names_are_offered_for_a_day_if_the_cluster_is_away(
    env: dict[str, str], sandbox: Sandbox, tmp_path: Path
) -> None:
    names = press_tab("nodes get ", env).values
    sandbox.stop()
    (file,) = cached_files(tmp_path)
    os.utime(file, (time.time() - 3600, time.time() - 3600))
    assert press_tab("nodes get ", env).values == names
    os.utime(file, (time.time() - 90_000, time.time() - 90_000))
    assert press_tab("nodes get ", env).values == []


def test_names_of_another_cluster_are_not_offered(env: dict[str, str], sandbox: Sandbox) -> None:
    press_tab("nodes get ", env)
    assert press_tab("--url http://127.0.0.1:1 nodes get ", env).values == []
    count = len(sandbox.requests)
    press_tab(f"nodes get --url {sandbox.url} --api-key other ", env)
    assert len(sandbox.requests) == count + 1


def test_a_variable_turns_names_of_the_cluster_off(env: dict[str, str], sandbox: Sandbox) -> None:
    env = {**env, "EMQXCTL_COMPLETE_OFFLINE": "1"}
    assert press_tab("nodes get ", env).values == []
    assert press_tab("clients list --conn-state dis", env).values == ["disconnected"]
    assert not sandbox.requests


def test_a_secret_command_runs_only_if_the_preferences_allow_it(sandbox: Sandbox, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    config = tmp_path / "config.toml"
    config.write_text(
        f'current = "a"\n[profiles.a]\nurl = "{sandbox.url}"\napi_key = "{sandbox.api_key}"\n'
        f'secret_command = ["sh", "-c", "touch {marker}; echo {sandbox.api_secret}"]\n'
    )
    env = {"EMQXCTL_CONFIG": str(tmp_path)}
    assert press_tab("nodes get ", env).values == []
    assert not marker.exists()
    (tmp_path / "preferences.toml").write_text("completion_secret_command = true\n")
    assert len(press_tab("nodes get ", env).values) == 3
    assert marker.exists()


def test_a_sandbox_without_a_process_is_started_once_a_day(tmp_path: Path) -> None:
    env = {"EMQXCTL_CONFIG": str(tmp_path)}
    first = press_tab("-p sandbox rules get hot", env)
    assert (first.values, first.stderr) == (["hot-sensors"], "")
    (file,) = cached_files(tmp_path)
    os.utime(file, (time.time() - 3600, time.time() - 3600))
    written = file.stat().st_mtime
    assert press_tab("-p sandbox rules get hot", env).values == ["hot-sensors"]
    assert file.stat().st_mtime == written
