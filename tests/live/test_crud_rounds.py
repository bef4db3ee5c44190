"""One round of create, get, update and delete for each group, each step verified through the raw API."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.live.environment import Emqxctl, RawApi, Server
from tests.live.rounds import INTEGRATION, Needed, Round
from tests.live.rounds_of_access import ACCESS
from tests.live.rounds_of_enterprise import ENTERPRISE

pytestmark = pytest.mark.live

ROUNDS = (*INTEGRATION, *ACCESS, *ENTERPRISE)
Cleanup = Callable[..., None]


def find_differences(expected: Mapping[str, Any], actual: Any) -> list[str]:
    """Return a line for each expected field, with dots for nested ones, that the object does not have so."""
    lines = []
    for name, value in expected.items():
        found = actual
        for part in name.split("."):
            if isinstance(found, list):
                found = found[int(part)] if int(part) < len(found) else None
            else:
                found = found.get(part) if isinstance(found, dict) else None
        if found != value:
            lines.append(f"{name}: {found!r} instead of {value!r}")
    return lines


def create_needed(raw: RawApi, needed: Needed, cleanup: Cleanup) -> None:
    """Create an object that another one needs, unless it is there, and delete it at the end of the test."""
    if raw.get(needed.path).status == 200:
        return
    response = raw.request("POST", needed.collection, needed.body)
    assert response.status < 300, f"POST {needed.collection}: {response}"
    cleanup("DELETE", needed.path)


@pytest.mark.parametrize("crud", ROUNDS, ids=lambda crud: crud.name.replace(" ", "-"))
def test_each_step_of_a_round_is_what_emqx_then_has(
    crud: Round, emqxctl: Emqxctl, raw: RawApi, server: Server, cleanup: Cleanup
) -> None:
    server.require(*crud.operations)
    server.require_release(crud.since, crud.name)
    if server.release >= crud.until:
        pytest.skip(f"{crud.name} became connectors and actions (this is {server.version})")
    for needed in crud.needs:
        create_needed(raw, needed, cleanup)
    assert crud.read_raw(raw) is None
    cleanup("DELETE", crud.path)

    emqxctl.succeed(*crud.create, stdin=crud.stdin)
    assert find_differences(crud.created, crud.read_raw(raw)) == []
    if crud.get:
        expected = {name: value for name, value in crud.created.items() if name != "payload"}
        assert find_differences(expected, emqxctl.read(*crud.get)) == []
    for words, fields in crud.updates:
        emqxctl.succeed(*words, stdin=crud.stdin)
        assert find_differences(fields, crud.read_raw(raw)) == [], words

    refused = emqxctl.run(*crud.delete)
    assert refused.returncode == 14, "a delete without --yes is refused"
    assert crud.read_raw(raw) is not None
    emqxctl.succeed(*crud.delete, "--yes")
    assert crud.read_raw(raw) is None


def test_what_this_version_lacks_is_named(emqxctl: Emqxctl, server: Server) -> None:
    lacking = [crud for crud in ROUNDS if server.missing_reason(*crud.operations)]
    if not lacking:
        pytest.skip(f"EMQX {server.version} has the operations of all rounds")
    for crud in lacking:
        ran = emqxctl.run(*crud.create, stdin=crud.stdin)
        assert ran.returncode == 13, f"{crud.create}: {ran.returncode}\n{ran.stderr}"
