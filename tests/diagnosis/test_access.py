"""Who a client is for the rules of EMQX: `emqxctl.diagnosis.access`."""

import pytest

from emqxctl.diagnosis.access import identify_client
from emqxctl.emqx.acl import ClientIdentity
from emqxctl.errors import UsageError

CONNECTED = {"clientid": "c", "connected": True, "username": "ann", "ip_address": "10.0.0.1"}


def test_the_row_of_a_connected_client_counts() -> None:
    expected = ClientIdentity("c", "ann", "10.0.0.1")
    assert identify_client("c", CONNECTED, None, None) == expected
    assert identify_client("c", CONNECTED, "ann", "10.0.0.1") == expected


@pytest.mark.parametrize(("username", "address"), [("bob", None), (None, "10.0.0.2"), ("", None)])
def test_other_values_than_those_of_a_connected_client_are_errors(
    username: str | None, address: str | None
) -> None:
    with pytest.raises(UsageError, match="client 'c' is connected"):
        identify_client("c", CONNECTED, username, address)


def test_typed_values_complete_a_row_without_these_fields() -> None:
    row = {"clientid": "c", "connected": True}
    assert identify_client("c", row, "bob", "10.0.0.2") == ClientIdentity("c", "bob", "10.0.0.2")


def test_typed_values_replace_those_of_the_last_session() -> None:
    row = {**CONNECTED, "connected": False}
    assert identify_client("c", row, "bob", "10.0.0.2") == ClientIdentity("c", "bob", "10.0.0.2")
    assert identify_client("c", row, None, None) == ClientIdentity("c", "ann", "10.0.0.1")
