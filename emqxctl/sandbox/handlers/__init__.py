"""The simulated operations, one module for each of EMQX's tags: importing a module registers them."""

from importlib import import_module
from pathlib import Path

from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.handlers._tables import serve_tables
from emqxctl.sandbox.http.routing import ROUTES, Route
from emqxctl.sandbox.state.cluster import ENTERPRISE


def routes(edition: str) -> list[Route]:
    """Import every module of handlers and return the operations of an edition that they registered."""
    for path in sorted(Path(__file__).parent.glob("[a-z]*.py")):
        import_module(f"{__name__}.{path.stem}")
    if edition == ENTERPRISE:
        serve_tables(read_table("enterprise"))
    shared = {key[1:]: entry for key, entry in ROUTES.items() if not key[0]}
    own = {key[1:]: entry for key, entry in ROUTES.items() if key[0] == edition}
    removed = read_table("enterprise")["removed"] if edition == ENTERPRISE else ()
    return [entry for entry in {**shared, **own}.values() if not entry.path.startswith(tuple(removed))]
