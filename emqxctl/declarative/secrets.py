"""Secrets in files, plans and reports: found by their position, never by their text."""

import re
from collections.abc import Iterable, Iterator

from emqxctl.declarative.documents import Json, Path, Variable

MASK = "******"  # the server's own
BEFORE, AFTER = "****** (before)", "****** (after)"
# Fields that EMQX masks in some version (emqx_utils_redact), and headers and parts of connection settings.
NAMES = frozenset(
    {
        "account_key",
        "aws_secret_access_key",
        "access_key_secret",
        "bind_password",
        "jwt",
        "password",
        "private_key",
    }
    | {"secret", "secret_access_key", "secret_key", "security_token", "sp_private_key", "token", "api_key"}
    | {
        "authorization",
        "proxy-authorization",
        "sasl_password",
        "api_secret",
        "service_account_json",
        "cookie",
    }
    | {"x-api-key", "passphrase", "key_password", "client_secret", "keyfile_password"}
)
TEMPLATE = re.compile(r"\$\{[^}]*\}")  # EMQX's own: it fills `${password}` in
PRIVATE_KEY = "PRIVATE KEY-----"


def is_secret_name(name: object, extra: frozenset[str] = frozenset()) -> bool:
    """Return whether a field of this name holds a secret."""
    return isinstance(name, str) and (name.lower() in NAMES or name in extra)


def is_secret_value(value: object) -> bool:
    """Return whether a value is a secret in any place: a mask, a variable, a private key."""
    if isinstance(value, Variable):
        return True
    return isinstance(value, str) and (value == MASK or PRIVATE_KEY in value)


def is_secret_position(path: Path, value: object, extra: frozenset[str] = frozenset()) -> bool:
    """Return whether a position holds a secret; `file://` names a file on the nodes and hides nothing."""
    if is_secret_value(value):
        return True
    if isinstance(value, str) and (value.startswith("file://") or TEMPLATE.fullmatch(value)):
        return False
    if isinstance(value, dict | list | bool) or value in (None, ""):
        return False
    return bool(path) and is_secret_name(path[-1], extra)


def secret_positions(body: Json, extra: frozenset[str] = frozenset(), path: Path = ()) -> Iterator[Path]:
    """Yield the positions of the secrets in a body."""
    if is_secret_position(path, body, extra):
        yield path
    elif isinstance(body, dict):
        for key, value in body.items():
            yield from secret_positions(value, extra, (*path, key))
    elif isinstance(body, list):
        for index, value in enumerate(body):
            yield from secret_positions(value, extra, (*path, index))


def mask_positions(body: Json, path: Path = ()) -> Iterator[Path]:
    """Yield the positions where a body holds the server's mask."""
    if body == MASK and not isinstance(body, Variable):
        yield path
    elif isinstance(body, dict):
        for key, value in body.items():
            yield from mask_positions(value, (*path, key))
    elif isinstance(body, list):
        for index, value in enumerate(body):
            yield from mask_positions(value, (*path, index))


def without_secrets(body: Json, positions: Iterable[Path]) -> Json:
    """Return a copy of a body with MASK at the positions of its secrets; variables become plain text."""
    hidden = set(positions)

    def copy(value: Json, path: Path) -> Json:
        if path in hidden:
            return MASK
        if isinstance(value, dict):
            return {str(key): copy(item, (*path, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [copy(item, (*path, index)) for index, item in enumerate(value)]
        return value

    return copy(body, ())


def secret_texts(body: Json, extra: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield the secrets themselves, for the redactor of logs."""
    for path in secret_positions(body, extra):
        value = body
        for step in path:
            value = value[step]
        if str(value) not in ("", MASK):
            yield str(value)
