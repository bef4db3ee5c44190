"""The simulated operations: `data/operations.json` says which function of which module has which path."""

from importlib import import_module
from operator import attrgetter
from pathlib import Path

from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.handlers._settings import serve_tables
from emqxctl.sandbox.http.routing import ROUTES, Route, serve_row
from emqxctl.sandbox.state.cluster import ENTERPRISE


def routes(edition: str) -> list[Route]:
    """Register the operations of every module, and return those of an edition."""
    for path in sorted(Path(__file__).parent.glob("[a-z]*.py")):
        module = import_module(f"{__name__}.{path.stem}")
        for operation, row in read_table("operations").get(path.stem, {}).items():
            serve_row(operation, attrgetter(row["call"])(module), row)
    if edition == ENTERPRISE:
        serve_tables(read_table("enterprise"))
    shared = {key[1:]: entry for key, entry in ROUTES.items() if not key[0]}
    own = {key[1:]: entry for key, entry in ROUTES.items() if key[0] == edition}
    removed = read_table("enterprise")["removed"] if edition == ENTERPRISE else ()
    return [entry for entry in {**shared, **own}.values() if not entry.path.startswith(tuple(removed))]
