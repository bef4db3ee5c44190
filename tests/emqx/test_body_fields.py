"""The facts of `emqxctl explain`: of groups that exist, complete, and small."""

import pytest

from emqxctl.cli.root import build_root, walk_commands
from emqxctl.emqx import body_fields
from tests.support.body_schemas import FILE

MAX_BYTES = 320_000


def test_every_kind_is_a_group_that_writes() -> None:
    groups = {path.removeprefix("emqxctl ").rpartition(" ")[0] for path, _ in walk_commands(build_root())}
    assert set(body_fields.list_kinds()) <= groups


def test_every_type_has_fields() -> None:
    empty = [
        (kind, type_name)
        for kind in body_fields.list_kinds()
        for type_name in body_fields.list_types(kind) or [""]
        if not body_fields.read_body_fields(kind, type_name)
    ]
    assert empty == []


def test_every_field_has_a_type_and_one_line() -> None:
    wrong = [
        (kind, name)
        for kind in body_fields.list_kinds()
        for type_name in body_fields.list_types(kind) or [""]
        for name, field in body_fields.flatten_fields(
            body_fields.read_body_fields(kind, type_name), depth=3
        ).items()
        if not field.type or not field.text.isprintable() or "<" in field.text
    ]
    assert wrong == []


def test_the_facts_stay_small() -> None:
    assert FILE.stat().st_size < MAX_BYTES


@pytest.mark.parametrize(
    ("key", "body", "type_name"),
    [
        ("http:a", {}, "http"),
        ("", {"type": "mqtt"}, "mqtt"),
        ("nothing:a", {}, ""),
    ],
)
def test_the_type_of_an_object_is_in_its_key_or_its_body(
    key: str, body: dict[str, str], type_name: str
) -> None:
    assert body_fields.find_type("connectors", key, body) == type_name


def test_a_field_of_alternatives_has_the_values_of_all() -> None:
    queue = body_fields.read_body_fields("message-queues")
    assert (queue["is_lastvalue"].type, queue["is_lastvalue"].values, queue["is_lastvalue"].default) == (
        "boolean",
        (),
        None,
    )
    jwt = body_fields.read_body_fields("authentication", "jwt")
    assert set(jwt["algorithm"].values) == {"hmac-based", "public-key"}
    redis = body_fields.flatten_fields(body_fields.read_body_fields("connectors", "redis"))[
        "parameters.redis_type"
    ]
    assert set(redis.values) == {"cluster", "sentinel", "single"}


def test_a_field_that_all_alternatives_require_is_required() -> None:
    queue = body_fields.read_body_fields("message-queues")
    assert (queue["topic_filter"].required, queue["is_lastvalue"].required) == (True, False)
    assert (queue["key_expression"].required, queue["limits"].required) == (False, False)


def test_values_are_written_as_in_a_body() -> None:
    assert body_fields.read_body_fields("listeners", "tcp")["enable_authn"].values[:2] == ("true", "false")
