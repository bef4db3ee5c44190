"""`emqxctl rules`: SQL over messages and events, and what is done with what it selects."""

import re
from typing import Any

from emqxctl.cli.bulk.each import run_each
from emqxctl.cli.command import command
from emqxctl.cli.group import Group, new_group
from emqxctl.cli.input.body import Body, parse_value, reject_masked_secrets, without_fields
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands import _data_integration, _data_integration_list, _data_integration_state
from emqxctl.commands.rules.test import test
from emqxctl.errors import UsageError
from emqxctl.output.formatters import color_state, format_plain, format_relative_time
from emqxctl.output.results import Result, Rows
from emqxctl.resource import Column, Filter, Paging, Resource, Setting, ValueType
from emqxctl.verbs import edits, stock
from emqxctl.verbs.filters import contains, same
from emqxctl.verbs.parameters import arguments, set_signature

ID = re.compile(r"[A-Za-z0-9]+[A-Za-z0-9_-]*")  # recorded 5.8.9


def identity(rule: str) -> dict[str, object]:
    """Give the field that names a new rule. Raises UsageError for an id that EMQX would refuse."""
    if not ID.fullmatch(rule):
        message = f"{rule!r} cannot be the id of a rule"
        raise UsageError(message, hint="letters, digits, _ and -, the first a letter or a digit")
    return {"id": rule}


def one_action(action: object) -> str:
    """Write one action of a rule: its id, or the function's name."""
    return format_plain(action.get("function")) if isinstance(action, dict) else format_plain(action)


def actions(value: object) -> str:
    """Write the actions of a rule; none is `-`."""
    return (
        _data_integration.words([one_action(one) for one in value])
        if isinstance(value, list)
        else format_plain(value)
    )


def one_line(value: object) -> str:
    """Write SQL on one line."""
    return " ".join(format_plain(value).split())


def shape(body: Body) -> Body:
    """Read what --action says: an id, a function's name (`console`), or JSON (`{"function": ...}`)."""
    found = body.get("actions")
    if not isinstance(found, list):
        return body
    return {**body, "actions": [read(one) for one in found]}


def read(action: object) -> object:
    """Read one action; only an id has a colon and is no JSON."""
    if not isinstance(action, str):
        return action
    if action.lstrip().startswith("{"):
        return parse_value(action)
    return action if ":" in action else {"function": action}


RULES = Resource(
    noun="rule",
    path="/rules",
    key="id",
    columns=(
        Column("id"),
        Column("enable", "ENABLED", style=color_state),
        Column("from", format=_data_integration.words),
        Column("actions", format=actions),
        Column("description"),
        Column("sql", "SQL", format=one_line, wide=True),
        Column("name", wide=True),
        Column("created_at", "CREATED", format=format_relative_time, wide=True),
        Column("last_modified_at", "CHANGED", format=format_relative_time, wide=True),
    ),
    paging=Paging.PAGES,
    row_key=("id",),
    filters=(
        Filter(
            "enable", "Only enabled ones, or only disabled ones.", ValueType.BOOLEAN, row_check=same("enable")
        ),
        Filter("from", "Only those that select from this very topic or event."),
        Filter("like_id", "Ids that contain this.", row_check=contains("id")),
        Filter("like_from", "Topics that contain this."),
        Filter("match_from", "Topic filters that match this topic."),
        Filter("like_description", "Descriptions that contain this."),
        Filter("action", "Only those with this action; repeatable (EMQX 5.8+).", multiple=True),
        Filter("source", "Only those with this source; repeatable (EMQX 5.8+).", multiple=True),
        *_data_integration_list.NAMESPACES,
    ),
    settings=(
        Setting("sql", 'What is selected: SELECT * FROM "t/#".'),
        Setting(
            "actions",
            "An action's id, a function, or JSON; repeatable, these are all.",
            multiple=True,
            option="action",
        ),
        Setting("name", "A name to show."),
        Setting("description", "What it is for."),
        Setting("enable", "Whether it runs.", ValueType.BOOLEAN),
    ),
    read_only_fields=(
        "id",
        "from",
        "created_at",
        "last_modified_at",
        "action_details",
        "metrics",
        "node_metrics",
    ),
    key_to_fields=identity,
)
ENGINE = Resource(
    noun="rule engine",
    path="/rule_engine",
    key="",
    item_template="/rule_engine",
    columns=(Column("ignore_sys_message"), Column("jq_function_default_timeout")),
    settings=(
        Setting("ignore_sys_message", "Whether messages under $SYS are left out.", ValueType.BOOLEAN),
        Setting("jq_function_default_timeout", "How long a jq function may take: 10s."),
    ),
)
METRICS = (
    Column("node"),
    Column("matched", align_right=True),
    Column("passed", align_right=True),
    Column("failed", align_right=True),
    Column("failed.no_result", "NO RESULT", align_right=True),
    Column("actions.success", "ACTIONS OK", align_right=True),
    Column("actions.failed", "ACTIONS FAILED", align_right=True),
    Column("matched.rate", "RATE", align_right=True),
    Column("failed.exception", "EXCEPTION", align_right=True, wide=True),
    Column("actions.total", "ACTIONS", align_right=True, wide=True),
    Column("matched.rate.max", "RATE MAX", align_right=True, wide=True),
)

