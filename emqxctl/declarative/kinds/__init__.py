"""The kinds of objects, one module each: a module that defines KIND or KINDS is all that a new one takes."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from emqxctl.declarative.kind import Kind
from emqxctl.errors import UsageError


@cache
def all_kinds() -> dict[str, Kind]:
    """Return every kind by name, in the order in which they are applied."""
    kinds: list[Kind] = []
    for module in iter_modules(__path__):
        loaded = import_module(f"{__name__}.{module.name}")
        kinds += getattr(loaded, "KINDS", ()) or [loaded.KIND]
    return {kind.name: kind for kind in sorted(kinds, key=lambda kind: (kind.level, kind.name))}


def find_close_kind(name: str) -> str:
    """Return the kind that a misspelt name means; empty if none is close."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, all_kinds(), n=1)), "")


def require_kind(name: str) -> None:
    """Check that a name, or the KIND of KIND/KEY, is a kind. Raises UsageError with the close one."""
    kind = name.partition("/")[0]
    if kind in all_kinds():
        return
    close_kind = find_close_kind(kind)
    hint = f"did you mean {close_kind}?" if close_kind else f"kinds: {', '.join(all_kinds())}"
    message = f"unknown kind {kind!r}"
    raise UsageError(message, hint=hint)
