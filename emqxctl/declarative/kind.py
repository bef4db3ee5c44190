"""What a kind of object in a file is: where the server keeps it, and which of its fields are its own."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import NamedTuple, Protocol

from emqxctl.declarative.documents import Json
from emqxctl.resource import Paging

Body = dict[str, Json]
NONE: frozenset[str] = frozenset()


class Api(Protocol):
    """The part of the REST client that is needed here."""

    def get(self, path: str, *arguments: str, query: Mapping[str, object] = ...) -> Json:
        """Return the JSON of a GET."""

    def post(self, path: str, *arguments: str, body: object = None) -> Json:
        """Send a POST."""

    def put(self, path: str, *arguments: str, body: object = None) -> Json:
        """Send a PUT."""

    def delete(self, path: str, *arguments: str) -> Json:
        """Send a DELETE."""


class Form(StrEnum):
    """How a kind is written in a file."""

    MAP = "map"  # name -> object
    LIST = "list"  # objects in an order that matters, each with its key fields
    ITEMS = "items"  # one list that is replaced as a whole


class Level(IntEnum):
    """When a kind is applied: each level needs the ones before it; what can disconnect clients comes last."""

    SETTINGS = 0
    SCHEMAS = 1
    SMART_DATA = 2
    EXTENSIONS = 3
    CONNECTORS = 4
    ACTIONS = 5
    RULES = 6
    TOPICS = 7
    LINKS = 8
    GATEWAYS = 9
    GATEWAY_PARTS = 10
    AUTHORIZATION = 11
    AUTHENTICATION = 12
    CONNECTIONS = 13


class Reference(NamedTuple):
    """Another object that an object needs."""

    kind: str
    key: str


References = Callable[[Body], Iterable[Reference]]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind: facts for reading, comparing and writing its objects.

    `list_path` lists them, `item` is the path of one; `whole_list`: the list holds complete objects.
    `create`, `update`, `delete`, `enable`, `order`, `move` are operations (`PUT /rules/{id}`), empty where
    the server has none. `key` are the fields that name an object, joined by colons; `update_key` those that
    an update wants in its body again. `added` are fields the server adds; `secrets` names of secret fields
    that nothing else states; `unique` fields that no two objects may share; `immutable` fields that an update
    cannot change, `update_without` those of them that it refuses. `schema` is the server's own description:
    the document's name and the end of the component (`put_connector`). `members` are the fixed objects of a
    kind and their paths. `late` are objects applied in the last level, `protected` objects that are pruned
    only by name (`*`: all). `rows`, `read`, `write` replace the usual requests.
    """

    name: str
    noun: str
    level: Level
    list_path: str = ""
    item: str = ""
    key: tuple[str, ...] = ("name",)
    form: Form = Form.MAP
    paging: Paging = Paging.NONE
    query: Mapping[str, object] | None = None
    whole_list: bool = True
    create: str = ""
    update: str = ""
    delete: str = ""
    enable: str = ""
    order: str = ""
    order_body: Callable[[list[str]], object] | None = None
    move: str = ""
    update_key: tuple[str, ...] = ()
    added: frozenset[str] = NONE
    secrets: frozenset[str] = NONE
    masks_since: str = ""  # the first version whose update keeps a secret that is sent as ******
    unique: tuple[str, ...] = ()
    immutable: frozenset[str] = NONE
    update_without: frozenset[str] = NONE
    recreate: bool = False  # an update deletes the object and creates it again
    schema: tuple[str, str] = ("", "")
    late: frozenset[str] = NONE
    disruptive: bool = False  # a change can disconnect clients
    protected: frozenset[str] = NONE
    keep_one: bool = False  # the last object is deleted only by name
    on_request: bool = False  # in an export only with --include
    cannot_unset: bool = False  # a field left out of an update keeps its value
    members: Mapping[str, str] | None = None
    references: References | None = None
    address: Callable[[str], tuple[str, ...]] | None = None
    defaults: Mapping[str, Json] | None = None
    normalize: Callable[[Body], Body] | None = None
    rows: "Callable[[Api], Iterator[Body]] | None" = None
    read: "Callable[[Api, str], Body | None] | None" = None
    write: "Callable[[Api, str, Body, Body | None], None] | None" = None

    def key_of(self, row: Mapping[str, Json]) -> str:
        """Return the key of an object: its key fields, those that are set, joined by colons."""
        parts = [str(row[field]) for field in self.key if row.get(field) not in (None, "")]
        return ":".join(parts)

    def key_fields(self, key: str) -> Body:
        """Return the fields that name an object in its body."""
        values = key.split(":", len(self.key) - 1) if len(self.key) > 1 else [key]
        return dict(zip(self.key, values, strict=False))

    def arguments(self, key: str) -> tuple[str, ...]:
        """Return the path arguments that name an object."""
        return self.address(key) if self.address else (key,)

    def path_of(self, key: str) -> str:
        """Return the path template of one object."""
        return (self.members or {}).get(key, self.item)

    def level_of(self, key: str) -> Level:
        """Return the level in which an object is applied."""
        return Level.CONNECTIONS if key in self.late else self.level

    def is_disruptive(self, key: str) -> bool:
        """Return whether a change of an object can disconnect clients."""
        return self.disruptive or key in self.late

    @property
    def operations(self) -> tuple[str, ...]:
        """The operations that changes of this kind need."""
        return tuple(
            operation for operation in (self.create, self.update, self.delete, self.enable) if operation
        )


def split_operation(operation: str) -> tuple[str, str, int]:
    """Split `PUT /rules/{id}` into its method, its path and the number of placeholders."""
    method, _, path = operation.partition(" ")
    return method, path, len(re.findall(r"\{[^}]*\}", path))
