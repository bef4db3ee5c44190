"""A cluster in memory for kinds that the sandbox does not simulate: it keeps what is sent."""

import copy
from collections.abc import Mapping
from typing import Any

from emqxctl.declarative.changes import references_of
from emqxctl.declarative.kind import Kind, Reference
from emqxctl.declarative.kinds import all_kinds
from emqxctl.errors import ExitCode, ServerError

Row = dict[str, Any]


def refusal(text: object, code: ExitCode = ExitCode.REJECTED) -> ServerError:
    """Return an error response."""
    text = str(text)
    return ServerError(text, code="BAD_REQUEST", exit_code=code)


class MemoryCluster:
    """Answers the operations of simple kinds; `sent` are the writes it got, with their bodies."""

    def __init__(self, version: str, edition: str = "Enterprise") -> None:
        """Start empty."""
        self.version, self.edition = version, edition
        self.held: dict[str, dict[str, Row]] = {name: {} for name in all_kinds()}
        self.sent: list[tuple[str, tuple[str, ...], Any]] = []
        self.operations: dict[str, tuple[Kind, str]] = {}
        for kind in all_kinds().values():
            for use in ("create", "update", "delete", "enable", "order", "move"):
                operation = getattr(kind, use)
                if " " in operation:
                    self.operations[operation] = (kind, use)

    def get(self, path: str, *arguments: str, query: Mapping[str, object] = {}) -> Any:
        """Return a list or an object."""
        if path == "/nodes":
            return [{"node": "n", "version": self.version, "edition": self.edition}]
        for kind in all_kinds().values():
            rows = self.held[kind.name]
            if path == kind.item:
                if arguments[-1] not in rows:
                    raise refusal(arguments[-1], ExitCode.NOT_FOUND)
                return copy.deepcopy(rows[arguments[-1]])
            if path == kind.list_path:
                return self.list_of(kind, query)
        raise refusal(path, ExitCode.NOT_FOUND)

    def list_of(self, kind: Kind, query: Mapping[str, object]) -> Any:
        """Return the list of a kind in the form that the server has."""
        rows = copy.deepcopy(list(self.held[kind.name].values()))
        if kind.name == "external_registries":
            return {row.pop("name"): row for row in rows}
        if kind.paging == "none":
            return {"sources": rows} if kind.name == "authorization" else rows
        return {"data": rows if query.get("page", 1) == 1 else [], "meta": {"hasnext": False}}

    def post(self, path: str, *arguments: str, body: Any = None) -> Any:
        """Take a POST."""
        return self.write("POST", path, arguments, body)

    def put(self, path: str, *arguments: str, body: Any = None) -> Any:
        """Take a PUT."""
        return self.write("PUT", path, arguments, body)

    def delete(self, path: str, *arguments: str) -> Any:
        """Take a DELETE."""
        return self.write("DELETE", path, arguments, None)

    def write(self, method: str, path: str, arguments: tuple[str, ...], body: Any) -> Any:
        """Do what an operation says. Raises ServerError."""
        operation = f"{method} {path}"
        kind, use = self.operations[operation]
        self.sent.append((operation, arguments, copy.deepcopy(body)))
        rows = self.held[kind.name]
        key = arguments[0] if arguments else ""
        self.check_references(kind, use, key, body)
        match use:
            case "create":
                key = kind.key_of(body)
                if key in rows:
                    raise refusal(key)
                rows[key] = {**copy.deepcopy(dict(kind.defaults or {})), **body}
            case "update":
                key = key or kind.key_of(body)
                if key not in rows or set(body) & kind.update_without:
                    raise refusal(sorted(body))
                fixed = {
                    name: rows[key][name] for name in (*kind.key, *kind.update_without) if name in rows[key]
                }
                rows[key] = {**copy.deepcopy(dict(kind.defaults or {})), **body, **fixed}
            case "delete":
                del rows[key]
            case "enable":
                rows[key]["enable"] = arguments[1] == "true"
            case _:
                self.reorder(kind, use, arguments, body)

    def check_references(self, kind: Kind, use: str, key: str, body: Any) -> None:
        """Refuse an object that needs another that is not there, and the delete of one that is needed."""
        if use in {"create", "update"}:
            for needed in references_of(kind, key or kind.key_of(body), body):
                if needed.key not in self.held[needed.kind]:
                    raise refusal(needed)
        if use == "delete":
            for user in all_kinds().values():
                for other, row in self.held[user.name].items():
                    if Reference(kind.name, key) in set(references_of(user, other, row)):
                        raise refusal(other)

    def reorder(self, kind: Kind, use: str, arguments: tuple[str, ...], body: Any) -> None:
        """Put the objects of a kind in order; all must be named."""
        rows = self.held[kind.name]
        if use == "order":
            found = body["order"] if isinstance(body, dict) else [next(iter(one.values())) for one in body]
            if sorted(found) != sorted(rows):
                raise refusal(found)
        else:
            position = body["position"] if body else arguments[1]
            found = [key for key in rows if key != arguments[0]]
            anchor = position.partition(":")[2]
            found.insert(found.index(anchor) + 1 if anchor else 0, arguments[0])
        self.held[kind.name] = {key: rows[key] for key in found}
