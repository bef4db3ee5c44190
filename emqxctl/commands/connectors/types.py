"""`emqxctl connectors types`: list the types of connectors."""

from emqxctl.cli.command import command
from emqxctl.cli.session import Session
from emqxctl.emqx.connector_types import (
    COMMUNITY_TYPES,
    ENTERPRISE_TYPES,
    get_edition,
    parse_schema_types,
)
from emqxctl.output.results import Rows
from emqxctl.resource import Column

COLUMNS = (
    Column("type"),
    Column("edition"),
    Column("supported"),
)


@command(
    calls="GET /schemas/{name}",
    examples=("emqxctl connectors types", "emqxctl connectors types --where supported=true -o name"),
)
def types(session: Session) -> Rows:
    """List the connector types, and which this EMQX supports.

    EDITION is what EMQX before 5.9 requires; later versions have one edition.
    """
    supported = parse_schema_types(session.client.get("/schemas/{name}", "connectors"))
    names = sorted({*COMMUNITY_TYPES, *ENTERPRISE_TYPES, *supported})
    rows = [{"type": name, "edition": get_edition(name), "supported": name in supported} for name in names]
    return Rows(rows, COLUMNS, key="type", plural_noun="types")
