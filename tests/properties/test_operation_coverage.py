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


def shape(operation: str) -> str:
    """Write an operation without the names of its placeholders, which differ between sources."""
    return re.sub(r"\{[^}]*\}", "{}", operation)


CALLED = {call for _, one in walk_commands(build_root()) for call in one.spec.calls}
DECLARED = {shape(call) for call in CALLED} | {shape(find_legacy_operation(call) or call) for call in CALLED}
EXCUSED = {shape(operation) for operation in OPERATIONS_WITHOUT_COMMAND}


def share(operations: set[str]) -> float:
    """Give the share of operations that a command declares."""
    return len({one for one in operations if shape(one) in DECLARED}) / len(operations)


def test_every_operation_has_a_command_or_a_reason() -> None:
    missing = {one for one in (*DOCUMENTED, *ROUTES) if shape(one) not in DECLARED | EXCUSED}
    assert sorted(missing, key=lambda one: one.split()[1]) == []


def test_no_reason_is_given_for_what_has_a_command() -> None:
    assert sorted(EXCUSED & DECLARED) == []
    assert {shape(one) for one in (*DOCUMENTED, *ROUTES)} >= EXCUSED
    assert all(len(reason) > 10 for reason in OPERATIONS_WITHOUT_COMMAND.values())


def test_no_command_declares_what_does_not_exist() -> None:
    known = {shape(one) for one in (*DOCUMENTED, *ROUTES)} | {shape(one) for one in LATER}
    assert sorted({shape(call) for call in CALLED} - known) == []


# Served according to EMQX's source, but in neither list of facts.
LATER = {
    "GET /message_streams/config",
    "GET /message_streams/streams",
    "GET /message_streams/streams/{name}",
}


def test_nearly_all_of_5_8_and_6_3_is_typed() -> None:
    of_5_8 = {one for one, facts in DOCUMENTED.items() if "5.8" in facts["in"]}
    of_6_3 = {one for one, marks in ROUTES.items() if marks[SERVED["versions"].index("6.3")] == "x"}
    assert (len(of_5_8), len(of_6_3)) == (379, 452)
    assert share(of_5_8) >= 0.97
    assert share(of_6_3) >= 0.90
