"""`emqxctl messages why`: each state of a cluster, on recorded numbers: the first cause is the true one."""

import copy
import json
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from emqxctl.commands.messages.why import _sample
from emqxctl.commands.messages.why._report import INTEGRATION_COLUMNS, list_object_counters
from emqxctl.output.formats.plain_table import format_table
from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.recordings import Exchange, find_exchange
from tests.support.replay import ReplayedRun, make_exchange, replay
from tests.support.sandboxes import EMQXCTL, sandbox_env

Row = dict[str, Any]
NODE = "emqx1@127.0.0.1"
TITLES = {"5.8.9": "default page (limit 100)", "6.2.2": "default page"}


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Do not wait between the samples."""
    pauses: list[float] = []
    monkeypatch.setattr(_sample, "SLEEP", pauses.append)
    return pauses


def recorded_metrics(version: str) -> list[Row]:
    """Return the recorded counters of a healthy, busy cluster, by node."""
    rows: list[Row] = copy.deepcopy(find_exchange("GET /metrics", "plain", version).body)
    return rows


def grow(rows: Sequence[Row], growth: Mapping[str, float], node: int = 0) -> list[Row]:
    """Return counters that grew on one node, as traffic went on: 1000 received, 2000 delivered."""
    grown = copy.deepcopy(list(rows))
    for name, count in {"messages.received": 1000, "messages.delivered": 2000, **growth}.items():
        grown[node][name] = grown[node].get(name, 0) + count
    return grown


def recorded_clients(version: str) -> list[Row]:
    """Return the recorded clients, none of which lost a message."""
    rows: list[Row] = copy.deepcopy(find_exchange("GET /clients", TITLES[version], version).body["data"])
    return rows


def make_page(rows: Sequence[Row]) -> Row:
    """Return rows as one page of a list."""
    return {"data": list(rows), "meta": {"page": 1, "limit": 10000, "count": len(rows), "hasnext": False}}


def make_script(
    growth: Mapping[str, float] | None = None,
    *,
    version: str = "5.8.9",
    before: Mapping[str, float] | None = None,
    changes: Mapping[str, Mapping[str, Any]] | None = None,
    objects: Sequence[Exchange] = (),
    others: Sequence[Exchange] = (),
) -> list[Exchange]:
    """Return a cluster's responses: counters that grew, clients that changed, rules and actions."""
    first = grow(recorded_metrics(version), before or {})
    clients = recorded_clients(version)
    changed_clients = [{**row, **(changes or {}).get(row["clientid"], {})} for row in clients]
    empty = {"data": [], "meta": {"hasnext": False}}
    defaults = [
        make_exchange("GET /rules", 200, empty),
        make_exchange("GET /actions", 200, []),
        make_exchange("GET /sources", 200, []),
    ]
    return [
        make_exchange("GET /metrics", 200, first),
        make_exchange("GET /metrics", 200, grow(first, growth or {})),
        make_exchange("GET /clients", 200, make_page(clients)),
        make_exchange("GET /clients", 200, make_page(changed_clients)),
        *(objects or defaults),
        find_exchange("GET /configs/global_zone", "plain", version),
        find_exchange("GET /mqtt/retainer", "plain", version),
        make_exchange("GET /stats", 200, {"connections.count": len(clients), "retained.count": 86}),
        make_exchange("GET /slow_subscriptions", 200, {"data": []}),
        make_exchange("GET /nodes", 200, [{"node": "n1", "node_status": "running"}]),
        *others,
    ]


def run_why(run: Run, script: Sequence[Exchange], *words: str) -> Row:
    """Run the command and return its report, with the exit code as `code`."""
    outcome = replay(run, script, "messages", "why", "-o", "json", *words)
    assert outcome.result.out, outcome.result.err
    report: Row = outcome.result.json
    assert outcome.result.code in {0, 8}, outcome.result.err
    return {**report, "code": outcome.result.code}


