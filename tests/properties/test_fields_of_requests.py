"""Typed options of single requests: each is sent as the parameter or field that EMQX documents."""

import shlex
from typing import Any

import pytest

from tests.conftest import Run
from tests.support.replay import make_exchange, replay

TIME = "2030-01-02T03:04:05Z"
MILLISECONDS = 1893553445000
ALSO_DELETE = "also_delete_dep_actions=true"
EMPTY_PAGE = {"data": [], "meta": {"hasnext": False}}
TIMES = {
    f"--{event}-{side} {TIME}": f"{operator}_{event}_at={MILLISECONDS}"
    for event in ("created", "connected")
    for side, operator in (("after", "gte"), ("before", "lte"))
}
CLIENT_FILTERS = {
    "--ip-address 10.0.0.1": "ip_address=10.0.0.1",
    "--clean-start": "clean_start=true",
    "--no-clean-start": "clean_start=false",
    "--proto-ver 4": "proto_ver=4",
    "--like-clientid c": "like_clientid=c",
    "--conn-state idle": "conn_state=idle",
    "--like-username u": "like_username=u",
    **TIMES,
}
FILTERS: dict[tuple[str, str], dict[str, str]] = {
    ("clients list", "/clients"): CLIENT_FILTERS,
    ("subscriptions list", "/subscriptions"): {
        "--qos 1": "qos=1",
        "--topic t/#": "topic=t%2F%23",
        "--share-group g": "share_group=g",
        "--durable": "durable=true",
        "--no-durable": "durable=false",
    },
    ("topics list", "/topics"): {"--topic t/1": "topic=t%2F1", "--node n1": "node=n1"},
    ("gateways clients list stomp", "/gateways/stomp/clients"): {
        **CLIENT_FILTERS,
        "--username u": "username=u",
        "--like-endpoint-name e": "like_endpoint_name=e",
        "--min-lifetime 60": "gte_lifetime=60",
        "--max-lifetime 90": "lte_lifetime=90",
    },
    (
        "authorization rules clients list",
        "/authorization/sources/built_in_database/rules/clients",
    ): {"--like-clientid c": "like_clientid=c"},
    ("banned list", "/banned"): {
        "--peerhost 10.0.0.1": "peerhost=10.0.0.1",
        "--like-clientid c": "like_clientid=c",
        "--like-username u": "like_username=u",
        "--like-peerhost 10": "like_peerhost=10",
        "--like-peerhost-net 10": "like_peerhost_net=10",
    },
    ("rules list", "/rules"): {
        "--like-from t": "like_from=t",
        "--like-description d": "like_description=d",
        "--enabled": "enable=true",
    },
    ("alarms list", "/alarms"): {"--history": "activated=false"},
    ("a2a list", "/a2a/cards/list"): {"--unit-id u": "unit_id=u", "--agent-id a": "agent_id=a"},
}
REQUESTS: dict[tuple[str, str], dict[str, dict[str, Any]]] = {
    ("rebalance start n1 -y", "/load_rebalance/n1/start"): {
        "--sess-evict-rate 30": {"sess_evict_rate": 30},
        "--abs-conn-threshold 900": {"abs_conn_threshold": 900},
        "--abs-sess-threshold 800": {"abs_sess_threshold": 800},
        "--rel-sess-threshold 1.05": {"rel_sess_threshold": 1.05},
        "--wait-health-check 90s --wait-takeover 2m": {"wait_health_check": "90s", "wait_takeover": "2m"},
    },
    ("rebalance evacuation start n1 -y", "/load_rebalance/n1/evacuation/start"): {
        "--sess-evict-rate 30": {"sess_evict_rate": 30},
        "--migrate-to n2 --migrate-to n3": {"migrate_to": ["n2", "n3"]},
        "--wait-health-check 90s --wait-takeover 2m": {"wait_health_check": "90s", "wait_takeover": "2m"},
    },
    (f"traces create a topic t/1 --start-at {TIME} --end-at 2030-01-02T04:04:05Z", "/trace"): {
        "--payload-limit 2048": {
            "name": "a",
            "type": "topic",
            "topic": "t/1",
            "start_at": "2030-01-02T03:04:05+00:00",
            "end_at": "2030-01-02T04:04:05+00:00",
            "payload_limit": 2048,
        },
    },
    ("gateways clients subscribe stomp c t/1 --qos 1", "/gateways/stomp/clients/c/subscriptions"): {
        "--no-local": {"topic": "t/1", "qos": 1, "nl": 1, "rap": 0, "rh": 0},
        "--retain-as-published": {"topic": "t/1", "qos": 1, "nl": 0, "rap": 1, "rh": 0},
        "--retain-handling 2": {"topic": "t/1", "qos": 1, "nl": 0, "rap": 0, "rh": 2},
    },
    ("gateways coap request c", "/gateways/coap/clients/c/request"): {
        "--content-type application/json --token t --payload '{}' --method put --wait 5s": {
            "method": "put",
            "content_type": "application/json",
            "token": "t",
            "payload": "{}",
            "timeout": "5s",
        },
    },
    ("banned add clientid c", "/banned"): {
        f"--until {TIME} --by ops": {
            "as": "clientid",
            "who": "c",
            "by": "ops",
            "until": "2030-01-02T03:04:05+00:00",
        },
    },
    ("certs upload a", "/certs/global/name/a"): {
        "--acc-key -": {"acc_key": "pem\n"},
        "--key-password-file -": {"key_password": "pem"},
    },
    ("schemas create a --type json --source-file -", "/schema_registry"): {
        "--description d": {"name": "a", "type": "json", "source": "pem\n", "description": "d"},
    },
    ("topic-metrics collections create a", "/mqtt/topic_metrics2"): {
        "--topic-filter t/#": {"name": "a", "topic_filter": "t/#"},
    },
}


