"""The simulated operations: `data/operations.json` says which function of which module has which path."""

from importlib import import_module
from operator import attrgetter
from pkgutil import iter_modules
from types import ModuleType

from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.handlers._collections import Collection
from emqxctl.sandbox.handlers._rows import build_handler
from emqxctl.sandbox.http.routing import ROUTES, Handler, Route, serve_row
from emqxctl.sandbox.messages import Row
from emqxctl.sandbox.state.cluster import ENTERPRISE


def find_handler(module: ModuleType, operation: str, row: Row) -> Handler:
    """Return the handler of a row: `call` names one, `per_node` the document of a node that runs."""
    if "call" in row:
        handler: Handler = attrgetter(row["call"])(module)
        return handler
    if "per_node" in row:
        document = getattr(module, row["per_node"])
        return lambda call: document(call.cluster, call.running_node())
    return build_handler(operation, row)


def routes(edition: str) -> list[Route]:
    """Register the operations of every module, and return those of an edition."""
    for name in sorted(info.name for info in iter_modules(__path__) if not info.name.startswith("_")):
        module = import_module(f"{__name__}.{name}")
        for operation, row in read_table("operations").get(name, {}).items():
            serve_row(operation, find_handler(module, operation, row), row)
    for name, table in read_table("enterprise")["collections"].items():
        Collection(name, table)
    shared = {key[1:]: entry for key, entry in ROUTES.items() if not key[0]}
    own = {key[1:]: entry for key, entry in ROUTES.items() if key[0] == edition}
    removed = read_table("enterprise")["removed"] if edition == ENTERPRISE else ()
    return [entry for entry in {**shared, **own}.values() if not entry.path.startswith(tuple(removed))]
