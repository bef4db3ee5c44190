"""`emqxctl rules`: SQL over messages and events, and the actions for its results."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import Body, parse_value, without_fields
from emqxctl.cli.session import Session
from emqxctl.commands._data_integration import NAMESPACE
from emqxctl.errors import EmqxctlError, UsageError
from emqxctl.output.formatters import color_state, format_names, format_plain, format_relative_time
from emqxctl.output.results import Rows
from emqxctl.resource import Column, Filter, Paging, Resource, Setting, ValueType
from emqxctl.verbs.create import add_create
from emqxctl.verbs.delete import add_delete
from emqxctl.verbs.filters import check_any_filter_matches, check_contains, check_equal
from emqxctl.verbs.get import add_get
from emqxctl.verbs.list import add_list, list_rows
from emqxctl.verbs.metrics import add_metrics
from emqxctl.verbs.switch import add_switch
from emqxctl.verbs.update import add_update
from emqxctl.verbs.write_hooks import WriteHooks

RULE_ID = re.compile(r"[A-Za-z0-9]+[A-Za-z0-9_-]*")  # recorded 5.8.9
READ_ONLY_FIELDS = (
    "id",
    "from",
    "created_at",
    "last_modified_at",
    "action_details",
    "metrics",
    "node_metrics",
    "namespace",
)


def rule_id_field(rule_id: str) -> dict[str, object]:
    """Return the field that names a rule. Raises UsageError for an id that EMQX would refuse."""
    if not RULE_ID.fullmatch(rule_id):
        message = f"invalid rule id {rule_id!r}"
        raise UsageError(message, hint="use letters, digits, _ and -; start with a letter or a digit")
    return {"id": rule_id}


def format_actions(value: object) -> str:
    """Format the actions of a rule: their ids, or the names of functions."""
    if not isinstance(value, list):
        return format_plain(value)
    names = (action.get("function") if isinstance(action, dict) else action for action in value)
    return format_names([format_plain(name) for name in names])


def format_on_one_line(value: object) -> str:
    """Format SQL on one line."""
    return " ".join(format_plain(value).split())


def parse_actions(body: Body) -> Body:
    """Return a body without read-only fields, the values of --action parsed."""
    body = without_fields(body, READ_ONLY_FIELDS)
    actions = body.get("actions")
    if not isinstance(actions, list):
        return body
    return {**body, "actions": [parse_action(action) for action in actions]}


def parse_action(action: object) -> object:
    """Parse an action id, which has a colon, a function name (`console`) or JSON (`{"function": ...}`)."""
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
        NAMESPACE,
        Column("enable", "ENABLED", style=color_state),
        Column("from", format=format_names),
        Column("actions", format=format_actions),
        Column("description"),
        Column("sql", "SQL", format=format_on_one_line, wide=True),
        Column("name", wide=True),
        Column("created_at", "CREATED", format=format_relative_time, wide=True),
        Column("last_modified_at", "CHANGED", format=format_relative_time, wide=True),
    ),
    paging=Paging.PAGES,
    row_key=("id",),
    filters=(
        Filter(
            "enable",
            "Filter by whether rules are enabled.",
            ValueType.BOOLEAN,
            row_check=check_equal("enable"),
            option="enabled",
        ),
        Filter("from", "Filter by exact topic or event."),
        Filter("like_id", "Filter by part of the id.", row_check=check_contains("id")),
        Filter("like_from", "Filter by part of the topic."),
        # EMQX's own match_from takes a filter and finds the rules whose topics it covers.
        Filter(
            "match_from",
            "Filter by a topic that a FROM of the rule matches.",
            ValueType.TOPIC,
            row_check=check_any_filter_matches("from"),
            is_local=True,
        ),
        Filter("like_description", "Filter by part of the description."),
        Filter("action", "Filter by action. Repeatable (EMQX 5.8+).", multiple=True, since=(5, 8, 0)),
        Filter("source", "Filter by source. Repeatable (EMQX 5.8+).", multiple=True, since=(5, 8, 0)),
    ),
    settings=(
        Setting("sql", 'Rule SQL, such as SELECT * FROM "t/#".'),
        Setting(
            "actions",
            "Action id, function name or JSON. Repeatable; replaces the list.",
            multiple=True,
            option="action",
        ),
        Setting("name", "Display name."),
        Setting("description", "Description."),
        Setting("enable", "Enable or disable it.", ValueType.BOOLEAN),
    ),
    read_only_fields=READ_ONLY_FIELDS,
    key_to_fields=rule_id_field,
    normalize=parse_actions,
    checks_existence=True,  # some versions answer 204 to the DELETE of an unknown rule
    switch_by_update=True,
)
ENGINE = Resource(
    noun="rule engine",
    path="/rule_engine",
    key="",
    item_template="/rule_engine",
    columns=(Column("ignore_sys_message"), Column("jq_function_default_timeout")),
    settings=(
        Setting("ignore_sys_message", "Enable or disable ignoring of $SYS messages.", ValueType.BOOLEAN),
        Setting("jq_function_default_timeout", "Timeout of jq functions, such as 10s."),
        Setting(
            "limit_selects_in_namespace",
            "Enable or disable limiting rules of a namespace to its own topics (EMQX 6.0+).",
            ValueType.BOOLEAN,
            since=(6, 0, 0),
        ),
        Setting(
            "ssrf.enable",
            "Enable or disable limits on the hosts that rules may call (EMQX 6.2+).",
            ValueType.BOOLEAN,
            option="ssrf",
            since=(6, 2, 0),
        ),
        *(
            Setting(
                f"ssrf.{field}",
                f"{text} Repeatable; replaces the list (EMQX 6.2+).",
                multiple=True,
                option=option,
                since=(6, 2, 0),
            )
            for field, option, text in (
                ("allow_cidrs", "allow-cidr", "Network that rules may call."),
                ("deny_cidrs", "deny-cidr", "Network that rules may not call."),
                ("deny_hosts", "deny-host", "Host that rules may not call."),
            )
        ),
    ),
)
EVENTS = Resource(
    noun="event",
    path="/rule_events",
    key="event",
    columns=(
        Column("event"),
        Column("title.en", "TITLE"),
        Column("sql_example", "EXAMPLE", format=format_on_one_line),
        Column("columns", "FIELDS", format=format_names, wide=True),
    ),
)


def list_missing_actions(session: Session, rule: Mapping[str, Any]) -> Sequence[str]:
    """Return the warnings about the actions of a rule that do not exist."""
    from emqxctl.commands.rules import _checks

    return _checks.list_missing_actions(session, rule)


def explain_rule_error(session: Session, error: EmqxctlError, rule: Mapping[str, Any]) -> EmqxctlError:
    """Return an error with what is wrong with the SQL or an action of the rule that EMQX refused."""
    from emqxctl.commands.rules import _checks

    return _checks.explain_rule_error(session, error, rule)


HOOKS = WriteHooks(explain_rule_error, list_missing_actions, calls=("GET /actions",))
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

app = new_group("Manage rules.")
engine = new_group("Manage the settings of the rule engine.")
app.add_typer(engine, name="engine")
add_list(
    app,
    RULES,
    examples=(
        "emqxctl rules list",
        "emqxctl rules list --no-enabled -o name",
        "emqxctl rules list --action http:archive --match-from telemetry/dev-1/temp",
    ),
)
add_get(app, RULES, examples=("emqxctl rules get hot",))
add_create(
    app,
    RULES,
    examples=(
        "emqxctl rules create hot --sql 'SELECT * FROM \"t/#\" WHERE payload.t > 30' --action http:archive",
        "emqxctl rules create trace --sql 'SELECT * FROM \"t/#\"' --action console --no-enable",
        "emqxctl rules create hot -f rule.yaml",
    ),
    hooks=HOOKS,
)
add_update(
    app,
    RULES,
    examples=(
        "emqxctl rules update hot --action http:archive --action mqtt:upstream",
        "emqxctl rules update hot --sql 'SELECT topic FROM \"t/#\"' --dry-run",
    ),
    hooks=HOOKS,
)
add_delete(app, RULES, examples=("emqxctl rules delete hot --yes",))
add_switch(app, RULES, line="emqxctl rules {} hot")
app.lazy("why", "Explain why a rule does not work.")
app.lazy("test", "Test SQL or a rule with a message or event.")
add_metrics(app, RULES, columns=METRICS, line="emqxctl rules {} hot")


@app.command()
@command(calls="GET /rule_events", examples=("emqxctl rules events", "emqxctl rules events -o wide"))
def events(session: Session) -> Rows:
    """List the events that rules can select from."""
    return list_rows(session, EVENTS, {})


add_get(engine, ENGINE, summary="Show the rule engine settings.", examples=("emqxctl rules engine get",))
add_update(
    engine,
    ENGINE,
    summary="Update the rule engine settings.",
    examples=("emqxctl rules engine update --no-ignore-sys-message",),
)
