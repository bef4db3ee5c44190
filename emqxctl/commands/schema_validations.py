"""`emqxctl schema-validations`: checks that messages must pass before they go on."""

from emqxctl.cli.group import new_group
from emqxctl.commands._smart_data import COMPUTED, SETTINGS, add_verbs, columns
from emqxctl.output.formatters import format_plain
from emqxctl.resource import Column, Resource, Setting, ValueType


def checks(value: object) -> str:
    """Write the checks by their kind and schema: `avro:telemetry, sql`."""
    if not isinstance(value, list):
        return format_plain(value)
    known = [one for one in value if isinstance(one, dict)]
    return ", ".join(":".join(str(one[key]) for key in ("type", "schema") if one.get(key)) for one in known)


VALIDATIONS = Resource(
    noun="schema validation",
    path="/schema_validations",
    key="name",
    item_template="/schema_validations/validation/{name}",
    columns=columns(Column("strategy"), Column("checks", format=checks)),
    settings=(
        *SETTINGS,
        Setting("strategy", "How many checks must pass.", ValueType.CHOICE, ("any_pass", "all_pass")),
    ),
    read_only_fields=COMPUTED,
)

app = new_group("Schema validations: what messages must look like (5.7+).")
add_verbs(
    app,
    VALIDATIONS,
    line="emqxctl schema-validations {} telemetry",
    create="emqxctl schema-validations create telemetry -f telemetry.yaml --topic 'telemetry/#'",
    update="emqxctl schema-validations update telemetry --failure-action drop",
)
