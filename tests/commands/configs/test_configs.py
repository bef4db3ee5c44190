"""`emqxctl configs` against recorded answers."""

from pathlib import Path

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import make_exchange, replay

ALL = "GET /configs"
PUT = "PUT /configs"
ALARM = find_exchange("GET /configs/alarm", "plain")
DASHBOARD = find_exchange("GET /configs/dashboard", "plain")


def test_one_root_is_shown_as_fields(run: Run) -> None:
    replayed = replay(run, [ALARM], "configs", "get", "alarm")
    assert replayed.calls == ["GET /configs/alarm"]
    assert ["size_limit", "1000"] in [line.split() for line in replayed.result.out.splitlines()]
    assert replay(run, [ALARM], "configs", "get", "alarm", "--json").result.json == ALARM.body


def test_other_roots_come_as_hocon_byte_for_byte(run: Run) -> None:
    recorded = find_exchange(ALL, "HOCON key mqtt")
    for arguments in (("mqtt",), ("--key", "mqtt")):
        replayed = replay(run, [recorded], "configs", "get", *arguments)
        assert replayed.calls == ["GET /configs?key=mqtt"]
        assert replayed.received[0].headers["accept"] == "text/plain"
        assert replayed.result.stdout == recorded.response_bytes


def test_the_whole_configuration_is_hocon_or_json(run: Run) -> None:
    text = find_exchange(ALL, "HOCON, Accept text/plain")
    assert replay(run, [text], "configs", "get").result.stdout == text.response_bytes
    json = find_exchange(ALL, "JSON")
    replayed = replay(run, [json, text], "configs", "get", "-o", "json")
    assert [request.headers["accept"] for request in replayed.received] == ["application/json", "text/plain"]
    assert replayed.result.json.items() >= json.body.items()
    assert replayed.result.json["connectors"]["mqtt"]["to-node2"]["password"] == "******"
    assert b"emqxlabcookie" not in replayed.result.stdout


def test_on_a_terminal_hocon_cannot_steer(run: Run) -> None:
    hostile = make_exchange(ALL)
    evil = {**(hostile.response or {}), "body_text": 'a = "\x1b[31m"\n'}
    script = [type(hostile)(ALL, "", "", "", hostile.request, evil)]
    replayed = replay(run, script, "configs", "get", terminal=True)
    assert replayed.result.out == 'a = "\\x1b[31m"\n'


def test_a_node_is_asked_for_its_own(run: Run) -> None:
    replayed = replay(
        run, [find_exchange(ALL, "node 2")], "configs", "get", "dashboard", "--node", "emqx2@127.0.0.1"
    )
    assert replayed.calls == ["GET /configs?key=dashboard&node=emqx2%40127.0.0.1"]
    assert "28083" in replayed.result.out


def test_as_json_a_root_is_taken_out_of_all(run: Run) -> None:
    recorded = find_exchange(ALL, "JSON key sysmon")
    node = "emqx1@127.0.0.1"
    replayed = replay(run, [recorded], "configs", "get", "--key", "sysmon", "--node", node, "--json")
    assert replayed.result.json == recorded.body["sysmon"]


@pytest.mark.parametrize("words", [("mqtt",), ("--key", "mqtt")])
def test_a_root_that_emqx_has_only_as_hocon_is_parsed(run: Run, words: tuple[str, ...]) -> None:
    script = [find_exchange(ALL, "JSON key sysmon"), find_exchange(ALL, "HOCON key mqtt")]
    replayed = replay(run, script, "configs", "get", *words, "-o", "json")
    assert replayed.result.json["max_packet_size"] == "3MB"
    assert [request.headers["accept"] for request in replayed.received] == ["application/json", "text/plain"]
    replayed = replay(run, script, "configs", "get", *words, "--query", "max_packet_size")
    assert replayed.result.out == "3MB\n"
    replayed = replay(run, script, "configs", "get", *words, "--fields", "max_packet_size", "-o", "csv")
    assert replayed.result.out == "max_packet_size\n3MB\n"
    replayed = replay(run, script, "configs", "get", *words, "--fields", "max_packet_sice")
    assert replayed.result.code == 2


def test_a_parsed_root_has_its_secrets_masked(run: Run) -> None:
    hostile = make_exchange(ALL)
    text = {**(hostile.response or {}), "body_text": 'cluster {static {password = "hidden", seeds = 3}}\n'}
    script = [
        find_exchange(ALL, "JSON key sysmon"),
        type(hostile)(ALL, "", "", "", hostile.request, text),
    ]
    replayed = replay(run, script, "configs", "get", "cluster", "-o", "json")
    assert replayed.result.json == {"static": {"password": "******", "seeds": 3}}


def test_root_and_key_exclude_each_other(run: Run) -> None:
    replayed = replay(run, [], "configs", "get", "log", "--key", "log")
    assert (replayed.result.code, replayed.calls) == (2, [])


