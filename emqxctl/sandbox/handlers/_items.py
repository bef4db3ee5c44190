"""Lists of objects by key, over their rows in `data/lists.json`: list, show, delete and clear."""

from collections.abc import Callable
from functools import partial
from typing import Any

from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.http.paging import cut_page
from emqxctl.sandbox.http.routing import Call, Credentials, route
from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema.refusals import lookup
from emqxctl.sandbox.state.cluster import Cluster

RowBuilder = Callable[[Call, str, Any], Json]  # from the call, an object's key and the object


def value_at(cluster: Cluster, path: str) -> Any:  # noqa: ANN401 - what the state holds there
    """Return what is at a path of the state, such as `features.traces`."""
    value: Any = cluster
    for part in path.split("."):
        value = value[part] if isinstance(value, dict) else getattr(value, part)
    return value


class Items:
    """One list: `row` builds the JSON of an object from the call, its key and itself."""

    def __init__(
        self, name: str, row: RowBuilder = lambda _call, _key, value: value, table: Row | None = None
    ) -> None:
        """Register the operations that the table names: the given one, or that of `data/lists.json`."""
        self.table: Row = table or read_table("lists")[name]
        self.row = row
        self.key = self.table.get("item", "").rpartition("{")[2].removesuffix("}")
        checks, credentials = self.table.get("checks", {}), self.table.get("credentials", "ANY")
        register = partial(route, edition=self.table.get("edition", ""), credentials=Credentials[credentials])
        for operation, method, path, query, handler in (
            ("list", "GET", "path", self.table.get("query", ()), self.list),
            ("show", "GET", "item", (), self.show),
            ("delete", "DELETE", "item", (), self.delete),
            ("clear", "DELETE", "path", (), self.clear),
        ):
            if operation in self.table["operations"]:
                own = {key: kind for key, kind in checks.items() if f"{{{key}}}" in self.table[path]}
                register(method, self.table[path], query=query, checks=own)(handler)

    def objects(self, call: Call) -> Any:  # noqa: ANN401 - a dictionary of the state's objects, or a list
        """Return the objects by key."""
        return value_at(call.cluster, self.table["objects"].format(**call.bindings))

    def find(self, call: Call, key: str = "", message: str = "") -> Any:  # noqa: ANN401 - an object of the state
        """Return the object of the path, or the named one. Raises EarlyResponse."""
        name = key or call.bindings[self.key]
        status, code, missing = self.table["missing"]
        return lookup(self.objects(call), name, status, code, message or missing.replace("{key}", name))

    def list(self, call: Call) -> Json:
        """List the objects."""
        items = self.objects(call).items()
        rows = [self.row(call, *item) for item in (sorted(items) if "sorted" in self.table else items)]
        return cut_page(rows, call.query, hints=False) if "query" in self.table else rows

    def show(self, call: Call) -> Json:
        """Show one object."""
        return self.row(call, call.bindings[self.key], self.find(call))

    def delete(self, call: Call) -> None:
        """Delete one object; from a `removable` list, one that does not exist too."""
        if "removable" not in self.table:
            self.find(call)
        self.objects(call).pop(call.bindings[self.key], None)

    def clear(self, call: Call) -> None:
        """Delete all objects."""
        self.objects(call).clear()
