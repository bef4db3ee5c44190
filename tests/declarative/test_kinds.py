"""The kinds: small, complete, and true to what EMQX answers and takes."""

from pathlib import Path

import emqxctl.declarative.kinds as package
from emqxctl.declarative.kind import Form, split_operation
from emqxctl.declarative.kinds import all_kinds
from emqxctl.emqx.operations import find_availability

MODULES = sorted(Path(package.__file__).parent.glob("[a-z]*.py"))


def test_a_kind_is_one_short_module() -> None:
    assert [one.name for one in MODULES if len(one.read_text().splitlines()) > 47] == []
    plain = [one for one in MODULES if "\ndef " not in one.read_text()]
    assert [one.name for one in plain if len(one.read_text().splitlines()) > 40] == []


def test_every_module_is_a_kind() -> None:
    assert len(all_kinds()) >= len(MODULES)


def test_every_operation_exists_in_some_version() -> None:
    unknown = []
    for kind in all_kinds().values():
        paths = [kind.list_path, *(kind.members or {}).values()]
        operations = [f"GET {path}" for path in paths if path] + list(kind.operations)
        operations += [one for one in (kind.order, kind.move) if one]
        unknown += [one for one in operations if " /" in one and find_availability(one) is None]
    assert unknown == []


def test_a_path_has_a_placeholder_for_every_argument() -> None:
    for kind in all_kinds().values():
        key = ":".join(["k"] * max(1, len(kind.key)))
        for operation in (kind.update, kind.delete):
            if "{" in operation:
                assert split_operation(operation)[2] == len(kind.arguments(key)), operation


def test_keys_are_made_and_read_back() -> None:
    for kind in all_kinds().values():
        if kind.form is not Form.ITEMS:
            key = ":".join(f"part{n}" for n in range(len(kind.key)))
            assert kind.key_of(kind.key_fields(key)) == key


def test_kinds_come_in_the_order_in_which_they_are_applied() -> None:
    names = list(all_kinds())
    order = [
        "schemas",
        "schema_validations",
        "connectors",
        "actions",
        "rules",
        "gateways",
        "gateway_listeners",
    ]
    assert sorted(order, key=names.index) == order
    assert names[-1] == "listeners"


def test_what_is_personal_or_cuts_off_the_caller_is_no_kind() -> None:
    paths = " ".join(one.list_path + str(one.members) for one in all_kinds().values())
    for word in (
        "/users'",
        "/api_key",
        "/clients'",
        "retainer/messages",
        "dashboard",
        "/trace",
        "/sso",
        "/license",
    ):
        assert word not in paths
