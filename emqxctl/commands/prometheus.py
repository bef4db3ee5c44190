"""`emqxctl prometheus`: show Prometheus metrics and manage their settings."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import Body, deep_merge
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands._server_text import fetch_text, wants_text
from emqxctl.errors import ExitCode, ServerError
from emqxctl.output.results import Result, Value
from emqxctl.resource import Column, Resource, Setting, ValueType
from emqxctl.verbs.get import add_get
from emqxctl.verbs.parameters import new_parameter, set_signature
from emqxctl.verbs.update import apply_update, change_from_options, update_parameters


class AggregationMode(StrEnum):
    """The nodes whose metrics are returned."""

    node = "node"
    all_nodes_aggregated = "all_nodes_aggregated"
    all_nodes_unaggregated = "all_nodes_unaggregated"


COLLECTOR_SETTINGS = tuple(
    Setting(
        f"collectors.{name}",
        f"Collector of {content} metrics.",
        ValueType.CHOICE,
        ("enabled", "disabled"),
        option=f"collector-{name}",
    )
    for name, content in (
        ("vm_dist", "Erlang distribution"),
        ("mnesia", "Mnesia database"),
        ("vm_statistics", "Erlang VM statistics"),
        ("vm_system_info", "Erlang VM system"),
        ("vm_memory", "Erlang VM memory"),
        ("vm_msacc", "Erlang microstate accounting"),
    )
)
SETTINGS = Resource(
    noun="Prometheus configuration",
    path="/prometheus",
    key="",
    item_template="/prometheus",
    columns=(Column("enable_basic_auth", "AUTHENTICATION"),),
    settings=(
        Setting(
            "enable_basic_auth", "Require an API key for scraping.", ValueType.BOOLEAN, option="basic-auth"
        ),
        Setting(
            "push_gateway.enable", "Enable or disable the push gateway.", ValueType.BOOLEAN, option="push"
        ),
        Setting("push_gateway.url", "URL of the push gateway.", option="push-url"),
        Setting("push_gateway.interval", "Push interval, such as 15s.", option="push-interval"),
        Setting("push_gateway.job_name", "Job name of pushed metrics.", option="push-job-name"),
        Setting(
            "push_gateway.method",
            "Request method for the push gateway.",
            ValueType.CHOICE,
            ("put", "post"),
            option="push-method",
        ),
        *COLLECTOR_SETTINGS,
        Setting(
            "latency_buckets",
            "Upper bounds of latency histograms, such as '10ms, 100ms, 1s' (EMQX 5.9+).",
            since=(5, 9, 0),
        ),
        Setting(
            "namespaced_metrics_limiter.rate",
            "Rate of requests for namespace metrics, such as 1/5s (EMQX 6.1+).",
            option="namespaced-rate",
            since=(6, 1, 0),
        ),
    ),
)
# By command: the last part of the path, and the summary.
METRIC_COMMANDS = {
    "stats": ("stats", "Show broker metrics."),
    "auth": ("auth", "Show access control metrics (EMQX 5.5+)."),
    "data-integration": ("data_integration", "Show metrics of rules and actions (EMQX 5.5+)."),
    "schema-validation": ("schema_validation", "Show schema validation metrics (EMQX 5.7+)."),
    "message-transformation": ("message_transformation", "Show message transformation metrics (EMQX 5.7+)."),
    "namespaced": ("namespaced_stats", "Show namespace metrics (EMQX 6.1+)."),
    "topic-metrics": ("topic_metrics", "Show topic metrics (EMQX 6.3+)."),
}
ModeOption = Annotated[
    AggregationMode | None,
    typer.Option(
        metavar="MODE", help="node (default), all_nodes_aggregated or all_nodes_unaggregated (EMQX 5.5+)."
    ),
]

app = new_group("Show Prometheus metrics and manage their settings.")
add_get(app, SETTINGS, summary="Show the Prometheus settings.", examples=("emqxctl prometheus get -o yaml",))


def update(session: Session, **values: Any) -> Result:  # noqa: ANN401  # what the settings declare
    """Update the Prometheus settings."""
    change, _namespace = change_from_options(session, SETTINGS, values, "")
    new_fields: list[str] = []

    def apply_change(before: Body) -> Body:
        new_fields.extend(name for name in change if name not in before)
        return change if values["replace_"] else deep_merge(before, change)

    try:
        return apply_update(session, SETTINGS, [], apply_change)
    except ServerError as error:
        raise name_unknown_fields(error, new_fields) from error


def name_unknown_fields(error: ServerError, new_fields: list[str]) -> ServerError:
    """Name the unknown field: EMQX 5.8 compares the body with an old form, and names those it knows too."""
    if error.exit_code is ExitCode.REJECTED and "unknown field" in error.message and new_fields:
        names = ", ".join(map(repr, new_fields))
        error.message = f"EMQX rejected the Prometheus settings: unknown field {names}"
        error.hint = "show the existing fields: emqxctl prometheus get -o yaml"
    return error


set_signature(update, update_parameters(SETTINGS), Result)
app.command("update")(
    command(
        calls=("GET /prometheus", "PUT /prometheus"),
        examples=(
            "emqxctl prometheus update --basic-auth",
            "emqxctl prometheus update --push --push-url http://push.example.com:9091",
            "emqxctl prometheus update --collector-vm-memory enabled --latency-buckets '10ms, 100ms, 1s'",
        ),
        effect=Effect.WRITE,
    )(update)
)


def add_metrics_command(name: str, path: str, summary: str) -> None:
    """Add a command that shows metrics in Prometheus' text format, or as JSON if requested."""

    def show_metrics(session: Session, **values: Any) -> Result:  # noqa: ANN401  # --mode
        query = {"mode": values["mode"]}
        if wants_text(session):
            return fetch_text(session, path, query)
        return Value(session.client.get(path, query=query))

    show_metrics.__doc__ = summary
    set_signature(show_metrics, [new_parameter("mode", ModeOption, None)], Result)
    example = f"emqxctl prometheus {name} --mode all_nodes_aggregated"
    register = command(calls=f"GET {path}", examples=(f"emqxctl prometheus {name}", example))
    app.command(name)(register(show_metrics))


for _name, (_last_segment, _summary) in METRIC_COMMANDS.items():
    add_metrics_command(_name, f"/prometheus/{_last_segment}", _summary)
