"""Warnings about what an apply cannot change."""

from emqxctl.sandbox.server import Sandbox


def test_a_listener_that_is_not_the_same_on_all_nodes_is_told(sandbox: Sandbox) -> None:
    from emqxctl.declarative.warnings import find_lag

    assert [one.code for one in find_lag("listeners", "tcp:a", {"running": "inconsistent"})] == ["PEERS_LAG"]
    assert [one.code for one in find_lag("connectors", "http:a", {"status": "inconsistent"})] == ["PEERS_LAG"]
    assert list(find_lag("connectors", "http:a", {"status": "connecting"})) == []
