"""Saved plans: no secret can be found by its hash."""

from emqxctl.declarative.changes import Action, Change
from emqxctl.declarative.documents import Variable
from emqxctl.declarative.kinds import all_kinds
from emqxctl.declarative.saved_plan import change_row


def test_a_hash_of_a_saved_plan_does_not_depend_on_a_secret() -> None:
    kind = all_kinds()["connectors"]
    one, other = (
        change_row(
            Change(
                kind,
                "http:a",
                Action.CREATE,
                body={"url": "u", "password": secret, "x": Variable("X", secret)},
            )
        )
        for secret in ("short", "other")
    )
    assert one == other
    changed = change_row(Change(kind, "http:a", Action.CREATE, body={"url": "v", "password": "short"}))
    assert changed != one
