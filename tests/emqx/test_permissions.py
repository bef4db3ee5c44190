"""What an operation requires, against what EMQX 6.2.2 permitted and refused; and how a 403 is explained."""

import re

import pytest

from emqxctl.emqx.permissions import (
    SCOPES,
    find_required_scope,
    is_permitted_in_namespace,
    list_permitted_roles,
)
from tests.conftest import Run
from tests.support.recordings import Exchange, find_exchange, iter_exchanges
from tests.support.replay import replay

KEY_SCOPE = "This API Key don't have permission to access this resource"
SCOPE_TITLES = {
    "scope-connections": {"connections"},
    "scope-data-integration": {"data_integration"},
    "scope-access-control": {"access_control"},
    "scope-gateways": {"gateways"},
    "scope-monitoring": {"monitoring"},
    "scope-cluster-operations": {"cluster_operations"},
    "scope-system": {"system"},
    "scope-license": {"license"},
    "scope-two": {"connections", "monitoring"},
    "scope-none": set(),
}


def test_the_scope_of_a_path_agrees_with_every_recorded_permission() -> None:
    checked = 0
    for exchange in iter_exchanges(version="6.2.2"):
        match = re.match(r"by role(?: and scope)?: (?:key )?(scope-[a-z-]+)", exchange.title)
        if not match or match[1] not in SCOPE_TITLES:
            continue
        scope = find_required_scope(exchange.path)
        is_denied = exchange.status == 403
        assert is_denied == bool(scope and scope not in SCOPE_TITLES[match[1]]), str(exchange)
        checked += 1
    assert checked > 90


def test_whatever_a_scope_denied_requires_a_scope() -> None:
    denied = [
        exchange
        for exchange in iter_exchanges(version="6.2.2")
        if exchange.status == 403 and exchange.body.get("message") == KEY_SCOPE
    ]
    assert [str(exchange) for exchange in denied if not find_required_scope(exchange.path)] == []
    assert len(denied) > 100


def test_the_roles_agree_with_every_recorded_refusal() -> None:
    for exchange in iter_exchanges(version="6.2.2"):
        match = re.match(r"by role: key ([a-z-]+)", exchange.title)
        if not match or match[1].startswith("scope"):
            continue
        roles = list_permitted_roles(exchange.method, exchange.path)
        permitted = {
            "viewer": "viewer" in roles,
            "publisher": "publisher" in roles,
            "ns-viewer": exchange.method == "GET",
            "ns-admin": is_permitted_in_namespace(exchange.method, exchange.path),
        }
        assert (exchange.status != 403) == permitted[match[1]], str(exchange)


def test_the_longest_path_decides() -> None:
    assert find_required_scope("/nodes/{node}/actions/{id}/{operation}") == "data_integration"
    assert find_required_scope("/api/v5/nodes/emqx@a/stats") == "cluster_operations"
    assert find_required_scope("/prometheus/stats") == "monitoring"
    assert find_required_scope("/prometheus") == "system"
    assert find_required_scope("/users/{username}/mfa") == "mfa_management"
    assert find_required_scope("/error_codes") == ""
    assert all(paths for paths in SCOPES.values())


DENIALS = [
    (
        find_exchange("GET /clients", "key rec-scope-license", "6.2.2"),
        ("clients", "list"),
        ("scopes of this API key: requires the scope connections", "scope", "connections"),
    ),
    (
        find_exchange("DELETE /banned/{as}/{who}", "by role: key viewer", "6.2.2"),
        (
            "api",
            "DELETE",
            find_exchange("DELETE /banned/{as}/{who}", "by role: key viewer", "6.2.2").path,
            "-y",
        ),
        ("role of this API key: requires the role administrator", "role", "administrator"),
    ),
    (
        find_exchange("GET /rules", "key of a namespace asks another", "6.2.2"),
        ("rules", "list", "--ns", "other"),
        ("namespace of this API key", "namespace", "the namespace"),
    ),
    (
        find_exchange("POST /publish", "by role: key ns-admin", "6.2.2"),
        ("publish", "a", "b"),
        ("requires the role publisher or administrator (not of a namespace)", "role", "publisher or"),
    ),
    (
        find_exchange("GET /sso", "API key", "6.2.2"),
        ("api", "GET", "/sso"),
        (
            "not allowed for API keys: requires a dashboard user with the scope sso_management",
            "login",
            "a da",
        ),
    ),
]


@pytest.mark.parametrize(("exchange", "words", "expected"), DENIALS)
def test_a_403_names_what_is_missing(
    run: Run, exchange: Exchange, words: tuple[str, ...], expected: tuple[str, str, str]
) -> None:
    result = replay(run, [exchange], *words, "-o", "json").result
    assert result.code == 5
    message, cause, required = expected
    assert message in result.error["message"]
    assert result.error["denied_by"] == cause
    assert result.error["required"].startswith(required)


def test_a_dashboard_user_is_not_called_an_api_key(run: Run) -> None:
    login = find_exchange("POST /login", "viewer", "6.2.2")
    denied = find_exchange("GET /users", "dashboard user rec_viewer", "6.2.2")
    env = {"EMQXCTL_PASSWORD": "secret"}
    result = replay(run, [login, denied], "users", "list", "--username", "rec_viewer", env=env).result
    assert result.code == 5
    assert "scopes of this dashboard user: requires the scope user_management" in result.err
    assert "API key" not in result.err
