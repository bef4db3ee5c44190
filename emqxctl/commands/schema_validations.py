"""`emqxctl schema-validations`: checks that messages must pass before they go on."""

from emqxctl.cli.group import new_group
from emqxctl.commands._smart_data import COMPUTED, SETTINGS, add_verbs, columns
from emqxctl.output.formatters import plain
from emqxctl.resource import Column, Kind, Resource, Setting


def checks(value: object) -> str:
    """Write the checks by their kind and schema: `avro:telemetry, sql`."""
    if not isinstance(value, list):
        return plain(value)
    known = [one for one in value if isinstance(one, dict)]
    return ", ".join(":".join(str(one[key]) for key in ("type", "schema") if one.get(key)) for one in known)


VALIDATIONS = Resource(
    noun="schema validation",
    path="/schema_validations",
    key="name",
    item="/schema_validations/validation/{name}",
    columns=columns(Column("strategy"), Column("checks", write=checks)),
    settings=(
        *SETTINGS,
        Setting("strategy", "How many checks must pass.", Kind.CHOICE, ("any_pass", "all_pass")),
    ),
    computed=COMPUTED,
)

app = new_group("Schema validations: what messages must look like (5.7+).")
add_verbs(
    app,
    VALIDATIONS,
    line="emqxctl schema-validations {} telemetry",
    create="emqxctl schema-validations create telemetry -f telemetry.yaml --topic 'telemetry/#'",
    update="emqxctl schema-validations update telemetry --failure-action drop",
)
