"""The table of when each operation exists agrees with what EMQX's source serves, and explains itself."""

import json
from pathlib import Path
from typing import Any

import pytest

from emqxctl.emqx.operations import (
    find_availability,
    parse_release,
    parse_span,
    parse_version,
    unavailable_reason,
)
from emqxctl.emqx.operations_data import LIFETIMES
from tests.support.every_case import check_every

FACTS = Path(__file__).parent.parent / "facts"


def facts(name: str) -> Any:
    return json.loads((FACTS / name).read_text("utf-8"))


ROUTES = facts("routes.json")
OPERATIONS = facts("operations.json")
TIPS = {"6.0": "6.0.99"}  # a column named after a branch is its newest release

# Where the columns of routes.json are wrong, and why: beginnings of paths, methods, columns.
OTHERWISE = [
    ("/gateway", "*", {"5.0.26"}, "the old paths were made at run time from the new ones until 5.0.26"),
    ("/listeners/{listener_id}/authentication", "*", {"5.1.6…"}, "handlers without a route since 5.1.0"),
    ("/source_types", "GET", {"5.5.1"}, "the documents have it from 5.6 on"),
    ("/message_queues/queues/{topic_filter}", "GET", {"6.1…"}, "kept as an alias for reading"),
]


def is_exception(operation: str, column: str) -> bool:
    method, path = operation.split(" ")
    later = ROUTES["versions"][: ROUTES["versions"].index(column) + 1]
    return any(
        (path == start or path.startswith(start + "/"))
        and methods in {"*", method}
        and (column in columns or any(f"{version}…" in columns for version in later))
        for start, methods, columns, _ in OTHERWISE
    )


@pytest.mark.parametrize("column", ROUTES["versions"])
def test_every_route_lives_as_its_column_says(column: str) -> None:
    differences = {
        operation: served
        for operation, columns in ROUTES["routes"].items()
        for served in [columns[ROUTES["versions"].index(column)] == "x"]
        if served != (unavailable_reason(operation, TIPS.get(column, column), "") is None)
        and not is_exception(operation, column)
    }
    assert differences == {}


def test_what_is_known_otherwise_is_otherwise() -> None:
    for start, *_ in OTHERWISE:
        operations = [
            operation for operation in ROUTES["routes"] if operation.split(" ")[1].startswith(start)
        ]
        assert any(
            (columns[place] == "x") != (unavailable_reason(operation, column, "") is None)
            for operation in operations
            for columns in [ROUTES["routes"][operation]]
            for place, column in enumerate(ROUTES["versions"])
            if is_exception(operation, column)
        ), start


def test_every_operation_is_available_in_the_versions_whose_documents_have_it() -> None:
    def check(operation: str) -> None:
        assert find_availability(operation)
        missing = {
            document: reason
            for document in OPERATIONS[operation]["in"].split()
            for version, edition in [document.split("-")]
            for reason in [unavailable_reason(operation, version, edition)]
            if reason
        }
        assert missing == {}

    check_every(OPERATIONS, check)


def test_an_operation_of_enterprise_documents_alone_is_no_community_operation() -> None:
    enterprise_operations = [operation for operation, facts in OPERATIONS.items() if "-ce" not in facts["in"]]
    assert len(enterprise_operations) > 50
    assert [
        operation
        for operation in enterprise_operations
        if not unavailable_reason(operation, "5.8.1", "Opensource")
    ] == []


@pytest.mark.parametrize(
    ("operation", "version", "edition", "expected"),
    [
        ("GET /clients_v2", "5.3.2", "Opensource", "requires EMQX 5.7.0 or later (this is 5.3.2)"),
        ("GET /clients_v2", "5.7.0", "Opensource", None),
        ("GET /bridges", "6.1.0", "Enterprise", "was removed in EMQX 6.0 (this is 6.1.0)"),
        ("GET /bridges", "5.10.4", "Enterprise", None),
        ("GET /connectors", "5.0.11", "Opensource", None),
        ("GET /connectors", "5.1.0", "Opensource", "requires EMQX 5.3.1 or later (this is 5.1.0)"),
        ("PUT /users/{username}/change_pwd", "5.8.9", "", "was removed in EMQX 5.0.13 (this is 5.8.9)"),
        ("GET /audit", "5.8.9", "Opensource", "requires EMQX Enterprise (this is the community edition)"),
        ("GET /audit", "v5.8.9", "", "requires EMQX Enterprise (this is the community edition)"),
        ("GET /audit", "e5.8.9", "", None),
        ("GET /audit", "5.9.0", "Opensource", None),
        ("GET /audit", "5.3.1", "Enterprise", "requires EMQX 5.4.0 or later (this is 5.3.1)"),
        ("GET /opentelemetry", "5.8.2", "Opensource", None),
        (
            "GET /opentelemetry",
            "5.8.3",
            "Opensource",
            "requires EMQX Enterprise (this is the community edition)",
        ),
        ("GET /opentelemetry", "5.8.3", "Enterprise", None),
        (
            "GET /telemetry/data",
            "5.8.9",
            "Enterprise",
            "requires the community edition (this is EMQX Enterprise)",
        ),
        (
            "POST /alarms/force_deactivate",
            "5.9.1",
            "Enterprise",
            "requires EMQX 5.9.2 or later (this is 5.9.1)",
        ),
        ("GET /relup/status", "5.10.4", "Enterprise", "was removed in EMQX 5.10.4 (this is 5.10.4)"),
        ("GET /relup/status", "6.1.0", "Enterprise", "was removed in EMQX 6.0.2 (this is 6.1.0)"),
        ("GET /ds/sites", "5.7.2", "Opensource", None),
        (
            "GET /ds/sites",
            "5.8.9",
            "Opensource",
            "requires EMQX Enterprise (this is the community edition)",
        ),
        ("GET /nodes", "4.4.19", "Opensource", "requires EMQX 5.0.0 or later (this is 4.4.19)"),
    ],
)
def test_it_says_why_an_operation_is_missing(
    operation: str, version: str, edition: str, expected: str | None
) -> None:
    assert unavailable_reason(operation, version, edition) == expected


