"""Which requests EMQX stores in its configuration, and what must not be in them."""

import json

import pytest

from emqxctl.emqx.config_writes import find_line_separator, writes_configuration
from emqxctl.emqx.operations_data import LIFETIMES

# Writes whose bodies EMQX keeps elsewhere, or not at all.
OTHER_WRITES = """
POST /a2a/cards/card/{org_id}/{unit_id}/{agent_id}
POST /alarms/force_deactivate
POST /api_key
POST /authentication/{id}/import_users
POST /authentication/{id}/users
POST /authorization/sources/built_in_database/rules/clients
POST /banned
POST /clients/kickout/bulk
POST /clients/{clientid}/subscribe/bulk
POST /data/import
POST /gateways/coap/clients/{clientid}/request
POST /gateways/{name}/authentication/users
POST /gateways/{name}/clients/{clientid}/subscriptions
POST /gateways/{name}/listeners/{id}/authentication/import_users
POST /publish
POST /publish/bulk
POST /rule_test
POST /rules/{id}/test
POST /trace
POST /users
PUT /authentication/{id}/users/{user_id}
PUT /authorization/sources/built_in_database/rules/users/{username}
PUT /users/{username}
""".strip().splitlines()
STORED = """
POST /actions
POST /authentication
POST /authorization/sources
POST /bridges
POST /cluster/links
POST /connectors
POST /exhooks
POST /gateways/{name}/authentication
POST /gateways/{name}/listeners
POST /listeners
POST /mqtt/topic_metrics
POST /rules
POST /schema_registry
POST /schema_validations
POST /some/path/of/the/future
PUT /authentication/{id}
PUT /authorization/settings
PUT /authorization/sources/{type}
PUT /configs
PUT /configs/log
PUT /gateways/{name}
PUT /mqtt/auto_subscribe
PUT /mqtt/retainer
PUT /mqtt/topic_rewrite
PUT /plugins/{name}/config
PUT /rules/{id}
PUT /slow_subscriptions/settings
""".strip().splitlines()


def test_the_writes_that_emqx_stores_in_its_configuration() -> None:
    assert [operation for operation in OTHER_WRITES if writes_configuration(operation)] == []
    assert [operation for operation in STORED if not writes_configuration(operation)] == []
    unknown = {*OTHER_WRITES, *STORED} - set(LIFETIMES) - {"POST /some/path/of/the/future"}
    assert unknown == set()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (json.dumps({"a": {"topic": "x\u2028"}}), ("\u2028", "a.topic")),
        (json.dumps({"a": [{"b": "\u2029"}]}, ensure_ascii=False), ("\u2029", "a.b")),
        ('{"a\u2028": 1}', ("\u2028", "a?")),
        ('{"a": "\\u2028", "a": "x"}', ("\u2028", "a")),
        ('{"a": "\\\\u2028"}', None),  # a backslash, then letters
        ('{"a": "\u2027\u202a"}', None),
        ('a = "x\u2028"', ("\u2028", "")),
        ('a = "x\\u2029"', ("\u2029", "")),
        ('a = "x\\\\u2029"', None),
        ("", None),
    ],
)
def test_line_separators_are_found_with_their_field(content: str, expected: tuple[str, str] | None) -> None:
    assert find_line_separator(content.encode()) == expected