@pytest.mark.parametrize(
    ("command", "path", "options", "query"),
    [(*key, *row) for key, rows in FILTERS.items() for row in rows.items()],
)
def test_a_filter_is_sent_in_the_query(run: Run, command: str, path: str, options: str, query: str) -> None:
    script = [make_exchange(f"GET {path}", 200, [] if "a2a" in path else EMPTY_PAGE)]
    outcome = replay(run, script, *shlex.split(f"{command} {options} -o json"))
    assert (outcome.result.code, outcome.result.out.strip()) == (0, "[]"), outcome.result.err
    call = next(call for call in outcome.calls if call.startswith(f"GET {path}?"))
    assert query in call.partition("?")[2].split("&")


@pytest.mark.parametrize(
    ("command", "path", "options", "body"),
    [(*key, *row) for key, rows in REQUESTS.items() for row in rows.items()],
)
def test_an_option_is_sent_in_the_body(
    run: Run, command: str, path: str, options: str, body: dict[str, Any]
) -> None:
    script = [make_exchange(f"POST {path}", 200, {})]
    outcome = replay(run, script, *shlex.split(f"{command} {options}"), stdin=b"pem\n")
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.calls[-1] == f"POST {path}"
    assert outcome.bodies == [body]


@pytest.mark.parametrize(
    ("command", "call", "query", "response"),
    [
        ("metrics get --per-node", "GET /metrics", "aggregate=false", [{"node": "n1"}]),
        ("stats get --per-node", "GET /stats", "aggregate=false", [{"node": "n1"}]),
        # EMQX takes seconds here, and milliseconds in filters of lists.
        (f"clients count --since {TIME}", "GET /sessions_count", f"since={MILLISECONDS // 1000}", 3),
        ("bridges delete http:a -y --with-actions", "DELETE /bridges/http%3Aa", ALSO_DELETE, None),
        ("bridges delete http:a -y", "DELETE /bridges/http%3Aa", "", None),
    ],
)
def test_an_option_is_sent_in_the_query(
    run: Run, command: str, call: str, query: str, response: object
) -> None:
    bridge = make_exchange("GET /bridges/http%3Aa", 200, {"type": "http", "name": "a"})
    script = [bridge, make_exchange(call, 200 if response else 204, response)]
    outcome = replay(run, script, *shlex.split(command))
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.calls[-1] == (f"{call}?{query}" if query else call)