LOSSES = [
    ("delivery.dropped.queue_full", "queue_full", "mqtt.max_mqueue_len (now 1000)"),
    ("delivery.dropped.qos0_msg", "qos0", "mqtt.mqueue_store_qos0 (now true)"),
    ("delivery.dropped.expired", "expired", "mqtt.message_expiry_interval (now infinity)"),
    ("delivery.dropped.too_large", "too_large", "Maximum-Packet-Size"),
    ("messages.dropped.await_pubrel_timeout", "await_pubrel_timeout", "mqtt.await_rel_timeout (now 300s)"),
    ("messages.validation_failed", "validation", "failure_action"),
    ("messages.transformation_failed", "transformation", "failure_action"),
    ("authorization.deny", "denied", "authorization.no_match"),
    ("packets.publish.dropped", "publish_dropped", "mqtt.max_awaiting_rel (now 100)"),
    ("packets.publish.error", "rejected", "messages_rate"),
]
LOSSES_OF_6 = [
    ("packets.publish.quota_exceeded", "rate_limit", "messages_rate"),
    ("messages.dropped.receive_maximum", "receive_maximum", "mqtt.max_awaiting_rel (now 100)"),
    ("messages.dropped.new_reason", "other", ""),
]
STATES = [
    *(("5.8.9", *loss) for loss in LOSSES),
    *(("6.2.2", *loss) for loss in LOSSES if loss[0] != "packets.publish.dropped"),
    *(("6.2.2", *loss) for loss in LOSSES_OF_6),
]


@pytest.mark.parametrize(("version", "counter", "cause", "advice"), STATES)
def test_the_counter_that_moves_is_the_first_cause(
    run: Run, version: str, counter: str, cause: str, advice: str
) -> None:
    # Messages without a subscriber are counted all the time on a busy cluster.
    growth = {counter: 60, "messages.dropped.no_subscribers": 900, "messages.dropped": 900}
    report = run_why(run, make_script(growth, version=version))
    first = report["causes"][0]
    assert (first["cause"], first["certainty"], first["loss"], first["messages"]) == (
        cause,
        "certain",
        True,
        60,
    )
    assert advice in first["advice"]
    assert first["nodes"] == {"5.8.9": {NODE: 60}, "6.2.2": {"emqx6@127.0.0.1": 60}}[version]
    assert (report["code"], report["lost"]) == (8, 60)
    assert [row["cause"] for row in report["causes"][1:]] == ["no_subscribers"]


@pytest.mark.parametrize("version", ["5.8.9", "6.2.2"])
def test_no_subscriber_is_not_a_loss(run: Run, version: str) -> None:
    report = run_why(run, make_script({"messages.dropped.no_subscribers": 900}, version=version))
    first = report["causes"][0]
    assert (first["cause"], first["loss"], first["past"]) == ("no_subscribers", False, False)
    assert "which is not a loss" in report["causes"][0]["message"]
    assert (report["code"], report["lost"]) == (0, 0)


def test_a_healthy_cluster_has_no_causes(run: Run) -> None:
    report = run_why(run, make_script())
    assert (report["causes"], report["code"]) == ([], 0)


def test_no_local_is_not_a_loss(run: Run) -> None:
    report = run_why(run, make_script({"delivery.dropped.no_local": 50, "delivery.dropped": 50}))
    assert [(row["cause"], row["loss"]) for row in report["causes"]] == [("no_local", False)]
    assert report["code"] == 0


def test_few_messages_of_qos_0_are_no_problem(run: Run) -> None:
    report = run_why(run, make_script({"delivery.dropped.qos0_msg": 1, "messages.delivered": 5000}))
    assert [(row["cause"], row["loss"]) for row in report["causes"]] == [("qos0", False)]
    assert "as QoS 0 allows" in report["causes"][0]["message"]
    assert report["code"] == 0


def test_old_drops_are_reported_as_past(run: Run) -> None:
    outcome = replay(run, make_script(before={"delivery.dropped.queue_full": 7000}), "messages", "why")
    assert outcome.result.code == 0
    assert outcome.result.out.startswith(
        "No message was lost in 1s, as far as EMQX counts. Earlier losses: 7,000"
    )
    assert "since the nodes started" in outcome.result.out
    report = run_why(run, make_script(before={"delivery.dropped.queue_full": 7000}))
    assert [(row["cause"], row["past"], row["messages"]) for row in report["causes"]] == [
        ("queue_full", True, 7000)
    ]
    assert report["lost"] == 0


