"""Which bans hit a client."""

from datetime import UTC, datetime

import pytest

from emqxctl.emqx.bans import ban_applies, describe_ban, is_network

NOW = datetime(2026, 11, 23, tzinfo=UTC)
CLIENT = {"clientid": "dev-1", "username": "ann", "address": "10.1.2.3"}


@pytest.mark.parametrize(
    ("kind", "who", "hit"),
    [
        ("clientid", "dev-1", True),
        ("clientid", "dev", False),
        ("clientid_re", "ev-[0-9]", True),
        ("clientid_re", "^ev", False),
        ("username", "ann", True),
        ("username_re", "^a", True),
        ("peerhost", "10.1.2.3", True),
        ("peerhost", "10.1.2.4", False),
        ("peerhost_net", "10.1.0.0/16", True),
        ("peerhost_net", "10.1.2.3/16", True),
        ("peerhost_net", "10.2.0.0/16", False),
        ("peerhost_net", "2001:db8::/32", False),
        ("clientid_re", "(", None),
        ("peerhost_net", "nonsense", None),
        ("moon", "full", None),
    ],
)
def test_each_kind(kind: str, who: str, hit: bool | None) -> None:
    """Expressions are found anywhere; what cannot be parsed is unknown."""
    assert ban_applies({"as": kind, "who": who, "until": "infinity"}, CLIENT, NOW) is hit


def test_what_is_not_known_cannot_be_told() -> None:
    """A ban of a user says nothing of a client whose user name is not known."""
    ban = {"as": "username", "who": "ann"}
    assert ban_applies(ban, {"clientid": "dev-1", "username": None}, NOW) is None
    assert ban_applies(ban, {"clientid": "dev-1"}, NOW) is None


def test_addresses_are_compared_as_addresses() -> None:
    """Two spellings of one."""
    assert ban_applies({"as": "peerhost", "who": "2001:db8:0::7"}, {"address": "2001:db8::7"}, NOW) is True


def test_a_ban_that_is_over_hits_nobody() -> None:
    """Its end has passed; an end that is none is for ever."""
    ban = {"as": "clientid", "who": "dev-1"}
    assert ban_applies(ban | {"until": "2026-11-22T00:00:00+00:00"}, CLIENT, NOW) is False
    assert ban_applies(ban | {"until": "2026-11-23T02:00:00+01:00"}, CLIENT, NOW) is True
    assert ban_applies(ban | {"until": "infinity"}, CLIENT, NOW) is True


def test_words() -> None:
    """What a ban is by."""
    assert describe_ban({"as": "peerhost_net"}) == "address range"
    assert describe_ban({"as": "moon"}) == "moon"


@pytest.mark.parametrize("text", ["10.0.0.0/8", "10.1.2.3/8", "10.0.0.1", "2001:db8::/32", "::/0"])
def test_networks(text: str) -> None:
    assert is_network(text)


@pytest.mark.parametrize(
    "text", ["10.0.0.0/99", "10.0.0.0/", "10.0.0.0/255.0.0.0", "10.0.0/8", "::/129", "x", ""]
)
def test_what_is_not_a_network(text: str) -> None:
    assert not is_network(text)
