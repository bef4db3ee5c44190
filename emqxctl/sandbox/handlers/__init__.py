"""The simulated operations: `data/operations.json` says which function of which module has which path."""

from importlib import import_module
from operator import attrgetter
from pathlib import Path

from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.handlers._collections import Collection
from emqxctl.sandbox.handlers._rows import build_handler
from emqxctl.sandbox.http.routing import ROUTES, Route, serve_row
from emqxctl.sandbox.state.cluster import ENTERPRISE


def routes(edition: str) -> list[Route]:
    """Register the operations of every module, and return those of an edition."""
    for path in sorted(Path(__file__).parent.glob("[a-z]*.py")):
        module = import_module(f"{__name__}.{path.stem}")
        for operation, row in read_table("operations").get(path.stem, {}).items():
            own = attrgetter(row["call"])(module) if "call" in row else build_handler(operation, row)
            serve_row(operation, own, row)
    for name, table in read_table("enterprise")["collections"].items():
        Collection(name, table)
    shared = {key[1:]: entry for key, entry in ROUTES.items() if not key[0]}
    own = {key[1:]: entry for key, entry in ROUTES.items() if key[0] == edition}
    removed = read_table("enterprise")["removed"] if edition == ENTERPRISE else ()
    return [entry for entry in {**shared, **own}.values() if not entry.path.startswith(tuple(removed))]
