"""`emqxctl plugins` against recorded answers; what 5.9 added against made-up ones."""

import json
from pathlib import Path

import pytest

from tests.conftest import Run
from tests.support.recorded import Exchange, exchange
from tests.support.replay import made, talk

NAME = "corpus_plugin-1.0.0"
RUNNING = exchange("GET /plugins", "one running")
CONFIG = exchange("GET /plugins/{name}/config", "installed")


def info(*states: str) -> Exchange:
    """Make up what is known of the plugin, with its state on each node."""
    nodes = [{"node": f"n{number}", "status": state} for number, state in enumerate(states, 1)]
    return made(
        f"GET /plugins/{NAME}", 200, {"name": "corpus_plugin", "rel_vsn": "1.0.0", "running_status": nodes}
    )


def test_the_list_says_in_one_word_whether_a_plugin_runs(run: Run) -> None:
    told = talk(run, [RUNNING], "plugins", "list")
    assert told.ran.out.splitlines()[1].split()[:3] == ["corpus_plugin", "1.0.0", "running"]
    apart = [{"name": "p", "rel_vsn": "1", "running_status": [{"status": "running"}, {"status": "stopped"}]}]
    assert "1 running, 1 stopped" in talk(run, [made("GET /plugins", 200, apart)], "plugins", "list").ran.out


def test_get_names_plugin_and_version(run: Run) -> None:
    told = talk(run, [exchange("GET /plugins/{name}", "installed")], "plugins", "get", NAME, "--json")
    assert told.calls == [f"GET /plugins/{NAME}"]
    assert told.ran.json["rel_vsn"] == "1.0.0"


def test_install_sends_the_package_as_emqx_wants_it(run: Run, tmp_path: Path) -> None:
    package = tmp_path / f"{NAME}.tar.gz"
    package.write_bytes(b"\x1f\x8b packed")
    told = talk(
        run, [exchange("POST /plugins/install", "installed")], "plugins", "install", str(package), "--json"
    )
    assert told.ran.code == 0, told.ran.err
    assert told.ran.json == {"name": NAME}
    sent = told.received[0]
    assert sent.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert f'name="plugin"; filename="{NAME}.tar.gz"'.encode() in sent.body
    assert b"\x1f\x8b packed" in sent.body


def test_what_is_not_allowed_yet_says_how_to_allow_it(run: Run, tmp_path: Path) -> None:
    package = tmp_path / f"{NAME}.tar.gz"
    package.write_bytes(b"x")
    told = talk(
        run, [exchange("POST /plugins/install", "not allowed yet")], "plugins", "install", str(package)
    )
    assert told.ran.code == 5
    assert f"emqx ctl plugins allow {NAME}" in told.ran.err


