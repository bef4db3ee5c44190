"""Namespaces: tenants and their limits (EMQX 5.9+)."""

from collections.abc import Iterator

from emqxctl.declarative.fetch import fetch_names, fetch_object
from emqxctl.declarative.kind import Api, Body, Kind, Level

CONFIG = "/mt/ns/{ns}/config"
PAGE = 1000


def rows(api: Api) -> Iterator[Body]:
    """Yield the managed namespaces with their configuration; the next page begins after the last name."""
    last = ""
    while True:
        query = {"limit": PAGE} | ({"last_ns": last} if last else {})
        page = fetch_names(api, "/mt/managed_ns_list", query)
        for name in page:
            yield {**fetch_object(api, CONFIG, name), "name": name}
        if len(page) < PAGE:
            return
        last = page[-1]


def write(api: Api, name: str, body: Body, before: Body | None) -> None:
    """Create a namespace, then set its configuration."""
    if before is None:
        api.post("/mt/ns/{ns}", name)
    if body and body != before:
        api.put(CONFIG, name, body=body)


KIND = Kind(
    name="namespaces",
    noun="namespace",
    level=Level.SETTINGS,
    list_path="/mt/managed_ns_list",
    item=CONFIG,
    delete="DELETE /mt/ns/{ns}",
    rows=rows,
    write=write,
)
