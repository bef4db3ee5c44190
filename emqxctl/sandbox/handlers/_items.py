"""Objects of the state by key: list, get and delete, for all lists that need no more than their rows."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from emqxctl.sandbox.http.routing import Call, Credentials, route
from emqxctl.sandbox.messages import Json, Response, json_response
from emqxctl.sandbox.schema.refusals import lookup

Value = TypeVar("Value")


@dataclass(frozen=True)
class Items(Generic[Value]):
    """A list: its path, the path's name for a key, the objects, their rows, the error for an unknown one."""

    path: str
    key: str
    objects: Callable[[Call], dict[str, Value]]
    row: Callable[[Call, str, Value], Json]
    missing: tuple[int, str, str]
    credentials: Credentials = Credentials.ANY

    def find(self, call: Call) -> Value:
        """Return the object of the path. Raises EarlyResponse."""
        name = call.bindings[self.key]
        status, code, message = self.missing
        return lookup(self.objects(call), name, status, code, message.replace("{name}", name))

    def list(self, call: Call) -> Response:
        """List the objects."""
        return json_response([self.row(call, *item) for item in self.objects(call).items()])

    def get(self, call: Call) -> Response:
        """Show one object."""
        return json_response(self.row(call, call.bindings[self.key], self.find(call)))

    def delete(self, call: Call) -> Response:
        """Delete one object."""
        self.find(call)
        del self.objects(call)[call.bindings[self.key]]
        return Response(204)

    def serve(self, *operations: str) -> None:
        """Register some of `list`, `get` and `delete`."""
        register = partial(route, credentials=self.credentials)
        for name, method, path in (
            ("list", "GET", self.path),
            ("get", "GET", f"{self.path}/{{{self.key}}}"),
            ("delete", "DELETE", f"{self.path}/{{{self.key}}}"),
        ):
            if name in operations:
                register(method, path)(getattr(self, name))
