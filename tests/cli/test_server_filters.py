"""Filters that the server can apply are sent to it, with the same result as without."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from emqxctl.commands.clients._resource import CLIENTS
from emqxctl.sandbox.messages import Request, Response
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


TABLE_FIELDS = ",".join(column.field for column in CLIENTS.columns if not column.wide)


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        ("-o name", "clientid"),
        ("-o name --where mqueue_len>0 --sort port", "clientid,mqueue_len,port"),
        ("-o name --conn-state connected", "clientid,connected"),
        ("", TABLE_FIELDS),
        ("-o table --where port>0", f"{TABLE_FIELDS},port"),
        ("-o md", TABLE_FIELDS),
        ("-o csv --fields username", "username,clientid"),
        ("-o jsonl --fields username --where clientid~x", "username,clientid"),
        ("-o jsonl --fields clientid,client_attrs.tns,client_attrs.site", "clientid,client_attrs"),
        ("-o name --where client_attrs.tns=null", "clientid,client_attrs"),
    ],
)
def test_the_server_is_asked_only_for_what_is_read(
    run: Run, cluster: Sandbox, options: str, fields: str
) -> None:
    result = run("clients", "list", *options.split())
    assert result.code == 0, result.err
    assert last_query(cluster)["fields"] == fields


@pytest.mark.parametrize(
    "options", ["-o json", "-o jsonl", "-o yaml", "--query [].port", "-o csv", "-o wide"]
)
def test_whole_rows_are_asked_for_whole(run: Run, cluster: Sandbox, options: str) -> None:
    """A listener, which csv and wide have, is a field that the server does not select."""
    assert run("clients", "list", *options.split()).code == 0
    assert "fields" not in last_query(cluster)


def test_the_rows_are_the_same_with_and_without_fields(run: Run, cluster: Sandbox) -> None:
    whole_rows = run("clients", "list", "-o", "json").json
    names = run("clients", "list", "-o", "name").out.splitlines()
    assert names == [row["clientid"] for row in whole_rows]
    table = run("clients", "list", "--where", "mqueue_len>0").out.splitlines()
    assert len(table) - 1 == sum(row["mqueue_len"] > 0 for row in whole_rows)


def list_queries(cluster: Sandbox) -> list[dict[str, str]]:
    """Return the queries of all requests of the list."""
    return [dict(request.query) for request in cluster.requests if request.path.endswith("/clients")]


TOP_THREE = ("clients", "list", "--sort", "-mqueue_len,clientid", "--limit", "3")


@pytest.mark.parametrize("format_", ["json", "jsonl", "yaml", "table", "csv"])
def test_of_a_sorted_list_only_the_first_rows_are_read_whole(
    run: Run, cluster: Sandbox, format_: str
) -> None:
    whole_rows = run("clients", "list", "-o", "json").json
    expected = sorted(whole_rows, key=lambda row: (-row["mqueue_len"], row["clientid"]))[:3]
    cluster.requests.clear()
    result = run(*TOP_THREE, "-o", format_)
    assert result.code == 0, result.err
    first_query, second_query = list_queries(cluster)
    assert first_query["fields"] == "mqueue_len,clientid"
    assert second_query["clientid"] in {row["clientid"] for row in expected}
    assert second_query.get("fields") == (TABLE_FIELDS if format_ == "table" else None)
    if format_ == "json":
        assert [row["clientid"] for row in result.json] == [row["clientid"] for row in expected]
        assert set(result.json[0]) == set(expected[0]), "with all their fields"


def test_names_of_a_sorted_list_need_no_second_request(run: Run, cluster: Sandbox) -> None:
    names = run(*TOP_THREE, "-o", "name").out.splitlines()
    assert len(names) == 3
    assert [query["fields"] for query in list_queries(cluster)] == ["mqueue_len,clientid"]


class Interposed:
    """A sandbox's service between whose requests and responses a test acts."""

    def __init__(self, cluster: Sandbox, change_request: Callable[[Request], Request]) -> None:
        """Take the place of the service; `change_request` is called before each request is answered."""
        self.respond_normally = cluster._service.respond  # noqa: SLF001
        self.change_request = change_request

    def respond(self, request: Request) -> Response:
        """Answer the changed request."""
        return self.respond_normally(self.change_request(request))


def test_a_row_that_is_gone_meanwhile_is_left_out(
    run: Run, cluster: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    top_ids = run(*TOP_THREE, "-o", "name").out.splitlines()

    def remove_before_lookup(request: Request) -> Request:
        if "clientid=" in request.raw_query:
            cluster.cluster.clients.pop(top_ids[1], None)
        return request

    monkeypatch.setattr(cluster, "_service", Interposed(cluster, remove_before_lookup))
    result = run(*TOP_THREE, "-o", "json")
    assert [row["clientid"] for row in result.json] == [top_ids[0], top_ids[2]]


def test_a_server_that_sends_whole_rows_anyway_is_asked_once(
    run: Run, cluster: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As EMQX before 5.6 does."""
    expected = run(*TOP_THREE, "-o", "json").json
    cluster.requests.clear()

    def without_fields(request: Request) -> Request:
        parts = [part for part in request.raw_query.split("&") if not part.startswith("fields=")]
        return replace(request, raw_query="&".join(parts))

    monkeypatch.setattr(cluster, "_service", Interposed(cluster, without_fields))
    result = run(*TOP_THREE, "-o", "json")
    assert [row["clientid"] for row in result.json] == [row["clientid"] for row in expected]
    assert len(list_queries(cluster)) == 1


def test_a_version_that_does_not_select_a_field_sends_whole_rows(
    run: Run, cluster: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """EMQX 5.6 rejects fields that 5.7 added."""

    def rename_field(request: Request) -> Request:
        return replace(request, raw_query=request.raw_query.replace("is_expired", "unheard_of"))

    expected = run("clients", "list", "-o", "name").out
    monkeypatch.setattr(cluster, "_service", Interposed(cluster, rename_field))
    cluster.requests.clear()
    result = run("clients", "list", "-o", "name", "--where", "is_expired=false")
    assert (result.code, result.out) == (0, expected)
    assert [("fields" in query) for query in list_queries(cluster)] == [True, False]
