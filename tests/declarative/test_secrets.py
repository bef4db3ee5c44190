"""Secrets are found by their position, and never shown."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emqxctl.declarative.changes import Action, Change, Options, Plan
from emqxctl.declarative.documents import Variable
from emqxctl.declarative.kinds import all_kinds
from emqxctl.declarative.markdown_report import markdown_lines
from emqxctl.declarative.object_plan import ObjectPlanner
from emqxctl.declarative.report import report_data
from emqxctl.declarative.saved_plan import change_row
from emqxctl.declarative.secrets import (
    NAMES,
    is_secret_position,
    secret_positions,
    secret_texts,
    without_secrets,
)
from emqxctl.declarative.server import Server
from emqxctl.declarative.text_report import text_lines
from tests.support.memory_cluster import MemoryCluster

KEY = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("password", "x", True),
        ("Authorization", "Bearer x", True),
        ("x-api-key", "x", True),
        ("secret_access_key", "x", True),
        ("password", "", False),
        ("password", "${password}", False),
        ("password", "file:///etc/emqx/secret", False),
        ("password_hash_algorithm", {"name": "sha256"}, False),
        ("secret_base64_encoded", False, False),
        ("mechanism", "password_based", False),
        ("from", "password", False),
        ("port", "8883", False),
        ("keyfile", KEY, True),
        ("anything", "******", True),
        ("anything", Variable("A", "x"), True),
        ("password", Variable("A", "file:///x"), True),
    ],
)
def test_positions(name: str, value: object, secret: bool) -> None:
    assert is_secret_position((name,), value) is secret


def test_a_secret_is_not_looked_for_in_texts() -> None:
    body = {"password": "8883", "bind": "0.0.0.0:8883", "id": "a8883b"}
    assert without_secrets(body, secret_positions(body)) == {**body, "password": "******"}


def test_all_secrets_of_a_body() -> None:
    body = {
        "password": "a1",
        "x": [{"token": "b2"}, {"y": Variable("A", "c3")}],
        "secret": "******",
        "jwt": "",
    }
    assert sorted(secret_texts(body)) == ["a1", "b2", "c3"]


SECRET = "Zq9-never-shown"
PLACES = st.sampled_from(sorted(NAMES))
SHAPES = st.recursive(
    st.builds(lambda name: {name: SECRET}, PLACES) | st.just(Variable("V", SECRET)),
    lambda inner: (
        st.dictionaries(st.sampled_from(["a", "b", "headers", "ssl"]), inner, min_size=1, max_size=2)
        | st.lists(inner, min_size=1, max_size=2)
    ),
    max_leaves=4,
)


@given(before=SHAPES, after=SHAPES)
def test_no_report_plan_or_record_holds_one(before: Any, after: Any) -> None:
    from emqxctl.declarative.documents import Entry, Place

    kind, plan = all_kinds()["exhooks"], Plan()
    planner = ObjectPlanner(Server(MemoryCluster("6.2.2")), kind, None, Options(send_secrets=True))
    entry = Entry("exhooks", "k", {"field": after}, Place("f", 1))
    plan.changes = [
        planner.plan(entry, {"name": "k", "field": before}, plan),
        planner.plan(entry, None, plan),
        Change(kind, "gone", Action.DELETE, before={"field": before}),
    ]
    report = report_data(plan)
    rows = [change_row(one) for one in plan.changes]
    shown = [json.dumps(report), json.dumps(rows), *text_lines(report), *markdown_lines(report)]
    assert SECRET not in "\n".join(shown)
