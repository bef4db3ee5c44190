"""`emqxctl rules test`: what SQL, or a rule, makes of one message or event."""

import json
from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.input.body import Body, build_body
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import UsageError
from emqxctl.output.results import Value
from emqxctl.verbs import edits

Sql = Annotated[str | None, typer.Option("--sql", metavar="SQL", help="The SQL to test.")]
Rule = Annotated[str | None, typer.Option("--rule", metavar="ID", help="Or a rule to test (EMQX 5.7+).")]
File = Annotated[
    str | None, typer.Option("--file", "-f", metavar="FILE", help="The message or event; - for stdin.")
]
Event = Annotated[
    str | None, typer.Option(metavar="EVENT", help="What it is (rules events); default: message_publish.")
]
Run = Annotated[bool, typer.Option("--run-actions", help="With --rule: run its actions, in earnest.")]
Topic = Annotated[str | None, typer.Option(metavar="TOPIC", help="The topic it came on.")]
Payload = Annotated[str | None, typer.Option(metavar="TEXT", help="Its payload.")]
Clientid = Annotated[str | None, typer.Option(metavar="ID", help="The client it is of.")]
Username = Annotated[str | None, typer.Option(metavar="NAME", help="That client's user name.")]
Qos = Annotated[int | None, typer.Option(min=0, max=2, help="Its quality of service.")]


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
    sql: Sql = None,
    rule: Rule = None,
    file: File = None,
    set_: edits.Set = None,
    event: Event = None,
    topic: Topic = None,
    payload: Payload = None,
    clientid: Clientid = None,
    username: Username = None,
    qos: Qos = None,
    run_actions: Run = False,
) -> Value:
    """Test SQL or a rule with one message or event.

    -f, --set and the options say what it holds; EMQX makes up the rest. Exit 7 when the SQL does not
    select it. The actions of a rule are only prepared, not run, without --run-actions.
    """
    told = {"topic": topic, "payload": payload, "clientid": clientid, "username": username, "qos": qos}
    context = build_body(file, set_ or [], {name: value for name, value in told.items() if value is not None})
    settle(context, event)
    if (sql is None) == (rule is None):
        message = "give either --sql or --rule"
        raise UsageError(message, hint="emqxctl rules test --help")
    if rule is not None:
        body = {"context": context, "stop_action_after_template_rendering": not run_actions}
        return Value(session.client.post("/rules/{id}/test", rule, body=body))
    if run_actions:
        message = "--run-actions means nothing without --rule: SQL alone has no actions"
        raise UsageError(message)
    return Value(session.client.post("/rule_test", body={"context": context, "sql": sql}))


def settle(context: Body, event: str | None) -> None:
    """Say what happened, as EMQX wants it, and write the payload as the text that a payload is."""
    if event is not None:
        context["event_type"] = event_type(event)
    context.setdefault("event_type", "message_publish")
    if isinstance(context.get("payload"), dict | list):
        context["payload"] = json.dumps(context["payload"], ensure_ascii=False)


def event_type(event: str) -> str:
    """Give the type of an event that is named as SQL names it, in the form of 5.x or of 6.x.

    `$events/client_connected` and `$events/client/connected` are both `client_connected`.
    """
    if event.startswith("$bridges/"):
        return "$bridges/mqtt:*"
    about, slash, name = event.removeprefix("$events/").partition("/")
    if not slash:
        return about
    whole = about not in {"client", "message", "session"} or name.startswith("delivery_")
    return name if whole else f"{about}_{name}"
