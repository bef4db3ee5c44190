"""Rules of the built-in authorization database, for one user or one client; only on request."""

from emqxctl.declarative.fetch import fetch_pages
from emqxctl.declarative.kind import Api, Body, Kind, Level

PATH = "/authorization/sources/built_in_database/rules/{}"


def kind(name: str, field: str) -> Kind:
    """Build the kind of the rules of users or of clients."""
    path = PATH.format(name)

    def write(api: Api, key: str, body: Body, _before: Body | None) -> None:
        api.put(f"{path}/{{{field}}}", key, body={**body, field: key})

    return Kind(
        name=f"builtin_rules_{name}",
        noun=f"built-in rules of {field}",
        level=Level.AUTHORIZATION,
        list_path=path,
        item=f"{path}/{{{field}}}",
        key=(field,),
        delete=f"DELETE {path}/{{{field}}}",
        on_request=True,
        rows=lambda api: fetch_pages(api, path),
        write=write,
    )


KINDS = (kind("users", "username"), kind("clients", "clientid"))
