"""`emqxctl top`: keys to states, answers to rows, states to lines; and one run on a real terminal."""

import json
import os
import re
import signal
import struct
import subprocess
import termios
from dataclasses import replace
from fcntl import ioctl
from pathlib import Path

import pytest

from emqxctl.commands.top._live import Poller
from emqxctl.commands.top._model import MAX_INTERVAL, MIN_INTERVAL, State, add_sample, handle_key
from emqxctl.commands.top._render import draw_frame, draw_once, draw_sparkline
from emqxctl.commands.top._text import truncate_text
from emqxctl.commands.top._views import VIEWS, Sample, format_count, format_rate
from emqxctl.output.formats.plain_table import measure_width
from emqxctl.output.results import Row
from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import make_exchange, replay
from tests.support.sandboxes import EMQXCTL
from tests.support.terminals import on_a_terminal, read_until

CLIENTS = State(view_name="clients", target_name="prod")
SOON = 20.0


def client(name: str, received: int = 0, **more: object) -> Row:
    """Build a client as EMQX lists it."""
    return {"clientid": name, "connected": True, "recv_msg": received, "send_msg": 0, **more}


def typed(state: State, *keys: str) -> State:
    """Press keys, one after the other."""
    for key in keys:
        state = handle_key(state, key, page_rows=5)
    return state


def test_rates_come_from_two_looks_and_sort_the_rows() -> None:
    state = add_sample(CLIENTS, Sample([client("slow", 10), client("fast", 10)], read_at=100.0))
    assert [row.get("rate") for row in state.sorted_rows()] == [None, None]
    state = add_sample(
        state, Sample([client("slow", 20), client("fast", 110), client("new", 9)], read_at=110.0)
    )
    assert [(row["clientid"], row.get("rate")) for row in state.sorted_rows()] == [
        ("fast", 10.0),
        ("slow", 1.0),
        ("new", None),
    ]


def test_a_counter_that_fell_was_reset_and_has_no_rate() -> None:
    state = add_sample(CLIENTS, Sample([client("a", 100)], read_at=1.0))
    state = add_sample(state, Sample([client("a", 5)], read_at=2.0))
    assert state.sorted_rows()[0]["rate"] is None


def test_sorting_goes_through_the_columns_and_turns_round() -> None:
    rows = [client("b", mqueue_len=1), client("a", mqueue_len=7), client("c")]
    state = add_sample(CLIENTS, Sample(rows))
    state = typed(state, "s", "s", "s")
    assert state.sort_order == ("mqueue_len", True)
    assert [row["clientid"] for row in state.sorted_rows()] == ["a", "b", "c"]
    assert [row["clientid"] for row in typed(state, "r").sorted_rows()] == ["b", "a", "c"]
    assert typed(state, "S", "S", "S").sort_order == ("rate", True)
    back = typed(state, "2", "1", "2")
    assert back.sort_order == ("mqueue_len", True), "each view remembers its order"


def test_views_are_turned_by_number_and_by_tab() -> None:
    state = typed(State(), "3")
    assert state.view_name == "topics"
    assert typed(state, "tab", "tab", "tab").view_name == "cluster"
    assert typed(state, "back tab").view_name == "clients"
    assert typed(replace(state, filter_text="x"), "4").filter_text == ""


def test_a_filter_is_typed_shown_and_left() -> None:
    state = add_sample(CLIENTS, Sample([client("a")]))
    state = typed(state, "/", "q", "x", "backspace", "1")
    assert (state.typed_filter, state.is_finished, state.view_name) == ("q1", False, "clients")
    assert "/q1" in draw_frame(state, 80, 24, color=False)[-1]
    done = typed(state, "enter")
    assert (done.typed_filter, done.filter_text, done.sample) == (None, "q1", None)  # no row matches yet
    assert typed(state, "esc").filter_text == ""
    assert typed(done, "esc").filter_text == ""


def test_pace_pause_and_the_end() -> None:
    assert typed(CLIENTS, "-").interval == 4
    assert typed(CLIENTS, *"++++++").interval == MIN_INTERVAL
    assert typed(CLIENTS, *"----------").interval == MAX_INTERVAL
    assert typed(CLIENTS, " ").is_paused
    assert not typed(CLIENTS, " ", "p").is_paused
    assert typed(CLIENTS, "q").is_finished
    assert typed(CLIENTS, "gone").is_finished


