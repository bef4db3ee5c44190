"""ACL files: what they decide, and what is not guessed at."""

import pytest

from emqxctl.diagnosis.access import find_security_profile
from emqxctl.emqx.acl import AccessRequest, AclSource, ClientIdentity, evaluate
from emqxctl.emqx.acl_file import parse_acl_file
from tests.emqx.acl_decisions import decide
from tests.support.recordings import read_operation


def read_default_file() -> str:
    """Give the acl.conf that a real EMQX has."""
    rules_text = next(
        exchange.body["rules"]
        for exchange in read_operation("GET /authorization/sources/{type}")
        if exchange.status == 200 and "rules" in exchange.body
    )
    assert isinstance(rules_text, str)
    return rules_text


def test_the_default_file_of_a_real_broker() -> None:
    """Its four rules, among pages of comments."""
    source = AclSource("file", [("", rule) for rule in parse_acl_file(read_default_file())])
    assert decide([source], AccessRequest("subscribe", "$SYS/#")) == "deny"
    assert decide([source], AccessRequest("subscribe", "#")) == "deny"
    assert decide([source], AccessRequest("subscribe", "a/#"), no_match="deny") == "allow"
    assert decide([source], AccessRequest("publish", "$SYS/x"), no_match="deny") == "allow"
    assert decide([source], AccessRequest("subscribe", "$SYS/#"), ClientIdentity("x", "dashboard")) == "allow"
    assert decide([source], AccessRequest("subscribe", "#"), ClientIdentity("x", "y", "127.0.0.1")) == "allow"
    assert decide([source], AccessRequest("subscribe", "#"), ClientIdentity("x", "y")) == "unknown"


FILE = r"""
{deny, {'or', [{client, "bad"}, {user, {re, "^b"}}]}, all, ["#"]}.
{allow, {'and', [{clientid, {re, "^d"}}, {ipaddrs, ["10.0.0.0/8", "::1"]}]},
  {publish, [{qos, 1}, {retain, false}]}, ["d/${clientid}", {eq, "plain/#"}, <<"b">>]}.
{deny, {client_attr, "a", "b"}, subscribe, ["attr"]}.
{allow, all, {subscribe, [{qos, [0, 1]}]}, ["s"]}.
{deny, all}.
"""


def test_each_form_of_a_rule_in_a_file() -> None:
    """Alternatives, several conditions, options of the action, binaries, texts to the letter."""
    source = AclSource("file", [("", rule) for rule in parse_acl_file(FILE)])
    assert decide([source], AccessRequest("publish", "d/dev-1", 1, retain=False)) == "allow"
    assert decide([source], AccessRequest("publish", "d/dev-1", 0, retain=False)) == "deny"
    assert decide([source], AccessRequest("publish", "plain/#", 1, retain=False)) == "allow"
    assert decide([source], AccessRequest("publish", "b", 1, retain=False)) == "allow"
    assert (
        decide(
            [source],
            AccessRequest("publish", "b", 1, retain=False),
            ClientIdentity("dev-1", "bob", "10.0.0.1"),
        )
        == "deny"
    )
    assert (
        decide(
            [source],
            AccessRequest("publish", "b", 1, retain=False),
            ClientIdentity("dev-1", "ann", "11.0.0.1"),
        )
        == "deny"
    )
    assert (
        decide(
            [source], AccessRequest("publish", "b", 1, retain=False), ClientIdentity("bad", "ann", "10.0.0.1")
        )
        == "deny"
    )
    assert decide([source], AccessRequest("subscribe", "s", 1)) == "allow"
    assert decide([source], AccessRequest("subscribe", "s", 2)) == "deny"
    assert decide([source], AccessRequest("subscribe", "attr", 2), no_match="deny") == "deny"


@pytest.mark.parametrize(
    "text",
    [
        "{allow, all",
        "allow",
        "{allow,,}.",
        "{allow, all}. fun(X) -> X end.",
    ],
)
def test_a_file_that_is_not_plain_is_not_guessed_at(text: str) -> None:
    """It is refused, for the source to count as not known."""
    with pytest.raises(ValueError, match=r".+"):
        parse_acl_file(text)


def decide_by_file(text: str, topic: str, profile: str = "") -> str:
    """Return the decision of an ACL file about a publish."""
    rules = [("", rule) for rule in parse_acl_file(text, profile)]
    return evaluate([AclSource("file", rules)], "allow", CLIENT, AccessRequest("publish", topic)).result


CLIENT = ClientIdentity("dev-1", "ann", "10.0.0.1", superuser=False)


@pytest.mark.parametrize(
    ("rule", "result"),
    [
        ("{maybe, all}.", "unknown"),
        ('{deny, {x}, all, ["#"]}.', "unknown"),
        ('{allow, {x}, all, ["#"]}.', "allow"),
        ("{deny, all, fly, []}.", "unknown"),
        ('{deny, all, all, [{"x"}]}.', "unknown"),
        ('{deny, all, all, "#"}.', "unknown"),
    ],
)
def test_only_what_comes_after_an_unknown_rule_is_unknown(rule: str, result: str) -> None:
    text = f'{{deny, all, publish, ["secret/#"]}}. {rule} {{allow, all}}.'
    assert decide_by_file(text, "secret/a") == "deny"
    assert decide_by_file(text, "a") == result


def test_a_rule_for_a_security_profile_applies_by_version() -> None:
    text = "{allow, {security_profile, legacy}}. {deny, all}."
    assert decide_by_file(text, "a", "legacy") == "allow"
    assert decide_by_file(text, "a", "hardened") == "deny"
    assert decide_by_file(text, "a") == "unknown"
    releases = [(0, 0, 0), (6, 2, 2), (6, 3, 0)]
    assert [find_security_profile(release) for release in releases] == ["", "legacy", "hardened"]


def test_a_rule_of_a_file_is_plain_text() -> None:
    """A table quotes a value of any other type than str."""
    text = '{allow, {user, "ann"}, publish, ["a/#"]}.\n{deny, all}.\n{allow, {security_profile, legacy}}.\n'
    for rule in parse_acl_file(text):
        assert (type(rule.permission), type(rule.action)) == (str, str)