def test_past_drops_give_way_to_current_ones(run: Run) -> None:
    growth = {"delivery.dropped.expired": 3}
    report = run_why(run, make_script(growth, before={"delivery.dropped.queue_full": 7000}))
    assert [row["cause"] for row in report["causes"]] == ["expired"]


@pytest.mark.parametrize(
    ("growth", "message"),
    [
        ({"authorization.deny": 7, "packets.publish.received": 90}, "7 publishes were denied"),
        ({"authorization.deny": 1, "packets.publish.received": 90}, "1 publish was denied"),
        ({"authorization.deny": 7, "packets.subscribe.received": 9}, "7 subscriptions were denied"),
        (
            {"authorization.deny": 7, "packets.subscribe.received": 9, "packets.publish.received": 90},
            "7 publishes or subscriptions were denied",
        ),
        (
            {"authorization.deny": 7, "packets.publish.auth_error": 7, "packets.subscribe.received": 9},
            "7 publishes were denied",
        ),
    ],
)
def test_denials_are_of_publishes_or_subscriptions(run: Run, growth: Row, message: str) -> None:
    # A PUBACK with an error counts as packets.publish.error too.
    growth = {**growth, "packets.publish.error": growth.get("packets.publish.auth_error", 0)}
    report = run_why(run, make_script(growth))
    assert [row["cause"] for row in report["causes"]] == ["denied"]
    assert report["causes"][0]["message"] == f"{message} by authorization"


def test_a_rate_limit_is_counted_once_for_every_qos(run: Run) -> None:
    # As EMQX 6.2.2 counts: 5 of QoS 0, which are dropped, and 20 of QoS 1, answered with a PUBACK.
    growth = {
        "packets.publish.quota_exceeded": 25,
        "messages.dropped.quota_exceeded": 5,
        "messages.dropped": 5,
        "packets.publish.error": 20,
    }
    report = run_why(run, make_script(growth, version="6.2.2"))
    assert [(row["cause"], row["messages"]) for row in report["causes"]] == [("rate_limit", 25)]


def test_a_disabled_action_loses_nothing(run: Run) -> None:
    samples = [{"actions.discarded": count, "actions.failed": 0} for count in (5, 900)]
    report = run_why(run, make_action_script({}, {}, rule=(samples[0], samples[1])))
    assert [(row["cause"], row["loss"]) for row in report["causes"]] == [("rule_action_discarded", False)]
    assert report["code"] == 0


def test_the_most_frequent_loss_is_first(run: Run) -> None:
    growth = {"delivery.dropped.expired": 300, "delivery.dropped.queue_full": 40}
    report = run_why(run, make_script(growth))
    assert [row["cause"] for row in report["causes"]] == ["expired", "queue_full"]


def test_the_clients_that_lose_messages_are_named(run: Run) -> None:
    changes = {
        "slow-reader-0": {"mqueue_dropped": 55, "send_msg.dropped": 55, "send_msg.dropped.queue_full": 55,
                          "mqueue_len": 1000, "inflight_cnt": 32},
        "sensor-001": {"mqueue_dropped": 5, "send_msg.dropped": 5, "send_msg.dropped.queue_full": 5},
    }  # fmt: skip
    report = run_why(run, make_script({"delivery.dropped.queue_full": 60}, changes=changes))
    assert [(row["clientid"], row["increase"]) for row in report["clients"]] == [
        ("slow-reader-0", 55), ("sensor-001", 5),
    ]  # fmt: skip
    first = report["causes"][0]
    assert "slow-reader-0 (connected, 1000 of 1000 queued, 32 of 32 in flight" in first["evidence"]
    assert first["next_step"] == "emqxctl clients why slow-reader-0"


def make_client_script(session: Row | None, *, before: Row | None = None) -> list[Exchange]:
    """Return the responses about one client: its row in both samples (None: no session)."""
    script = [
        exchange
        for exchange in make_script({"delivery.dropped.queue_full": 60, "messages.dropped.no_subscribers": 9})
        if "/clients" not in exchange.path
    ]
    page = [[row] if row else [] for row in (before or session, session)]
    missing = make_exchange(
        "GET /clients/x", 404, {"code": "CLIENTID_NOT_FOUND", "message": "Client ID not found"}
    )
    return [*script, *(make_exchange("GET /clients", 200, make_page(rows)) for rows in page), missing]


