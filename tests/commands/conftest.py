"""What the tests of commands share."""

import pytest

from emqxctl.sandbox.server import Sandbox


@pytest.fixture
def bare(cluster: Sandbox) -> None:
    """Take the sandbox's authentication, authorization and traces away."""
    with cluster.cluster.lock:
        access = cluster.cluster.access
        access.authenticators.clear()
        access.accounts.clear()
        access.sources.clear()
        for rules in access.rules.values():
            rules.clear()
        access.rules_for_all.clear()
        cluster.cluster.features.traces.clear()
