"""`emqxctl rules test`: the result of SQL, or of a rule, for a message or event; test cases in files."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.input.body import Body, build_body
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.rules.test._event import complete_context
from emqxctl.errors import ExitCode, ServerError, UsageError
from emqxctl.output.formatters import color_state, format_plain
from emqxctl.output.results import Result, Rows, Text, Value
from emqxctl.resource import Column
from emqxctl.text.nouns import count_noun
from emqxctl.verbs.parameters import SetOption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emqxctl.commands.rules.test._run import CaseResult


class CaseFormat(StrEnum):
    """The formats of `rules test -o`: the usual ones, and JUnit XML for test cases."""

    table = "table"
    wide = "wide"
    json = "json"
    jsonl = "jsonl"
    yaml = "yaml"
    csv = "csv"
    tsv = "tsv"
    md = "md"
    name = "name"
    junit = "junit"


def format_reasons(value: object) -> str:
    """Format the reasons of a result, one after the other."""
    return "; ".join(map(str, value)) if isinstance(value, list) and value else format_plain(None)


COLUMNS = (
    Column("status", style=color_state),
    Column("case"),
    Column("reasons", "REASON", format=format_reasons, wrap=True),
    Column("file", wide=True),
    Column("line", align_right=True, wide=True),
    Column("seconds", align_right=True, wide=True),
)

SqlOption = Annotated[str | None, typer.Option("--sql", metavar="SQL", help="SQL to test.")]
RuleOption = Annotated[
    str | None, typer.Option("--rule", metavar="ID", help="Id of a rule to test (EMQX 5.7+).")
]
FileOption = Annotated[
    list[str] | None,
    typer.Option(
        "--file",
        "-f",
        metavar="FILE",
        help="File with the message or event, or file or folder with test cases (- for stdin). Repeatable.",
    ),
]
RulesFileOption = Annotated[
    list[str] | None,
    typer.Option(
        "--rules-from",
        metavar="FILE",
        help="State file (see `export`) whose rules are tested instead of the cluster's. Repeatable.",
    ),
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


OutputOption = Annotated[
    CaseFormat | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FORMAT",
        help="Output format: table, wide, json, jsonl, yaml, csv ..., or junit for test cases.",
        case_sensitive=False,
    ),
]


@command(
    calls=("POST /rule_test", "POST /rules/{id}/test", "GET /rules/{id}"),
    examples=(
        "emqxctl rules test --sql 'SELECT payload.t FROM \"t/#\"' --topic t/1 --payload '{\"t\": 31}'",
        "emqxctl rules test --rule hot -f message.json",
        "emqxctl rules test --sql 'SELECT * FROM \"$events/client_connected\"' --event client_connected",
        "emqxctl rules test -f cases.yaml",
        "emqxctl rules test -f cases.yaml --rules-from cluster.yaml -o junit > results.xml",
    ),
    effect=Effect.WRITE,
)
def test(
    session: Session,
    sql: SqlOption = None,
    rule: RuleOption = None,
    file: FileOption = None,
    rules_from: RulesFileOption = None,
    set_: SetOption = None,
    event: EventOption = None,
    topic: TopicOption = None,
    payload: PayloadOption = None,
    clientid: ClientOption = None,
    username: UsernameOption = None,
    qos: QosOption = None,
    run_actions: RunOption = False,
    output: OutputOption = None,
) -> Result:
    """Test SQL or a rule with a message or event.

    -f, --set and the options set the fields of the message or event; EMQX adds the others. Exits with 7 if
    the SQL does not select it. Without --run-actions, the actions of a rule are prepared but not run.

    EMQX counts a test of a rule in its metrics: as matched and passed, and each action that was prepared but
    not run as failed. `check` and `status` then see failures: reset them with `rules reset-metrics`.

    Without --sql and --rule, each -f is a YAML file with test cases, or a folder of them. Exits with 8 if a
    case fails. A case has a name, sql or rule, event (or a list: events), and rows or actions:

    \b
    cases:
      - name: a hot reading is stored
        sql: SELECT payload.t AS t FROM "t/#" WHERE payload.t > 30
        event: {topic: t/1, payload: {t: 31}}
        rows: [{t: 31}]
      - name: a client that connects is ignored
        rule: hot
        event: {event_type: client_connected, clientid: dev-1}
        rows: []

    rows must be equal, [] if nothing is selected; with `partial: true` they may have more fields. actions
    are the ids of the actions that run. sql or rule beside `cases` applies to every case. A case tests the
    SQL of its rule, which is not counted in metrics; actions of a stored rule are counted as above.
    """  # noqa: D301  # `\b` keeps the lines of the paragraph
    fields = {"topic": topic, "payload": payload, "clientid": clientid, "username": username, "qos": qos}
    options = {name: value for name, value in fields.items() if value is not None}
    if file and sql is None and rule is None:
        if options or set_ or event or run_actions:
            message = "--topic, --payload, --event, --set and the like require --sql or --rule"
            raise UsageError(message, hint="state the fields of the event in the test case")
        return test_cases(session, file, rules_from, output)
    if rules_from or output is CaseFormat.junit or (file and len(file) > 1):
        message = "--rules-from, -o junit and several files are only for test cases"
        raise UsageError(message, hint="test cases: emqxctl rules test -f cases.yaml")
    if (sql is None) == (rule is None):
        message = "use either --sql or --rule, or -f with test cases"
        raise UsageError(message, hint="emqxctl rules test --help")
    context = build_context(file[0] if file else None, set_ or [], options, event)
    if rule is not None:
        body = {"context": context, "stop_action_after_template_rendering": not run_actions}
        return Value(session.client.post("/rules/{id}/test", rule, body=body))
    if run_actions:
        message = "--run-actions requires --rule: SQL alone has no actions"
        raise UsageError(message)
    return test_sql(session, sql, context)


def build_context(
    file: str | None, assignments: list[str], options: Mapping[str, object], event: str | None
) -> Body:
    """Build the message or event to test with. Raises UsageError for a file with test cases."""
    body = build_body(file, assignments, options)
    if isinstance(body.get("cases"), list):
        message = "test cases cannot be used together with --sql or --rule"
        raise UsageError(message, hint="run the cases alone: emqxctl rules test -f cases.yaml")
    return complete_context(body, event)


def test_sql(session: Session, sql: str | None, context: Body) -> Result:
    """Test SQL with a message or event; an error in the SQL is explained."""
    try:
        return Value(session.client.post("/rule_test", body={"context": context, "sql": sql}))
    except ServerError as error:
        from emqxctl.commands.rules._checks import explain_sql_error

        raise explain_sql_error(error, sql) from error.__cause__


def test_cases(
    session: Session, files: list[str], rules_from: list[str] | None, output: CaseFormat | None
) -> Result:
    """Run test cases and return a row for each, or JUnit XML."""
    from emqxctl.commands.rules.test._cases import read_cases
    from emqxctl.commands.rules.test._run import RuleReader, read_stated_rules, run_cases

    if "-" in files and "-" in (rules_from or ()):
        message = "-f - and --rules-from - cannot be used together"
        raise UsageError(message)
    cases = read_cases(files, session.environ)
    stated_rules = read_stated_rules(rules_from, session.environ) if rules_from else None
    client = session.client
    results, exit_code = run_cases(client, cases, RuleReader(client, stated_rules))
    if session.settings.dry_run:
        exit_code = ExitCode.OK
    elif output is CaseFormat.junit:
        from emqxctl.commands.rules.test._junit import format_junit

        return Text(format_junit(results), notes=(summarize(results),), exit_code=exit_code)
    rows = [result.to_row() for result in results]
    return Rows(
        rows, COLUMNS, key="case", plural_noun="cases", notes=(summarize(results),), exit_code=exit_code
    )


def summarize(results: "Sequence[CaseResult]") -> str:
    """Return how many cases passed, failed, ended with an error or were skipped."""
    statuses = [result.status for result in results]
    counts = [f"{statuses.count(status)} {status}" for status in ("failed", "error", "skipped")]
    parts = [count for count in counts if not count.startswith("0 ")]
    return ", ".join([f"{statuses.count('passed')} of {count_noun(len(results), 'case')} passed", *parts])
