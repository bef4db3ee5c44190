"""`emqxctl audit`: the audit log over all pages, with every filter as the server wants it."""

from datetime import UTC, datetime
from urllib.parse import parse_qs

from tests.conftest import Run
from tests.support.replay import make_exchange, replay

ENTRY = {
    "created_at": "2026-11-23T10:00:00.000000+00:00",
    "from": "dashboard",
    "source": "alice",
    "source_ip": "10.0.0.9",
    "operation_id": "/clients/:clientid",
    "operation_type": "clients",
    "operation_result": "failure",
    "http_method": "delete",
    "http_status_code": 404,
    "duration_ms": 1200,
    "node": "n1",
}


def page(*rows: dict[str, object]) -> dict[str, object]:
    """Make up the last page."""
    return {"data": list(rows), "meta": {"hasnext": False, "page": 1, "limit": 1000}}


def test_entries_are_read_as_who_did_what(run: Run) -> None:
    replayed = replay(run, [make_exchange("GET /audit", 200, page(ENTRY))], "audit", "list")
    assert replayed.result.out.splitlines()[1].split() == [
        ENTRY["created_at"],
        "dashboard",
        "alice",
        "10.0.0.9",
        "/clients/:clientid",
        "delete",
        "404",
        "failure",
    ]
    wide = replay(run, [make_exchange("GET /audit", 200, page(ENTRY))], "audit", "list", "-o", "wide")
    assert "1s" in wide.result.out.splitlines()[1].split()
    replayed = replay(run, [make_exchange("GET /audit", 200, page({}))], "audit", "list")
    assert replayed.result.code == 0, replayed.result.err


def test_every_filter_goes_as_the_server_wants_it(run: Run) -> None:
    arguments = (
        *("--since", "2026-11-23T10:00:00Z", "--until", "2026-11-23T11:00:00Z", "--from", "rest_api"),
        *("--source", "k&1", "--source-ip", "10.0.0.9", "--node", "n1@h", "--operation-id", "/users"),
        *("--operation-type", "users", "--result", "success", "--http-method", "post"),
        *("--http-status-code", "200", "--min-duration", "500ms", "--max-duration", "2m"),
    )
    replayed = replay(run, [make_exchange("GET /audit", 200, page())], "audit", "list", *arguments)
    assert replayed.result.code == 0, replayed.result.err
    since = int(datetime(2026, 11, 23, 10, tzinfo=UTC).timestamp()) * 1_000_000  # microseconds
    assert parse_qs(replayed.received[0].query) == {
        "gte_created_at": [str(since)],
        "lte_created_at": [str(since + 3600 * 1_000_000)],
        "from": ["rest_api"],
        "source": ["k&1"],
        "source_ip": ["10.0.0.9"],
        "node": ["n1@h"],
        "operation_id": ["/users"],
        "operation_type": ["users"],
        "operation_result": ["success"],
        "http_method": ["post"],
        "http_status_code": ["200"],
        "gte_duration_ms": ["500"],
        "lte_duration_ms": ["120000"],
        "page": ["1"],
        "limit": ["1000"],
    }


def test_a_filter_that_cannot_be_read_is_not_sent(run: Run) -> None:
    for arguments in (
        ("--from", "phone"),
        ("--since", "soon"),
        ("--min-duration", "long"),
        ("--http-method", "get"),
    ):
        replayed = replay(run, [], "audit", "list", *arguments)
        assert (replayed.result.code, replayed.calls) == (2, []), arguments
        assert arguments[0] in replayed.result.err
