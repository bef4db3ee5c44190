"""What schema validations and message transformations share: an ordered list, changed by its own path."""

from typing import Annotated, Any

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import Group
from emqxctl.cli.input.body import Body, deep_merge, reject_masked_secrets, unified_diff_of, without_fields
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands._node_metrics import add_metrics
from emqxctl.errors import UsageError
from emqxctl.output.formatters import color_state, format_plain
from emqxctl.output.results import Done, Record, Result, Text
from emqxctl.resource import Column, Resource, Setting, ValueType
from emqxctl.verbs import edits, stock
from emqxctl.verbs.parameters import arguments, keyword, options, set_signature

METRICS = (
    Column("node"),
    Column("matched", align_right=True),
    Column("succeeded", align_right=True),
    Column("failed", align_right=True),
)
SETTINGS = (
    Setting(
        "topics", "The topic filters it looks at; repeatable, these are all.", multiple=True, option="topic"
    ),
    Setting(
        "failure_action",
        "What becomes of a message that fails.",
        ValueType.CHOICE,
        ("drop", "disconnect", "ignore"),
    ),
    Setting("enable", "Whether it runs.", ValueType.BOOLEAN),
    Setting("description", "What it is for."),
)
COMPUTED = ("created_at", "last_modified_at")


def words(value: object) -> str:
    """Write a list of words on one line."""
    return ", ".join(map(str, value)) if isinstance(value, list) and value else format_plain(value or "")


def columns(*own: Column) -> tuple[Column, ...]:
    """Give the columns of both, `own` in their middle."""
    first = (Column("name"), Column("enable", "ENABLED", style=color_state), Column("topics", format=words))
    return (*first, *own, Column("failure_action", "ON FAILURE"), Column("description", wide=True))


def add_verbs(app: Group, resource: Resource, *, line: str, create: str, update: str) -> None:
    """Add all verbs but those of one kind; `line` is `emqxctl GROUP {} NAME`, the others whole examples."""
    group = line.partition(" {}")[0]
    stock.add_list(
        app, resource, summary=f"List {resource.plural_noun}, in their order.", examples=(f"{group} list",)
    )
    add_get(app, resource, line.format("get"))
    edits.add_create(app, resource, examples=(create,))
    add_update(app, resource, update)
    edits.add_delete(app, resource, examples=(line.format("delete") + " --yes",))
    for verb, value in (("enable", "true"), ("disable", "false")):
        path = resource.item_path + "/enable/{enable}"
        edits.add_operation(app, resource, verb, path, ending=(value,), examples=(line.format(verb),))
    add_reorder(app, resource, f"{group} reorder first second")
    add_metrics(app, resource, columns=METRICS, line=line, method="POST")


def lookup(session: Session, resource: Resource, name: str) -> Body:
    """Read one; the documents promise a list of one, the server gives the object."""
    found = session.client.get(resource.item_path, name)
    one = found[0] if isinstance(found, list) and found else found
    return one if isinstance(one, dict) else {}


def add_get(app: Group, resource: Resource, example: str) -> None:
    """Add `get`."""

    def get(session: Session, **values: Any) -> Record:  # noqa: ANN401  # the path's placeholder
        return Record(lookup(session, resource, values["at_name"]), resource.columns, key=resource.key)

    get.__doc__ = f"Show one {resource.noun}."
    set_signature(get, arguments(resource.item_path, resource.noun), Record)
    app.command("get")(command(calls=f"GET {resource.item_path}", examples=(example,))(get))


def add_update(app: Group, resource: Resource, example: str) -> None:
    """Add `update`, which EMQX wants at the path of the list."""

    def update(session: Session, **values: Any) -> Result:  # noqa: ANN401  # what the settings declare
        change = edits.body_of(resource, values)
        if not change:
            message = "nothing to change was given"
            raise UsageError(message, hint="-f FILE, --set A.B=VALUE, or an option of the command")
        return changed(session, resource, values["at_name"], change, replace=values["replace_"])

    update.__doc__ = f"Change a {resource.noun}."
    parameters = [
        *arguments(resource.item_path, resource.noun),
        *edits.BODY,
        keyword("replace_", edits.Replace, False),
        *options(resource.settings),
    ]
    set_signature(update, parameters, Result)
    calls = (f"GET {resource.item_path}", f"PUT {resource.path}")
    app.command("update")(command(calls=calls, examples=(example,), effect=Effect.WRITE)(update))


def changed(session: Session, resource: Resource, name: str, change: Body, *, replace: bool) -> Result:
    """Read one, change it and send it whole; a dry run shows the difference."""
    before = without_fields(lookup(session, resource, name), resource.read_only_fields)
    after = {**(change if replace else deep_merge(before, change)), "name": name}
    reject_masked_secrets(after, kept=False, noun=resource.noun)
    if session.settings.dry_run:
        return Text(unified_diff_of(before, after), notes=(f"dry run: PUT {resource.path} was not sent",))
    made = session.client.put(resource.path, body=after)
    shown = made if isinstance(made, dict) else after
    return Done(f"updated {resource.noun} {name!r}", shown, key="name")


def add_reorder(app: Group, resource: Resource, example: str) -> None:
    """Add `reorder`: all names, in the order wanted."""
    names_of = Annotated[
        list[str], typer.Argument(metavar="NAME...", help=f"All {resource.plural_noun}, the first first.")
    ]
    path = f"{resource.path}/reorder"

    def reorder(session: Session, names: names_of) -> Done:
        session.client.post(path, body={"order": names})
        return Done(f"the {resource.plural_noun} run in that order", {"order": names})

    reorder.__doc__ = f"Set the order of all {resource.plural_noun}."
    app.command("reorder")(command(calls=f"POST {path}", examples=(example,), effect=Effect.WRITE)(reorder))
