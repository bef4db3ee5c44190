"""`emqxctl plugins` against recorded answers; what 5.9 added against made-up ones."""

import json
from pathlib import Path

import pytest

from tests.conftest import Run
from tests.support.recordings import Exchange, find_exchange
from tests.support.replay import make_exchange, replay

NAME = "corpus_plugin-1.0.0"
RUNNING = find_exchange("GET /plugins", "one running")
CONFIG = find_exchange("GET /plugins/{name}/config", "installed")


def plugin_exchange(*states: str) -> Exchange:
    """Make up what is known of the plugin, with its state on each node."""
    nodes = [{"node": f"n{number}", "status": state} for number, state in enumerate(states, 1)]
    return make_exchange(
        f"GET /plugins/{NAME}", 200, {"name": "corpus_plugin", "rel_vsn": "1.0.0", "running_status": nodes}
    )


def test_the_list_says_in_one_word_whether_a_plugin_runs(run: Run) -> None:
    outcome = replay(run, [RUNNING], "plugins", "list")
    assert outcome.result.out.splitlines()[1].split()[:3] == ["corpus_plugin", "1.0.0", "running"]
    plugins = [
        {"name": "p", "rel_vsn": "1", "running_status": [{"status": "running"}, {"status": "stopped"}]}
    ]
    assert (
        "1 running, 1 stopped"
        in replay(run, [make_exchange("GET /plugins", 200, plugins)], "plugins", "list").result.out
    )


def test_get_names_plugin_and_version(run: Run) -> None:
    outcome = replay(
        run, [find_exchange("GET /plugins/{name}", "installed")], "plugins", "get", NAME, "--json"
    )
    assert outcome.calls == [f"GET /plugins/{NAME}"]
    assert outcome.result.json["rel_vsn"] == "1.0.0"


def test_install_sends_the_package_as_emqx_wants_it(run: Run, tmp_path: Path) -> None:
    package = tmp_path / f"{NAME}.tar.gz"
    package.write_bytes(b"\x1f\x8b packed")
    outcome = replay(
        run,
        [find_exchange("POST /plugins/install", "installed")],
        "plugins",
        "install",
        str(package),
        "--json",
    )
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.result.json == {"name": NAME}
    request = outcome.received[0]
    assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert f'name="plugin"; filename="{NAME}.tar.gz"'.encode() in request.body
    assert b"\x1f\x8b packed" in request.body


def test_what_is_not_allowed_yet_says_how_to_allow_it(run: Run, tmp_path: Path) -> None:
    package = tmp_path / f"{NAME}.tar.gz"
    package.write_bytes(b"x")
    outcome = replay(
        run, [find_exchange("POST /plugins/install", "not allowed yet")], "plugins", "install", str(package)
    )
    assert outcome.result.code == 5
    assert f"emqx ctl plugins allow {NAME}" in outcome.result.err


