"""The commands that hints name for a path."""

import json
import re
import shlex
from pathlib import Path

from emqxctl.api.command_groups import (
    EDITABLE_GROUPS,
    command_to_check,
    find_list_group,
    list_command,
)
from emqxctl.cli.command import Command
from emqxctl.cli.root import build_root, walk_commands

COMMANDS: dict[str, Command] = dict(walk_commands(build_root()))
FACTS = Path(__file__).parent.parent / "facts" / "operations.json"
OPERATIONS: list[str] = sorted(json.loads(FACTS.read_text()))


def find_problem(command: str) -> str:
    """Return why a command of a hint does not work, empty if it does or there is none."""
    if not command:
        return ""
    words = shlex.split(command)
    length = next((length for length in range(len(words), 0, -1) if " ".join(words[:length]) in COMMANDS), 0)
    if not length:
        return "no such command"
    parameters = COMMANDS[" ".join(words[:length])].params
    required = [parameter for parameter in parameters if parameter.required]
    return "" if len(words) - length >= len(required) else "an argument is missing"


def test_every_command_that_a_taken_name_leads_to_exists() -> None:
    assert {f"emqxctl {group} {verb}" for group in EDITABLE_GROUPS for verb in ("get", "update")} <= set(
        COMMANDS
    )


def test_the_commands_for_every_operation_exist_with_all_their_arguments() -> None:
    problems = []
    for operation in OPERATIONS:
        names = [f"{name} 1" for name in re.findall(r"\{([^}]*)\}", operation)]
        for command in (
            list_command(find_list_group(operation), names),
            command_to_check(operation, names),
        ):
            problem = find_problem(command)
            problems += [f"{operation}: {command}: {problem}"] if problem else []
    assert problems == []


def test_a_list_takes_the_object_that_contains_it() -> None:
    clients = "GET /gateways/{name}/clients/{clientid}"
    assert list_command(find_list_group(clients), ("stomp", "c1")) == "emqxctl gateways clients list stomp"
    assert list_command("gateways clients") == ""


def test_a_missing_container_is_listed_itself() -> None:
    for operation, command in (
        ("GET /mt/ns/{ns}/client_list", "emqxctl namespaces list"),
        ("GET /ds/storages/{ds}/replicas", "emqxctl durable-storage storages list"),
        ("POST /load_rebalance/{node}/evacuation/start", "emqxctl nodes list"),
    ):
        assert list_command(find_list_group(operation), ("a",)) == command
