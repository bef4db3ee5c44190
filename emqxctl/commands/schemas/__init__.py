"""`emqxctl schemas`: the schema registry, and external registries."""

from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.output.formatters import color_state, format_plain
from emqxctl.output.results import Record, Rows
from emqxctl.resource import Column, Resource, Setting, ValueType
from emqxctl.verbs.create import add_create
from emqxctl.verbs.delete import add_delete
from emqxctl.verbs.get import add_get
from emqxctl.verbs.list import add_list
from emqxctl.verbs.update import add_update


def format_on_one_line(value: object) -> str:
    """Format the source of a schema on one line; of a bundle the path of its main file."""
    if isinstance(value, dict):
        path = format_plain(value.get("root_proto_path"))
        return f"{format_plain(value.get('type'))} {path}"
    return " ".join(format_plain(value).split())


SCHEMAS = Resource(
    noun="schema",
    path="/schema_registry",
    key="name",
    columns=(
        Column("name"),
        Column("type"),
        Column("status", style=color_state, optional=True),
        Column("description"),
        Column("source", format=format_on_one_line, wide=True),
    ),
    settings=(
        Setting("source", "File with the schema (- for stdin).", ValueType.TEXT_FILE, option="source-file"),
        Setting("description", "Description."),
    ),
    read_only_fields=("name", "status", "node_status"),
)
TYPE = Setting("type", "Schema type: avro, protobuf or json.")
EXTERNAL = Resource(
    noun="external registry",
    path="/schema_registry_external",
    key="name",
    item_template="/schema_registry_external/registry/{name}",
    columns=(
        Column("name"),
        Column("type"),
        Column("url", "URL"),
        Column("auth.mechanism", "AUTHENTICATION"),
        Column("auth.username", "USERNAME", wide=True),
    ),
    settings=(
        Setting("url", "URL, such as http://registry:8081.", option="registry-url"),
        Setting("type", "Registry type: confluent."),
    ),
    read_only_fields=("name",),
    accepts_masked_secrets=True,
    checks_existence=True,  # EMQX answers 204 to the DELETE of an unknown one
)

app = new_group("Manage schemas of the schema registry.")
external = new_group("Manage external schema registries (EMQX 5.8.1+).")
app.add_typer(external, name="external")
add_list(app, SCHEMAS, examples=("emqxctl schemas list",))
add_get(app, SCHEMAS, examples=("emqxctl schemas get telemetry -o yaml",))
add_create(
    app,
    SCHEMAS._replace(settings=(TYPE, *SCHEMAS.settings)),
    examples=(
        "emqxctl schemas create telemetry --type avro --source-file telemetry.avsc",
        "emqxctl schemas create telemetry -f telemetry.yaml",
    ),
)
add_update(app, SCHEMAS, examples=("emqxctl schemas update telemetry --source-file telemetry.avsc",))
add_delete(app, SCHEMAS, examples=("emqxctl schemas delete telemetry --yes",))
app.lazy("bundle", "Create a Protobuf schema from several files (EMQX 5.10+).")


@external.command("list")
@command(calls=f"GET {EXTERNAL.path}", examples=("emqxctl schemas external list",))
def list_external(session: Session) -> Rows:
    """List external registries."""
    response = session.client.get(EXTERNAL.path)
    registries = response.items() if isinstance(response, dict) else ()
    rows = [{"name": name, **registry} for name, registry in registries if isinstance(registry, dict)]
    return Rows(rows, EXTERNAL.columns, key="name", plural_noun=EXTERNAL.plural_noun)


@external.command("get")
@command(calls=f"GET {EXTERNAL.item_path}", examples=("emqxctl schemas external get confluent",))
def get_external(
    session: Session, name: Annotated[str, typer.Argument(metavar="NAME", help="External registry name.")]
) -> Record:
    """Show an external registry."""
    row = {"name": name, **session.client.get_object(EXTERNAL.item_path, name)}
    return Record(row, EXTERNAL.columns, key="name", path=EXTERNAL.path)


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
