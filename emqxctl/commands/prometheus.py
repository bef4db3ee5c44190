"""`emqxctl prometheus`: what Prometheus is told, and how."""

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


class Mode(StrEnum):
    """Whose metrics."""

    node = "node"
    all_nodes_aggregated = "all_nodes_aggregated"
    all_nodes_unaggregated = "all_nodes_unaggregated"


SETTINGS = Resource(
    noun="configuration of Prometheus",
    path="/prometheus",
    key="",
    item_template="/prometheus",
    columns=(Column("enable_basic_auth", "NEEDS A KEY"),),
    settings=(
        Setting(
            "enable_basic_auth", "Whether scraping needs an API key.", ValueType.BOOLEAN, option="basic-auth"
        ),
        Setting("push_gateway.enable", "Whether metrics are pushed.", ValueType.BOOLEAN, option="push"),
        Setting("push_gateway.url", "Where they are pushed to.", option="push-url"),
        Setting("push_gateway.interval", "How often: 15s.", option="push-interval"),
    ),
)
# Command → the last part of the path, what is shown, and since when.
KINDS = {
    "stats": ("stats", "Show the metrics of the broker."),
    "auth": ("auth", "Show the metrics of access control (5.5+)."),
    "data-integration": ("data_integration", "Show the metrics of rules and actions (5.5+)."),
    "schema-validation": ("schema_validation", "Show the metrics of schema validations (5.7+)."),
    "message-transformation": ("message_transformation", "Show those of message transformations (5.7+)."),
    "namespaced": ("namespaced_stats", "Show the metrics of namespaces (6.1+)."),
    "topic-metrics": ("topic_metrics", "Show the metrics of topics (6.3+)."),
}
ModeOption = Annotated[
    Mode | None,
    typer.Option(
        metavar="MODE", help="node, all_nodes_aggregated or all_nodes_unaggregated (5.5+). Default: node."
    ),
]

app = new_group("Prometheus: metrics in its format, and its settings.")
add_get(app, SETTINGS, summary="Show the settings.", examples=("emqxctl prometheus get -o yaml",))
add_update(
    app,
    SETTINGS,
    summary="Change the settings.",
    examples=(
        "emqxctl prometheus update --basic-auth",
        "emqxctl prometheus update --push --push-url http://push.example.com:9091",
    ),
)


def add_scrape(name: str, path: str, summary: str) -> None:
    """Add a command for metrics of one kind: in Prometheus' format, or as JSON where asked for."""

    def scrape(session: Session, **values: Any) -> Result:  # noqa: ANN401  # --mode
        query = {"mode": values["mode"]}
        if wants_text(session):
            return fetch_text(session, path, query)
        return Value(session.client.get(path, query=query))

    scrape.__doc__ = summary
    set_signature(scrape, [new_parameter("mode", ModeOption, None)], Result)
    example = f"emqxctl prometheus {name} --mode all_nodes_aggregated"
    app.command(name)(command(calls=f"GET {path}", examples=(f"emqxctl prometheus {name}", example))(scrape))


for _name, (_ending, _summary) in KINDS.items():
    add_scrape(_name, f"/prometheus/{_ending}", _summary)
