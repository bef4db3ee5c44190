"""Every operation of the REST API has a command that declares it, or a reason why it has none."""

import json
import re
from pathlib import Path

from emqxctl.api.legacy_paths import find_legacy_operation
from emqxctl.cli.root import build_root, walk_commands
from tests.support.operations_without_command import OPERATIONS_WITHOUT_COMMAND

FACTS = Path(__file__).parent.parent / "facts"
DOCUMENTED: dict[str, dict[str, str]] = json.loads((FACTS / "operations.json").read_text())
SERVED = json.loads((FACTS / "routes.json").read_text())
ROUTES: dict[str, str] = SERVED["routes"]  # a letter for each version, `x` for served


def without_names(operation: str) -> str:
    """Return an operation without the names of its placeholders, which differ between sources."""
    return re.sub(r"\{[^}]*\}", "{}", operation)


CALLED = {call for _, command in walk_commands(build_root()) for call in command.spec.calls}
DECLARED = {without_names(call) for call in CALLED} | {
    without_names(find_legacy_operation(call) or call) for call in CALLED
}
EXCUSED = {without_names(operation) for operation in OPERATIONS_WITHOUT_COMMAND}


def declared_share(operations: set[str]) -> float:
    """Return the share of operations that a command declares."""
    return len({operation for operation in operations if without_names(operation) in DECLARED}) / len(
        operations
    )


def test_every_operation_has_a_command_or_a_reason() -> None:
    missing = {name for name in (*DOCUMENTED, *ROUTES) if without_names(name) not in DECLARED | EXCUSED}
    assert sorted(missing, key=lambda operation: operation.split()[1]) == []


def test_no_operation_has_both_a_command_and_a_reason() -> None:
    assert sorted(EXCUSED & DECLARED) == []
    assert {without_names(operation) for operation in (*DOCUMENTED, *ROUTES)} >= EXCUSED
    assert all(len(reason) > 10 for reason in OPERATIONS_WITHOUT_COMMAND.values())


def test_every_declared_operation_exists() -> None:
    existing = {without_names(operation) for operation in (*DOCUMENTED, *ROUTES, *LATER)}
    assert sorted({without_names(call) for call in CALLED} - existing) == []


# In EMQX's source or its document of 6.2.2, but in neither list of facts.
LATER = {
    "GET /configs/a2a_registry",
    "PUT /configs/a2a_registry",
    "GET /message_streams/config",
    "GET /message_streams/streams",
    "GET /message_streams/streams/{name}",
}


def test_commands_cover_97_percent_of_5_8_and_90_percent_of_6_3() -> None:
    of_5_8 = {operation for operation, facts in DOCUMENTED.items() if "5.8" in facts["in"]}
    of_6_3 = {
        operation for operation, marks in ROUTES.items() if marks[SERVED["versions"].index("6.3")] == "x"
    }
    assert (len(of_5_8), len(of_6_3)) == (379, 454)
    assert declared_share(of_5_8) >= 0.97
    assert declared_share(of_6_3) >= 0.90
