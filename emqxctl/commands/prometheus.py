"""`emqxctl prometheus`: show Prometheus metrics and manage their settings."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.commands._server_text import fetch_text, wants_text
from emqxctl.output.results import Result, Value
from emqxctl.resource import Column, Resource, Setting, ValueType
from emqxctl.verbs.get import add_get
from emqxctl.verbs.parameters import new_parameter, set_signature
from emqxctl.verbs.update import add_update


class AggregationMode(StrEnum):
    """The nodes whose metrics are returned."""

    node = "node"
    all_nodes_aggregated = "all_nodes_aggregated"
    all_nodes_unaggregated = "all_nodes_unaggregated"


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
add_update(
    app,
    SETTINGS,
    summary="Update the Prometheus settings.",
    examples=(
        "emqxctl prometheus update --basic-auth",
        "emqxctl prometheus update --push --push-url http://push.example.com:9091",
    ),
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