def make_session(**fields: Any) -> Row:
    """Return a recorded client under the id `x` with other fields."""
    return {**recorded_clients("5.8.9")[0], "clientid": "x", **fields}


CLIENT_STATES = [
    ({"mqueue_len": 1000}, {}, "queue_full", 8),
    ({"connected": False, "mqueue_len": 12}, {}, "offline", 8),
    ({"inflight_cnt": 32, "mqueue_len": 12}, {}, "not_acknowledging", 8),
    ({"send_msg.dropped.queue_full": 9, "send_msg.dropped": 9, "mqueue_len": 1000}, {}, "queue_full", 8),
    ({"send_msg.dropped.expired": 9, "send_msg.dropped": 9}, {}, "expired", 8),
    ({"send_msg.dropped.too_large": 9, "send_msg.dropped": 9}, {}, "too_large", 8),
    ({"recv_msg.dropped.await_pubrel_timeout": 9, "recv_msg.dropped": 9}, {}, "await_pubrel_timeout", 8),
    ({"send_msg.dropped": 9}, {}, "qos0", 8),
    ({"expiry_interval": 0}, {}, "session_ends", 0),
    ({"send_msg.dropped.expired": 9}, {"send_msg.dropped.expired": 9}, "expired", 0),
]


@pytest.mark.parametrize(("after", "before", "cause", "code"), CLIENT_STATES)
def test_the_state_of_a_client_is_its_first_cause(
    run: Run, after: Row, before: Row, cause: str, code: int
) -> None:
    script = make_client_script(make_session(**after), before=make_session(**before))
    report = run_why(run, script, "--client", "x")
    assert (report["causes"][0]["cause"], report["code"]) == (cause, code), report["causes"]
    assert report["client"]["clientid"] == "x"


def test_a_healthy_client_has_no_cause(run: Run) -> None:
    report = run_why(run, make_client_script(make_session()), "--client", "x")
    assert (report["causes"], report["code"]) == ([], 0)


def test_a_client_without_a_session_receives_nothing(run: Run) -> None:
    report = run_why(run, make_client_script(None), "--client", "x")
    assert (report["causes"][0]["cause"], report["code"]) == ("no_session", 8)


def make_action_script(first: Row, last: Row, rule: tuple[Row, Row] | None = None) -> list[Exchange]:
    """Return the responses of a cluster with one rule and one action, with their counters in both samples."""
    recorded = find_exchange("GET /actions/{id}/metrics", "id http:post-telemetry").body
    recorded_rule = find_exchange("GET /rules/{id}/metrics", "one node stopped").body

    def with_counters(body: Row, counters: Row) -> Row:
        node = body["node_metrics"][0]
        return {"node_metrics": [{"node": node["node"], "metrics": {**node["metrics"], **counters}}]}

    rules = [{"id": "r1", "enable": True, "actions": ["http:x"], "from": ["t/#"]}]
    action_id = "/actions/http%3Ax/metrics"
    objects = [
        make_exchange("GET /rules", 200, make_page(rules)),
        make_exchange("GET /actions", 200, [{"type": "http", "name": "x", "enable": True}]),
        make_exchange("GET /sources", 200, []),
        *(make_exchange(f"GET {action_id}", 200, with_counters(recorded, row)) for row in (first, last)),
        *(
            make_exchange("GET /rules/r1/metrics", 200, with_counters(recorded_rule, row))
            for row in rule or ({}, {})
        ),
    ]
    return make_script(objects=objects)


ACTION_STATES = [
    ({"dropped.expired": 9, "dropped": 9}, "action_expired", "resource_opts.request_ttl"),
    ({"dropped.queue_full": 9, "dropped": 9}, "action_buffer_full", "resource_opts.max_buffer_bytes"),
    ({"dropped.resource_stopped": 9, "dropped": 9}, "action_stopped", "enable the action"),
    ({"dropped.resource_not_found": 9, "dropped": 9}, "action_without_connector", "connector"),
    ({"dropped.other": 9, "dropped": 9}, "action_dropped", ""),
    ({"failed": 9}, "action_failed", "parameters of the action"),
]