def test_the_selection_moves_between_the_first_and_the_last_row_and_scrolls() -> None:
    state = add_sample(CLIENTS, Sample([client(f"c{number:02}") for number in range(12)]))

    def position(*keys: str) -> tuple[str | None, int]:
        moved = typed(state, *keys)
        return moved.selected, moved.offset

    assert position("up") == ("c00", 0)
    assert position("down", "down") == ("c01", 0)
    assert position("down", *["down"] * 5) == ("c05", 1)
    assert position("down", "page down") == ("c05", 1)
    assert position("end") == ("c11", 7)
    assert position("end", "down") == ("c11", 7)
    assert position("end", "page up") == ("c06", 6)
    assert position("end", "home") == ("c00", 0)
    assert position("down", "esc") == (None, 0)


def test_the_selection_stays_with_its_client_when_the_order_changes() -> None:
    state = add_sample(CLIENTS, Sample([client("a"), client("b")]))
    state = typed(state, "down", "down")
    assert state.selected == "b"
    state = add_sample(state, Sample([client("b", 900), client("a")]))
    lines = draw_frame(state, 80, 24, color=False)
    assert [line.split()[0] for line in lines if line.startswith(">")] == [">b"]


def test_a_filter_keeps_the_rates() -> None:
    first = [client("a", 10), client("b", 10)]
    state = add_sample(CLIENTS, Sample(first, read_at=10.0))
    state = add_sample(state, Sample([client("a", 30), client("b", 50)], read_at=20.0))
    state = typed(state, "/", "b", "enter")
    assert [(row["clientid"], row["rate"]) for row in state.sorted_rows()] == [("b", 4)]
    state = add_sample(state, Sample([client("b", 70)], read_at=30.0))
    assert [row["rate"] for row in state.sorted_rows()] == [2]
    state = add_sample(typed(state, "esc"), Sample([client("a", 50), client("b", 90)], read_at=40.0))
    rates = {row["clientid"]: row["rate"] for row in state.sorted_rows()}
    assert rates == {"a": 1, "b": 2}  # a since it was last read, 20 s ago
    state = add_sample(state, Sample([client("b", 90)], read_at=150.0))
    assert "a" not in state.baselines["clients"]  # too old


def test_the_heading_of_the_sorted_column_is_marked() -> None:
    state = add_sample(CLIENTS, Sample([client("a")]))

    def heading(*keys: str) -> str:
        return next(
            line for line in draw_frame(typed(state, *keys), 100, 24, color=False) if "MQUEUE" in line
        )

    assert "MSG/S▼" in heading()
    assert "MSG/S▲" in heading("r")
    assert "IN/S▼" in heading("s")
    assert "▼" not in draw_once(state, 100, 20, color=False)


def test_the_help_shows_every_key_and_is_left_by_any() -> None:
    state = add_sample(CLIENTS, Sample([client("a")]))
    text = "\n".join(draw_frame(typed(state, "?"), 100, 30, color=False))
    for words in ("Quit.", "Kick the selected client", "Trace", "Reverse the order", "Filter by name"):
        assert words in text
    assert "MSG/S" not in text
    assert not typed(state, "?", "q").is_finished
    assert not typed(state, "?", "x").is_help_shown


@pytest.mark.parametrize(
    ("view", "key", "text", "asks"),
    [
        ("clients", "enter", "emqxctl clients why 'a b'", False),
        ("clients", "w", "emqxctl clients why 'a b'", False),
        ("clients", "x", "emqxctl clients kick 'a b'", False),  # which asks itself
        ("clients", "t", "emqxctl traces tail '--client=a b'", True),
        ("topics", "enter", "emqxctl topics who 'a b'", False),
        ("topics", "t", "emqxctl traces tail '--topic=a b'", True),
        ("rules", "enter", "emqxctl rules why 'a b'", False),
        ("rules", "t", "emqxctl traces tail '--rule=a b'", True),
        ("actions", "enter", "emqxctl actions why 'a b'", False),
        ("cluster", "enter", "emqxctl nodes get 'a b'", False),
    ],
)
def test_a_selected_row_leads_to_a_command(view: str, key: str, text: str, asks: bool) -> None:
    start = State(view_name=view)
    state = typed(add_sample(start, Sample([{start.view.key: "a b"}])), "down", key)
    action = state.pending_action if asks else state.requested_action
    assert action is not None
    assert action.text == text
    if asks:
        assert state.requested_action is None
        assert text in draw_frame(state, 120, 24, color=False)[-1]
        assert typed(state, "y").requested_action == action
        assert typed(state, "q").requested_action is None
        assert not typed(state, "q").is_finished


