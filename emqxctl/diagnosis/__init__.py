"""The cluster's state, and what is wrong with it; no Typer, no printing."""
