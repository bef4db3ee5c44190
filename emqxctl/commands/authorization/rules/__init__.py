"""`emqxctl authorization rules`: ACL rules in the built-in database, for users, clients and all."""

from typing import Annotated, Any

import typer

from emqxctl.api.request import expand_path
from emqxctl.cli.command import command
from emqxctl.cli.group import Group, new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.authorization.rules._load import add_load
from emqxctl.commands.authorization.rules._options import (
    APPEND_PARAMETER,
    RULE_PARAMETERS,
    SYNTAX_HELP,
    diff_rules,
    read_rules,
    rules_of,
)
from emqxctl.commands.authorization.rules._rule import format_rule
from emqxctl.errors import EmqxctlError, ExitCode, ServerError
from emqxctl.output.formatters import format_plain
from emqxctl.output.results import Done, Result
from emqxctl.resource import Column, Filter, Paging, Resource
from emqxctl.verbs.existence import create_if_missing, run_deletion
from emqxctl.verbs.get import add_get
from emqxctl.verbs.list import add_list
from emqxctl.verbs.parameters import (
    describe_key,
    item_parameters,
    key_metavar,
    new_parameter,
    path_values,
    set_signature,
)

RULES = "/authorization/sources/built_in_database/rules"
SOURCE = "/authorization/sources/{type}"


def format_rules(value: object) -> str:
    """Format the rules of a user or client, as --rule takes them."""
    return "; ".join(map(format_rule, value)) or "-" if isinstance(value, list) else format_plain(value)


USERS = Resource(
    noun="user",
    plural="users with rules",
    path=f"{RULES}/users",
    key="username",
    columns=(Column("username"), Column("rules", format=format_rules)),
    filters=(Filter("like_username", "Filter by part of the username."),),
    paging=Paging.PAGES,
)
CLIENTS = Resource(
    noun="client",
    plural="clients with rules",
    path=f"{RULES}/clients",
    key="clientid",
    columns=(Column("clientid", "CLIENT ID"), Column("rules", format=format_rules)),
    filters=(Filter("like_clientid", "Filter by part of the client ID."),),
    paging=Paging.PAGES,
)
app = new_group("Manage ACL rules in the built-in database.")


def add_rule_verbs(group: Group, resource: Resource, sample: str) -> None:
    """Add the verbs for the rules of users, or of clients; `sample` is the name of one."""
    line = f"emqxctl authorization rules {resource.path.rpartition('/')[2]}"
    add_list(
        group,
        resource,
        summary=f"List the {resource.plural_noun}.",
        examples=(f"{line} list", f"{line} list --like-{resource.key} plant -o json"),
    )
    add_get(
        group,
        resource,
        summary=f"Show the rules of a {resource.noun}.",
        examples=(f"{line} get {sample}", f"{line} get {sample} -o yaml"),
    )
    add_create(group, resource, f"{line} create {sample}")
    add_update(group, resource, f"{line} update {sample}")
    add_delete(group, resource, f"{line} delete {sample}")
    add_load(group, resource, f"{line} load")


def add_create(group: Group, resource: Resource, line: str) -> None:
    """Add `create`, for a user or client without rules."""

    def create(session: Session, **values: Any) -> Done:  # noqa: ANN401  # as the parameters below
        name = values["name"]
        entry = {resource.key: name, "rules": read_rules(values, resource, name)}
        subject = f"the rules of {resource.noun} {name!r}"

        def send() -> Done:
            reject_existing_rules(session, resource, name)
            session.client.post(resource.path, body=[entry])
            return Done(f"created {subject}", entry, key=resource.key)

        return create_if_missing(session, subject, {resource.key: name}, send)

    create.__doc__ = f"Create the rules of a {resource.noun} without rules.{SYNTAX_HELP}"
    argument = typer.Argument(metavar=key_metavar(resource.key), help=describe_key("", resource.key))
    set_signature(create, [new_parameter("name", Annotated[str, argument]), *RULE_PARAMETERS], Done)
    examples = (
        f"{line} --rule 'allow publish plant/${{{resource.key}}}/#' --rule 'deny all #'",
        f"{line} --rule 'allow subscribe orders/# qos=1,2' --rule 'deny publish cmd/# retain=true'",
        f"{line} -f rules.yaml",
    )
    calls = (f"GET {resource.item_path}", f"POST {resource.path}")
    group.command("create")(command(calls=calls, examples=examples, effect=Effect.WRITE)(create))


