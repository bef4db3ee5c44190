"""Paths of older versions."""

import pytest

from emqxctl.api.legacy_paths import find_legacy_operation, to_legacy_request
from emqxctl.api.request import build_request


@pytest.mark.parametrize(
    ("operation", "old"),
    [
        ("GET /gateways", "GET /gateway"),
        ("GET /gateways/{name}/clients", "GET /gateway/{name}/clients"),
        (
            "PUT /authorization/sources/built_in_database/rules/users/{username}",
            "PUT /authorization/sources/built_in_database/username/{username}",
        ),
        (
            "DELETE /authorization/sources/built_in_database/rules",
            "DELETE /authorization/sources/built_in_database/purge-all",
        ),
        ("GET /gatewaysx", None),
        ("GET /nodes", None),
    ],
)
def test_operations_have_their_legacy_paths(operation: str, old: str | None) -> None:
    assert find_legacy_operation(operation) == old


def test_arguments_of_a_legacy_path_are_encoded() -> None:
    renamed = to_legacy_request(build_request("GET", "/gateways/{name}/clients/{clientid}", "coap", "a/b"))
    assert renamed is not None
    assert renamed.path == "/gateway/coap/clients/a%2Fb"


def test_the_legacy_move_has_the_position_in_its_body() -> None:
    path = "/authentication/{id}/position/{position}"
    renamed = to_legacy_request(build_request("PUT", path, "a:b", "before:jwt"))
    assert renamed is not None
    assert (renamed.method, renamed.path) == ("POST", "/authentication/a%3Ab/move")
    assert (renamed.content, renamed.content_type) == (b'{"position": "before:jwt"}', "application/json")