@pytest.mark.parametrize(("growth", "cause", "advice"), ACTION_STATES)
def test_the_losses_of_an_action_are_explained_once(run: Run, growth: Row, cause: str, advice: str) -> None:
    failed = ({"actions.failed": 1}, {"actions.failed": 10})
    report = run_why(run, make_action_script({"dropped.expired": 0}, growth, rule=failed))
    assert [row["cause"] for row in report["causes"]] == [cause]
    assert advice in report["causes"][0]["advice"]
    assert "'http:x'" in report["causes"][0]["message"]
    assert report["code"] == 8


def test_the_failures_of_a_rule_are_explained(run: Run) -> None:
    failures = ({"failed.exception": 1, "actions.failed": 1}, {"failed.exception": 4, "actions.failed": 9})
    report = run_why(run, make_action_script({}, {}, rule=failures))
    assert [(row["cause"], row["messages"]) for row in report["causes"]] == [
        ("rule_action_failed", 8), ("rule_exception", 3),
    ]  # fmt: skip


def test_a_rule_that_selects_nothing_loses_nothing(run: Run) -> None:
    samples = [
        {"failed": count, "failed.no_result": count, "actions.failed": 0, "actions.failed.unknown": 0}
        for count in (5, 900)
    ]
    report = run_why(run, make_action_script({}, {}, rule=(samples[0], samples[1])))
    assert (report["causes"], report["code"]) == ([], 0)


def test_an_action_that_only_buffers_is_not_a_loss_yet(run: Run) -> None:
    script = make_action_script(
        {"queuing": 5}, {"queuing": 90}, rule=({"actions.failed": 0}, {"actions.failed": 0})
    )
    report = run_why(run, script)
    assert [(row["cause"], row["certainty"], row["loss"]) for row in report["causes"]] == [
        ("action_buffering", "likely", False)
    ]


def test_a_full_retainer_is_named(run: Run) -> None:
    settings = copy.deepcopy(find_exchange("GET /mqtt/retainer", "plain").body)
    settings["backend"]["max_retained_messages"] = 86
    script = [exchange for exchange in make_script() if "retainer" not in exchange.path]
    report = run_why(run, [*script, make_exchange("GET /mqtt/retainer", 200, settings)])
    assert report["causes"][0]["cause"] == "retained_full"
    assert "retainer.backend.max_retained_messages (now 86)" in report["causes"][0]["advice"]


def test_a_counter_that_was_reset_is_no_loss_of_its_own(run: Run) -> None:
    script = make_script({"delivery.dropped.queue_full": -7000}, before={"delivery.dropped.queue_full": 7000})
    report = run_why(run, script)
    assert (report["causes"], report["code"]) == ([], 0)


def test_nodes_of_one_sample_are_not_compared(run: Run) -> None:
    script = make_script()
    rows = recorded_metrics("5.8.9")
    fresh = [*rows, {"node": "emqx9@a", "delivery.dropped.queue_full": 4000}]
    metrics = [make_exchange("GET /metrics", 200, sample) for sample in (rows, fresh)]
    report = run_why(
        run, [*metrics, *(exchange for exchange in script if exchange.path != "/api/v5/metrics")]
    )
    assert (report["causes"][0]["past"], report["code"]) == (True, 0)


