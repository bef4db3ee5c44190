"""Where a member of an ordered list is put: `front`, `rear`, `before:other` or `after:other`."""

from typing import TypeVar

Value = TypeVar("Value")


class UnknownPositionError(Exception):
    """Words that name no position."""


class UnknownAnchorError(Exception):
    """A position beside something that is not in the list."""


def move_key(items: dict[str, Value], name: str, position: str) -> dict[str, Value]:
    """Return a dictionary with one of its keys moved.

    Raises UnknownPositionError or UnknownAnchorError (with the missing name).
    """
    names = list(items)
    rest = [other for other in names if other != name]
    word, _, anchor = position.partition(":")
    match word:
        case "front" if not anchor:
            names = [name, *rest]
        case "rear" if not anchor:
            names = [*rest, name]
        case "before" | "after" if anchor:
            if anchor not in names:
                raise UnknownAnchorError(anchor)
            at = rest.index(anchor) + (word == "after") if anchor in rest else names.index(name)
            names = [*rest[:at], name, *rest[at:]]
        case _:
            raise UnknownPositionError(position)
    return {key: items[key] for key in names}


def order_problem(order: list[str], present: list[str], what: str, things: str) -> str:
    """Return the error for a new order of all names, in EMQX's wording; empty if it is valid.

    `what` stands at the start of a sentence, `things` inside of one.
    """
    if strange := [name for name in order if name not in present]:
        return f"{what}: {', '.join(strange)} are not found"
    if missing := [name for name in present if name not in order]:
        return f"No positions are specified for {things}: {', '.join(missing)}"
    return ""
