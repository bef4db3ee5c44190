"""`emqxctl schemas`: the schema registry, and registries elsewhere."""

from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import Body, build_body, deep_merge
from emqxctl.cli.input.files import read_text
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.schemas.bundle import bundle
from emqxctl.errors import UsageError
from emqxctl.output.formatters import format_plain
from emqxctl.output.results import Done, Result, Rows
from emqxctl.resource import Column, Resource, Setting
from emqxctl.verbs.create import add_create
from emqxctl.verbs.delete import add_delete
from emqxctl.verbs.get import add_get
from emqxctl.verbs.list import add_list
from emqxctl.verbs.parameters import FileOption, SetOption
from emqxctl.verbs.update import add_update, apply_update


def one_line(value: object) -> str:
    """Write a schema's source on one line."""
    return " ".join(format_plain(value).split())


SCHEMAS = Resource(
    noun="schema",
    path="/schema_registry",
    key="name",
    columns=(
        Column("name"),
        Column("type"),
        Column("description"),
        Column("source", format=one_line, wide=True),
    ),
    read_only_fields=("name", "status", "node_status"),
)
EXTERNAL = Resource(
    noun="external registry",
    plural="external registries",
    path="/schema_registry_external",
    key="name",
    item_template="/schema_registry_external/registry/{name}",
    columns=(
        Column("name"),
        Column("type"),
        Column("url", "URL"),
        Column("auth.mechanism", "AUTHENTICATION"),
        Column("auth.username", "USER", wide=True),
    ),
    settings=(
        Setting("url", "Where it is: http://registry:8081.", option="registry-url"),
        Setting("type", "What it is: confluent."),
    ),
    read_only_fields=("name",),
    accepts_masked_secrets=True,
)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The schema.")]
TypeOption = Annotated[str | None, typer.Option(metavar="TYPE", help="avro, protobuf, json ...")]
SourceFile = Annotated[
    str | None, typer.Option(metavar="FILE", help="The file with the schema itself; - for stdin.")
]
Description = Annotated[str | None, typer.Option(metavar="TEXT", help="What it is for.")]

app = new_group("Schema registry: Avro, Protobuf and JSON schemas.")
external = new_group("Schema registries elsewhere, as Confluent's (5.8.1+).")
app.add_typer(external, name="external")
add_list(app, SCHEMAS, examples=("emqxctl schemas list",))
add_get(app, SCHEMAS, examples=("emqxctl schemas get telemetry -o yaml",))


def body(
    file: str | None, sets: list[str] | None, kind: str | None, source: str | None, description: str | None
) -> Body:
    """Give the change that the options make, the schema itself from a file of its own."""
    told = {"type": kind, "description": description}
    if source is not None:
        told["source"] = read_text(source, "--source-file")
    return build_body(file, sets or [], {name: value for name, value in told.items() if value is not None})


@app.command()
@command(
    calls="POST /schema_registry",
    examples=(
        "emqxctl schemas create telemetry --type avro --source-file telemetry.avsc",
        "emqxctl schemas create telemetry -f telemetry.yaml",
    ),
    effect=Effect.WRITE,
)
def create(
    session: Session,
    name: NameArgument,
    file: FileOption = None,
    set_: SetOption = None,
    type_: Annotated[
        str | None, typer.Option("--type", metavar="TYPE", help="avro, protobuf, json ...")
    ] = None,
    source_file: SourceFile = None,
    description: Description = None,
) -> Done:
    """Register a schema; an existing one is refused."""
    sent = {**body(file, set_, type_, source_file, description), "name": name}
    made = session.client.post("/schema_registry", body=sent)
    return Done(f"created schema {name!r}", made if isinstance(made, dict) else {"name": name}, key="name")


@app.command()
@command(
    calls=("GET /schema_registry/{name}", "PUT /schema_registry/{name}"),
    examples=("emqxctl schemas update telemetry --source-file telemetry.avsc",),
    effect=Effect.WRITE,
)
def update(
    session: Session,
    name: NameArgument,
    file: FileOption = None,
    set_: SetOption = None,
    source_file: SourceFile = None,
    description: Description = None,
) -> Result:
    """Change a schema; one that does not exist is refused."""
    change = body(file, set_, None, source_file, description)
    if not change:
        message = "nothing to change was given"
        raise UsageError(message, hint="--source-file FILE, -f FILE or --set A.B=VALUE")
    return apply_update(session, SCHEMAS, [name], lambda now: deep_merge(now, change))


add_delete(app, SCHEMAS, examples=("emqxctl schemas delete telemetry --yes",))
app.command()(bundle)


@external.command("list")
@command(calls="GET /schema_registry_external", examples=("emqxctl schemas external list",))
def list_external(session: Session) -> Rows:
    """List external registries."""
    found = session.client.get("/schema_registry_external")
    known = found.items() if isinstance(found, dict) else ()
    rows = [{"name": name, **one} for name, one in known if isinstance(one, dict)]
    return Rows(rows, EXTERNAL.columns, key="name", plural_noun=EXTERNAL.plural_noun)


add_get(external, EXTERNAL, examples=("emqxctl schemas external get confluent",))
add_create(
    external,
    EXTERNAL,
    examples=(
        "emqxctl schemas external create confluent --type confluent --registry-url http://registry:8081",
        "emqxctl schemas external create confluent -f confluent.yaml",
    ),
)
add_update(
    external,
    EXTERNAL,
    examples=("emqxctl schemas external update confluent --registry-url http://other:8081",),
)
add_delete(external, EXTERNAL, examples=("emqxctl schemas external delete confluent --yes",))
