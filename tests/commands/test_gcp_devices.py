"""`emqxctl gcp-devices`: devices listed, shown, set whole, updated, deleted and imported."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.replay import make_exchange, replay

KEY = {"key": "k", "key_type": "RSA_PEM", "expires_at": 0}
DEVICES: list[dict[str, Any]] = [
    {"deviceid": name, "config": "eA==", "keys": keys, "registry": "r", "project": "p", "location": "l"}
    for name, keys in (("d1", []), ("d2", [KEY, KEY]))
]


@pytest.fixture
def devices(monkeypatch: pytest.MonkeyPatch, run: Run, tmp_path: Path) -> Iterator[Sandbox]:
    """Start a simulated Enterprise cluster and import the devices."""
    with Sandbox(edition="enterprise") as sandbox:
        for name, value in (
            ("URL", sandbox.url),
            ("API_KEY", sandbox.api_key),
            ("API_SECRET", sandbox.api_secret),
        ):
            monkeypatch.setenv(f"EMQXCTL_{name}", value)
        file = tmp_path / "devices.json"
        file.write_text(json.dumps([{**device, "blocked": False} for device in DEVICES]))
        result = run("gcp-devices", "import", str(file))
        assert (result.code, result.err) == (0, "imported 2 devices, 0 refused\n")
        yield sandbox


def read_device(run: Run, name: str) -> dict[str, Any]:
    """Return a device without the time of its creation."""
    device: dict[str, Any] = run("gcp-devices", "get", name, "--json").json
    del device["created_at"]
    return device


def test_imported_devices_are_listed_and_shown(devices: Sandbox, run: Run) -> None:
    rows = [line.split() for line in run("gcp-devices", "list", "-o", "wide").out.splitlines()]
    assert rows[0] == ["DEVICE", "REGISTRY", "PROJECT", "LOCATION", "KEYS", "CREATED"]
    assert [row[:5] for row in rows[1:]] == [["d1", "r", "p", "l", "0"], ["d2", "r", "p", "l", "2"]]
    assert run("gcp-devices", "list", "--where", "deviceid=d2", "-o", "name").out == "d2\n"
    assert read_device(run, "d2") == DEVICES[1]
    assert run("gcp-devices", "get", "d3").code == 6


def test_an_update_keeps_what_is_not_typed_and_a_set_does_not(devices: Sandbox, run: Run) -> None:
    assert run("gcp-devices", "update", "d2", "--set", "registry=plant").code == 0
    assert read_device(run, "d2") == {**DEVICES[1], "registry": "plant"}
    assert run("gcp-devices", "set", "d2", "--set", "registry=plant").code == 0
    device = read_device(run, "d2")
    assert (device["registry"], device["keys"], device["config"]) == ("plant", [], "")
    assert not device.get("project")
    assert run("gcp-devices", "set", "d3", "--set", "project=new").code == 0
    assert read_device(run, "d3")["project"] == "new"
    assert run("gcp-devices", "update", "d4", "--set", "registry=x").code == 6
    assert run("gcp-devices", "update", "d2").code == 2
    assert run("gcp-devices", "set", "d2").code == 2


def test_what_get_prints_is_set_to_the_same_device_only(devices: Sandbox, run: Run) -> None:
    output = run("gcp-devices", "get", "d2", "--json").stdout
    assert run("gcp-devices", "set", "d2", "-f", "-", stdin=output).code == 0
    assert read_device(run, "d2") == DEVICES[1]
    for verb in ("set", "update"):
        result = run("gcp-devices", verb, "d1", "-f", "-", stdin=output)
        assert result.code == 2
        assert "the body has deviceid 'd2', but the device is 'd1'" in result.err
    assert read_device(run, "d1") == DEVICES[0]


def test_a_dry_run_changes_no_device(devices: Sandbox, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "new.json"
    file.write_text(json.dumps([{**DEVICES[0], "deviceid": "d9", "blocked": False}]))
    for words in (
        ("import", str(file)),
        ("set", "d1", "--set", "registry=x"),
        ("update", "d1", "--set", "registry=x"),
        ("delete", "d1"),
    ):
        assert run("gcp-devices", *words, "--dry-run").code == 0
    assert run("gcp-devices", "list", "-o", "name").out.split() == ["d1", "d2"]
    assert read_device(run, "d1") == DEVICES[0]


def test_devices_are_deleted_after_confirmation(devices: Sandbox, run: Run) -> None:
    assert run("gcp-devices", "delete", "d1").code == 14
    result = run("gcp-devices", "delete", "d1", "d3", "--yes", "--json")
    assert [(row["deviceid"], row["status"]) for row in result.json] == [("d1", "done"), ("d3", "failed")]
    assert result.code == 9
    assert run("gcp-devices", "list", "-o", "name").out == "d2\n"


@pytest.mark.parametrize(("errors", "imported", "code"), [(0, 1, 0), (1, 1, 9), (2, 0, 7)])
def test_the_exit_code_of_an_import_is_that_of_its_counts(
    run: Run, errors: int, imported: int, code: int
) -> None:
    device = json.dumps([{**DEVICES[0], "blocked": False}]).encode()
    answer = [make_exchange("POST /gcp_devices", 200, {"errors": errors, "imported": imported})]
    result = replay(run, answer, "gcp-devices", "import", "-", stdin=device).result
    assert (result.code, result.err) == (code, f"imported {imported} devices, {errors} refused\n")


@pytest.mark.parametrize("content", [b"{}", b"[]", b"", b"text"])
def test_what_is_no_list_of_devices_is_not_sent(run: Run, content: bytes) -> None:
    replayed = replay(run, [], "gcp-devices", "import", "-", stdin=content)
    assert (replayed.result.code, replayed.calls) == (2, [])


def test_a_device_that_emqx_refuses_is_an_error_with_its_reason(devices: Sandbox, run: Run) -> None:
    device = json.dumps([{**DEVICES[0], "blocked": False, "keys": [{**KEY, "key_type": "MAGIC"}]}]).encode()
    result = run("gcp-devices", "import", "-", stdin=device)
    assert (result.code, "invalid key_type" in result.err) == (7, True)
