"""Filters that the server can apply are sent to it, with the same result as without."""

import json

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run


def last_query(cluster: Sandbox) -> dict[str, str]:
    """Return the query of the last request."""
    return dict(cluster.requests[-1].query)


def test_only_the_needed_fields_are_requested_if_the_server_can_select_them(
    run: Run, cluster: Sandbox
) -> None:
    rows = run("clients", "list", "--fields", "clientid,mqueue_len", "--sort", "-port", "-o", "json").json
    assert last_query(cluster)["fields"] == "clientid,mqueue_len,port"
    assert all(set(row) == {"clientid", "mqueue_len"} for row in rows)
    assert len(rows) == len(cluster.cluster.clients)


@pytest.mark.parametrize("field", ["listener", "is_persistent", "zone", "recv_msg.qos1"])
def test_a_field_the_server_would_refuse_is_selected_locally(run: Run, cluster: Sandbox, field: str) -> None:
    result = run("clients", "list", "--fields", f"clientid,{field}", "-o", "json")
    assert result.code == 0
    assert "fields" not in last_query(cluster)
    assert all(set(row) == {"clientid", field} for row in result.json)


def test_an_equality_that_the_server_supports_is_sent_as_a_filter(run: Run, cluster: Sandbox) -> None:
    clientid = next(iter(cluster.cluster.clients))
    rows = run("clients", "list", "--where", f"clientid={clientid}", "--where", "port>0", "-o", "json").json
    assert [row["clientid"] for row in rows] == [clientid]
    assert last_query(cluster)["clientid"] == clientid
    assert "port" not in last_query(cluster)


@pytest.mark.parametrize("where", ["username=null", "username!=x", "node=x", "mqueue_len=0", "username~^f"])
def test_what_the_server_would_read_differently_stays_here(run: Run, cluster: Sandbox, where: str) -> None:
    result = run("clients", "list", "--where", where, "-o", "json")
    assert result.code == 0
    assert set(last_query(cluster)) == {"page", "limit"}


def test_an_option_wins_over_a_condition(run: Run, cluster: Sandbox) -> None:
    result = run("clients", "list", "--username", "a", "--where", "username=b", "-o", "json")
    assert json.loads(result.out) == []
    assert last_query(cluster)["username"] == "a"


def test_a_selection_asks_for_the_key_and_its_fields_alone(run: Run, cluster: Sandbox) -> None:
    run("clients", "kick", "--where", "mqueue_len>999999", "--yes")
    assert last_query(cluster)["fields"] == "clientid,mqueue_len"
