"""Exports: what cannot be read, the variables of secrets, names of any kind."""

from typing import Any

import pytest

from emqxctl.declarative.export import Choice, Export, read_export
from emqxctl.errors import ExitCode, ServerError, UnsupportedError
from emqxctl.sandbox.server import Sandbox
from tests.support.state_files import apply, clear, server_of, writes


def test_what_cannot_be_read_is_named_and_left_out(sandbox: Sandbox) -> None:
    server = server_of(sandbox)
    original = server.api.get

    def get(path: str, *arguments: str, **options: Any) -> Any:
        if path == "/exhooks":
            message = "not allowed"
            raise ServerError(message, exit_code=ExitCode.FORBIDDEN)
        return original(path, *arguments, **options)

    server.api.get = get  # type: ignore[method-assign]
    found = read_export(server, Choice())
    assert found.notes == ["exhooks left out: not allowed"]
    assert found.objects["exhooks"] == []
    assert found.objects["rules"] != []
    with pytest.raises(ServerError):
        read_export(server, Choice(only=("exhooks",)))


def test_a_kind_that_is_asked_for_must_be_there(sandbox: Sandbox) -> None:
    with pytest.raises(UnsupportedError, match=r"message_queues requires EMQX .*; streams requires EMQX"):
        read_export(server_of(sandbox), Choice(only=("streams", "message_queues")))


def test_two_secrets_never_share_a_variable() -> None:
    export = Export()
    names = [
        export.variable(("connectors", key, ("password",))) for key in ("http:a-b", "http:a_b", "http:a-b")
    ]
    assert names == [
        "CONNECTORS_HTTP_A_B_PASSWORD",
        "CONNECTORS_HTTP_A_B_PASSWORD_2",
        "CONNECTORS_HTTP_A_B_PASSWORD",
    ]


def test_an_export_of_objects_with_such_names_is_applied_as_it_was(sandbox: Sandbox) -> None:
    clear(sandbox)
    state = {
        "emqxctl": 1,
        "connectors": {f"mqtt:{name}": {"server": "a:1", "password": name} for name in ("a-b", "a_b")},
    }
    apply(sandbox, state)
    found = read_export(server_of(sandbox), Choice(only=("connectors",)))
    assert len(found.variables) == 2
    assert writes(sandbox) == ["POST /connectors"] * 2
