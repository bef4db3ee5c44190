"""Which shared options a command takes, from what it declares."""

from emqxctl.cli.root import build_root, walk_commands
from tests.conftest import Run

COMMANDS = dict(walk_commands(build_root()))


def options_of(path: str) -> set[str]:
    """Return the namespace options that a command takes."""
    return {"namespace", "only_global"} & COMMANDS[path].spec.shared_options


def test_namespace_options_follow_the_operations() -> None:
    assert options_of("emqxctl rules list") == {"namespace", "only_global"}
    assert options_of("emqxctl rules create") == {"namespace"}
    for path in ("emqxctl nodes list", "emqxctl status", "emqxctl check", "emqxctl export", "emqxctl apply"):
        assert options_of(path) == set(), path


def test_a_namespace_before_a_command_of_the_whole_cluster_is_refused(run: Run) -> None:
    result = run("--namespace", "plant", "status")
    assert result.code == 2
    assert "--namespace is not supported by emqxctl status" in result.err