def test_an_action_without_a_row_or_for_another_kind_says_so() -> None:
    state = add_sample(CLIENTS, Sample([client("a")]))
    assert "select a row to kick" in draw_frame(typed(state, "x"), 80, 24, color=False)[-1]
    actions = typed(add_sample(State(view_name="actions"), Sample([{"id": "http:x"}])), "down", "x")
    assert "kick is not available for actions" in draw_frame(actions, 80, 24, color=False)[-1]
    assert "kick" not in draw_frame(typed(actions, "up"), 80, 24, color=False)[-1]


def test_memory_is_one_column(run: Run) -> None:
    nodes = [{"node": "n1", "node_status": "running", "memory_used": "708.12M", "memory_total": "2G"}]
    script = [make_exchange("GET /nodes", 200, nodes), make_exchange("GET /monitor_current", 200, {})]
    lines = replay(run, script, "top", "--once").result.out.splitlines()
    heading = next(line for line in lines if "MEMORY" in line)
    assert "TOTAL" not in heading
    assert "708M/2G" in lines[lines.index(heading) + 1].replace(".1M", "M").replace(".0G", "G")


@pytest.mark.parametrize("size", [(80, 24), (200, 60), (20, 5), (1, 1), (40, 9)])
@pytest.mark.parametrize("view", [view.name for view in VIEWS])
def test_a_frame_fits_the_screen(size: tuple[int, int], view: str) -> None:
    width, height = size
    rows: list[Row] = [
        {"clientid": "日本" * n, "id": "x" * n, "topic": "t" * n, "node": "n" * n} for n in range(1, 70)
    ]
    head: Row = {"received_msg_rate": 5, "sent_msg_rate": None, "live_connections": 3}
    state = add_sample(
        State(view_name=view, target_name="prod"), Sample(rows, cluster_rates=head, total=10**6)
    )
    for frame_state in (state, replace(state, error="no answer " * 20), replace(state, sample=None)):
        lines = draw_frame(frame_state, width, height, color=False, clock="10:00:00")
        assert len(lines) == height
        assert max(measure_width(line) for line in lines) <= width


def test_it_says_how_much_was_looked_at() -> None:
    rows = [client(f"c{number}") for number in range(1000)]
    text = "\n".join(draw_frame(add_sample(CLIENTS, Sample(rows, total=1_203_442)), 100, 24, color=False))
    assert "1-19 of 1 000 clients by MSG/S; only the first 1 000 of 1.2M were fetched" in text


def test_what_clients_send_is_not_obeyed() -> None:
    bad = "\x1b[2J\u202e\r\n"
    state = add_sample(CLIENTS, Sample([client(bad, username=bad, node=bad)]))
    state = replace(state, target_name=bad, filter_text=bad, error="")
    for frame_state in (state, replace(state, error=bad), replace(state, typed_filter=bad)):
        for line in draw_frame(frame_state, 200, 10, color=True):
            assert not re.search("[\r\n\u202e]|\x1b\\[2J", line)


def test_the_column_sorted_by_is_never_left_out() -> None:
    state = replace(CLIENTS, sort_orders={"clients": ("ip_address", False)})
    state = add_sample(state, Sample([client("x" * 60, ip_address="10.1.2.3", username="u" * 20)]))
    text = "\n".join(draw_frame(state, 60, 24, color=False))
    assert "10.1.2.3" in text
    assert "USERNAME" not in text


def test_sparklines_go_from_nothing_to_the_largest() -> None:
    assert draw_sparkline([0, 4, 8, None, "x", 1], 10) == "▁▄█  ▁"
    assert draw_sparkline([0, 0], 10) == "▁▁"
    assert draw_sparkline(range(100), 3) == "███"


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (0.25, "0.2"), (99.9, "99.9"), (1234, "1234"), (12_345, "12K")]
)
def test_rates_are_short(value: float, text: str) -> None:
    assert format_rate(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (99_999, "99 999"), (249_300, "249K"), (1.5e6, "1.5M"), (2e8, "200M"), (3e12, "3000G")],
)
def test_counts_are_short(value: float, text: str) -> None:
    assert format_count(value) == text


def test_a_text_is_cut_by_cells() -> None:
    assert truncate_text("日本語", 5) == "日本…"
    assert truncate_text("abc", 3) == "abc"
    assert truncate_text("abcd", 0) == ""


