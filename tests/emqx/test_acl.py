"""Authorization judged from what the API shows of it, and what stays open."""

from hypothesis import given
from hypothesis import strategies as st

from emqxctl.emqx.acl import (
    AccessRequest,
    AclDecision,
    AclRule,
    AclSource,
    ClientIdentity,
    evaluate,
    parse_stored_rule,
)
from tests.emqx.acl_decisions import KNOWN_CLIENT, decide

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
