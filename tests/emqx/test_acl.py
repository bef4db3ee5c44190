"""Authorization judged from what the API shows of it, and what stays open."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emqxctl.diagnosis.access import find_security_profile
from emqxctl.emqx.acl import (
    AccessRequest,
    AclDecision,
    AclRule,
    AclSource,
    ClientIdentity,
    evaluate,
    parse_stored_rule,
)
from emqxctl.emqx.acl_file import parse_acl_file
from emqxctl.emqx.erlang import Atom, parse_terms
from tests.support.recordings import read_operation

KNOWN_CLIENT = ClientIdentity("dev-1", "ann", "10.1.2.3", superuser=False)
UNKNOWN_CLIENT = ClientIdentity()


def stored_source(*rules: dict[str, object]) -> AclSource:
    """Make a built-in database of rules as the API gives them."""
    parsed_rules = [parse_stored_rule(rule) for rule in rules]
    return AclSource("built_in_database", [("of all", rule) for rule in parsed_rules if rule])


def make_rule(permission: str, action: str, topic: str, **fields: object) -> dict[str, object]:
    """Make a rule as the API gives it."""
    return {
        "permission": permission,
        "action": action,
        "topic": topic,
        "retain": "all",
        "qos": [0, 1, 2],
    } | fields


def decide(
    sources: list[AclSource],
    request: AccessRequest,
    client: ClientIdentity = KNOWN_CLIENT,
    no_match: str = "allow",
) -> str:
    """Judge, for the result alone."""
    return evaluate(sources, no_match, client, request).result


def test_the_first_rule_that_matches_decides() -> None:
    """In order; where none matches, no_match."""
    source = stored_source(make_rule("deny", "publish", "a/b"), make_rule("allow", "all", "a/#"))
    assert decide([source], AccessRequest("publish", "a/b"), no_match="deny") == "deny"
    assert decide([source], AccessRequest("subscribe", "a/b"), no_match="deny") == "allow"
    assert decide([source], AccessRequest("publish", "z"), no_match="deny") == "deny"
    assert evaluate([source], "allow", KNOWN_CLIENT, AccessRequest("publish", "z")).source == "no_match"
    assert evaluate([source], "deny", KNOWN_CLIENT, AccessRequest("publish", "a/b")) == AclDecision(
        "deny", "built_in_database", "deny publish a/b", "of all"
    )


def test_placeholders() -> None:
    """They are filled with what is known; what is not leaves it open; no user name is in no such topic."""
    source = stored_source(
        make_rule("allow", "all", "c/${clientid}/#"), make_rule("allow", "all", "u/${username}")
    )
    assert decide([source], AccessRequest("publish", "c/dev-1/x"), no_match="deny") == "allow"
    assert decide([source], AccessRequest("publish", "c/dev-2/x"), no_match="deny") == "deny"
    assert decide([source], AccessRequest("publish", "c/dev-1/x"), UNKNOWN_CLIENT, "deny") == "unknown"
    assert decide([source], AccessRequest("publish", "q/dev-1/x"), UNKNOWN_CLIENT, "deny") == "deny"
    assert decide([source], AccessRequest("publish", "u/ann"), ClientIdentity("dev-1", ""), "deny") == "deny"
    assert decide([source], AccessRequest("publish", "u/ann"), ClientIdentity("dev-1"), "deny") == "unknown"
    assert (
        decide([source], AccessRequest("publish", "u/ann"), ClientIdentity("dev-1"), "allow") == "allow"
    )  # both ways


def test_to_the_letter_and_filters_within_filters() -> None:
    """`eq` is no pattern; a subscription must lie within the rule's filter."""
    source = stored_source(make_rule("allow", "all", "eq a/#"), make_rule("allow", "all", "b/+"))
    assert decide([source], AccessRequest("subscribe", "a/#"), no_match="deny") == "allow"
    assert decide([source], AccessRequest("subscribe", "a/b"), no_match="deny") == "deny"
    assert decide([source], AccessRequest("subscribe", "b/+"), no_match="deny") == "allow"
    assert decide([source], AccessRequest("subscribe", "b/c/#"), no_match="deny") == "deny"
    assert decide([source], AccessRequest("subscribe", "b/#"), no_match="deny") == "allow"  # so does EMQX
    assert (
        decide([stored_source(make_rule("deny", "all", "#"))], AccessRequest("subscribe", "$SYS/x")) == "deny"
    )


