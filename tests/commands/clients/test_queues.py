"""`emqxctl clients mqueue`, `inflight` and `keepalive`: recorded answers, the sandbox, and cut pages."""

import base64

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.recorded import exchange
from tests.support.replay import made, talk

INFLIGHT = "GET /clients/{clientid}/inflight_messages"
MQUEUE = "GET /clients/{clientid}/mqueue_messages"


def test_positions_are_followed_to_the_empty_page(run: Run) -> None:
    pages = [exchange(INFLIGHT, "client inflight-01 limit 2")]
    pages += [exchange(INFLIGHT, f"client inflight-01 position page {number}") for number in (2, 3, 4)]
    told = talk(run, pages, "clients", "inflight", "inflight-01", "--payload", "none", "--json")
    assert told.ran.code == 0, told.ran.err
    assert told.ran.json == [row for page in pages for row in page.body["data"]]
    positions = [call.rpartition("position=")[2].partition("&")[0] for call in told.calls[1:]]
    assert positions == [page.body["meta"]["position"] for page in pages[:3]]
    assert "position" not in told.calls[0]
    assert all("payload=none" in call for call in told.calls)


def test_what_emqx_cut_from_a_page_is_asked_for_again(run: Run) -> None:
    cut = exchange(MQUEUE, "max_payload_bytes cuts the page")
    last = cut.body["data"][-1]
    assert cut.body["meta"]["position"] != f"{last['inserted_at']}_0"
    empty = made(f"GET {cut.path.removeprefix('/api/v5')}", 200, {"data": [], "meta": {"position": "none"}})
    told = talk(run, [cut, empty], "clients", "mqueue", "inflight-02", "--json")
    assert f"position={last['inserted_at']}_0" in told.calls[1]


@pytest.mark.parametrize("position", ["end_of_data", "none"])
def test_the_end_is_believed(run: Run, position: str) -> None:
    page = {"data": [{"inserted_at": "5", "topic": "t"}], "meta": {"position": position}}
    told = talk(run, [made("GET /clients/a/inflight_messages", 200, page)], "clients", "inflight", "a")
    assert len(told.calls) == 1


def test_no_more_is_asked_for_than_wanted(run: Run) -> None:
    page = exchange(MQUEUE, "client inflight-01 limit 2")
    told = talk(
        run, [page], "clients", "mqueue", "inflight-01", "--payload", "none", "--limit", "2", "-o", "name"
    )
    assert told.ran.out.splitlines() == [row["msgid"] for row in page.body["data"]]
    assert len(told.calls) == 1
    assert "limit=2" in told.calls[0]


def test_tables_show_payloads_that_are_text(run: Run) -> None:
    row = {"topic": "t", "qos": 1, "msgid": "1", "inserted_at": "1"}
    payload = base64.b64encode(b"lamp on").decode()
    page = {"data": [{**row, "payload": payload}], "meta": {"position": "end_of_data"}}
    script = [made("GET /clients/a/mqueue_messages", 200, page)]
    assert "lamp on" in talk(run, script, "clients", "mqueue", "a").ran.out
    assert payload in talk(run, script, "clients", "mqueue", "a", "--json").ran.out


def test_all_of_a_queue_of_the_sandbox_comes(run: Run, cluster: Sandbox) -> None:
    waiting = {row["clientid"]: row["mqueue_len"] for row in run("clients", "list", "--json").json}
    clientid, length = max(waiting.items(), key=lambda each: each[1] or 0)
    assert length
    ran = run("clients", "mqueue", clientid, "--json")
    assert len(ran.json) == length
    assert len({row["msgid"] for row in ran.json}) == length


@pytest.mark.parametrize("verb", ["mqueue", "inflight"])
def test_an_unknown_client_is_not_found(run: Run, cluster: Sandbox, verb: str) -> None:
    ran = run("clients", verb, "no/such", "--json")
    assert (ran.code, ran.stdout) == (6, b"")
    assert cluster.requests[0].path.endswith(f"/clients/no%2Fsuch/{verb}_messages")


def test_keepalive_is_set(run: Run, cluster: Sandbox) -> None:
    clientid = run("clients", "list", "--conn-state", "connected", "--limit", "1", "-o", "name").out.strip()
    ran = run("clients", "keepalive", clientid, "77", "--json")
    assert (ran.code, ran.json) == (0, {"clientid": clientid, "keepalive": 77})
    assert run("clients", "get", clientid, "--json").json["keepalive"] == 77
    assert run("clients", "keepalive", "nobody", "5").code == 6
    assert run("clients", "keepalive", clientid, "70000").code == 2
