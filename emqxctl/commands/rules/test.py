"""`emqxctl rules test`: the result of SQL, or of a rule, for one message or event."""

import json
from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.input.body import Body, build_body
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import ServerError, UsageError
from emqxctl.output.results import Value
from emqxctl.verbs.parameters import SetOption

SqlOption = Annotated[str | None, typer.Option("--sql", metavar="SQL", help="SQL to test.")]
RuleOption = Annotated[
    str | None, typer.Option("--rule", metavar="ID", help="Id of a rule to test (EMQX 5.7+).")
]
FileOption = Annotated[
    str | None,
    typer.Option("--file", "-f", metavar="FILE", help="File with the message or event (- for stdin)."),
]
EventOption = Annotated[
    str | None,
    typer.Option(metavar="EVENT", help="Event type, such as client_connected. Default: message_publish."),
]
RunOption = Annotated[
    bool, typer.Option("--run-actions", help="Run the actions of the rule. Requires --rule.")
]
TopicOption = Annotated[str | None, typer.Option(metavar="TOPIC", help="Topic of the message.")]
PayloadOption = Annotated[str | None, typer.Option(metavar="TEXT", help="Payload of the message.")]
ClientOption = Annotated[str | None, typer.Option(metavar="CLIENT_ID", help="Client ID.")]
UsernameOption = Annotated[str | None, typer.Option(metavar="NAME", help="Username of the client.")]
QosOption = Annotated[int | None, typer.Option(metavar="0|1|2", min=0, max=2, help="QoS of the message.")]


@command(
    calls=("POST /rule_test", "POST /rules/{id}/test"),
    examples=(
        "emqxctl rules test --sql 'SELECT payload.t FROM \"t/#\"' --topic t/1 --payload '{\"t\": 31}'",
        "emqxctl rules test --rule hot -f message.json",
        "emqxctl rules test --sql 'SELECT * FROM \"$events/client_connected\"' --event client_connected",
    ),
    effect=Effect.WRITE,
)
def test(
    session: Session,
    sql: SqlOption = None,
    rule: RuleOption = None,
    file: FileOption = None,
    set_: SetOption = None,
    event: EventOption = None,
    topic: TopicOption = None,
    payload: PayloadOption = None,
    clientid: ClientOption = None,
    username: UsernameOption = None,
    qos: QosOption = None,
    run_actions: RunOption = False,
) -> Value:
    """Test SQL or a rule with a message or event.

    -f, --set and the options set the fields of the message or event; EMQX adds the others. Exits with 7 if
    the SQL does not select it. Without --run-actions, the actions of a rule are prepared but not run.

    EMQX counts a test of a rule in its metrics: as matched and passed, and each action that was prepared but
    not run as failed. `check` and `status` then see failures: reset them with `rules reset-metrics`.
    """
    fields = {"topic": topic, "payload": payload, "clientid": clientid, "username": username, "qos": qos}
    options = {name: value for name, value in fields.items() if value is not None}
    context = complete_context(build_body(file, set_ or [], options), event)
    if (sql is None) == (rule is None):
        message = "use either --sql or --rule"
        raise UsageError(message, hint="emqxctl rules test --help")
    if rule is not None:
        body = {"context": context, "stop_action_after_template_rendering": not run_actions}
        return Value(session.client.post("/rules/{id}/test", rule, body=body))
    if run_actions:
        message = "--run-actions requires --rule: SQL alone has no actions"
        raise UsageError(message)
    try:
        return Value(session.client.post("/rule_test", body={"context": context, "sql": sql}))
    except ServerError as error:
        from emqxctl.commands.rules._checks import explain_sql_error

        raise explain_sql_error(error, sql) from error.__cause__


def complete_context(context: Body, event: str | None) -> Body:
    """Return a context with the event's type, as EMQX requires it, and with the payload as text."""
    event_type = parse_event_type(event) if event else context.get("event_type", "message_publish")
    context = {**context, "event_type": event_type}
    if isinstance(context.get("payload"), dict | list):
        context["payload"] = json.dumps(context["payload"], ensure_ascii=False)
    return context


def parse_event_type(event: str) -> str:
    """Return the type of an event that is named as in SQL, in the form of 5.x or of 6.x.

    `$events/client_connected` and `$events/client/connected` are both `client_connected`.
    """
    if event.startswith("$bridges/"):
        return "$bridges/mqtt:*"
    subject, slash, name = event.removeprefix("$events/").partition("/")
    if not slash:
        return subject
    is_full_name = subject not in {"client", "message", "session"} or name.startswith("delivery_")
    return name if is_full_name else f"{subject}_{name}"