@pytest.mark.parametrize(
    "version",
    ["5.3.2", "v5.3.2", "e5.3.2", "5.3.2-g1234abcd", "5.3.2-rc.1", "5.3.2-build.7+x", " 5.3.2\n", "5.3"],
)
def test_versions_are_read_however_they_are_written(version: str) -> None:
    assert str(unavailable_reason("GET /clients_v2", version, "")).startswith(
        "requires EMQX 5.7.0 or later (this is 5.3"
    )
    assert unavailable_reason("GET /nodes", version, "") is None


def test_a_release_candidate_counts_as_its_release() -> None:
    assert unavailable_reason("GET /authentication/settings", "5.9.0-rc.1", "Enterprise") is None


@pytest.mark.parametrize(
    "version", ["", "unknown", "5", "5.x", "five", "v", "e-5.1", "5.8.9 beta", "\u0665.\u0668.\u0669"]
)
def test_nothing_is_said_about_a_version_of_unknown_form(version: str) -> None:
    assert parse_version(version) is None
    assert unavailable_reason("GET /clients_v2", version, "Opensource") is None


@pytest.mark.parametrize("operation", ["GET /no/such", "BREW /nodes", "", "GET", "GET /"])
def test_nothing_is_said_about_an_unknown_operation(operation: str) -> None:
    assert find_availability(operation) is None
    assert unavailable_reason(operation, "5.0.0", "Opensource") is None


def test_the_patch_number_of_an_early_enterprise_release_is_not_believed() -> None:
    # `/load_rebalance` came with v5.0.25, which e5.0.3 is about as old as
    assert unavailable_reason("GET /load_rebalance/status", "5.0.3", "Enterprise") is None
    assert unavailable_reason("GET /banned", "5.0.3", "Enterprise") is None
    assert (
        unavailable_reason("GET /audit", "5.0.3", "Enterprise")
        == "requires EMQX 5.4.0 or later (this is 5.0.3)"
    )


@pytest.mark.parametrize(
    ("operation", "since"),
    [
        ("GET /actions/http%3Aaudit/metrics", "5.4.0"),
        ("GET /api/v5/actions/x/metrics?aggregate=true", "5.4.0"),
        ("get /actions/{anything}/metrics", "5.4.0"),
        ("PUT /authentication/order", "5.6.0"),
        ("PUT /authentication/some%2Fid", "5.0.0"),
        ("GET /plugin_api/my_plugin/deep/down", "6.0.2"),
    ],
)
def test_a_real_path_is_found_too(operation: str, since: str) -> None:
    availability = find_availability(operation)
    assert availability
    assert availability.since == since


def test_an_availability_tells_its_bounds() -> None:
    bridges, audit, features = (
        find_availability(operation) for operation in ("GET /bridges", "GET /audit", "GET /opentelemetry")
    )
    assert bridges
    assert audit
    assert features
    assert (bridges.since, bridges.until, bridges.edition) == ("5.0.0", "6.0.0", "")
    assert (audit.since, audit.until, audit.edition) == ("5.4.0", "", "ee")
    assert (features.since, features.until, features.edition) == ("5.1.6", "", "")


def test_the_spans_of_every_lifetime_are_valid_and_in_order() -> None:
    def check(operation: str) -> None:
        spans = [parse_span(text) for text in LIFETIMES[operation].split(", ")]
        edges = [edge for span in spans for edge in (span.since, span.until) if edge]
        assert edges == sorted(edges)
        assert all(span.until for span in spans[:-1])
        assert {span.edition for span in spans} <= {"", "ce", "ee"}
        assert parse_release("5.0.0") <= edges[0]

    check_every(LIFETIMES, check)
