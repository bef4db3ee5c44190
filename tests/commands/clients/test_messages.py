"""`emqxctl clients mqueue`, `inflight` and `keepalive`: recorded answers, the sandbox, and cut pages."""

import base64

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import make_exchange, replay

INFLIGHT = "GET /clients/{clientid}/inflight_messages"
MQUEUE = "GET /clients/{clientid}/mqueue_messages"


def test_positions_are_followed_to_the_empty_page(run: Run) -> None:
    pages = [find_exchange(INFLIGHT, "client inflight-01 limit 2")]
    pages += [find_exchange(INFLIGHT, f"client inflight-01 position page {number}") for number in (2, 3, 4)]
    replayed = replay(run, pages, "clients", "inflight", "inflight-01", "--payload", "none", "--json")
    assert replayed.result.code == 0, replayed.result.err
    assert replayed.result.json == [row for page in pages for row in page.body["data"]]
    positions = [call.rpartition("position=")[2].partition("&")[0] for call in replayed.calls[1:]]
    assert positions == [page.body["meta"]["position"] for page in pages[:3]]
    assert "position" not in replayed.calls[0]
    assert all("payload=none" in call for call in replayed.calls)


def test_what_emqx_cut_from_a_page_is_asked_for_again(run: Run) -> None:
    cut = find_exchange(MQUEUE, "max_payload_bytes cuts the page")
    last = cut.body["data"][-1]
    assert cut.body["meta"]["position"] != f"{last['inserted_at']}_0"
    empty = make_exchange(
        f"GET {cut.path.removeprefix('/api/v5')}", 200, {"data": [], "meta": {"position": "none"}}
    )
    replayed = replay(run, [cut, empty], "clients", "mqueue", "inflight-02", "--json")
    assert f"position={last['inserted_at']}_0" in replayed.calls[1]


@pytest.mark.parametrize("position", ["end_of_data", "none"])
def test_the_end_is_believed(run: Run, position: str) -> None:
    page = {"data": [{"inserted_at": "5", "topic": "t"}], "meta": {"position": position}}
    replayed = replay(
        run, [make_exchange("GET /clients/a/inflight_messages", 200, page)], "clients", "inflight", "a"
    )
    assert len(replayed.calls) == 1


def test_no_more_is_asked_for_than_wanted(run: Run) -> None:
    page = find_exchange(MQUEUE, "client inflight-01 limit 2")
    replayed = replay(
        run, [page], "clients", "mqueue", "inflight-01", "--payload", "none", "--limit", "2", "-o", "name"
    )
    assert replayed.result.out.splitlines() == [row["msgid"] for row in page.body["data"]]
    assert len(replayed.calls) == 1
    assert "limit=2" in replayed.calls[0]


def test_tables_show_payloads_that_are_text(run: Run) -> None:
    row = {"topic": "t", "qos": 1, "msgid": "1", "inserted_at": "1"}
    payload = base64.b64encode(b"lamp on").decode()
    page = {"data": [{**row, "payload": payload}], "meta": {"position": "end_of_data"}}
    script = [make_exchange("GET /clients/a/mqueue_messages", 200, page)]
    assert "lamp on" in replay(run, script, "clients", "mqueue", "a").result.out
    assert payload in replay(run, script, "clients", "mqueue", "a", "--json").result.out


def test_all_of_a_queue_of_the_sandbox_comes(run: Run, cluster: Sandbox) -> None:
    queue_lengths = {row["clientid"]: row["mqueue_len"] for row in run("clients", "list", "--json").json}
    clientid, length = max(queue_lengths.items(), key=lambda item: item[1] or 0)
    assert length
    result = run("clients", "mqueue", clientid, "--json")
    assert len(result.json) == length
    assert len({row["msgid"] for row in result.json}) == length


@pytest.mark.parametrize("verb", ["mqueue", "inflight"])
def test_an_unknown_client_is_not_found(run: Run, cluster: Sandbox, verb: str) -> None:
    result = run("clients", verb, "no/such", "--json")
    assert (result.code, result.stdout) == (6, b"")
    assert cluster.requests[0].path.endswith(f"/clients/no%2Fsuch/{verb}_messages")


def test_keepalive_is_set(run: Run, cluster: Sandbox) -> None:
    clientid = run("clients", "list", "--conn-state", "connected", "--limit", "1", "-o", "name").out.strip()
    result = run("clients", "keepalive", clientid, "77", "--json")
    assert (result.code, result.json) == (0, {"clientid": clientid, "keepalive": 77})
    assert run("clients", "get", clientid, "--json").json["keepalive"] == 77
    assert run("clients", "keepalive", "nobody", "5").code == 6
    assert run("clients", "keepalive", clientid, "70000").code == 2


def test_keepalive_takes_a_duration_of_whole_seconds(run: Run, cluster: Sandbox) -> None:
    clientid = next(iter(cluster.cluster.clients))
    result = run("clients", "keepalive", clientid, "2m", "-o", "json")
    assert (result.code, result.json["keepalive"]) == (0, 120), result.err
    for time in ("500ms", "70000", "19h"):
        result = run("clients", "keepalive", clientid, time)
        assert (result.code, "whole seconds, at most 65535" in result.err) == (2, True)
