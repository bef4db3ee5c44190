"""`emqxctl audit`: show the audit log."""

from inspect import Parameter
from typing import Annotated

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.param_types import DURATION
from emqxctl.cli.session import Session
from emqxctl.output.formatters import color_state, format_relative_time, number_formatter
from emqxctl.output.results import Rows
from emqxctl.resource import Column, Filter, Paging, Resource, ValueType
from emqxctl.text.units import format_milliseconds
from emqxctl.verbs.list import list_rows
from emqxctl.verbs.parameters import option_parameters, option_values, set_signature

TIME_FILTERS = frozenset({"gte_created_at", "lte_created_at"})
DURATION_FILTERS = frozenset({"gte_duration_ms", "lte_duration_ms"})
AUDIT = Resource(
    noun="audit entry",
    plural="audit entries",
    path="/audit",
    key="operation_id",
    columns=(
        Column("created_at", "TIME", format=format_relative_time),
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
            "duration_ms",
            "DURATION",
            format=number_formatter(format_milliseconds),
            align_right=True,
            wide=True,
        ),
        Column("operation_type", "TYPE", wide=True),
        Column("node", wide=True),
        Column("failure", wide=True),
        Column("args", wide=True),
    ),
    paging=Paging.PAGES,
    filters=(
        Filter("gte_created_at", "Filter by time (at or after), such as 1h.", ValueType.TIME, option="since"),
        Filter("lte_created_at", "Filter by time (at or before).", ValueType.TIME, option="until"),
        Filter(
            "from",
            "Filter by interface.",
            ValueType.CHOICE,
            ("dashboard", "rest_api", "cli", "erlang_console"),
        ),
        Filter("source", "Filter by dashboard user or API key."),
        Filter("source_ip", "Filter by IP address."),
        Filter("node", "Filter by node."),
        Filter("operation_id", "Filter by operation, such as /clients/:clientid."),
        Filter("operation_type", "Filter by type of operation, such as clients."),
        Filter(
            "operation_result", "Filter by result.", ValueType.CHOICE, ("success", "failure"), option="result"
        ),
        Filter("http_method", "Filter by HTTP method.", ValueType.CHOICE, ("post", "put", "delete")),
        Filter("http_status_code", "Filter by HTTP status.", ValueType.INTEGER),
        Filter("gte_duration_ms", "Filter by minimum duration, such as 500ms.", option="min-duration"),
        Filter("lte_duration_ms", "Filter by maximum duration, such as 5s.", option="max-duration"),
    ),
)

app = new_group("Show the audit log (Enterprise).")


def list_entries(session: Session, **values: object) -> Rows:
    """List the entries of the audit log.

    EMQX only records entries while the audit log is enabled.
    """
    query = option_values(AUDIT.filters, values)
    for name in TIME_FILTERS & query.keys():
        query[name] *= 1000  # EMQX expects microseconds here, unlike anywhere else
    for name in DURATION_FILTERS & query.keys():
        query[name] = round(query[name] * 1000)
    return list_rows(session, AUDIT, query)


def filter_parameters() -> list[Parameter]:
    """Return the options of the filters; durations are parsed."""
    parameters = {parameter.name: parameter for parameter in option_parameters(AUDIT.filters)}
    for name in DURATION_FILTERS:
        parameter = parameters[f"option_{name}"]
        option = parameter.annotation.__metadata__[0]
        option.click_type, option.metavar = DURATION, None
        parameters[parameter.name] = parameter.replace(annotation=Annotated[float | None, option])
    return list(parameters.values())


set_signature(list_entries, filter_parameters(), Rows)
app.command("list")(
    command(
        calls="GET /audit",
        examples=(
            "emqxctl audit list --since 1h --result failure",
            "emqxctl audit list --from cli --since 2026-11-01 -o jsonl",
            "emqxctl audit list --source alice --http-method delete --min-duration 500ms",
        ),
    )(list_entries)
)