def test_clients_are_read_in_bounded_pages(run: Run) -> None:
    meta = {"count": 90000, "hasnext": True}
    pages = [
        make_exchange(
            "GET /clients",
            200,
            {"data": [client(f"a{page}-{row}", 1) for row in range(1000)], "meta": meta},
        )
        for page in range(2)
    ]
    arguments = ("top", "clients", "--once", "--scan", "2000", "--interval", "0.5s", "--filter", "sens")
    outcome = replay(run, pages * 2, *arguments)
    assert outcome.result.code == 0, outcome.result.err
    assert len(outcome.calls) == 4  # two looks, for the rates
    assert all("like_clientid=sens" in call and "conn_state=connected" in call for call in outcome.calls)
    assert "only the first 2 000 of 90 000 were fetched" in outcome.result.out


def test_recorded_rules_and_actions_become_rows(run: Run) -> None:
    answer = find_exchange("GET /prometheus/data_integration", "JSON aggregated")
    outcome = replay(run, [answer] * 2, "top", "rules", "--once", "--interval", "0.5s", "-o", "json")
    rows_by_id = {row["id"]: row for row in outcome.result.json}
    assert (rows_by_id["to-webhook"]["matched"], rows_by_id["to-webhook"]["rate"]) == (9380, 0.0)
    outcome = replay(run, [answer] * 2, "top", "actions", "--once", "--interval", "0.5s", "--sort", "dropped")
    assert outcome.result.out.splitlines()[2].split()[:2] == ["http:post-dead", "disconnected"]


def test_recorded_topics_become_rows(run: Run) -> None:
    outcome = replay(run, [find_exchange("GET /mqtt/topic_metrics", "plain")], "top", "topics", "--once")
    first = outcome.result.out.splitlines()[2].split()
    assert (first[0], first[1]) == ("telemetry/sensor-001/temp", "3.1")


def test_an_old_broker_is_told_by_its_version(run: Run) -> None:
    missing = make_exchange(
        "GET /prometheus/data_integration", 404, {"code": "API_NOT_EXIST", "message": "Not Found"}
    )
    status = make_exchange(
        "GET /status", 200, {"node_name": "e@x", "rel_vsn": "v5.4.1", "app_status": "running"}
    )
    nodes = make_exchange("GET /nodes", 200, [{"node": "e@x", "version": "5.4.1", "edition": "Opensource"}])
    outcome = replay(run, [missing, status, nodes], "top", "rules", "--once")
    assert outcome.result.code == 13
    assert "5.5" in outcome.result.err


def test_off_a_terminal_it_is_shown_once(cluster: Sandbox, run: Run) -> None:
    result = run("top")
    assert (result.code, len(cluster.requests)) == (0, 2)
    assert "\x1b" not in result.out
    assert "messages in/s" in result.out
    assert "emqx1@sandbox.local  running" in result.out


def test_a_log_goes_on_with_a_line_each_time(cluster: Sandbox) -> None:
    arguments = [EMQXCTL, "top", "-o", "jsonl", "--interval", "0.5s"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        first, second = (json.loads(process.stdout.readline()) for _ in range(2))
        process.stdout.close()
        assert process.wait(SOON) == 0
    assert first["at"] < second["at"]
    assert [node["node"] for node in first["nodes"]] == sorted(cluster.cluster.running())


@pytest.mark.parametrize(
    "arguments",
    [("--interval", "0.1s"), ("--interval", "soon"), ("--sort", "colour"), ("planets",), ("--scan", "0")],
)
def test_what_makes_no_sense_is_not_sent(cluster: Sandbox, run: Run, arguments: tuple[str, ...]) -> None:
    assert run("top", *arguments).code == 2
    assert cluster.requests == []


def test_several_clusters_are_a_table_of_their_rates(
    cluster: Sandbox, run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "config").mkdir(mode=0o700)
    file = home / "config" / "config.toml"
    file.touch(mode=0o600)
    file.write_text(
        "".join(
            f'[profiles.{name}]\nurl = "{cluster.url}"\napi_key = "{cluster.api_key}"\n'
            f'api_secret = "{cluster.api_secret}"\n'
            for name in ("a", "b")
        )
    )
    for variable in ("EMQXCTL_URL", "EMQXCTL_API_KEY", "EMQXCTL_API_SECRET"):
        monkeypatch.delenv(variable)
    lines = run("top", "-p", "a,b", "--color", "never", terminal=True).out.splitlines()
    assert [line.split()[0] for line in lines] == ["PROFILE", "a", "b"]
    rows = [json.loads(line) for line in run("top", "-p", "a,b", "-o", "jsonl").out.splitlines()]
    assert [row["profile"] for row in rows] == ["a", "b"]


def test_what_is_wrong_from_the_start_is_told(run: Run) -> None:
    refused = make_exchange(
        "GET /monitor_current", 401, {"code": "BAD_API_KEY_OR_SECRET", "message": "Check"}
    )
    outcome = replay(run, [refused], "top", terminal=True)
    assert (outcome.result.code, outcome.result.out) == (4, "")


def local_modes(terminal: int) -> int:
    """Return the modes that echo and cooked input are part of."""
    modes: int = termios.tcgetattr(terminal)[3]
    return modes


def test_keys_work_and_the_terminal_is_as_it_was(cluster: Sandbox) -> None:
    with on_a_terminal("top", "--interval", "0.5s") as (process, terminal):
        before = local_modes(terminal)
        output = read_until(terminal, "q quit".replace(" ", "\x1b[0m \x1b[2m"))
        assert output.startswith("\x1b[?1049h\x1b[?25l")
        assert local_modes(terminal) & (termios.ECHO | termios.ICANON) == 0
        os.write(terminal, b"2")
        read_until(terminal, "sensor-0")
        os.write(terminal, b"4")
        read_until(terminal, "store-telemetry")
        ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 150, 0, 0))
        process.send_signal(signal.SIGWINCH)
        read_until(terminal, "EXCEPTIONS")
        os.write(terminal, b"q")
        assert "\x1b[?25h\x1b[?1049l" in read_until(terminal, "\x1b[?1049l")
        assert process.wait(SOON) == 0
        assert local_modes(terminal) == before
    clients = [request for request in cluster.requests if request.path.endswith("/clients")]
    assert clients


