"""`emqxctl authorization sources`: where EMQX looks up what clients may do."""

from emqxctl.api.response import page_rows
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.commands._access_backends import BACKEND_SETTINGS, parse_mongodb_filter, parse_redis_database
from emqxctl.errors import NotFoundError
from emqxctl.output.formatters import color_state, format_plain
from emqxctl.output.results import Rows
from emqxctl.resource import Column, Resource, Setting, ValueType
from emqxctl.text.nouns import count_noun
from emqxctl.verbs.create import add_create
from emqxctl.verbs.delete import add_delete
from emqxctl.verbs.get import add_get
from emqxctl.verbs.metrics import add_reset_metrics
from emqxctl.verbs.order import add_move, add_order
from emqxctl.verbs.status import add_status
from emqxctl.verbs.switch import add_switch
from emqxctl.verbs.update import add_update


def format_line_count(value: object) -> str:
    """Format the number of lines of an ACL file, whose text would fill the screen."""
    if not isinstance(value, str):
        return format_plain(value)
    return f"{count_noun(len(value.splitlines()), 'line')} (show them: --query rules)"


SOURCES = Resource(
    noun="source",
    path="/authorization/sources",
    key="type",
    columns=(
        Column("type"),
        Column("enable", "ENABLED", style=color_state),
        Column("server"),
        Column("url", "URL"),
        Column("database", wide=True),
        Column("max_rules", align_right=True, wide=True),
    ),
    settings=(
        Setting("enable", "Enable or disable it.", ValueType.BOOLEAN),
        Setting("cmd", "Redis command, such as HGETALL mqtt_acl:${username}."),
        # --url is the cluster's
        Setting("url", "HTTP server URL, such as http://10.0.0.9/authz.", option="http-url"),
        Setting("base_dn", "Base DN of the rules, such as dc=example,dc=com (LDAP)."),
        Setting("max_rules", "Maximum number of rules per user or client.", ValueType.INTEGER),
        Setting(
            "rules",
            "File with ACL rules, as acl.conf (- for stdin). For type file.",
            ValueType.TEXT_FILE,
            option="acl-file",
        ),
        *BACKEND_SETTINGS,
    ),
    normalize=parse_mongodb_filter,
    accepts_masked_secrets=True,
    fields_in_update=("type",),
    switch_by_update=True,
    finish_body=parse_redis_database,
)
STATUS_COLUMNS = (
    Column("node"),
    Column("status", style=color_state),
    Column("metrics.allow", "ALLOWED", align_right=True),
    Column("metrics.deny", "DENIED", align_right=True),
    Column("metrics.nomatch", "NO MATCH", align_right=True),
    Column("metrics.ignore", "IGNORED", align_right=True),
    Column("metrics.rate", "RATE", align_right=True),
    Column("resource_metrics.success", "BACKEND OK", align_right=True, wide=True),
    Column("resource_metrics.failed", "BACKEND FAILED", align_right=True, wide=True),
    Column("error", wide=True),
)

app = new_group("Manage authorization sources.")


@app.command("list")
@command(
    calls="GET /authorization/sources",
    examples=("emqxctl authorization sources list", "emqxctl authorization sources list -o name"),
)
def list_(session: Session) -> Rows:
    """List sources in the order of the chain."""
    rows = fetch_sources(session)
    plural_noun, path = SOURCES.plural_noun, SOURCES.path
    return Rows(rows, SOURCES.columns, key="type", plural_noun=plural_noun, path=path)


def fetch_sources(session: Session) -> list[dict[str, object]]:
    """Return all sources in order."""
    response = session.client.get("/authorization/sources")
    return page_rows(response.get("sources") if isinstance(response, dict) else response)


add_get(
    app,
    SOURCES._replace(columns=(*SOURCES.columns, Column("rules", format=format_line_count))),
    examples=(
        "emqxctl authorization sources get http",
        "emqxctl authorization sources get file --query rules > acl.conf",
    ),
)
add_create(
    app,
    SOURCES,
    summary=(
        "Create a source.\n\n"
        "TYPE is built_in_database, file, http, mysql, postgresql, redis, mongodb or ldap; each type can "
        "exist once. The source is added at the front; `sources move` changes its position."
    ),
    examples=(
        "emqxctl authorization sources create built_in_database",
        "emqxctl authorization sources create http --http-url http://10.0.0.9/authz --method post",
        "emqxctl authorization sources create mysql -f mysql.yaml --password-file mysql.pw",
    ),
)
add_update(
    app,
    SOURCES,
    examples=(
        "emqxctl authorization sources update http --set request_timeout=5s --dry-run",
        "emqxctl authorization sources update file --acl-file acl.conf",
    ),
)
add_delete(app, SOURCES, examples=("emqxctl authorization sources delete mysql --yes",))
add_switch(app, SOURCES, line="emqxctl authorization sources {} http")


def send_position(session: Session, source: str, position: str) -> None:
    """Move a source. Raises NotFoundError: for an unknown neighbor EMQX crashes."""
    anchor = position.partition(":")[2]
    types = [str(row.get("type")) for row in fetch_sources(session)]
    for name in (source, anchor):
        if name and name not in types:
            message = f"source {name!r} not found"
            raise NotFoundError(message, hint=f"existing sources: {', '.join(types) or 'none'}")
    session.client.post("/authorization/sources/{type}/move", source, body={"position": position})


add_move(
    app,
    SOURCES,
    calls=("GET /authorization/sources", "POST /authorization/sources/{type}/move"),
    send=send_position,
    examples=(
        "emqxctl authorization sources move mysql rear",
        "emqxctl authorization sources move mysql before:file",
    ),
    summary="Change the position of a source in the chain.",
)
add_order(
    app,
    SOURCES,
    operation="PUT /authorization/sources/order",
    build_body=lambda types: [{"type": type_} for type_ in types],
    examples=("emqxctl authorization sources order built_in_database http file",),
    summary="Set the order of all sources (EMQX 5.6+).",
)
add_status(app, SOURCES, columns=STATUS_COLUMNS, line="emqxctl authorization sources status http")
add_reset_metrics(
    app,
    SOURCES,
    line="emqxctl authorization sources {} http",
    method="POST",
    summary="Reset source metrics (EMQX 6.2+).",
)
