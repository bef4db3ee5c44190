"""Rules of the built-in authorization database for all clients; only on request."""

from emqxctl.declarative.documents import Json
from emqxctl.declarative.fetch import fetch_object
from emqxctl.declarative.kind import Api, Body, Form, Kind, Level

PATH = "/authorization/sources/built_in_database/rules/all"


def write(api: Api, _key: str, body: Json, _before: Body | None) -> None:
    """Replace the rules for all; an empty list deletes them."""
    if body:
        api.post(PATH, body={"rules": body})
    else:
        api.delete(PATH)


KIND = Kind(
    name="builtin_rules_all",
    noun="built-in rules for all",
    level=Level.AUTHORIZATION,
    form=Form.ITEMS,
    list_path=PATH,
    key=(),
    on_request=True,
    rows=lambda api: iter(fetch_object(api, PATH).get("rules") or ()),
    write=write,
)