def test_a_row_is_explained_and_kicked_from_the_screen(cluster: Sandbox) -> None:
    with on_a_terminal("top", "clients", "--filter", "historian", columns=120) as (process, terminal):
        before = local_modes(terminal)
        read_until(terminal, "historian-01")
        os.write(terminal, b"j\r")
        output = read_until(terminal, "Press Enter to return to top.")
        assert "emqxctl clients why historian-01" in output
        assert "historian-01 is connected" in output
        os.write(terminal, b"\n")
        read_until(terminal, "CLIENT ID")
        os.write(terminal, b"x")
        read_until(terminal, "[y/N]")
        assert local_modes(terminal) == before
        os.write(terminal, b"n\n")
        read_until(terminal, "Press Enter to return to top.")
        os.write(terminal, b"\n")
        read_until(terminal, "CLIENT ID")
        os.write(terminal, b"x")
        read_until(terminal, "[y/N]")
        os.write(terminal, b"y\n")
        read_until(terminal, "kicked client")
        os.write(terminal, b"\n")
        read_until(terminal, "\x1b[?1049h")
        os.write(terminal, b"q")
        assert process.wait(SOON) == 0
    assert "historian-01" not in cluster.cluster.clients


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_give_the_terminal_back(cluster: Sandbox, number: int) -> None:
    with on_a_terminal("top", "clients") as (process, terminal):
        before = local_modes(terminal)
        read_until(terminal, "CLIENT ID")
        process.send_signal(number)
        read_until(terminal, "\x1b[?25h\x1b[?1049l")
        assert process.wait(SOON) == 128 + number
        assert local_modes(terminal) == before


def test_trouble_is_shown_and_passes(cluster: Sandbox) -> None:
    with on_a_terminal("top", "rules", "--interval", "0.5s", "--retries", "0") as (process, terminal):
        read_until(terminal, "store-telemetry")
        cluster.stop()
        read_until(terminal, "cannot connect")
        cluster.start()
        read_until(terminal, "6 rules")
        os.write(terminal, b"q")
        assert process.wait(SOON) == 0


def test_a_look_that_nobody_wants_any_more_is_dropped() -> None:
    class Silent:
        """A screen that needs no waking."""

        def wake(self) -> None:
            """Do nothing."""

    looks = Poller(None, Silent())  # type: ignore[arg-type]
    looks.is_polling = True
    looks.results.put((("rules", ""), Sample([{"id": "r"}])))
    assert looks.collect_results(CLIENTS).sample is None
    assert not looks.is_polling


def test_once_writes_no_line_that_is_empty_at_its_end() -> None:
    state = add_sample(
        State(), Sample([{"node": "n1", "node_status": "running"}], cluster_rates={"received_msg_rate": 1})
    )
    text = draw_once(state, 80, 20, color=False)
    assert text.splitlines()[0].split() == ["messages", "in/s", "1.0"]
    assert not any(line != line.rstrip() for line in text.splitlines())
