"""`emqxctl schema-validations`: checks of message payloads against schemas."""

from emqxctl.cli.group import new_group
from emqxctl.commands._smart_data import add_verbs, new_resource
from emqxctl.output.formatters import format_plain
from emqxctl.resource import Column, Setting, ValueType


def format_checks(value: object) -> str:
    """Format checks by their type and schema: `avro:telemetry, sql`."""
    if not isinstance(value, list):
        return format_plain(value)
    checks = [check for check in value if isinstance(check, dict)]
    names = (
        ":".join(str(check[field]) for field in ("type", "schema") if check.get(field)) for check in checks
    )
    return ", ".join(names)


VALIDATIONS = new_resource(
    noun="schema validation",
    columns=(Column("strategy"), Column("checks", format=format_checks)),
    settings=(
        Setting("strategy", "Number of checks that must pass.", ValueType.CHOICE, ("any_pass", "all_pass")),
    ),
)

app = new_group("Manage schema validations (EMQX 5.7+).")
add_verbs(
    app,
    VALIDATIONS,
    line="emqxctl schema-validations {} telemetry",
    create="emqxctl schema-validations create telemetry -f telemetry.yaml --topic 'telemetry/#'",
    update="emqxctl schema-validations update telemetry --failure-action drop",
)
