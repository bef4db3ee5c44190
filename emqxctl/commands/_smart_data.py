"""Shared by schema validations and message transformations: an ordered list, updated at the list's path."""

from emqxctl.cli.group import Group
from emqxctl.cli.input.body import without_fields
from emqxctl.output.formatters import color_state, format_names
from emqxctl.resource import Column, Resource, Setting, ValueType
from emqxctl.verbs.create import add_create
from emqxctl.verbs.delete import add_delete
from emqxctl.verbs.get import add_get
from emqxctl.verbs.list import add_list
from emqxctl.verbs.metrics import add_metrics
from emqxctl.verbs.order import add_order
from emqxctl.verbs.switch import add_switch
from emqxctl.verbs.update import add_update

METRICS = (
    Column("node"),
    Column("matched", align_right=True),
    Column("succeeded", align_right=True),
    Column("failed", align_right=True),
)
SETTINGS = (
    Setting("topics", "Topic filter. Repeatable; replaces the list.", multiple=True, option="topic"),
    Setting(
        "failure_action",
        "Action for messages that fail.",
        ValueType.CHOICE,
        ("drop", "disconnect", "ignore"),
    ),
    Setting("enable", "Enable or disable it.", ValueType.BOOLEAN),
    Setting("description", "Description."),
    Setting("tags", "Tag. Repeatable; replaces the list.", multiple=True, option="tag"),
    Setting(
        "log_failure.level",
        "Log level of failures.",
        ValueType.CHOICE,
        ("debug", "info", "notice", "warning", "error", "none"),
        option="log-level",
    ),
)
READ_ONLY_FIELDS = ("created_at", "last_modified_at")


def first_object(response: object) -> object:
    """Return the one object of a response: EMQX documents a list of one, and returns the object."""
    return response[0] if isinstance(response, list) and response else response


def new_resource(noun: str, columns: tuple[Column, ...], settings: tuple[Setting, ...] = ()) -> Resource:
    """Describe schema validations or message transformations, with their own columns and settings."""
    path = f"/{noun.replace(' ', '_')}s"
    return Resource(
        noun=noun,
        path=path,
        key="name",
        item_template=f"{path}/{noun.rpartition(' ')[2]}/{{name}}",
        columns=(
            Column("name"),
            Column("enable", "ENABLED", style=color_state),
            Column("topics", format=format_names),
            *columns,
            Column("failure_action", "ON FAILURE"),
            Column("description", wide=True),
        ),
        settings=(*SETTINGS, *settings),
        read_only_fields=READ_ONLY_FIELDS,
        normalize=lambda body: without_fields(body, READ_ONLY_FIELDS),
        from_response=first_object,
        update_path=path,
        fields_in_update=("name",),
        variant_fields=("payload_decoder.type", "payload_encoder.type"),
    )


def add_verbs(app: Group, resource: Resource, *, line: str, create: str, update: str) -> None:
    """Add the common verbs; `line` is `emqxctl GROUP {} NAME`, `create` and `update` are examples."""
    group = line.partition(" {}")[0]
    add_list(app, resource, summary=f"List {resource.plural_noun} in order.", examples=(f"{group} list",))
    add_get(app, resource, examples=(line.format("get"),))
    add_create(app, resource, examples=(create,))
    add_update(app, resource, examples=(update,))
    add_delete(app, resource, examples=(line.format("delete") + " --yes",))
    add_switch(app, resource, line=line, method="POST")
    add_order(
        app,
        resource,
        name="reorder",
        operation=f"POST {resource.path}/reorder",
        build_body=lambda names: {"order": names},
        examples=(f"{group} reorder first second",),
    )
    add_metrics(app, resource, columns=METRICS, line=line, reset_method="POST")
