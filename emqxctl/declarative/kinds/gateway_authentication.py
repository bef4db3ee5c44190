"""The authentication of gateways, one for each."""

from collections.abc import Iterator

from emqxctl.declarative.kind import Api, Body, Kind, Level, Reference
from emqxctl.declarative.kinds.gateways import loaded_gateways

PATH = "/gateways/{name}/authentication"


def rows(api: Api) -> Iterator[Body]:
    """Yield the authentication of the loaded gateways that have one."""
    for gateway in loaded_gateways(api):
        authenticator = api.get(PATH, gateway)
        if isinstance(authenticator, dict):
            yield {**authenticator, "gateway": gateway}


KIND = Kind(
    name="gateway_authentication",
    noun="gateway authentication",
    level=Level.GATEWAY_PARTS,
    list_path=PATH,
    item=PATH,
    key=("gateway",),
    create=f"POST {PATH}",
    update=f"PUT {PATH}",
    delete=f"DELETE {PATH}",
    added=frozenset({"id", "chain_name", "gateway"}),
    masks_since="6.0.3",
    disruptive=True,
    protected=frozenset({"*"}),
    defaults={"enable": True},
    references=lambda body: [Reference("gateways", str(body.get("gateway")))],
    rows=rows,
)