def reject_existing_rules(session: Session, resource: Resource, name: str) -> None:
    """Refuse to overwrite rules, which older versions of EMQX do without warning. Raises EmqxctlError."""
    try:
        session.client.get(resource.item_path, name)
    except ServerError as error:
        if error.exit_code is ExitCode.NOT_FOUND:
            return
        raise
    group = resource.path.rpartition("/")[2]
    message = f"rules of {resource.noun} {name!r} already exist"
    hint = f"replace them, or add to them with --append: emqxctl authorization rules {group} update"
    raise EmqxctlError(message, code="ALREADY_EXISTS", hint=hint, exit_code=ExitCode.REJECTED)


def add_update(group: Group, resource: Resource, line: str) -> None:
    """Add `update`, for a user or client with rules; EMQX would create another one by PUT."""

    def update(session: Session, **values: Any) -> Result:  # noqa: ANN401  # as the parameters below
        (name,) = path_values(resource.item_path, values)
        rules = read_rules(values, resource, name)
        before = rules_of(session.client.get(resource.item_path, name))
        after = [*before, *rules] if values["append"] else rules
        if session.settings.dry_run:
            return diff_rules(f"PUT {expand_path(resource.item_path, (name,))}", before, after)
        entry = {resource.key: name, "rules": after}
        session.client.put(resource.item_path, name, body=entry)
        return Done(f"updated the rules of {resource.noun} {name!r}", entry, key=resource.key)

    update.__doc__ = f"Replace the rules of a {resource.noun} with rules.{SYNTAX_HELP}"
    set_signature(update, [*item_parameters(resource), *RULE_PARAMETERS, APPEND_PARAMETER], Result)
    examples = (f"{line} --rule 'allow all plant/#' --dry-run", f"{line} --append --rule 'deny all #'")
    calls = (f"GET {resource.item_path}", f"PUT {resource.item_path}")
    group.command("update")(command(calls=calls, examples=examples, effect=Effect.WRITE)(update))


def add_delete(group: Group, resource: Resource, line: str) -> None:
    """Add `delete`: all rules of users or clients."""
    owners = resource._replace(plural="")

    def delete(session: Session, **values: Any) -> Result:  # noqa: ANN401  # the path's placeholder
        (names,) = path_values(resource.item_path, values)
        session.confirm(f"delete the rules of {owners.describe(names)}")
        past_verb = f"deleted the rules of {resource.noun}"
        return run_deletion(
            session,
            names,
            resource.key,
            past_verb,
            lambda name: session.client.delete(resource.item_path, name),
        )

    delete.__doc__ = f"Delete all rules of {owners.plural_noun}."
    set_signature(delete, item_parameters(owners, multiple=True), Result)
    calls = f"DELETE {resource.item_path}"
    group.command("delete")(command(calls=calls, examples=(f"{line} --yes",), effect=Effect.DESTROY)(delete))


users = new_group("Manage the ACL rules of users.")
clients = new_group("Manage the ACL rules of clients.")
add_rule_verbs(users, USERS, "ann")
add_rule_verbs(clients, CLIENTS, "dev-1")
app.add_typer(users, name="users")
app.add_typer(clients, name="clients")
app.lazy("all", "Manage the ACL rules for all users and clients.")


@app.command()
@command(
    calls=(f"GET {SOURCE}", f"DELETE {RULES}"),
    examples=("emqxctl authorization rules purge --yes",),
    effect=Effect.DESTROY,
)
def purge(session: Session) -> Done:
    """Delete all rules of the built-in database.

    Disable the built-in database first: emqxctl authorization sources disable built_in_database.
    """
    session.confirm("delete all rules of the built-in database: of users, of clients and for all")
    if session.client.get_object(SOURCE, "built_in_database").get("enable") is True:
        message = "the built-in database must be disabled before its rules can be purged"
        hint = "disable it: emqxctl authorization sources disable built_in_database"
        raise EmqxctlError(message, code="SOURCE_ENABLED", hint=hint, exit_code=ExitCode.REJECTED)
    session.client.delete(RULES)
    return Done("deleted all rules of the built-in database", {"purged": "built_in_database"})
