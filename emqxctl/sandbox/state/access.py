"""Access control: authenticators, authorization sources, ACL rules, API keys and dashboard users."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from emqxctl.sandbox.messages import Row
from emqxctl.sandbox.state.accounts import Accounts

DISCARD_PORT = 9


@dataclass
class ApiKey:
    """One API key; `expires` is an epoch second, or None for never."""

    key: str
    secret: str
    description: str
    enabled: bool
    created: int
    expires: int | None = None
    role: str = "administrator"
    scopes: tuple[str, ...] | None = None  # None: all of them
    namespace: str | None = None

    def is_expired(self, now: float) -> bool:
        """Return whether its time is over."""
        return self.expires is not None and self.expires <= now


@dataclass
class AccessControl:
    """All of it. Accounts are kept by chain: an authenticator's id, or a gateway's own chain before it."""

    authenticators: dict[str, Row] = field(default_factory=dict)
    accounts: dict[str, Accounts] = field(default_factory=dict)
    sources: dict[str, Row] = field(default_factory=dict)
    rules: dict[str, dict[str, list[Row]]] = field(default_factory=lambda: {"username": {}, "clientid": {}})
    rules_for_all: list[Row] = field(default_factory=list)
    api_keys: dict[str, ApiKey] = field(default_factory=dict)
    user_roles: dict[str, Row] = field(default_factory=dict)  # role, scopes, namespace, mfa; of Enterprise
    descriptions: dict[str, str] = field(default_factory=lambda: {"admin": "administrator"})

    def chain(self, name: str) -> Accounts:
        """Return the users of one chain."""
        return self.accounts.setdefault(name, {})

    def find_key(self, key: str, secret: str, now: float) -> ApiKey | None:
        """Return the valid API key with a secret."""
        for api_key in self.api_keys.values():
            if (api_key.key, api_key.secret) == (key, secret) and api_key.enabled:
                return None if api_key.is_expired(now) else api_key
        return None


def is_reachable(config: Row) -> bool:
    """Return whether the server of a configuration answers: none does on port 9 or under `.invalid`."""
    address = str(config.get("url") or config.get("server") or config.get("servers") or "tcp://local")
    parts = urlsplit(address if "://" in address else f"tcp://{address.partition(',')[0]}")
    try:
        return parts.port != DISCARD_PORT and not (parts.hostname or "").endswith(".invalid")
    except ValueError:
        return False
