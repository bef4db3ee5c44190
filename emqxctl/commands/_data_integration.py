"""What rules, connectors, actions, sources and bridges share: get, create, update, delete, and ids."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import typer

from emqxctl.cli.bulk.each import run_each
from emqxctl.cli.command import command
from emqxctl.cli.group import Group
from emqxctl.cli.input.body import Body, deep_merge, reject_masked_secrets, without_fields
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import EmqxctlError, ExitCode, ServerError, UsageError
from emqxctl.output.formatters import format_plain
from emqxctl.output.results import BulkResult, Done, Record, Result, Row
from emqxctl.resource import Column, Resource
from emqxctl.verbs import edits
from emqxctl.verbs.parameters import arguments, keyword, options, set_signature

Shape = Callable[[Body], Body]
# What GET tells and PUT refuses (recorded 5.8.9); the metrics were part of it until 5.0.14.
COMPUTED = (
    "id",
    "type",
    "name",
    "status",
    "status_reason",
    "node_status",
    "error",
    "metrics",
    "node_metrics",
    "created_at",
    "last_modified_at",
    "rules",
)
# By whom a thing is used, as 5.8.0 and later tell it.
USERS = ("rules", "actions", "sources")
WORKING = frozenset({"connected", "connecting"})
WithActions = Annotated[
    bool,
    typer.Option(
        "--with-actions", "--with-dependants", help="Although rules use it; it is taken out of their actions."
    ),
]


def parts(key: str) -> tuple[str, str]:
    """Split the id of a connector, an action ... into its type and its name. Raises UsageError."""
    kind, sign, name = key.partition(":")
    if not (kind and sign and name):
        message = f"{key!r} is no id: it names a type and a name"
        raise UsageError(message, hint="TYPE:NAME, like http:archive or mqtt:plant")
    return kind, name


def identity(key: str) -> dict[str, object]:
    """Give the fields that name a new thing in its body."""
    kind, name = parts(key)
    return {"type": kind, "name": name}


def identified(found: object) -> Row:
    """Put the id before what the server tells; from 5.1 it tells the type and the name alone."""
    row = found if isinstance(found, dict) else {}
    if "id" in row or not (row.get("type") and row.get("name")):
        return row
    return {"id": f"{row['type']}:{row['name']}", **row}


def a(resource: Resource) -> str:
    """Give a noun with its article."""
    return f"{'an' if resource.noun[0] in 'aeiou' else 'a'} {resource.noun}"


def words(value: object) -> str:
    """Write a list of names; nobody is `-`."""
    return ", ".join(map(str, value)) if isinstance(value, list) and value else format_plain(value or None)


def reason(value: object) -> str:
    """Write the first sentence of a reason; EMQX explains a refused MQTT connection in five."""
    return format_plain(value).partition(". ")[0]


STATUS_REASON = Column("status_reason", "REASON", format=reason)


def add_get(app: Group, resource: Resource, *, examples: Sequence[str]) -> None:
    """Add `get`: one thing with its id."""

    def get(session: Session, **values: Any) -> Record:  # noqa: ANN401  # the path's placeholder
        found = session.client.get(resource.item_path, values["at_id"])
        return Record(identified(found), resource.columns, key="id")

    get.__doc__ = f"Show one {resource.noun}."
    set_signature(get, arguments(resource.item_path, resource.noun), Record)
    app.command("get")(command(calls=f"GET {resource.item_path}", examples=examples)(get))


def settled(told: Body, resource: Resource, shape: Shape | None = None) -> Body:
    """Give what -f, --set and options told, without what the server computes: a file may be from `get`."""
    found = without_fields(told, resource.read_only_fields)
    return shape(found) if shape else found


def add_create(
    app: Group,
    resource: Resource,
    *,
    summary: str = "",
    examples: Sequence[str],
    shape: Shape | None = None,
) -> None:
    """Add `create`; `shape` settles the body that was given."""

    def create(session: Session, **values: Any) -> Done:  # noqa: ANN401  # what the settings declare
        key = values["key"]
        named = (resource.key_to_fields or identity)(key)
        body = {**settled(edits.body_of(resource, values), resource, shape), **named}
        reject_masked_secrets(body, kept=False, noun=f"new {resource.noun}")
        made = session.client.post(resource.path, body=body)
        found = identified(made) or {"id": key, **named}
        return Done(f"created {resource.noun} {key!r}", found, key="id", notes=doubts(found))

    create.__doc__ = summary or f"Create {a(resource)}; an existing one is refused."
    metavar = "TYPE:NAME" if resource.key_to_fields is identity else "ID"
    argument = typer.Argument(metavar=metavar, help=f"The new {resource.noun}.")
    new = keyword("key", Annotated[str, argument])
    set_signature(create, [new, *edits.BODY, *options(resource.settings)], Done)
    calls = f"POST {resource.path}"
    app.command("create")(command(calls=calls, examples=examples, effect=Effect.WRITE)(create))


def doubts(found: Row) -> tuple[str, ...]:
    """Say so when something exists now but does not work: EMQX answers 201 all the same."""
    status = format_plain(found.get("status"))
    if status in WORKING or "status" not in found or found.get("enable") is False:
        return ()
    return (f"it is {status}: {reason(found.get('status_reason') or found.get('error'))}",)


def add_update(
    app: Group,
    resource: Resource,
    *,
    summary: str = "",
    examples: Sequence[str],
    shape: Shape | None = None,
) -> None:
    """Add `update`; `shape` settles the body that was given."""

    def update(session: Session, **values: Any) -> Result:  # noqa: ANN401  # what the settings declare
        key = values["at_id"]
        told = edits.body_of(resource, values)
        change = settled(told, resource, shape)
        if not change:
            message = "nothing to change was given"
            raise UsageError(message, hint="-f FILE, --set A.B=VALUE, or an option of the command")
        refuse_another(told, key, resource)
        whole = values["replace_"]
        done = edits.updated(
            session, resource, [key], lambda now: change if whole else deep_merge(now, change)
        )
        if not isinstance(done, Done):
            return done
        found = identified(dict(done.data))
        return done._replace(data={"id": key, **found}, notes=doubts(found))

    update.__doc__ = summary or f"Change {a(resource)}; one that does not exist is refused."
    replace = keyword("replace_", edits.Replace, False)
    named = arguments(resource.item_path, resource.noun)
    set_signature(update, [*named, *edits.BODY, replace, *options(resource.settings)], Result)
    calls = (f"GET {resource.item_path}", f"PUT {resource.item_path}")
    app.command("update")(command(calls=calls, examples=examples, effect=Effect.WRITE)(update))


def refuse_another(told: Mapping[str, object], key: str, resource: Resource) -> None:
    """Refuse a body that `get` gave of another thing: the id says which one is meant. Raises UsageError."""
    mine: Mapping[str, object] = {"id": key}
    if resource.key_to_fields is identity:
        kind, _, name = key.partition(":")
        mine = {"id": key, "type": kind, "name": name}
    for field, value in mine.items():
        if told.get(field, value) != value:
            message = f"the body is about {field} {told[field]!r}, not {value!r}"
            raise UsageError(
                message, hint=f"leave {field} out of it, or name the {resource.noun} it is about"
            )


def add_delete(app: Group, resource: Resource, *, cascade: bool, examples: Sequence[str]) -> None:
    """Add `delete`: says who uses what is to go; with `cascade` it can be taken out of rules."""

    def delete(session: Session, **values: Any) -> Result:  # noqa: ANN401  # the path's placeholder
        keys, along = values["at_id"], values.get("with_actions", False)
        users = {key: users_of(session, resource, key) for key in keys}
        session.confirm(question(resource, users, along=along))
        query = {"also_delete_dep_actions": True} if along else {}

        def deed(key: str) -> None:
            try:
                session.client.delete(resource.item_path, key, query=query)
            except ServerError as error:
                raise advised(error, users[key], cascade=cascade) from error

        done = run_each(keys, "id", f"deleted {resource.noun}", deed)
        notes = [f"{key} was used by {told}" for key, told in users.items() if told and along]
        return done._replace(notes=(*done.notes, *notes)) if isinstance(done, Done | BulkResult) else done

    delete.__doc__ = f"Delete {resource.plural_noun}; those in use are refused." + (
        "\n\n--with-actions deletes these too, and takes them out of the rules' actions." if cascade else ""
    )
    also = [keyword("with_actions", WithActions, False)] if cascade else []
    set_signature(delete, [*arguments(resource.item_path, resource.noun, many=True), *also], Result)
    calls = (f"GET {resource.item_path}", f"DELETE {resource.item_path}")
    app.command("delete")(command(calls=calls, examples=examples, effect=Effect.DESTROY)(delete))


def users_of(session: Session, resource: Resource, key: str) -> str:
    """Say by whom a thing is used; nothing when nobody does, or the server does not tell."""
    try:
        found = session.client.get(resource.item_path, key)
    except ServerError:  # whatever it is, the request that matters will meet it too
        return ""
    told = found if isinstance(found, dict) else {}
    users = {kind: told[kind] for kind in USERS if isinstance(told.get(kind), list) and told[kind]}
    return " and ".join(f"{kind} {words(names)}" for kind, names in users.items())


def question(resource: Resource, users: Mapping[str, str], *, along: bool) -> str:
    """Say what is to be deleted, and who uses it."""
    keys = list(users)
    named = f"{resource.noun} {keys[0]!r}" if len(keys) == 1 else f"{len(keys)} {resource.plural_noun}"
    told = "; ".join(f"{key} is used by {users[key]}" for key in keys if users[key])
    return f"delete {named}" + (f"{' although' if along else ','} {told}" if told else "")


def advised(error: EmqxctlError, users: str, *, cascade: bool) -> EmqxctlError:
    """Say what to do about a thing that is not deleted because it is in use."""
    if error.exit_code is ExitCode.REFUSED and (users or "rules" in error.details):
        if cascade:
            error.hint = "change these rules (emqxctl rules update), or --with-actions takes it out of them"
        else:
            error.message = f"{error.message} (it is used by {users})"
            error.hint = "delete those first, or give them another connector: emqxctl actions update"
    return error


def ensure_there(session: Session, resource: Resource, key: str) -> None:
    """Raise the 404 of a thing that is not there, where another operation does not tell."""
    try:
        session.client.get(resource.item_path, key)
    except ServerError as error:
        if error.exit_code is ExitCode.NOT_FOUND:
            raise
