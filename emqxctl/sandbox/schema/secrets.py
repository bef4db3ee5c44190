"""Secrets of configurations: masked when they are shown, kept when the mask is sent back."""

from emqxctl.sandbox.messages import Json

MASK = "******"
SECRET_NAMES = frozenset(
    ("password", "secret", "authorization", "proxy-authorization", "api_key", "secret_access_key")
)


def is_secret(name: str, value: Json) -> bool:
    """Return whether EMQX hides a field; a placeholder such as `${password}` is no secret."""
    placeholder = isinstance(value, str) and value.startswith("${")
    return name.lower() in SECRET_NAMES and bool(value) and not placeholder


def mask(value: Json) -> Json:
    """Hide the secrets of a configuration."""
    if isinstance(value, dict):
        return {name: MASK if is_secret(name, child) else mask(child) for name, child in value.items()}
    return value


def unmask(value: Json, old: Json) -> Json:
    """Restore the stored secrets where masks were sent back."""
    if not isinstance(value, dict) or not isinstance(old, dict):
        return value
    return {
        name: old[name] if child == MASK and name in old else unmask(child, old.get(name))
        for name, child in value.items()
    }