def test_update_sends_hocon_as_text(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "c.hocon"
    file.write_text("sys_topics { sys_heartbeat_interval = 31s }\n")
    replayed = replay(run, [find_exchange(PUT, "merge")], "configs", "update", "-f", str(file))
    assert (replayed.result.code, replayed.calls) == (0, ["GET /configs", "PUT /configs?mode=merge"])
    assert replayed.received[1].headers["content-type"] == "text/plain"
    assert replayed.received[1].body == file.read_bytes()


def test_replacing_is_confirmed(run: Run) -> None:
    script = [find_exchange(PUT, "mode replace")]
    arguments = ("configs", "update", "-f", "-", "--mode", "replace")
    unconfirmed = replay(run, script, *arguments, stdin=b"alarm { size_limit = 5 }")
    assert (unconfirmed.result.code, unconfirmed.calls) == (14, ["GET /configs"])
    done = replay(run, script, *arguments, "--yes", "--ignore-readonly", stdin=b"alarm { size_limit = 5 }")
    assert done.calls == ["GET /configs", "PUT /configs?mode=replace&ignore_readonly=true"]
    assert replay(run, script, *arguments[:-1], "swap", stdin=b"a = 1").result.code == 2


@pytest.mark.parametrize(("content", "code"), [(b"", 2), (b"  \n", 2), (b'a { password = "******" }', 14)])
def test_what_would_do_harm_is_not_sent(run: Run, content: bytes, code: int) -> None:
    replayed = replay(run, [], "configs", "update", "-f", "-", stdin=content)
    assert (replayed.result.code, replayed.calls) == (code, [])


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("read-only key", "Cannot update read-only key 'node'"),
        ("unknown root", "colour"),
        ("two bad roots", "mqtt.max_qos_allowed"),
    ],
)
def test_a_refusal_can_be_read(run: Run, title: str, text: str) -> None:
    replayed = replay(
        run, [find_exchange(PUT, title)], "configs", "update", "-f", "-", "--json", stdin=b"a = 1"
    )
    assert (replayed.result.code, replayed.result.stdout) == (7, b"")
    assert text in replayed.result.error["message"]
    assert '\\"' not in replayed.result.error["message"]


def test_set_keeps_the_other_fields_and_masked_secrets(run: Run) -> None:
    script = [DASHBOARD, find_exchange("PUT /configs/dashboard", "change")]
    replayed = replay(run, script, "configs", "set", "dashboard", "--set", "token_expired_time=50m")
    assert replayed.result.code == 0, replayed.result.err
    assert replayed.calls == ["GET /configs/dashboard", "PUT /configs/dashboard"]
    assert replayed.bodies == [{**DASHBOARD.body, "token_expired_time": "50m"}]
    assert replayed.bodies[0]["default_password"] == "******"


def test_set_shows_the_difference_in_a_dry_run(run: Run) -> None:
    replayed = replay(run, [ALARM], "configs", "set", "alarm", "--set", "size_limit=900", "--dry-run")
    assert replayed.calls == ["GET /configs/alarm"]
    assert '-  "size_limit": 1000' in replayed.result.out
    assert '+  "size_limit": 900' in replayed.result.out


def test_set_refuses_what_it_cannot_do(run: Run) -> None:
    other = replay(run, [], "configs", "set", "mqtt", "--set", "a=1", "--replace")
    assert (other.result.code, other.calls) == (2, [])
    assert "configs update" in other.result.err
    assert replay(run, [], "configs", "set", "alarm").result.code == 2
    script = [ALARM, find_exchange("PUT /configs/alarm", "bad value")]
    replayed = replay(run, script, "configs", "set", "alarm", "--set", "size_limit=big", "--json")
    assert replayed.result.code == 7
    assert "1..3000" in replayed.result.error["message"]


def test_the_limiters_of_5_0_have_a_path_each(run: Run) -> None:
    path = "/configs/limiter/bytes"
    script = [
        make_exchange(f"GET {path}", 200, {"rate": "1MB/s"}),
        make_exchange(f"PUT {path}", 200, {"rate": "2MB/s"}),
    ]
    replayed = replay(run, script, "configs", "set", "limiter/bytes", "--set", "rate=2MB/s")
    assert replayed.calls == [f"GET {path}", f"PUT {path}"]
    assert replayed.bodies == [{"rate": "2MB/s"}]


def test_reset_names_the_field(run: Run) -> None:
    script = [find_exchange("POST /configs_reset/{rootname}", "sysmon path")]
    arguments = ("configs", "reset", "sysmon", "--path", "os.mem_check_interval")
    assert replay(run, script, *arguments).calls == []
    replayed = replay(run, script, *arguments, "--yes")
    assert replayed.calls == ["POST /configs_reset/sysmon?conf_path=os.mem_check_interval"]
    assert replayed.result.code == 0
    script = [find_exchange("POST /configs_reset/{rootname}", "sys_topics whole")]
    none = replay(run, script, "configs", "reset", "sys_topics", "-y")
    assert none.result.code == 7
    assert "No Default Value" in none.result.err


@pytest.mark.parametrize("words", ["get mqt", "get mqt -o json", "get --key mqt", "set mqt.x=1 --yes"])
def test_an_unknown_root_is_named_with_close_names(run: Run, cluster: Sandbox, words: str) -> None:
    result = run("configs", *words.split())
    assert result.code == 6
    assert "configuration root 'mqt' not found" in result.err
    assert "did you mean mqtt?" in result.err


def test_a_root_unlike_any_other_names_the_command_that_lists_them(run: Run, cluster: Sandbox) -> None:
    error = run("configs", "get", "xyzzy").err
    assert error.startswith("emqxctl: configuration root 'xyzzy' not found [NOT_FOUND]")
    assert "list all roots: emqxctl configs get" in error
