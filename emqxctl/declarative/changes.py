"""Changes and plans: what is to be done to which object, why, and what became of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from emqxctl.declarative.documents import Json, Path, Problem
from emqxctl.declarative.kind import Body, Kind, Reference
from emqxctl.declarative.server_schemas import MISSING

ABSENT = MISSING


class Action(StrEnum):
    """What is done to an object."""

    CREATE = "create"
    UPDATE = "update"
    ENABLE = "enable"
    DISABLE = "disable"
    DELETE = "delete"
    REORDER = "reorder"
    NONE = "none"


class Cause(StrEnum):
    """Which side moved since the last apply; without a record every change is the file's."""

    FILE = "file"
    DRIFT = "drift"
    BOTH = "both"


class Outcome(StrEnum):
    """What became of a change."""

    DONE = "done"
    FAILED = "failed"
    NOT_TRIED = "not_tried"
    UNCHANGED = "unchanged"


class FieldChange(NamedTuple):
    """One field of a change; ABSENT where a side does not have it; `recorded` is the last applied value."""

    path: Path
    before: Json
    after: Json
    secret: bool = False
    cause: Cause = Cause.FILE
    recorded: Json = ABSENT


@dataclass
class Change:
    """One change of one object.

    `stated` is what the file says, `body` what is sent, `before` the object as it was read without what the
    server adds. `keys` is the wanted order of a reorder. `outcome` and `error` are set by the apply;
    what is not `is_whole` leaves fields as they are on the server, so that it is not recorded.
    """

    kind: Kind
    key: str
    action: Action
    cause: Cause = Cause.FILE
    fields: tuple[FieldChange, ...] = ()
    stated: Json = None
    body: Json = None
    before: Body | None = None
    keys: tuple[str, ...] = ()
    outcome: Outcome | None = None
    error: dict[str, Json] | None = None
    is_whole: bool = True

    @property
    def identity(self) -> Reference:
        """The kind and key of the object."""
        return Reference(self.kind.name, self.key)

    @property
    def is_disruptive(self) -> bool:
        """Whether the change can disconnect clients; a listener that is added disconnects none."""
        return self.kind.is_disruptive(self.key) and self.action is not Action.CREATE

    def needs(self) -> Iterator[Reference]:
        """Yield the objects that must be there after the change."""
        if self.action in {Action.DELETE, Action.REORDER}:
            return
        yield from references_of(self.kind, self.key, self.body)

    def needed(self) -> Iterator[Reference]:
        """Yield the objects that must be there until the change is made."""
        if self.before is not None:
            yield from references_of(self.kind, self.key, self.before)


def references_of(kind: Kind, key: str, body: Json) -> Iterator[Reference]:
    """Yield the objects that an object refers to."""
    if kind.references and isinstance(body, dict):
        yield from kind.references({**body, **kind.key_fields(key)})


class Options(NamedTuple):
    """What an apply may do in addition to what the files state.

    `prune` are kinds or KIND/NAME whose recorded objects are deleted when they left the file (all kinds where
    `prune_recorded` is set and this is empty); `prune_all` kinds that the files own whole. `take` decides
    conflicts: `file` or `server`. `send_secrets` sends objects whose secrets cannot be compared.
    """

    prune_recorded: bool = False
    prune: tuple[str, ...] = ()
    prune_all: tuple[str, ...] = ()
    take: str = ""
    send_secrets: bool = False


@dataclass
class Plan:
    """All changes, in the order in which they are made, and what there is to say about them.

    `unchanged` are the objects that are as the file states; `hidden` counts secrets that cannot be compared;
    `refusals` are what forbids to apply; `orphans` are recorded objects that left the file; `missing` are
    variables that are not set; `orders` is the order of each list in the files.
    """

    changes: list[Change] = field(default_factory=list)
    unchanged: list[Change] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    refusals: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    orphans: list[Reference] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    orders: dict[str, list[str]] = field(default_factory=dict)
    hidden: int = 0

    @property
    def deletes(self) -> list[Change]:
        """The changes that delete."""
        return [change for change in self.changes if change.action is Action.DELETE]

    @property
    def conflicts(self) -> list[Change]:
        """The changes of which both sides moved."""
        return [change for change in self.changes if change.cause is Cause.BOTH]

    def count(self, action: Action) -> int:
        """Return how many changes do this."""
        return sum(change.action is action for change in self.changes)