def test_the_pause_is_as_asked_and_ends_with_ctrl_c(
    run: Run, cluster: Sandbox, no_pause: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    run("messages", "why", "--over", "45s")
    run("messages", "why")
    assert no_pause == [45.0, 10.0]

    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(_sample, "SLEEP", interrupt)
    result = run("messages", "why", "-o", "json")
    assert result.code in {0, 8}
    assert "seconds" in result.json
    assert "interrupted: the report covers the time until now" in result.err


def test_one_ctrl_c_of_a_terminal_ends_the_measurement_with_a_report(sandbox: Sandbox) -> None:
    words = [EMQXCTL, "messages", "why", "--over", "10m", "-o", "json"]
    with subprocess.Popen(
        words,
        env={**os.environ, **sandbox_env(sandbox)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("measuring for 10m")
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
    assert process.returncode in {0, 8}
    assert json.loads(output)["seconds"] < 600
    assert "interrupted" in errors


def test_a_topic_without_subscribers_is_explained(run: Run, cluster: Sandbox) -> None:
    result = run("messages", "why", "--topic", "nobody/here", "-o", "json")
    first = result.json["causes"][0]
    assert (first["cause"], first["certainty"], first["loss"]) == ("no_subscribers", "certain", False)
    assert first["next_step"] == "emqxctl topics who nobody/here"
    assert result.code == 8


def test_a_topic_with_healthy_subscribers_has_no_cause(run: Run, cluster: Sandbox) -> None:
    result = run("messages", "why", "--topic", "status/x", "-o", "json")
    assert (result.code, result.json["causes"]) == (0, [])
    assert result.json["topic"]["deliveries"] == 1


def make_topic_script(receivers: Sequence[str], counts: tuple[int, int], **fields: Any) -> list[Exchange]:
    """Return the responses about topic `t/1`, its receivers, and how often it was published."""
    metrics = find_exchange("GET /mqtt/topic_metrics/{topic}", "topic telemetry/sensor-001/temp").body
    samples = [{**metrics, "metrics": {**metrics["metrics"], "messages.in.count": count}} for count in counts]
    rows = [make_session(clientid=name, **fields) for name in receivers]
    script = [exchange for exchange in make_script() if exchange.path != "/api/v5/clients"]
    subscriptions = [{"clientid": name, "topic": "t/#", "qos": 1, "node": NODE} for name in receivers]
    return [
        *script,
        make_exchange("GET /mqtt/topic_rewrite", 200, []),
        make_exchange("GET /subscriptions", 200, make_page(subscriptions)),
        make_exchange("GET /clients", 200, make_page(rows)),
        *(make_exchange("GET /mqtt/topic_metrics/t%2F1", 200, sample) for sample in samples),
    ]


def test_a_topic_that_nothing_was_published_on_says_so(run: Run) -> None:
    report = run_why(run, make_topic_script(["x"], (900, 900)), "--topic", "t/1")
    assert [(row["cause"], row["loss"]) for row in report["causes"]] == [("not_published", False)]
    assert report["topic"]["increase"]["messages.in.count"] == 0


def test_a_full_queue_of_a_subscriber_explains_its_topic(run: Run) -> None:
    script = make_topic_script(["x", "y"], (900, 950), mqueue_len=1000)
    report = run_why(run, script, "--topic", "t/1")
    assert [(row["cause"], row["certainty"]) for row in report["causes"]] == [("queue_full", "certain")] * 2
    assert report["code"] == 8


def test_losses_elsewhere_are_only_possible_for_a_topic(run: Run) -> None:
    rows = [grow(recorded_metrics("5.8.9"), growth) for growth in ({}, {"messages.validation_failed": 5})]
    script = [
        exchange for exchange in make_topic_script(["x"], (900, 950)) if exchange.path != "/api/v5/metrics"
    ]
    report = run_why(
        run, [*script, *(make_exchange("GET /metrics", 200, row) for row in rows)], "--topic", "t/1"
    )
    assert [(row["cause"], row["certainty"]) for row in report["causes"]] == [("validation", "possible")]
    assert "in the whole cluster" in report["causes"][0]["evidence"]
    assert report["code"] == 0


def test_a_publisher_that_is_denied_is_explained(run: Run, cluster: Sandbox) -> None:
    run("authorization", "rules", "clients", "create", "historian-01", "--deny", "publish:secret/#")
    result = run("messages", "why", "--topic", "$odd/x", "--client", "historian-01", "-o", "json")
    causes = [row["cause"] for row in result.json["causes"]]
    assert "denied" in causes
    assert "not_subscribed" in causes


def test_over_0_measures_nothing_and_reports_the_past(
    run: Run, cluster: Sandbox, no_pause: list[float]
) -> None:
    result = run("messages", "why", "--over", "0")
    assert (result.code, no_pause) == (0, [])
    assert result.out.startswith("No losses were measured (--over 0). Earlier losses: ")
    assert [request.path for request in cluster.requests].count("/api/v5/metrics") == 1
    assert run("messages", "why", "--over", "0", "-o", "json").json["seconds"] == 0


def test_each_counter_of_rules_and_actions_is_a_row(run: Run) -> None:
    rows: list[Row] = [
        {
            "kind": "rule",
            "id": "r" * 40,
            "increase": {"actions.failed": 3.0, "actions.failed.unknown": 3.0, "matched": 3.0, "passed": 3.0},
            "total": {"actions.failed": 77760.0},
        },
        {"kind": "action", "id": "http:a", "increase": {}, "total": {"dropped": 5.0}},
    ]
    table = "".join(map(str, format_table([list_object_counters(rows)], INTEGRATION_COLUMNS)))
    assert [line.split()[-3:] for line in table.splitlines()] == [
        ["NOW", "SINCE", "START"],
        ["actions.failed", "3", "77,760"],
        ["actions.failed.unknown", "3", "-"],
        ["matched", "3", "-"],
        ["passed", "3", "-"],
        ["dropped", "0", "5"],
    ]
    assert len({len(line) for line in table.splitlines()}) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--topic", "a/#"), "contains a wildcard"),
        (("--topic", ""), "invalid topic"),
        (("--client", ""), "--client is empty"),
    ],
)
def test_what_makes_no_sense_is_refused(
    run: Run, cluster: Sandbox, words: tuple[str, ...], message: str
) -> None:
    result = run("messages", "why", *words)
    assert result.code == 2
    assert message in result.err
    assert cluster.requests == []


def test_a_key_that_may_not_read_the_counters_fails_with_the_reason(run: Run) -> None:
    script = [exchange for exchange in make_script() if exchange.path != "/api/v5/metrics"]
    denied = make_exchange("GET /metrics", 403, {"code": "UNAUTHORIZED_ROLE", "message": "no"})
    outcome: ReplayedRun = replay(run, [*script, denied], "messages", "why")
    assert outcome.result.code == 5


def test_what_cannot_be_read_is_listed(run: Run) -> None:
    script = [exchange for exchange in make_script() if exchange.path != "/api/v5/rules"]
    denied = make_exchange("GET /rules", 403, {"code": "UNAUTHORIZED_ROLE", "message": "no"})
    report = run_why(run, [*script, denied])
    assert report["unavailable"] == {"rules": "not permitted for this API key"}


def test_the_table_says_what_to_change_and_to_type(run: Run) -> None:
    outcome = replay(run, make_script({"delivery.dropped.queue_full": 60}), "messages", "why")
    lines = outcome.result.out.splitlines()
    assert lines[0].startswith(
        "Messages are lost: 60 messages dropped: the receiving client's queue was full"
    )
    assert "emqxctl configs get mqtt" in lines
    assert any("mqtt.max_mqueue_len (now 1000)" in line for line in lines)


def test_only_as_many_clients_are_read_as_scan_allows(run: Run, cluster: Sandbox) -> None:
    words = ("messages", "why", "--over", "0", "-o", "json")
    total = len(run("clients", "list", "-o", "name").out.split())
    assert run(*words).json["clients_read"] == total
    result = run(*words, "--scan", "3")
    assert result.json["clients_read"] == 3
    table = run(*words[:4], "--scan", "3")
    assert f"only 3 of {total} clients were read; read more: --scan N" in table.out + table.err


@pytest.mark.parametrize("option", ["--topic", "--client"])
def test_the_clients_of_a_topic_are_all_read(run: Run, cluster: Sandbox, option: str) -> None:
    result = run("messages", "why", "--scan", "3", option, "x")
    assert (result.code, "--scan cannot be used with --topic or --client" in result.err) == (2, True)
    assert cluster.requests == []


def test_a_stopped_node_is_not_counted_and_named(run: Run, cluster: Sandbox) -> None:
    node = list(cluster.cluster.nodes)[1]
    assert run("messages", "why", "--over", "0", "-o", "json").json["unavailable"] == {}
    cluster.cluster.stop_node(node)
    unavailable = run("messages", "why", "--over", "0", "-o", "json").json["unavailable"]
    assert unavailable == {f"node {node}": "stopped, so nothing is known of it"}
    assert f"node {node}  stopped" in run("messages", "why", "--over", "0").out
