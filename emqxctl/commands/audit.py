"""`emqxctl audit`: the audit log, who changed what."""

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.errors import UsageError
from emqxctl.output.formatters import color_state, format_relative_time, number_formatter
from emqxctl.output.results import Rows
from emqxctl.resource import Column, Filter, Paging, Resource, ValueType
from emqxctl.text.units import format_milliseconds, parse_duration
from emqxctl.verbs.list import list_rows
from emqxctl.verbs.parameters import option_parameters, option_values, set_signature

MOMENTS = ("gte_created_at", "lte_created_at")
LENGTHS = ("gte_duration_ms", "lte_duration_ms")
AUDIT = Resource(
    noun="entry",
    plural="entries",
    path="/audit",
    key="operation_id",
    columns=(
        Column("created_at", "WHEN", format=format_relative_time),
        Column("from"),
        Column("source"),
        Column("source_ip", "ADDRESS"),
        Column("operation_id", "OPERATION"),
        Column("http_method", "METHOD"),
        Column("http_status_code", "STATUS", align_right=True),
        Column(
            "operation_result",
            "RESULT",
            style=lambda value: "red" if value == "failure" else color_state(value),
        ),
        Column(
            "duration_ms", "TOOK", format=number_formatter(format_milliseconds), align_right=True, wide=True
        ),
        Column("operation_type", "TYPE", wide=True),
        Column("node", wide=True),
        Column("failure", wide=True),
        Column("args", wide=True),
    ),
    paging=Paging.PAGES,
    filters=(
        Filter(
            "gte_created_at", "Entries since then: a time, or 1h ago as 1h.", ValueType.TIME, option="since"
        ),
        Filter("lte_created_at", "Entries until then.", ValueType.TIME, option="until"),
        Filter(
            "from",
            "What it came through.",
            ValueType.CHOICE,
            ("dashboard", "rest_api", "cli", "erlang_console"),
        ),
        Filter("source", "Who: a dashboard user, or an API key."),
        Filter("source_ip", "From which address."),
        Filter("node", "On which node."),
        Filter("operation_id", "Which operation: /clients/:clientid."),
        Filter("operation_type", "Which kind of operation: clients."),
        Filter(
            "operation_result", "How it ended.", ValueType.CHOICE, ("success", "failure"), option="result"
        ),
        Filter("http_method", "Its HTTP method.", ValueType.CHOICE, ("post", "put", "delete")),
        Filter("http_status_code", "Its HTTP status.", ValueType.INTEGER),
        Filter("gte_duration_ms", "What took at least so long: 500ms.", option="min-duration"),
        Filter("lte_duration_ms", "What took at most so long.", option="max-duration"),
    ),
)

app = new_group("The audit log: who changed what (Enterprise).")


def list_(session: Session, **values: object) -> Rows:
    """List what was done, as long as the audit log is enabled."""
    query = option_values(AUDIT.filters, values)
    for name in MOMENTS:
        if name in query:
            query[name] *= 1000  # EMQX counts microseconds here, unlike anywhere else
    for one in AUDIT.filters:
        if one.param in LENGTHS and one.param in query:
            query[one.param] = length(one.flag, query[one.param])
    return list_rows(session, AUDIT, query)


def length(flag: str, text: str) -> int:
    """Read a duration as milliseconds. Raises UsageError naming the option."""
    try:
        return round(parse_duration(text) * 1000)
    except ValueError as error:
        message = f"{flag}: {error}"
        raise UsageError(message) from error


set_signature(list_, option_parameters(AUDIT.filters), Rows)
app.command("list")(
    command(
        calls="GET /audit",
        examples=(
            "emqxctl audit list --since 1h --result failure",
            "emqxctl audit list --from cli --since 2026-11-01 -o jsonl",
            "emqxctl audit list --source alice --http-method delete --min-duration 500ms",
        ),
    )(list_)
)
