"""`emqxctl authorization sources`: where EMQX looks up what a client may do, and in which order."""

from typing import Annotated, Any

import typer

from emqxctl.api.pagination import page_rows
from emqxctl.cli.bulk.each import run_each
from emqxctl.cli.command import command
from emqxctl.cli.group import Group, new_group
from emqxctl.cli.input.body import Body, deep_merge, reject_masked_secrets
from emqxctl.cli.input.files import read_text
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.authorization._status import Row, Type, reset_metrics, status
from emqxctl.commands.plugins import PositionArgument, checked
from emqxctl.errors import NotFoundError, UsageError
from emqxctl.output.formatters import color_state, format_plain
from emqxctl.output.results import Done, Result, Rows
from emqxctl.resource import Column, Resource, Setting, ValueType
from emqxctl.verbs import edits, stock
from emqxctl.verbs.parameters import arguments, keyword, options, set_signature


def number_of_lines(value: object) -> str:
    """Write how long the rules of a file are; they themselves would fill the screen."""
    if not isinstance(value, str):
        return format_plain(value)
    return f"{len(value.splitlines())} lines: --query rules shows them"


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
        Setting("enable", "Whether it is asked.", ValueType.BOOLEAN),
        Setting("server", "The server with its port: db:5432."),
        Setting("database", "The database on that server."),
        Setting("username", "The user to log in there as."),
        Setting("query", "The SQL query.", option="sql"),  # --query is for the output
        Setting("cmd", "The command for Redis: HGETALL mqtt_acl:${username}."),
        Setting(
            "url", "The HTTP server: http://10.0.0.9/authz.", option="http-url"
        ),  # --url is the cluster's
        Setting("method", "How that is asked.", ValueType.CHOICE, ("get", "post")),
        Setting("max_rules", "How many rules a user or client may have.", ValueType.INTEGER),
    ),
    accepts_masked_secrets=True,
)
AclFile = Annotated[
    str | None,
    typer.Option("--acl-file", metavar="FILE", help="The rules of type file (acl.conf); - for stdin."),
]
PasswordFile = Annotated[
    str | None, typer.Option("--password-file", metavar="FILE", help="The file with the server's password.")
]
FILES = [keyword("acl_file", AclFile, None), keyword("password_file", PasswordFile, None)]
Types = Annotated[
    list[str], typer.Argument(metavar="TYPE...", help="All sources, the first to be asked first.")
]
New = Annotated[
    str,
    typer.Argument(
        metavar="TYPE",
        help="built_in_database, file, http, mysql, postgresql, redis, mongodb, ldap ...",
    ),
]

app = new_group("Sources: where it is looked up, in their order.")


def sources(session: Session) -> list[Row]:
    """Read all sources, in their order."""
    found = session.client.get("/authorization/sources")
    return page_rows(found.get("sources") if isinstance(found, dict) else found)


@app.command("list")
@command(
    calls="GET /authorization/sources",
    examples=("emqxctl authorization sources list", "emqxctl authorization sources list -o name"),
)
def list_(session: Session) -> Rows:
    """List the sources, in the order they are asked."""
    return Rows(sources(session), SOURCES.columns, key="type", plural_noun="sources", path=SOURCES.path)


stock.add_get(
    app,
    SOURCES._replace(columns=(*SOURCES.columns, Column("rules", format=number_of_lines))),
    examples=(
        "emqxctl authorization sources get http",
        "emqxctl authorization sources get file --query rules > acl.conf",
    ),
)


def given(values: dict[str, Any], kind: str) -> Body:
    """Give what the command line says of a source. Raises UsageError where it is about another one."""
    body = edits.body_of(SOURCES, values)
    if values["acl_file"] is not None:
        body["rules"] = read_text(values["acl_file"], "--acl-file")
    if values["password_file"] is not None:
        text = read_text(values["password_file"], "--password-file")
        body["password"] = text.split("\n", 1)[0].rstrip("\r")
    if body.get("type", kind) != kind:
        message = f"the body is about a source of type {body['type']!r}, not {kind!r}"
        raise UsageError(message, hint=f"leave type out of it, or say {kind!r}")
    return body


def create(session: Session, **values: Any) -> Done:  # noqa: ANN401  # what the settings declare
    """Create a source; an existing one is refused.

    There is one of each type. The new one is asked first: `sources move` puts it elsewhere.
    """
    kind = values["key"]
    body = {**given(values, kind), "type": kind}
    reject_masked_secrets(body, kept=False, noun="new source")
    session.client.post("/authorization/sources", body=body)
    return Done(f"created source {kind!r}", {"type": kind}, key="type")


