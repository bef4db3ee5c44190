"""Access control: authenticators and their users, sources, ACL rules, API keys and dashboard users."""

import hashlib
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from emqxctl.sandbox.messages import Row

DISCARD_PORT = 9


@dataclass(frozen=True)
class Account:
    """One user, with the hash of a password."""

    superuser: bool = False
    hashed: str = ""
    salt: str = ""

    def row(self, name: str) -> Row:
        """Return the user as EMQX writes it."""
        return {"is_superuser": self.superuser, "user_id": name}


Accounts = dict[str, Account]


def new_account(name: str, password: str, *, superuser: bool = False) -> Account:
    """Build an account of a password in clear."""
    salt = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:32]
    hashed = hashlib.sha256((password + salt).encode("utf-8", "replace")).hexdigest()
    return Account(superuser, hashed, salt)


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
