"""The server's description of its settings, GET /schemas/NAME: types, defaults, secrets, fields."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from emqxctl.declarative.documents import Json
from emqxctl.declarative.kind import Api, Kind
from emqxctl.errors import EmqxctlError

MISSING = object()


@dataclass(frozen=True)
class Shape:
    """One value's description, and the document that its references point into."""

    schema: Mapping[str, Json]
    components: Mapping[str, Json]

    @cached_property
    def resolved(self) -> Mapping[str, Json]:
        """The description with its reference followed."""
        name = str(self.schema.get("$ref", "")).rpartition("/")[2]
        target = self.components.get(name)
        if not name or not isinstance(target, Mapping):
            return self.schema
        return {**target, **{key: value for key, value in self.schema.items() if key != "$ref"}}

    @property
    def type_name(self) -> str:
        """The server's name of the type: `duration`, `byteSize`, `string` ..., empty where there is none."""
        type_name = self.resolved.get("type")
        return type_name if isinstance(type_name, str) else ""

    @property
    def default(self) -> object:
        """The default, or MISSING."""
        return self.resolved.get("default", MISSING)

    @property
    def is_secret(self) -> bool:
        """Whether the server calls the value a password."""
        return self.resolved.get("format") == "password"

    @property
    def fields(self) -> frozenset[str]:
        """The names of an object's fields, empty where they are free."""
        return frozenset(self.resolved.get("properties") or ())

    @property
    def required(self) -> frozenset[str]:
        """The names of the fields that must be there."""
        return frozenset(self.resolved.get("required") or ())

    def field(self, name: str | int) -> "Shape | None":
        """Return the description of a field, or of the elements of a list."""
        if isinstance(name, int):
            schema = self.resolved.get("items")
        else:
            schema = (self.resolved.get("properties") or {}).get(name)
        return Shape(schema, self.components) if isinstance(schema, Mapping) else None


class ServerSchemas:
    """The descriptions a server gives, each document read once and only when needed."""

    def __init__(self, api: Api | None) -> None:
        """Use a client without credentials, or None: nothing is known then."""
        self.api = api
        self.documents: dict[str, Mapping[str, Json]] = {}

    def document(self, name: str) -> Mapping[str, Json]:
        """Return the components of a document; empty where the server has none (before 5.0.23 or 5.3.1)."""
        if name not in self.documents:
            self.documents[name] = self.fetch(name)
        return self.documents[name]

    def fetch(self, name: str) -> Mapping[str, Json]:
        """Read one document; a server that does not have it knows no schemas."""
        if self.api is None:
            return {}
        try:
            document = self.api.get("/schemas/{name}", name)
        except EmqxctlError:
            return {}
        components = document.get("components", {}) if isinstance(document, Mapping) else {}
        return components.get("schemas", {}) if isinstance(components, Mapping) else {}

    def shape_of(self, kind: Kind, key: str) -> Shape | None:
        """Return what the server takes in an update of an object, or None where it does not say."""
        name, part = kind.schema
        if not name or self.api is None:
            return None
        components = self.document(name)
        if name == "hotconf":
            return root_shape(key, components)
        type_name = key.partition(":")[0]
        for component in put_components(components, part, type_name):
            return Shape(components[component], components)
        return None


def put_components(components: Mapping[str, Json], part: str, type_name: str) -> Iterator[str]:
    """Yield the components of an update of a type, the best first: `put_X` beside the `post_X` of that type.

    Some modules hold one kind of object alone, so that their components are just `post` and `put`.
    """
    for prefix in dict.fromkeys((f"post_{part}".removesuffix("_"), "post")):
        for name, schema in components.items():
            module, _, last = name.rpartition(".")
            symbols = ((schema.get("properties") or {}).get("type") or {}).get("symbols") or ()
            put = f"{module}.{last.replace('post', 'put', 1)}"
            if last == prefix and type_name in symbols and put in components:
                yield put


# Parts of `/configs/global_zone`, each with a component of its own.
ZONE = ("durable_sessions", "flapping_detect", "force_gc", "force_shutdown", "mqtt")


def root_shape(root: str, components: Mapping[str, Json]) -> Shape | None:
    """Return the description of a root of `/configs`."""
    if root == "global_zone":
        parts = {name: {"$ref": f"#/{'emqx.' + name}"} for name in ZONE if f"emqx.{name}" in components}
        return Shape({"type": "object", "properties": parts}, components) if parts else None
    component = components.get(f"emqx.{root}")
    return Shape(component, components) if isinstance(component, Mapping) else None
