"""Rules of the built-in authorization database, for one user or one client; only on request."""

from collections.abc import Iterator

from emqxctl.declarative.kind import Api, Body, Kind, Level

PATH = "/authorization/sources/built_in_database/rules/{}"
PAGE = 1000


def rows_of(field: str, path: str, api: Api) -> Iterator[Body]:
    """Yield the rules of all users or clients, by `field`."""
    number = 1
    while True:
        page = api.get(path, query={"page": number, "limit": PAGE})["data"]
        yield from ({**row, field: row[field]} for row in page)
        if len(page) < PAGE:
            return
        number += 1


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
        rows=lambda api: rows_of(field, path, api),
        write=write,
    )


KINDS = (kind("users", "username"), kind("clients", "clientid"))
