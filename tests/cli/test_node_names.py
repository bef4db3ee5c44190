"""Short names of nodes, wherever a command takes a node."""

import pytest

from emqxctl.cli.node_names import complete_name
from emqxctl.cli.root import build_root, walk_commands
from emqxctl.cli.spec import NODE_PARAMETERS
from emqxctl.errors import UsageError
from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run

NODES = ["emqx1@10.0.0.1", "emqx2@10.0.0.2", "core@a.example.com", "core@b.example.com"]


@pytest.mark.parametrize(
    ("name", "node"),
    [
        ("emqx1", "emqx1@10.0.0.1"),
        ("10.0.0.2", "emqx2@10.0.0.2"),
        ("a.example.com", "core@a.example.com"),
        ("b", "core@b.example.com"),
        ("emqx", "emqx"),
        ("10", "10"),
    ],
)
def test_a_part_that_fits_one_node_is_its_name(name: str, node: str) -> None:
    assert complete_name(name, NODES) == node


def test_a_part_that_fits_several_is_ambiguous() -> None:
    with pytest.raises(UsageError, match=r"'core' is ambiguous: core@a\.example\.com, core@b"):
        complete_name("core", NODES)


@pytest.mark.parametrize(
    "words",
    [
        ("nodes", "get", "emqx1"),
        ("nodes", "stats", "emqx1"),
        ("nodes", "metrics", "emqx1"),
        ("clients", "list", "--node", "emqx1"),
        ("subscriptions", "list", "--node", "emqx1"),
        ("topics", "list", "--node", "emqx1"),
        ("metrics", "get", "--node", "emqx1"),
        ("metrics", "history", "--node", "emqx1"),
        ("stats", "get", "--node", "emqx1"),
        ("monitor", "--node", "emqx1"),
        ("configs", "get", "--node", "emqx1"),
        ("gateways", "clients", "list", "stomp", "--node", "emqx1"),
        ("connectors", "start", "http:telemetry-store", "--node", "emqx1"),
        ("cluster", "force-leave", "emqx3", "--yes"),
    ],
)
def test_commands_take_short_names(cluster: Sandbox, run: Run, words: tuple[str, ...]) -> None:
    whole = [f"{word}@sandbox.local" if word.startswith("emqx") else word for word in words]
    result = run(*words, "-o", "json")
    sent = [f"{r.path} {r.query}" for r in cluster.requests if not r.path.endswith("/api/v5/nodes")]
    assert result.code == 0, result.err
    assert any("@sandbox.local" in text.replace("%40", "@") for text in sent), sent
    if "force-leave" not in words:
        assert run(*whole, "-o", "json").code == 0


def test_a_whole_name_needs_no_request(cluster: Sandbox, run: Run) -> None:
    run("nodes", "stats", "emqx1@sandbox.local")
    assert [request.path for request in cluster.requests] == ["/api/v5/nodes/emqx1%40sandbox.local/stats"]


def test_an_unknown_name_is_not_found(cluster: Sandbox, run: Run) -> None:
    del cluster
    for words in (("nodes", "get", "emqx9"), ("clients", "list", "--node", "emqx9")):
        assert run(*words).code == 6


def test_every_parameter_of_nodes_is_one_of_these() -> None:
    names = {
        str(parameter.name)
        for _, command in walk_commands(build_root())
        for parameter in command.params
        if str(parameter.metavar).startswith("NODE") or {"--node", "--nodes"} & set(parameter.opts)
    }
    assert names == NODE_PARAMETERS
