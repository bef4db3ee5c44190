"""The commands that hints name for a path."""

from emqxctl.api.command_groups import EDITABLE_GROUPS
from emqxctl.cli.root import build_root, walk_commands


def test_every_command_that_a_taken_name_leads_to_exists() -> None:
    paths = {path for path, _ in walk_commands(build_root())}
    assert {f"emqxctl {group} {verb}" for group in EDITABLE_GROUPS for verb in ("get", "update")} <= paths
