"""A server's objects as a document: without what the server adds, without defaults, without secrets."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from emqxctl.declarative.documents import Json, Path
from emqxctl.declarative.kind import Body, Form, Kind
from emqxctl.declarative.kinds import all_kinds, require_kind
from emqxctl.declarative.projection import Comparer, own_fields
from emqxctl.declarative.secrets import MASK, is_secret_position
from emqxctl.declarative.server import ITEMS, Server
from emqxctl.declarative.server_schemas import MISSING, Shape
from emqxctl.declarative.write import Placeholder, Stated
from emqxctl.errors import EmqxctlError, ExitCode, NotFoundError

GONE: Json = MISSING
# A kind that may not be read, or whose feature is off, is left out of an export of all.
UNREADABLE = frozenset({ExitCode.FORBIDDEN, ExitCode.UNSUPPORTED, ExitCode.SERVER})


class Choice(NamedTuple):
    """What to export: kinds or KIND/NAME (all where empty), kinds on request, defaults and masks too."""

    only: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    full: bool = False
    keep_masks: bool = False


@dataclass
class Export:
    """Objects by kind, and the variables that replace their secrets, each with its place.

    What could not be read is named in `notes`, and makes the export incomplete.
    """

    objects: dict[str, list[Stated]] = field(default_factory=dict)
    places: dict[str, tuple[str, str, Path]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def variables(self) -> list[str]:
        """The names of the variables."""
        return sorted(self.places)

    def variable(self, place: tuple[str, str, Path]) -> str:
        """Return the variable of a secret; two secrets never share one."""
        kind, key, path = place
        name = base = variable_name(kind, key, path)
        number = 2
        while self.places.get(name, place) != place:
            name, number = f"{base}_{number}", number + 1
        self.places[name] = place
        return name


def check_choice(choice: Choice) -> None:
    """Raise UsageError for a kind that is not known."""
    for name in (*choice.only, *choice.include):
        require_kind(name)


def read_export(server: Server, choice: Choice) -> Export:
    """Read the objects that were chosen. Kinds that this EMQX does not have are left out.

    Raises NotFoundError for a chosen object that does not exist, UnsupportedError for chosen kinds that the
    server does not have.
    """
    server.read_version()
    if choice.only:
        server.require_kinds(kind for kind in all_kinds().values() if select_keys(kind, choice) is not None)
    export, missing = Export(), list[tuple[Kind, str]]()
    for name, kind in all_kinds().items():
        keys = select_keys(kind, choice)
        if keys is None:
            continue
        if kind.members is not None or not server.missing_reason(kind):
            export.objects[name] = list(read_kind(server, kind, keys, choice, export))
            missing += [(kind, key) for key in missing_keys(kind, keys, export.objects[name])]
    refuse_missing(missing)
    if "bridges" in export.objects and "connectors" in export.objects:
        del export.objects["bridges"]  # the same objects, under their former name
    return export


def missing_keys(kind: Kind, keys: list[str], objects: list[Stated]) -> list[str]:
    """Return the chosen keys that were not read; settings that are all defaults exist, but state nothing."""
    existing = {stated.key for stated in objects} | set(kind.members or ())
    return [key for key in keys if key not in existing]


def refuse_missing(missing: list[tuple[Kind, str]]) -> None:
    """Raise NotFoundError for chosen objects that do not exist."""
    if missing:
        names = ", ".join(f"{kind.noun} {key!r}" for kind, key in missing)
        message = f"cannot export {names}: not found"
        raise NotFoundError(message, hint=f"show all of a kind: emqxctl export --only {missing[0][0].name}")


def select_keys(kind: Kind, choice: Choice) -> list[str] | None:
    """Return the keys that were chosen of a kind, an empty list for all, None where the kind was not."""
    if not choice.only:
        return None if kind.on_request and kind.name not in choice.include else []
    if kind.name in choice.only or kind.name in choice.include:
        return []
    keys = [selector.partition("/")[2] for selector in choice.only if selector.startswith(kind.name + "/")]
    return keys or None


def read_kind(
    server: Server, kind: Kind, keys: list[str], choice: Choice, export: Export
) -> Iterator[Stated]:
    """Yield the objects of one kind; one that may not be read is noted."""
    try:
        objects = server.read_kind(kind, keys or None)
    except EmqxctlError as error:
        if error.exit_code not in UNREADABLE or choice.only:
            raise
        export.notes.append(f"{kind.name} left out: {error.message}")
        return
    for key, row in objects.items():
        if keys and key not in keys:
            continue
        shape = server.shape_of(kind, key)
        body: Json = own_fields(kind, row, shape)
        if not choice.full:
            body = without_defaults(body, Comparer(kind, shape))
        if kind.members is not None and not body:
            continue
        body = Placeholders(kind, key, choice.keep_masks, export).replace(body, ())
        yield Stated(key, body[ITEMS] if kind.form is Form.ITEMS else body)


def without_defaults(body: Body, comparer: Comparer) -> Body:
    """Return a body without the fields that are as they would be if nothing were said."""
    required = comparer.shape.required if comparer.shape else frozenset()
    kept = {}
    for name, value in body.items():
        shape = comparer.shape.field(name) if comparer.shape else None
        remaining = strip(value, (name,), shape, comparer)
        if remaining is not GONE or name in required:
            kept[name] = value if remaining is GONE else remaining
    return kept


def strip(value: Json, path: Path, shape: Shape | None, comparer: Comparer) -> Json:
    """Return a value without its defaults, GONE where nothing is left of it."""
    default = comparer.default_at(path, shape)
    if default is not MISSING and not isinstance(value, dict):
        return GONE if comparer.is_same(value, default, path) else value
    if not isinstance(value, dict) or not value:
        return value
    if isinstance(default, Mapping) and default and not (shape and shape.fields):
        # A default object with free fields (headers) is replaced whole, so it is left out or kept whole.
        return GONE if default == value else value
    kept = {}
    for name, item in value.items():
        remaining = strip(item, (*path, name), shape.field(name) if shape else None, comparer)
        if remaining is not GONE:
            kept[name] = remaining
    return kept or GONE


class Placeholders:
    """Replaces the secrets of one object by `!env` placeholders."""

    def __init__(self, kind: Kind, key: str, keep: bool, export: Export) -> None:
        """Add the variables to an export; with `keep` masks stay masks."""
        self.kind = kind
        self.key = key
        self.keep = keep
        self.export = export

    def replace(self, value: Json, path: Path) -> Json:
        """Return a value with placeholders for its secrets, those too that the server shows in clear."""
        is_mask = value == MASK
        if (is_mask and not self.keep) or (
            not is_mask and is_secret_position(path, value, self.kind.secrets)
        ):
            return Placeholder(self.export.variable((self.kind.name, self.key, path)))
        if isinstance(value, dict):
            return {key: self.replace(item, (*path, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self.replace(item, (*path, index)) for index, item in enumerate(value)]
        return value


def variable_name(kind: str, key: str, path: Sequence[str | int]) -> str:
    """Return the variable of a secret: CONNECTORS_HTTP_ARCHIVE_PASSWORD."""
    text = "_".join(str(part) for part in (kind, key, *path))
    return "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in text).upper()