def update(session: Session, **values: Any) -> Result:  # noqa: ANN401  # what the settings declare
    """Change a source; one that does not exist is refused."""
    kind = values["at_type"]
    change = given(values, kind)
    if not change:
        message = "nothing to change was given"
        raise UsageError(message, hint="-f FILE, --set A.B=VALUE, or an option of the command")
    whole = values["replace_"]
    return edits.updated(
        session,
        SOURCES,
        [kind],
        lambda now: {**(change if whole else deep_merge(now, change)), "type": kind},
    )


BODY = [*edits.BODY, *FILES, *options(SOURCES.settings)]
set_signature(create, [keyword("key", New), *BODY], Done)
set_signature(
    update,
    [*arguments(SOURCES.item_path, SOURCES.noun), keyword("replace_", edits.Replace, False), *BODY],
    Result,
)
app.command("create")(
    command(
        calls="POST /authorization/sources",
        examples=(
            "emqxctl authorization sources create built_in_database",
            "emqxctl authorization sources create http --http-url http://10.0.0.9/authz --method post",
            "emqxctl authorization sources create mysql -f mysql.yaml --password-file mysql.pw",
        ),
        effect=Effect.WRITE,
    )(create)
)
app.command("update")(
    command(
        calls=("GET /authorization/sources/{type}", "PUT /authorization/sources/{type}"),
        examples=(
            "emqxctl authorization sources update http --set request_timeout=5s --dry-run",
            "emqxctl authorization sources update file --acl-file acl.conf",
        ),
        effect=Effect.WRITE,
    )(update)
)
edits.add_delete(app, SOURCES, examples=("emqxctl authorization sources delete mysql --yes",))


def add_switch(group: Group, verb: str, *, on: bool) -> None:
    """Add `enable` or `disable`: the API has neither, so that the source is sent back whole."""

    def switch(session: Session, **values: Any) -> Result:  # noqa: ANN401  # the path's placeholder
        def deed(kind: str) -> None:
            found = session.client.get("/authorization/sources/{type}", kind)
            body = {**(found if isinstance(found, dict) else {}), "type": kind, "enable": on}
            session.client.put("/authorization/sources/{type}", kind, body=body)

        return run_each(values["at_type"], "type", f"{verb}d source", deed)

    switch.__doc__ = f"{verb.capitalize()} sources, on every node and for good."
    set_signature(switch, arguments(SOURCES.item_path, SOURCES.noun, many=True), Result)
    calls = ("GET /authorization/sources/{type}", "PUT /authorization/sources/{type}")
    examples = (f"emqxctl authorization sources {verb} http",)
    group.command(verb)(command(calls=calls, examples=examples, effect=Effect.WRITE)(switch))


add_switch(app, "enable", on=True)
add_switch(app, "disable", on=False)


@app.command()
@command(
    calls=("GET /authorization/sources", "POST /authorization/sources/{type}/move"),
    examples=(
        "emqxctl authorization sources move mysql rear",
        "emqxctl authorization sources move mysql before:file",
    ),
    effect=Effect.WRITE,
)
def move(session: Session, kind: Type, position: PositionArgument) -> Done:
    """Change when a source is asked, among the others."""
    anchor = checked(position).partition(":")[2]
    there = [str(one.get("type")) for one in sources(session)]
    absent = next((one for one in (kind, anchor) if one and one not in there), "")
    if absent:  # for an unknown neighbour EMQX crashes
        message = f"there is no source {absent!r}"
        raise NotFoundError(message, hint=f"there are {', '.join(there) or 'none'}")
    session.client.post("/authorization/sources/{type}/move", kind, body={"position": position})
    return Done(f"moved source {kind!r} to {position}", {"type": kind, "position": position}, key="type")


@app.command()
@command(
    calls="PUT /authorization/sources/order",
    examples=("emqxctl authorization sources order built_in_database http file",),
    effect=Effect.WRITE,
)
def order(session: Session, kinds: Types) -> Done:
    """Put all sources in an order (EMQX 5.6+)."""
    session.client.put("/authorization/sources/order", body=[{"type": kind} for kind in kinds])
    return Done(f"sources are asked in this order now: {', '.join(kinds)}", {"order": list(kinds)})


app.command()(status)
app.command("reset-metrics")(reset_metrics)
