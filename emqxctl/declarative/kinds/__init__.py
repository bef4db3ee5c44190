"""The kinds of objects, one module each: a module that defines KIND or KINDS is all that a new one takes."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from emqxctl.declarative.kind import Kind


@cache
def all_kinds() -> dict[str, Kind]:
    """Return every kind by name, in the order in which they are applied."""
    kinds: list[Kind] = []
    for module in iter_modules(__path__):
        loaded = import_module(f"{__name__}.{module.name}")
        kinds += getattr(loaded, "KINDS", ()) or [loaded.KIND]
    return {kind.name: kind for kind in sorted(kinds, key=lambda kind: (kind.level, kind.name))}