def test_what_is_no_package_is_not_sent(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "a-1.0.0.zip"
    file.write_bytes(b"x")
    outcome = replay(run, [], "plugins", "install", str(file))
    assert (outcome.result.code, outcome.calls) == (2, [])
    nameless = replay(run, [], "plugins", "install", "-", stdin=b"x")
    assert (nameless.result.code, nameless.calls) == (2, [])
    assert "--name" in nameless.result.err


def test_start_looks_whether_it_started(run: Run) -> None:
    accepted = find_exchange("PUT /plugins/{name}/{action}", "start")
    good = replay(
        run, [plugin_exchange("stopped"), accepted, plugin_exchange("running")], "plugins", "start", NAME
    )
    assert good.result.code == 0
    assert good.calls == [f"GET /plugins/{NAME}", f"PUT /plugins/{NAME}/start", f"GET /plugins/{NAME}"]


@pytest.mark.parametrize(
    ("states", "code", "nodes"),
    [
        (("running", "stopped"), 9, "n2"),
        (("stopped", "stopped"), 1, "n1, n2"),
    ],
)
def test_a_start_that_failed_is_no_success(run: Run, states: tuple[str, ...], code: int, nodes: str) -> None:
    accepted = find_exchange("PUT /plugins/{name}/{action}", "start")
    outcome = replay(
        run,
        [plugin_exchange("stopped"), plugin_exchange(*states), accepted],
        "plugins",
        "start",
        NAME,
        "--json",
    )
    assert outcome.result.code == code
    assert nodes in outcome.result.error["message"]


def test_a_plugin_that_is_not_there_is_not_started(run: Run) -> None:
    not_found = make_exchange("GET /plugins/nope-1.0.0", 404, {"code": "NOT_FOUND", "message": "nope-1.0.0"})
    accepted = find_exchange("PUT /plugins/{name}/{action}", "unknown")
    outcome = replay(run, [not_found, accepted], "plugins", "start", "nope-1.0.0")
    assert outcome.result.code == 6
    assert outcome.calls == ["GET /plugins/nope-1.0.0"]


def test_stop_and_uninstall(run: Run) -> None:
    stop = find_exchange("PUT /plugins/{name}/{action}", "stop")
    outcome = replay(
        run, [plugin_exchange("running"), plugin_exchange("stopped"), stop], "plugins", "stop", NAME, "--json"
    )
    assert outcome.result.json == {"name": NAME, "status": "stopped"}
    assert replay(run, [], "plugins", "uninstall", NAME).result.code == 14
    deletion = find_exchange("DELETE /plugins/{name}", "while running")
    assert replay(run, [deletion], "plugins", "uninstall", NAME, "--yes").calls == [f"DELETE /plugins/{NAME}"]
    assert (
        replay(
            run, [find_exchange("DELETE /plugins/{name}", "again")], "plugins", "uninstall", NAME, "-y"
        ).result.code
        == 6
    )


@pytest.mark.parametrize("position", ["front", "rear", "before:other-1.0.0", "after:other-1.0.0"])
def test_move_takes_the_positions_of_emqx(run: Run, position: str) -> None:
    outcome = replay(
        run, [find_exchange("POST /plugins/{name}/move", "front")], "plugins", "move", NAME, position
    )
    assert outcome.result.code == 0
    assert outcome.bodies == [{"position": position}]


@pytest.mark.parametrize("position", ["", "first", "before:", "before", "sideways:x"])
def test_other_positions_are_not_sent(run: Run, position: str) -> None:
    outcome = replay(run, [], "plugins", "move", NAME, "--", position)
    assert (outcome.result.code, outcome.calls) == (2, [])
    assert "front, rear, before:NAME, after:NAME" in outcome.result.err


def test_the_configuration_is_merged_and_sent_whole(run: Run) -> None:
    script = [CONFIG, find_exchange("PUT /plugins/{name}/config", "change")]
    outcome = replay(run, script, "plugins", "config", "update", NAME, "--set", "level=3")
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.calls == [f"GET /plugins/{NAME}/config", f"PUT /plugins/{NAME}/config"]
    assert outcome.bodies == [{**CONFIG.body, "level": 3}]
    assert replay(run, [CONFIG], "plugins", "config", "get", NAME, "--json").result.json == CONFIG.body


def test_the_schema_is_shown(run: Run) -> None:
    script = [find_exchange("GET /plugins/{name}/schema", "installed")]
    assert replay(run, script, "plugins", "schema", NAME, "--json").result.json == {
        "avsc": None,
        "i18n": None,
    }


def test_the_configuration_goes_to_a_file_and_back(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "config.json"
    path = f"/plugins/{NAME}/config"
    download_run = replay(
        run,
        [make_exchange(f"GET {path}/download", 200, {"level": 2})],
        "plugins",
        "config",
        "download",
        NAME,
        "--output-file",
        str(target),
    )
    assert download_run.result.code == 0, download_run.result.err
    assert json.loads(target.read_text()) == {"level": 2}
    upload_run = replay(
        run, [make_exchange(f"POST {path}/upload", 204)], "plugins", "config", "upload", NAME, str(target)
    )
    assert upload_run.result.code == 0, upload_run.result.err
    assert b'name="config"; filename="config.json"' in upload_run.received[0].body
    assert target.read_bytes() in upload_run.received[0].body


def test_sync_names_the_plugin(run: Run) -> None:
    outcome = replay(run, [make_exchange("POST /plugins/cluster_sync", 204)], "plugins", "sync", NAME)
    assert outcome.result.code == 0
    assert outcome.bodies == [{"name": NAME}]
