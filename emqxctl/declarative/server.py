"""A server's objects by kind: read, created, changed, deleted, put in order, by the facts of their kind."""

from collections.abc import Iterable, Iterator, Mapping

from emqxctl.api.pagination import iterate_rows
from emqxctl.declarative.documents import Json
from emqxctl.declarative.fetch import fetch_list
from emqxctl.declarative.kind import Api, Body, Form, Kind, split_operation
from emqxctl.declarative.server_schemas import ServerSchemas, Shape
from emqxctl.emqx.operations import parse_version, unavailable_reason
from emqxctl.errors import EmqxctlError, ExitCode, UnsupportedError

ITEMS = "items"  # the field with the list of a kind without keys, in its one object


class Server:
    """One server: its version, its objects, and the requests that change them."""

    def __init__(self, api: Api, anonymous: Api | None = None) -> None:
        """Use a client, and one without credentials for what needs none."""
        self.api = api
        self.schemas = ServerSchemas(anonymous)
        self.version, self.edition = "", ""

    def read_version(self) -> str:
        """Read which EMQX the server runs."""
        versions = [node for node in fetch_list(self.api, "/nodes") if node.get("version")]
        first: Body = versions[0] if versions else {}
        self.version, self.edition = str(first.get("version", "")), str(first.get("edition", ""))
        return self.version

    def missing_reason(self, kind: Kind, key: str = "") -> str:
        """Return why the server does not have a kind, or nothing."""
        path = kind.path_of(key) if kind.members else kind.list_path
        return unavailable_reason(f"GET {path}", self.version, self.edition) or ""

    def has_operation(self, operation: str) -> bool:
        """Return whether the server has an operation; what nothing is known of is taken to be there."""
        return not unavailable_reason(operation, self.version, self.edition)

    def is_at_least(self, version: str) -> bool:
        """Return whether the server's version is this one or later; an unknown one is."""
        own_version, required_version = parse_version(self.version), parse_version(version)
        return not own_version or not required_version or own_version.first >= required_version.first

    def keeps_masks(self, kind: Kind) -> bool:
        """Return whether an update that sends ****** keeps the secret."""
        return bool(kind.masks_since) and self.is_at_least(kind.masks_since)

    def shape_of(self, kind: Kind, key: str) -> Shape | None:
        """Return the server's own description of an object."""
        return self.schemas.shape_of(kind, key)

    def read_kind(self, kind: Kind, keys: list[str] | None = None) -> dict[str, Body]:
        """Read the objects of a kind by key, in the server's order.

        Where the list does not hold whole objects, only those `wanted` are read one by one (None: all).
        """
        if kind.members is not None:
            return self.read_members(kind, keys)
        if kind.form is Form.ITEMS:
            rows = list(kind.rows(self.api)) if kind.rows else fetch_list(self.api, kind.list_path)
            return {"": {ITEMS: rows}}
        objects: dict[str, Body] = {}
        for row in self.rows(kind):
            key = self.key_of(kind, row)
            if kind.whole_list or keys is None:
                objects[key] = row if kind.whole_list else self.read(kind, key) or row
            elif key in keys:
                objects[key] = self.read(kind, key) or row
            else:
                objects[key] = row
        return objects

    def read_members(self, kind: Kind, keys: list[str] | None) -> dict[str, Body]:
        """Read the fixed objects of a kind, those wanted, or all that the server has."""
        members: dict[str, Body] = {}
        for key in kind.members or {}:
            if (keys is None or key in keys) and not self.missing_reason(kind, key):
                row = self.read(kind, key)
                if row is not None:
                    members[key] = row
        return members

    def rows(self, kind: Kind) -> Iterator[Body]:
        """Yield the rows of a kind's list."""
        if kind.rows:
            yield from kind.rows(self.api)
            return
        query = {name: value for name, value in (kind.query or {}).items() if self.is_at_least("6.0.0")}

        def fetch(page: Mapping[str, object]) -> Json:
            return self.api.get(kind.list_path, query=page)

        for row in iterate_rows(fetch, kind.paging, query):
            if row.get("namespace") in (None, "", "global"):
                yield row

    @staticmethod
    def key_of(kind: Kind, row: Mapping[str, Json]) -> str:
        """Return the key of a row; older lists hold the id alone."""
        if all(row.get(field) for field in kind.key) or "id" not in row or kind.form is Form.LIST:
            return kind.key_of(row)
        return str(row["id"])

    def read(self, kind: Kind, key: str) -> Body | None:
        """Read one object; None where there is none."""
        if kind.form is Form.ITEMS:
            return self.read_kind(kind)[""]
        path = kind.path_of(key)
        try:
            if kind.read:
                body: Json = kind.read(self.api, key)
            elif not path:
                return next((row for row in self.rows(kind) if self.key_of(kind, row) == key), None)
            else:
                body = self.api.get(path, *kind.arguments(key) if not kind.members else ())
        except EmqxctlError as error:
            if error.exit_code is ExitCode.NOT_FOUND:
                return None
            raise
        if isinstance(body, list):  # the documents promise a list of one for validations
            body = body[0] if body else None
        return body if isinstance(body, dict) else None

    def create(self, kind: Kind, key: str, body: Json) -> None:
        """Create an object."""
        if kind.write:
            kind.write(self.api, key, body, None)
        elif kind.create.startswith("PUT "):
            self.call(kind.create, kind.arguments(key), body)
        else:
            _, _, count = split_operation(kind.create)
            named = {name: value for name, value in kind.key_fields(key).items() if name != "gateway"}
            self.call(kind.create, kind.arguments(key)[:count], {**body, **named})

    def update(self, kind: Kind, key: str, body: Json, before: Body | None) -> None:
        """Send an object whole in place of what it was."""
        if kind.write:
            kind.write(self.api, key, body, before)
        elif kind.form is Form.ITEMS:
            self.call(kind.update, (), body)
        elif kind.members is not None:
            self.call(f"{kind.update} {kind.members[key]}", (), body)
        elif kind.recreate:
            self.delete(kind, key)
            self.create(kind, key, body)
        else:
            named = {"id": key, **kind.key_fields(key)}
            again = {name: named[name] for name in kind.update_key if name in named}
            _, _, count = split_operation(kind.update)
            sent = {name: value for name, value in body.items() if name not in kind.update_without}
            self.call(kind.update, kind.arguments(key)[:count], {**sent, **again})

    def delete(self, kind: Kind, key: str) -> None:
        """Delete an object; a gateway, which cannot be unloaded, is disabled."""
        if kind.delete:
            _, _, count = split_operation(kind.delete)
            self.call(kind.delete, kind.arguments(key)[:count])
        else:
            self.enable(kind, key, enabled=False)

    def enable(self, kind: Kind, key: str, *, enabled: bool) -> None:
        """Enable or disable an object."""
        self.call(kind.enable, (*kind.arguments(key), "true" if enabled else "false"))

    def reorder(self, kind: Kind, keys: list[str]) -> None:
        """Put all objects of a kind in order: in one request, or move by move."""
        if kind.order and self.has_operation(kind.order) and kind.order_body:
            self.call(kind.order, (), kind.order_body(keys))
            return
        previous = ""
        for key in keys:
            position = f"after:{previous}" if previous else "front"
            if "{position}" in kind.move:
                self.call(kind.move, (key, position))
            else:
                self.call(kind.move, (key,), {"position": position})
            previous = key

    def call(self, operation: str, arguments: tuple[str, ...], body: object = None) -> None:
        """Send one operation."""
        method, path, _ = split_operation(operation)
        match method:
            case "POST":
                self.api.post(path, *arguments, body=body)
            case "PUT":
                self.api.put(path, *arguments, body=body)
            case _:
                self.api.delete(path, *arguments)

    def require_kinds(self, kinds: Iterable[Kind]) -> None:
        """Raise UnsupportedError that names all of some kinds that the server does not have."""
        named_kinds = [kind for kind in kinds if kind.members is None]
        reasons = [f"{kind.name} {reason}" for kind in named_kinds if (reason := self.missing_reason(kind))]
        if reasons:
            hint = "list what the server supports: emqxctl cluster compat"
            raise UnsupportedError("; ".join(reasons), hint=hint)
