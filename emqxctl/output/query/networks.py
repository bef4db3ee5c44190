"""`--where 'ip_address in 10.0.0.0/8'`: whether an address is in a network."""

import re
from collections.abc import Callable

from emqxctl.errors import UsageError

NETWORK = re.compile(r"([0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*)/[0-9]+")


def compile_network_test(text: str) -> Callable[[object], bool]:
    """Return the test whether an address (`10.1.2.3`, `10.1.2.3:1883`) is in a network."""
    from ipaddress import IPv6Address, ip_address, ip_network

    try:
        block = ip_network(text, strict=False)
    except ValueError as error:
        message = f"invalid --where: {text!r} is not a network: {error}"
        raise UsageError(message, hint="example: 10.0.0.0/8 or fd00::/8") from error

    def is_inside(value: object) -> bool:
        if not isinstance(value, str):
            return False
        try:
            address = ip_address(value.rsplit(":", 1)[0] if value.count(":") == 1 else value.strip("[]"))
        except ValueError:
            return False
        if isinstance(address, IPv6Address) and address.ipv4_mapped and block.version == 4:
            address = address.ipv4_mapped
        return address in block

    return is_inside
