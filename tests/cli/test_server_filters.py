"""What the server can narrow is asked of it, and the answer is the same as narrowing here."""

import json

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run


def last(cluster: Sandbox) -> dict[str, str]:
    """Give the query of the last request."""
    return dict(cluster.requests[-1].query)


def test_fields_the_server_knows_are_asked_for_alone(run: Run, cluster: Sandbox) -> None:
    found = run("clients", "list", "--fields", "clientid,mqueue_len", "--sort", "-port", "-o", "json").json
    assert last(cluster)["fields"] == "clientid,mqueue_len,port"
    assert all(set(row) == {"clientid", "mqueue_len"} for row in found)
    assert len(found) == len(cluster.cluster.clients)


@pytest.mark.parametrize("field", ["listener", "is_persistent", "zone", "recv_msg.qos1"])
def test_a_field_the_server_would_refuse_is_taken_here(run: Run, cluster: Sandbox, field: str) -> None:
    ran = run("clients", "list", "--fields", f"clientid,{field}", "-o", "json")
    assert ran.code == 0
    assert "fields" not in last(cluster)
    assert all(set(row) == {"clientid", field} for row in ran.json)


def test_an_equality_the_server_filters_by_is_asked_of_it(run: Run, cluster: Sandbox) -> None:
    clientid = next(iter(cluster.cluster.clients))
    found = run("clients", "list", "--where", f"clientid={clientid}", "--where", "port>0", "-o", "json").json
    assert [row["clientid"] for row in found] == [clientid]
    assert last(cluster)["clientid"] == clientid
    assert "port" not in last(cluster)


@pytest.mark.parametrize("where", ["username=null", "username!=x", "node=x", "mqueue_len=0", "username~^f"])
def test_what_the_server_would_read_differently_stays_here(run: Run, cluster: Sandbox, where: str) -> None:
    ran = run("clients", "list", "--where", where, "-o", "json")
    assert ran.code == 0
    assert set(last(cluster)) == {"page", "limit"}


def test_an_option_wins_over_a_condition(run: Run, cluster: Sandbox) -> None:
    ran = run("clients", "list", "--username", "a", "--where", "username=b", "-o", "json")
    assert json.loads(ran.out) == []
    assert last(cluster)["username"] == "a"


def test_a_selection_asks_for_the_key_and_its_fields_alone(run: Run, cluster: Sandbox) -> None:
    run("clients", "kick", "--where", "mqueue_len>999999", "--yes")
    assert last(cluster)["fields"] == "clientid,mqueue_len"
