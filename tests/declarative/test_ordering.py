"""The order of changes."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from emqxctl.declarative.changes import Action, Change
from emqxctl.declarative.kinds import all_kinds
from emqxctl.declarative.ordering import arrange, order_changes

KINDS = all_kinds()


def change(kind: str, key: str, action: str, body: Any = None, before: Any = None) -> Change:
    """Return a change."""
    return Change(KINDS[kind], key, Action(action), body=body or {}, before=before)


def names(*changes: Change) -> list[str]:
    """Return the changes in their order."""
    return [f"{one.action.value} {one.kind.name} {one.key}" for one in order_changes(changes)]


def test_what_is_needed_is_created_first_and_deleted_last() -> None:
    assert names(
        change("rules", "r", "create", {"actions": ["http:a"]}),
        change("connectors", "http:old", "delete", before={}),
        change("actions", "http:a", "create", {"connector": "c"}),
        change("rules", "old", "delete", before={"actions": ["http:old"]}),
        change("connectors", "http:c", "create"),
        change("actions", "http:old", "delete", before={"connector": "old"}),
        change("schemas", "s", "create"),
        change("schema_validations", "v", "create", {"checks": [{"schema": "s"}]}),
    ) == [
        "create schemas s",
        "create schema_validations v",
        "create connectors http:c",
        "create actions http:a",
        "create rules r",
        "delete rules old",
        "delete actions http:old",
        "delete connectors http:old",
    ]


def test_what_disconnects_clients_comes_last() -> None:
    assert names(
        change("listeners", "tcp:a", "update"),
        change("settings", "global_zone", "update"),
        change("settings", "alarm", "update"),
        change("authentication", "jwt", "update"),
        change("cluster_links", "l", "create"),
        change("rules", "r", "create"),
    ) == [
        "update settings alarm",
        "create rules r",
        "create cluster_links l",
        "update authentication jwt",
        "update listeners tcp:a",
        "update settings global_zone",
    ]


def test_an_action_waits_for_the_one_it_falls_back_to() -> None:
    reference = {"kind": "reference", "type": "http", "name": "z"}
    made = names(
        change("actions", "http:a", "create", {"connector": "c", "fallback_actions": [reference]}),
        change("actions", "http:z", "create", {"connector": "c"}),
    )
    assert made == ["create actions http:z", "create actions http:a"]


def test_a_port_is_freed_before_it_is_taken() -> None:
    assert names(
        change("listeners", "tcp:a", "create", {"bind": "0.0.0.0:1"}),
        change("listeners", "tcp:z", "delete", before={"bind": 1}),
    ) == ["delete listeners tcp:z", "create listeners tcp:a"]
    assert names(
        change("listeners", "tcp:a", "update", {"bind": 2}, {"bind": 1}),
        change("listeners", "tcp:b", "update", {"bind": 3}, {"bind": 2}),
    ) == ["update listeners tcp:b", "update listeners tcp:a"]


def test_two_that_swap_their_ports_are_tried_in_their_order() -> None:
    assert (
        len(
            names(
                change("listeners", "tcp:a", "update", {"bind": 2}, {"bind": 1}),
                change("listeners", "tcp:b", "update", {"bind": 1}, {"bind": 2}),
            )
        )
        == 2
    )


@given(st.permutations(range(8)))
def test_the_order_does_not_depend_on_the_files(order: list[int]) -> None:
    changes = [change("rules", f"r{n}", "create") for n in range(4)]
    changes += [change("connectors", f"http:c{n}", "create") for n in range(4)]
    made = names(*(changes[at] for at in order))
    assert [one.split()[1] for one in made] == ["connectors"] * 4 + ["rules"] * 4


@given(present=st.permutations("abcdef"), wanted=st.permutations("abc"))
def test_others_keep_their_places(present: list[str], wanted: list[str]) -> None:
    made = arrange(present, wanted)
    assert [one for one in made if one in wanted] == wanted
    assert [(at, one) for at, one in enumerate(made) if one not in wanted] == [
        (at, one) for at, one in enumerate(present) if one not in wanted
    ]
