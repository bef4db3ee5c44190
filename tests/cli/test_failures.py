"""Errors at the end of a run: hints that fit the command."""

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("rules", "get"), "list existing ones: emqxctl rules list"),
        (("nodes", "get"), "list existing ones: emqxctl nodes list"),
        (("gateways", "clients", "get", "stomp"), "list existing ones: emqxctl gateways clients list stomp"),
        (("metrics", "get", "--node"), "list existing ones: emqxctl nodes list"),
        (("monitor", "--node"), "list existing ones: emqxctl nodes list"),
        (("clients", "get"), "emqxctl clients list --clientid, emqxctl clients kick --ids"),
    ],
)
def test_the_hint_for_an_id_that_no_path_names_is_of_its_group(
    run: Run, cluster: Sandbox, arguments: tuple[str, ...], hint: str
) -> None:
    for unsafe_id in (".", ".."):
        result = run(*arguments, unsafe_id)
        assert result.code == 2
        assert result.err.splitlines()[-1].endswith(hint)
    assert cluster.requests == []