def test_qos_and_retain() -> None:
    """A rule for some of them decides those; open while they are not said."""
    source = stored_source(
        make_rule("deny", "all", "t", qos=[1, 2]), make_rule("deny", "publish", "r", retain=True)
    )
    assert decide([source], AccessRequest("publish", "t", qos=1)) == "deny"
    assert decide([source], AccessRequest("publish", "t", qos=0)) == "allow"
    assert decide([source], AccessRequest("publish", "t")) == "unknown"
    assert decide([source], AccessRequest("publish", "r", retain=True)) == "deny"
    assert decide([source], AccessRequest("publish", "r", retain=False)) == "allow"
    assert decide([source], AccessRequest("subscribe", "r")) == "allow"


def test_what_the_api_does_not_show_stays_open() -> None:
    """A web service or database may say anything, unless a rule before it decides."""
    web = AclSource("http", None, "its answers are its own")
    first = stored_source(make_rule("allow", "all", "ok"))
    assert decide([first, web], AccessRequest("publish", "ok")) == "allow"
    decision = evaluate([first, web], "allow", KNOWN_CLIENT, AccessRequest("publish", "other"))
    assert (decision.result, decision.reason) == ("unknown", "http: its answers are its own")
    assert decide([web], AccessRequest("publish", "x"), ClientIdentity(superuser=True)) == "allow"


def test_conditions_of_later_versions() -> None:
    """Those on the client are judged; those on zone and listener stay open."""
    source = stored_source(
        make_rule("deny", "all", "x", clientid_re="^dev-"), make_rule("deny", "all", "y", zone="z1")
    )
    assert decide([source], AccessRequest("publish", "x")) == "deny"
    assert decide([source], AccessRequest("publish", "x"), ClientIdentity("other", "ann")) == "allow"
    assert decide([source], AccessRequest("publish", "y")) == "unknown"
    assert parse_stored_rule({"topic": "x"}) is None
    assert parse_stored_rule({"permission": "maybe", "topic": "x"}) is None


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


def test_terms() -> None:
    """Escapes, comments, nesting."""
    text = '% c\n{a, "x\\"\\n", -3, [], \'B c\'}. [1].'
    assert parse_terms(text) == [(Atom("a"), 'x"\n', -3, [], Atom("B c")), [1]]


WHOM = ["clientid dev-1", "username ann", "ipaddr 10.0.0.0/8", "zone z"]
NAMED = [("a/b", False), ("a/#", False), ("${clientid}/x", False), ("a/b", True)]
RULES = st.builds(
    AclRule,
    st.sampled_from(["allow", "deny"]),
    st.sampled_from([(), *((tuple(one.split()),) for one in WHOM)]),
    st.sampled_from(["publish", "subscribe", "all"]),
    st.lists(st.sampled_from(NAMED), max_size=2).map(tuple),
    st.sampled_from([frozenset({0, 1, 2}), frozenset({1})]),
    st.sampled_from(["all", True, False]),
)


@given(
    st.lists(RULES, max_size=5),
    st.sampled_from(["publish", "subscribe"]),
    st.sampled_from(["a/b", "a/c", "dev-1/x", "q"]),
    st.sampled_from([0, 1]),
    st.booleans(),
    st.sampled_from(["allow", "deny"]),
)
def test_knowing_less_never_changes_an_answer(  # what is drawn
    rules: list[AclRule], action: str, topic: str, qos: int, retain: bool, no_match: str
) -> None:
    """With less known the answer is the same, or open: it is never another."""
    sources = [AclSource("file", [("", rule) for rule in rules])]
    full_result = decide(sources, AccessRequest(action, topic, qos, retain), KNOWN_CLIENT, no_match)
    for client in (
        UNKNOWN_CLIENT,
        ClientIdentity("dev-1"),
        ClientIdentity("dev-1", "ann"),
        ClientIdentity(None, None, "10.1.2.3"),
    ):
        assert decide(sources, AccessRequest(action, topic), client, no_match) in {
            full_result,
            "unknown",
        }


def test_a_rule_of_a_file_is_plain_text() -> None:
    """A table quotes a value of any other type than str."""
    text = '{allow, {user, "ann"}, publish, ["a/#"]}.\n{deny, all}.\n{allow, {security_profile, legacy}}.\n'
    for rule in parse_acl_file(text):
        assert (type(rule.permission), type(rule.action)) == (str, str)
