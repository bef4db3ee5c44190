"""`emqxctl rules`: SQL over messages and events, and what is done with what it selects."""

import re
from typing import Any

from emqxctl.cli.bulk.each import each
from emqxctl.cli.command import command
from emqxctl.cli.group import Group, new_group
from emqxctl.cli.input.body import Change, literal, refuse_masks, without
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands import _data_integration, _data_integration_list, _data_integration_state
from emqxctl.commands.rules.test import test
from emqxctl.errors import UsageError
from emqxctl.output.formatters import plain, since, state
from emqxctl.output.results import Result, Rows
from emqxctl.resource import Column, Filter, Kind, Paging, Resource, Setting
from emqxctl.verbs import edits, stock
from emqxctl.verbs.filters import contains, same
from emqxctl.verbs.parameters import arguments, give

ID = re.compile(r"[A-Za-z0-9]+[A-Za-z0-9_-]*")  # recorded 5.8.9


def identity(rule: str) -> dict[str, object]:
    """Give the field that names a new rule. Raises UsageError for an id that EMQX would refuse."""
    if not ID.fullmatch(rule):
        message = f"{rule!r} cannot be the id of a rule"
        raise UsageError(message, hint="letters, digits, _ and -, the first a letter or a digit")
    return {"id": rule}


def one_action(action: object) -> str:
    """Write one action of a rule: its id, or the function's name."""
    return plain(action.get("function")) if isinstance(action, dict) else plain(action)


def actions(value: object) -> str:
    """Write the actions of a rule; none is `-`."""
    return (
        _data_integration.words([one_action(one) for one in value])
        if isinstance(value, list)
        else plain(value)
    )


def one_line(value: object) -> str:
    """Write SQL on one line."""
    return " ".join(plain(value).split())


def shape(body: Change) -> Change:
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
        return literal(action)
    return action if ":" in action else {"function": action}


RULES = Resource(
    noun="rule",
    path="/rules",
    key="id",
    columns=(
        Column("id"),
        Column("enable", "ENABLED", style=state),
        Column("from", write=_data_integration.words),
        Column("actions", write=actions),
        Column("description"),
        Column("sql", "SQL", write=one_line, wide=True),
        Column("name", wide=True),
        Column("created_at", "CREATED", write=since, wide=True),
        Column("last_modified_at", "CHANGED", write=since, wide=True),
    ),
    paging=Paging.PAGES,
    unique=("id",),
    filters=(
        Filter("enable", "Only enabled ones, or only disabled ones.", Kind.BOOLEAN, check=same("enable")),
        Filter("from", "Only those that select from this very topic or event."),
        Filter("like_id", "Ids that contain this.", check=contains("id")),
        Filter("like_from", "Topics that contain this."),
        Filter("match_from", "Topic filters that match this topic."),
        Filter("like_description", "Descriptions that contain this."),
        Filter("action", "Only those with this action; repeatable (EMQX 5.8+).", repeat=True),
        Filter("source", "Only those with this source; repeatable (EMQX 5.8+).", repeat=True),
        *_data_integration_list.NAMESPACES,
    ),
    settings=(
        Setting("sql", 'What is selected: SELECT * FROM "t/#".'),
        Setting(
            "actions",
            "An action's id, a function, or JSON; repeatable, these are all.",
            repeat=True,
            option="action",
        ),
        Setting("name", "A name to show."),
        Setting("description", "What it is for."),
        Setting("enable", "Whether it runs.", Kind.BOOLEAN),
    ),
    computed=("id", "from", "created_at", "last_modified_at", "action_details", "metrics", "node_metrics"),
    identify=identity,
)
ENGINE = Resource(
    noun="rule engine",
    path="/rule_engine",
    key="",
    item="/rule_engine",
    columns=(Column("ignore_sys_message"), Column("jq_function_default_timeout")),
    settings=(
        Setting("ignore_sys_message", "Whether messages under $SYS are left out.", Kind.BOOLEAN),
        Setting("jq_function_default_timeout", "How long a jq function may take: 10s."),
    ),
)
METRICS = (
    Column("node"),
    Column("matched", right=True),
    Column("passed", right=True),
    Column("failed", right=True),
    Column("failed.no_result", "NO RESULT", right=True),
    Column("actions.success", "ACTIONS OK", right=True),
    Column("actions.failed", "ACTIONS FAILED", right=True),
    Column("matched.rate", "RATE", right=True),
    Column("failed.exception", "EXCEPTION", right=True, wide=True),
    Column("actions.total", "ACTIONS", right=True, wide=True),
    Column("matched.rate.max", "RATE MAX", right=True, wide=True),
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


def known(session: Session, rule: str) -> Change:
    """Give a rule as it is to be sent back; EMQX would create an unknown one by PUT. Raises its 404."""
    found = session.api.get(RULES.item_path, rule)
    return without(found if isinstance(found, dict) else {}, RULES.computed)


def delete(session: Session, **values: Any) -> Result:  # noqa: ANN401  # the path's placeholder
    """Delete rules."""
    keys = values["at_id"]
    session.confirm(f"delete rule {keys[0]!r}" if len(keys) == 1 else f"delete {len(keys)} rules")

    def deed(rule: str) -> None:
        known(session, rule)  # some versions answer 204 for a rule that is not there
        session.api.delete(RULES.item_path, rule)

    return each(keys, "id", "deleted rule", deed)


give(delete, arguments(RULES.item_path, RULES.noun, many=True), Result)
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
            refuse_masks(body, kept=False, noun="rule")
            session.api.put(RULES.item_path, rule, body=body)

        return each(values["at_id"], "id", f"{verb}d rule", deed)

    switch.__doc__ = f"{verb.capitalize()} rules."
    give(switch, arguments(RULES.item_path, RULES.noun, many=True), Result)
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
        Column("sql_example", "EXAMPLE", write=one_line),
        Column("columns", "FIELDS", write=_data_integration.words, wide=True),
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