def test_what_is_no_package_is_not_sent(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "a-1.0.0.zip"
    file.write_bytes(b"x")
    told = talk(run, [], "plugins", "install", str(file))
    assert (told.ran.code, told.calls) == (2, [])
    nameless = talk(run, [], "plugins", "install", "-", stdin=b"x")
    assert (nameless.ran.code, nameless.calls) == (2, [])
    assert "--name" in nameless.ran.err


def test_start_looks_whether_it_started(run: Run) -> None:
    done = exchange("PUT /plugins/{name}/{action}", "start")
    good = talk(run, [info("stopped"), done, info("running")], "plugins", "start", NAME)
    assert good.ran.code == 0
    assert good.calls == [f"GET /plugins/{NAME}", f"PUT /plugins/{NAME}/start", f"GET /plugins/{NAME}"]


@pytest.mark.parametrize(
    ("states", "code", "nodes"),
    [
        (("running", "stopped"), 9, "n2"),
        (("stopped", "stopped"), 1, "n1, n2"),
    ],
)
def test_a_start_that_failed_is_no_success(run: Run, states: tuple[str, ...], code: int, nodes: str) -> None:
    done = exchange("PUT /plugins/{name}/{action}", "start")
    told = talk(run, [info("stopped"), info(*states), done], "plugins", "start", NAME, "--json")
    assert told.ran.code == code
    assert nodes in told.ran.error["message"]


def test_a_plugin_that_is_not_there_is_not_started(run: Run) -> None:
    missing = made("GET /plugins/nope-1.0.0", 404, {"code": "NOT_FOUND", "message": "nope-1.0.0"})
    done = exchange("PUT /plugins/{name}/{action}", "unknown")
    told = talk(run, [missing, done], "plugins", "start", "nope-1.0.0")
    assert told.ran.code == 6
    assert told.calls == ["GET /plugins/nope-1.0.0"]


def test_stop_and_uninstall(run: Run) -> None:
    stop = exchange("PUT /plugins/{name}/{action}", "stop")
    told = talk(run, [info("running"), info("stopped"), stop], "plugins", "stop", NAME, "--json")
    assert told.ran.json == {"name": NAME, "status": "stopped"}
    assert talk(run, [], "plugins", "uninstall", NAME).ran.code == 14
    gone = exchange("DELETE /plugins/{name}", "while running")
    assert talk(run, [gone], "plugins", "uninstall", NAME, "--yes").calls == [f"DELETE /plugins/{NAME}"]
    assert (
        talk(run, [exchange("DELETE /plugins/{name}", "again")], "plugins", "uninstall", NAME, "-y").ran.code
        == 6
    )


@pytest.mark.parametrize("position", ["front", "rear", "before:other-1.0.0", "after:other-1.0.0"])
def test_move_takes_the_positions_of_emqx(run: Run, position: str) -> None:
    told = talk(run, [exchange("POST /plugins/{name}/move", "front")], "plugins", "move", NAME, position)
    assert told.ran.code == 0
    assert told.bodies == [{"position": position}]


@pytest.mark.parametrize("position", ["", "first", "before:", "before", "sideways:x"])
def test_other_positions_are_not_sent(run: Run, position: str) -> None:
    told = talk(run, [], "plugins", "move", NAME, "--", position)
    assert (told.ran.code, told.calls) == (2, [])
    assert "front, rear, before:NAME or after:NAME" in told.ran.err


def test_the_configuration_is_merged_and_sent_whole(run: Run) -> None:
    script = [CONFIG, exchange("PUT /plugins/{name}/config", "change")]
    told = talk(run, script, "plugins", "config", "update", NAME, "--set", "level=3")
    assert told.ran.code == 0, told.ran.err
    assert told.calls == [f"GET /plugins/{NAME}/config", f"PUT /plugins/{NAME}/config"]
    assert told.bodies == [{**CONFIG.body, "level": 3}]
    assert talk(run, [CONFIG], "plugins", "config", "get", NAME, "--json").ran.json == CONFIG.body


def test_the_schema_is_shown(run: Run) -> None:
    script = [exchange("GET /plugins/{name}/schema", "installed")]
    assert talk(run, script, "plugins", "schema", NAME, "--json").ran.json == {"avsc": None, "i18n": None}


def test_the_configuration_goes_to_a_file_and_back(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "config.json"
    path = f"/plugins/{NAME}/config"
    down = talk(
        run,
        [made(f"GET {path}/download", 200, {"level": 2})],
        "plugins",
        "config",
        "download",
        NAME,
        "--output-file",
        str(target),
    )
    assert down.ran.code == 0, down.ran.err
    assert json.loads(target.read_text()) == {"level": 2}
    up = talk(run, [made(f"POST {path}/upload", 204)], "plugins", "config", "upload", NAME, str(target))
    assert up.ran.code == 0, up.ran.err
    assert b'name="config"; filename="config.json"' in up.received[0].body
    assert target.read_bytes() in up.received[0].body


def test_sync_names_the_plugin(run: Run) -> None:
    told = talk(run, [made("POST /plugins/cluster_sync", 204)], "plugins", "sync", NAME)
    assert told.ran.code == 0
    assert told.bodies == [{"name": NAME}]