app = new_group("Rules: SQL over messages and events, and what is done.")
engine = new_group("The settings of the rule engine.")
app.add_typer(engine, name="engine")
_data_integration_list.add_list(
    app,
    RULES,
    examples=(
        "emqxctl rules list",
        "emqxctl rules list --no-enable -o name",
        "emqxctl rules list --action http:archive --match-from telemetry/dev-1/temp",
    ),
)
stock.add_get(app, RULES, examples=("emqxctl rules get hot",))
_data_integration.add_create(
    app,
    RULES,
    shape=shape,
    examples=(
        "emqxctl rules create hot --sql 'SELECT * FROM \"t/#\" WHERE payload.t > 30' --action http:archive",
        "emqxctl rules create trace --sql 'SELECT * FROM \"t/#\"' --action console --no-enable",
        "emqxctl rules create hot -f rule.yaml",
    ),
)
_data_integration.add_update(
    app,
    RULES,
    shape=shape,
    examples=(
        "emqxctl rules update hot --action http:archive --action mqtt:upstream",
        "emqxctl rules update hot --sql 'SELECT topic FROM \"t/#\"' --dry-run",
    ),
)


def known(session: Session, rule: str) -> Body:
    """Give a rule as it is to be sent back; EMQX would create an unknown one by PUT. Raises its 404."""
    found = session.client.get(RULES.item_path, rule)
    return without_fields(found if isinstance(found, dict) else {}, RULES.read_only_fields)


def delete(session: Session, **values: Any) -> Result:  # noqa: ANN401  # the path's placeholder
    """Delete rules."""
    keys = values["at_id"]
    session.confirm(f"delete rule {keys[0]!r}" if len(keys) == 1 else f"delete {len(keys)} rules")

    def deed(rule: str) -> None:
        known(session, rule)  # some versions answer 204 for a rule that is not there
        session.client.delete(RULES.item_path, rule)

    return run_each(keys, "id", "deleted rule", deed)


set_signature(delete, arguments(RULES.item_path, RULES.noun, many=True), Result)
app.command("delete")(
    command(
        calls=("GET /rules/{id}", "DELETE /rules/{id}"),
        examples=("emqxctl rules delete hot --yes",),
        effect=Effect.DESTROY,
    )(delete)
)


def add_switch(group: Group, verb: str, *, on: bool) -> None:
    """Add `enable` or `disable`: the API has neither, so that the rule is sent back whole."""

    def switch(session: Session, **values: Any) -> Result:  # noqa: ANN401  # the path's placeholder
        def deed(rule: str) -> None:
            body = {**known(session, rule), "enable": on}
            reject_masked_secrets(body, kept=False, noun="rule")
            session.client.put(RULES.item_path, rule, body=body)

        return run_each(values["at_id"], "id", f"{verb}d rule", deed)

    switch.__doc__ = f"{verb.capitalize()} rules."
    set_signature(switch, arguments(RULES.item_path, RULES.noun, many=True), Result)
    calls = ("GET /rules/{id}", "PUT /rules/{id}")
    examples = (f"emqxctl rules {verb} hot",)
    group.command(verb)(command(calls=calls, examples=examples, effect=Effect.WRITE)(switch))


add_switch(app, "enable", on=True)
add_switch(app, "disable", on=False)
app.command()(test)
_data_integration_state.add_metrics(app, RULES, sample="hot", columns=METRICS)


@app.command()
@command(calls="GET /rule_events", examples=("emqxctl rules events", "emqxctl rules events -o wide"))
def events(session: Session) -> Rows:
    """List what rules can select from besides topics."""
    columns = (
        Column("event"),
        Column("title.en", "WHAT"),
        Column("sql_example", "EXAMPLE", format=one_line),
        Column("columns", "FIELDS", format=_data_integration.words, wide=True),
    )
    found = Resource(noun="event", path="/rule_events", key="event", columns=columns)
    return stock.listed(session, found, {})


stock.add_get(
    engine, ENGINE, summary="Show the settings of the rule engine.", examples=("emqxctl rules engine get",)
)
edits.add_update(
    engine,
    ENGINE,
    summary="Change the settings of the rule engine.",
    examples=("emqxctl rules engine update --no-ignore-sys-message",),
)
