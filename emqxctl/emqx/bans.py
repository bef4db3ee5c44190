"""Which bans apply to a client, as EMQX checks them when it connects (`emqx_banned:check/1`)."""

import re
from collections.abc import Mapping
from datetime import datetime
from ipaddress import ip_address, ip_network

# Kind of ban → the field of the client that it compares, and its name in messages.
BAN_KINDS = {
    "clientid": ("clientid", "client ID"),
    "clientid_re": ("clientid", "client ID pattern"),
    "username": ("username", "username"),
    "username_re": ("username", "username pattern"),
    "peerhost": ("address", "address"),
    "peerhost_net": ("address", "address range"),
}


def is_network(text: str) -> bool:
    """Return whether text is a network as EMQX takes it: an address, or one with the length of its prefix."""
    _, slash, length = text.partition("/")
    if slash and not (length.isascii() and length.isdigit()):
        return False
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def ban_applies(ban: Mapping[str, object], client: Mapping[str, str | None], now: datetime) -> bool | None:
    """Return whether a ban applies to a client with `clientid`, `username` and `address`, each may be None.

    None if that is unknown: the client's value is unknown, or the ban's is invalid.
    """
    kind, target = str(ban.get("as", "")), str(ban.get("who", ""))
    if is_expired(ban.get("until"), now):
        return False
    value = client.get(BAN_KINDS.get(kind, ("", ""))[0])
    if value is None:
        return None
    try:
        match kind:
            case "clientid" | "username":
                result = target == value
            case "clientid_re" | "username_re":
                result = re.search(target, value) is not None
            case "peerhost":
                result = ip_address(value) == ip_address(target)
            case _:
                result = ip_address(value) in ip_network(target, strict=False)
    except (ValueError, re.error):
        return None
    return result


def is_expired(until: object, now: datetime) -> bool:
    """Return whether a ban's end (RFC 3339, or `infinity`) has passed; EMQX deletes it within a minute."""
    try:
        return datetime.fromisoformat(str(until)).astimezone() <= now
    except (ValueError, OverflowError):
        return False


def describe_ban(ban: Mapping[str, object]) -> str:
    """Return what a ban is by, for messages: `address range`, `client ID pattern`."""
    kind = str(ban.get("as", ""))
    return BAN_KINDS[kind][1] if kind in BAN_KINDS else kind or "unknown kind"
