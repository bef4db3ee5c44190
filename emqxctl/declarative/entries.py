"""Parsed files to objects: kinds and keys checked, duplicates within a layer found, layers overlaid."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from emqxctl.declarative.documents import (
    FORMAT,
    FORMAT_NUMBER,
    VERSION,
    Document,
    Entry,
    Json,
    Key,
    Path,
    Place,
    Problem,
    Top,
)
from emqxctl.declarative.kind import Form, Kind
from emqxctl.declarative.kinds import all_kinds, find_close_kind

HEADERS = (FORMAT, VERSION)


def add_entries(document: Document, tops: Sequence[Top], problems: list[Problem]) -> None:
    """Overlay one layer on a document; an object that the layer states twice is a problem."""
    seen: dict[Key, Place] = {}
    for top in tops:
        identities: dict[Path, Key] = {}
        check_header(top, problems)
        document.version = str(top.content.get(VERSION) or document.version)
        for name, value in top.content.items():
            if name in HEADERS:
                continue
            kind = all_kinds().get(name)
            if kind is None:
                problems.append(unknown_kind(name, str(top.places[name,])))
                continue
            if name not in document.kinds:
                document.kinds.append(name)
            problems.extend(find_null_overlays(document, kind, value, top, seen))
            for entry, path in entries_of(kind, value, top, problems):
                add_entry(document, entry, seen, problems)
                identities[path] = (kind.name, entry.key)
        keep_places(document, top, identities)


def check_header(top: Top, problems: list[Problem]) -> None:
    """Check that a file says which format it is in."""
    if top.content.get(FORMAT) != FORMAT_NUMBER:
        place = top.places.get((FORMAT,), Place(top.name, 1))
        message = f"the file does not begin with `{FORMAT}: {FORMAT_NUMBER}`"
        problems.append(Problem("NO_FORMAT", message, str(place)))


def unknown_kind(name: str, place: str) -> Problem:
    """Return the problem of a key that is no kind."""
    close_kind = find_close_kind(name)
    hint = f"; did you mean {close_kind}?" if close_kind else ""
    return Problem("UNKNOWN_KIND", f"unknown kind {name!r}{hint}", place, name)


def entries_of(kind: Kind, value: Json, top: Top, problems: list[Problem]) -> list[tuple[Entry, Path]]:
    """Return the objects that a file states of a kind, each with its path in the file."""
    place = top.places[kind.name,]
    if kind.form is Form.MAP:
        if value is None or isinstance(value, Mapping):
            return [map_entry(kind, key, body, top, problems) for key, body in (value or {}).items()]
        return wrong_form(kind, "a mapping of names", place, problems)
    if not (value is None or isinstance(value, list)):
        return wrong_form(kind, "a list", place, problems)
    if kind.form is Form.ITEMS:
        return [(Entry(kind.name, "", value or [], place), (kind.name,))]
    rows = [list_entry(kind, index, row, top, problems) for index, row in enumerate(value or [])]
    return [row for row in rows if row is not None]


def find_null_overlays(
    document: Document, kind: Kind, value: Json, top: Top, seen: Mapping[Key, Place]
) -> Iterator[Problem]:
    """Yield a problem for each null over what an earlier layer states: it would neither change nor remove it.

    A list that is replaced as a whole is emptied by null.
    """
    earlier = {
        entry.key: entry for entry in document.of_kind(kind.name) if (kind.name, entry.key) not in seen
    }
    reason = "a later file changes objects, but cannot remove them"
    if value is None and earlier and kind.form is not Form.ITEMS:
        first = next(iter(earlier.values()))
        message = f"{kind.name} is null, but {first.place} states {kind.noun} {first.key!r}: {reason}"
        yield Problem("NULL_OVERLAY", message, str(top.places[kind.name,]), kind.name)
    nulls = [key for key, body in value.items() if body is None] if isinstance(value, Mapping) else []
    for key in nulls:
        if key in earlier:
            message = f"{kind.noun} {key!r} is null, but {earlier[key].place} states it: {reason}"
            yield Problem("NULL_OVERLAY", message, str(top.places[kind.name, key]), kind.name)


def wrong_form(kind: Kind, expected: str, place: Place, problems: list[Problem]) -> list[tuple[Entry, Path]]:
    """Note that a kind is not written as it should be."""
    problems.append(Problem("WRONG_FORM", f"{kind.name} must be {expected}", str(place), kind.name))
    return []


def map_entry(kind: Kind, key: str, body: Json, top: Top, problems: list[Problem]) -> tuple[Entry, Path]:
    """Return one object of a mapping; its key is checked, and key fields in its body must agree."""
    path: Path = (kind.name, key)
    place = top.places[path]
    if not (body is None or isinstance(body, Mapping)):
        problems.append(
            Problem("WRONG_FORM", f"{kind.noun} {key!r} must be a mapping", str(place), kind.name)
        )
        body = {}
    named = kind.key_fields(key)
    if kind.members is not None and key not in kind.members:
        close = get_close_matches(key, kind.members, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        problems.append(
            Problem("UNKNOWN_NAME", f"{kind.name}: unknown name {key!r}{hint}", str(place), kind.name)
        )
    elif len(named) < len(kind.key) or not all(named.values()):
        shape = ":".join(field.upper() for field in kind.key)
        problems.append(Problem("BAD_KEY", f"{kind.noun} {key!r} is not {shape}", str(place), kind.name))
    content = dict(body or {})
    for field, expected in named.items():
        if content.pop(field, expected) != expected:
            message = f"{kind.noun} {key!r} has another {field} in its body"
            problems.append(Problem("BAD_KEY", message, str(place), kind.name))
    return Entry(kind.name, key, content, place), path


def list_entry(
    kind: Kind, index: int, row: Json, top: Top, problems: list[Problem]
) -> tuple[Entry, Path] | None:
    """Return one object of a list; its key is in its body."""
    place = top.places[kind.name, index]
    key = kind.key_of(row) if isinstance(row, Mapping) else ""
    if not key:
        fields = " and ".join(kind.key)
        problems.append(
            Problem("NO_KEY", f"an element of {kind.name} has no {fields}", str(place), kind.name)
        )
        return None
    body = {name: value for name, value in row.items() if name not in kind.key}
    return Entry(kind.name, key, body, place), (kind.name, index)


def add_entry(document: Document, entry: Entry, seen: dict[Key, Place], problems: list[Problem]) -> None:
    """Add an object, or overlay it on the one of an earlier layer."""
    identity = (entry.kind, entry.key)
    if identity in seen:
        what = f"{entry.kind} {entry.key}".strip()
        message = f"{what} is stated twice, first in {seen[identity]}"
        problems.append(Problem("DUPLICATE", message, str(entry.place), entry.kind))
        return
    seen[identity] = entry.place
    before = document.entries.get(identity)
    body = overlay(before.body, entry.body) if before else entry.body
    document.entries[identity] = Entry(entry.kind, entry.key, body, entry.place)


def overlay(below: Json, above: Json) -> Json:
    """Overlay a value: mappings field by field, everything else replaced."""
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    return {**below, **{key: overlay(below.get(key), value) for key, value in above.items()}}


def keep_places(document: Document, top: Top, identities: Mapping[Path, Key]) -> None:
    """Keep the line of every value under the kind and key of its object."""
    for path, place in top.places.items():
        for size in (2, 1):
            identity = identities.get(path[:size])
            if identity is not None:
                document.places[identity + path[size:]] = place
                break
