"""The users of a built-in database: of an authenticator, and of a gateway's or its listener's."""

import hashlib
from dataclasses import dataclass

from emqxctl.sandbox.messages import Row


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
