"""The simulated operations, one module for each of EMQX's tags: importing a module registers them."""

from importlib import import_module
from pathlib import Path

from emqxctl.sandbox.http.routing import ROUTES, Route


def routes() -> list[Route]:
    """Import every module of handlers and return the operations that they registered."""
    for path in sorted(Path(__file__).parent.glob("[a-z]*.py")):
        import_module(f"{__name__}.{path.stem}")
    return list(ROUTES.values())
