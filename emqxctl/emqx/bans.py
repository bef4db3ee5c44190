"""Which bans hit a client, as EMQX checks them when it connects (`emqx_banned:check/1`). Pure."""

import re
from collections.abc import Mapping
from datetime import datetime
from ipaddress import ip_address, ip_network

CLIENT_FIELDS = {
    "clientid": "clientid",
    "clientid_re": "clientid",
    "username": "username",
    "username_re": "username",
    "peerhost": "address",
    "peerhost_net": "address",
}


def ban_applies(ban: Mapping[str, object], client: Mapping[str, str | None], now: datetime) -> bool | None:  # noqa: PLR0911  # kinds
    """Tell whether a ban hits a client of which `clientid`, `username` and `address` are given or None.

    None: that cannot be told, as what it is about is not known of the client, or it cannot be read.
    """
    kind, who = str(ban.get("as", "")), str(ban.get("who", ""))
    if is_expired(ban.get("until"), now):
        return False
    value = client.get(CLIENT_FIELDS.get(kind, ""))
    if value is None:
        return None
    try:
        match kind:
            case "clientid" | "username":
                return who == value
            case "clientid_re" | "username_re":
                return re.search(who, value) is not None
            case "peerhost":
                return ip_address(value) == ip_address(who)
            case _:
                return ip_address(value) in ip_network(who, strict=False)
    except (ValueError, re.error):
        return None


def is_expired(until: object, now: datetime) -> bool:
    """Tell whether a ban's end (RFC 3339, or `infinity`) has passed; EMQX deletes those within a minute."""
    try:
        return datetime.fromisoformat(str(until)).astimezone() <= now
    except (ValueError, OverflowError):
        return False


def describe_ban(ban: Mapping[str, object]) -> str:
    """Say what a ban is by, in words: `address range`, `client id pattern`."""
    words = {
        "clientid": "client id",
        "clientid_re": "client id pattern",
        "username": "user name",
        "username_re": "user name pattern",
        "peerhost": "address",
        "peerhost_net": "address range",
    }
    kind = str(ban.get("as", ""))
    return words.get(kind, kind or "something")
