"""`emqxctl authorization rules`: the rules of the built-in database, for users, clients and all."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from emqxctl.api.pagination import page_rows
from emqxctl.cli.bulk.each import run_each
from emqxctl.cli.command import command
from emqxctl.cli.group import Group, new_group
from emqxctl.cli.input.body import parse_document, unified_diff_of
from emqxctl.cli.input.files import read_text
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.authorization.rules._rule import Rule, read_rule, write_rule
from emqxctl.commands.authorization.rules.load import add_load
from emqxctl.errors import EmqxctlError, ExitCode, ServerError, UnsupportedError, UsageError
from emqxctl.output.formatters import format_plain
from emqxctl.output.results import Done, Result, Rows, Text
from emqxctl.resource import Column, Filter, Paging, Resource
from emqxctl.verbs import stock
from emqxctl.verbs.parameters import arguments, keyword, set_signature

RULES = "/authorization/sources/built_in_database/rules"
DATABASE = "/authorization/sources/{type}"


def written(value: object) -> str:
    """Write the rules of one name, as --rule takes them."""
    return "; ".join(map(write_rule, value)) or "-" if isinstance(value, list) else format_plain(value)


USERS = Resource(
    noun="user",
    plural="users with rules",
    path=f"{RULES}/users",
    key="username",
    columns=(Column("username"), Column("rules", format=written)),
    filters=(Filter("like_username", "Only names that contain this text."),),
    paging=Paging.PAGES,
)
CLIENTS = Resource(
    noun="client",
    plural="clients with rules",
    path=f"{RULES}/clients",
    key="clientid",
    columns=(Column("clientid", "CLIENT"), Column("rules", format=written)),
    filters=(Filter("like_clientid", "Only ids that contain this text."),),
    paging=Paging.PAGES,
)
ALL = (
    Column("permission"),
    Column("action"),
    Column("topic"),
    Column("qos", "QOS"),
    Column("retain"),
)

RuleOption = Annotated[
    list[str] | None, typer.Option("--rule", metavar="RULE", help="Like 'allow publish a/#'; repeatable.")
]
FileOption = Annotated[
    str | None,
    typer.Option("--file", "-f", metavar="FILE", help="A list of rules: JSON or YAML; - for stdin."),
]
Append = Annotated[bool, typer.Option("--append", help="Put them after those there are.")]
RULES_GIVEN = [keyword("rule", RuleOption, None), keyword("file", FileOption, None)]
HELP = """

A rule is allow|deny publish|subscribe|all TOPIC, then perhaps qos=1,2 or retain=true|false. `eq a/#` means
that filter itself; a topic with spaces stands in double quotes. The first rule that fits holds.
"""

app = new_group("Rules of the built-in database: of users, clients, all.")
everybody = new_group("The rules for all users and clients, asked last.")


def rules_given(values: dict[str, Any], resource: Resource | None = None, name: str = "") -> list[Rule]:
    """Give the rules of -f, and those of --rule after them. Raises UsageError for none or a bad one."""
    found: list[Any] = list(values["rule"] or [])
    if values["file"] is not None:
        found = [*rules_of_file(values["file"], resource, name), *found]
    elif not found:
        message = "no rule was given"
        raise UsageError(message, hint="--rule 'allow publish a/#', or -f FILE")
    return [read_rule(one) for one in found]


def rules_of_file(file: str, resource: Resource | None, name: str) -> list[Any]:
    """Read a list of rules, or the object that `get` gives. Raises UsageError for anything else."""
    body = parse_document(file, read_text(file, "--file"))
    if isinstance(body, dict):
        if resource and body.get(resource.key, name) != name:
            message = f"--file {file}: it is about {resource.noun} {body[resource.key]!r}, not {name!r}"
            raise UsageError(message, hint=f"leave {resource.key} out of it, or name that {resource.noun}")
        body = body.get("rules")
    if not isinstance(body, list):
        message = f"--file {file}: it holds no list of rules"
        raise UsageError(
            message, hint='["allow publish a/#", {"permission": "deny", ...}], or {"rules": [...]}'
        )
    return body


def rules_in(answer: object) -> list[Rule]:
    """Take the rules out of what the server says of one name, or of all."""
    return page_rows(answer.get("rules") if isinstance(answer, dict) else answer)


def planned(place: str, before: Sequence[Rule], after: Sequence[Rule]) -> Text:
    """Show what a change of rules comes to, a rule a line."""
    change = unified_diff_of(
        {"rules": list(map(write_rule, before))}, {"rules": list(map(write_rule, after))}
    )
    return Text(change, notes=(f"dry run: {place} was not sent",))


def add_rules(group: Group, resource: Resource, sample: str) -> None:
    """Add list, get, create, update and delete for the rules of users, or of clients."""
    line = f"emqxctl authorization rules {resource.path.rpartition('/')[2]}"
    stock.add_list(
        group,
        resource,
        summary=f"List the {resource.plural_noun}.",
        examples=(f"{line} list", f"{line} list --like-{resource.key} plant -o json"),
    )
    stock.add_get(
        group,
        resource,
        summary=f"Show the rules of one {resource.noun}.",
        examples=(f"{line} get {sample}", f"{line} get {sample} -o yaml"),
    )
    add_create(group, resource, f"{line} create {sample}")
    add_update(group, resource, f"{line} update {sample}")
    add_delete(group, resource, f"{line} delete {sample}")
    add_load(group, resource, f"{line} load")


def add_create(group: Group, resource: Resource, line: str) -> None:
    """Add `create`: for a name without rules."""

    def create(session: Session, **values: Any) -> Done:  # noqa: ANN401  # as the parameters below
        name = values["name"]
        entry = {resource.key: name, "rules": rules_given(values, resource, name)}
        refuse_existing(session, resource, name)
        session.client.post(resource.path, body=[entry])
        return Done(f"created the rules of {resource.noun} {name!r}", entry, key=resource.key)

    create.__doc__ = f"Give a {resource.noun} rules; one that has some is refused.{HELP}"
    argument = typer.Argument(metavar=resource.key.upper(), help=f"The {resource.noun}.")
    set_signature(create, [keyword("name", Annotated[str, argument]), *RULES_GIVEN], Done)
    examples = (
        f"{line} --rule 'allow publish plant/${{{resource.key}}}/#' --rule 'deny all #'",
        f"{line} --rule 'allow subscribe orders/# qos=1,2' --rule 'deny publish cmd/# retain=true'",
        f"{line} -f rules.yaml",
    )
    calls = (f"GET {resource.item_path}", f"POST {resource.path}")
    group.command("create")(command(calls=calls, examples=examples, effect=Effect.WRITE)(create))


def refuse_existing(session: Session, resource: Resource, name: str) -> None:
    """Refuse to overwrite rules, as older versions of EMQX do without a word. Raises EmqxctlError."""
    try:
        session.client.get(resource.item_path, name)
    except ServerError as error:
        if error.exit_code is ExitCode.NOT_FOUND:
            return
        raise
    group = resource.path.rpartition("/")[2]
    message = f"{resource.noun} {name!r} has rules already"
    hint = f"emqxctl authorization rules {group} update replaces them, with --append it adds to them"
    raise EmqxctlError(message, code="ALREADY_EXISTS", hint=hint, exit_code=ExitCode.REFUSED)


def add_update(group: Group, resource: Resource, line: str) -> None:
    """Add `update`: for a name that has rules; EMQX would create another by PUT."""

    def update(session: Session, **values: Any) -> Result:  # noqa: ANN401  # as the parameters below
        name = values["at_" + resource.key]
        given = rules_given(values, resource, name)
        before = rules_in(session.client.get(resource.item_path, name))
        after = [*before, *given] if values["append"] else given
        if session.settings.dry_run:
            return planned(f"PUT {resource.item_path}", before, after)
        entry = {resource.key: name, "rules": after}
        session.client.put(resource.item_path, name, body=entry)
        return Done(f"updated the rules of {resource.noun} {name!r}", entry, key=resource.key)

    update.__doc__ = f"Replace the rules of a {resource.noun}; one without is refused.{HELP}"
    named = arguments(resource.item_path, resource.noun)
    set_signature(update, [*named, *RULES_GIVEN, keyword("append", Append, False)], Result)
    examples = (f"{line} --rule 'allow all plant/#' --dry-run", f"{line} --append --rule 'deny all #'")
    calls = (f"GET {resource.item_path}", f"PUT {resource.item_path}")
    group.command("update")(command(calls=calls, examples=examples, effect=Effect.WRITE)(update))


def add_delete(group: Group, resource: Resource, line: str) -> None:
    """Add `delete`: all rules of a name."""

    def delete(session: Session, **values: Any) -> Result:  # noqa: ANN401  # the path's placeholder
        names = values["at_" + resource.key]
        whose = f"{resource.noun} {names[0]!r}" if len(names) == 1 else f"{len(names)} {resource.noun}s"
        session.confirm(f"delete the rules of {whose}")
        done = f"deleted the rules of {resource.noun}"
        return run_each(
            names, resource.key, done, lambda name: session.client.delete(resource.item_path, name)
        )

    delete.__doc__ = f"Delete all rules of {resource.noun}s."
    set_signature(delete, arguments(resource.item_path, resource.noun, many=True), Result)
    calls = f"DELETE {resource.item_path}"
    group.command("delete")(command(calls=calls, examples=(f"{line} --yes",), effect=Effect.DESTROY)(delete))


users = new_group("The rules of single users.")
clients = new_group("The rules of single clients.")
add_rules(users, USERS, "ann")
add_rules(clients, CLIENTS, "dev-1")
app.add_typer(users, name="users")
app.add_typer(clients, name="clients")
app.add_typer(everybody, name="all")


@everybody.command("get")
@command(
    calls=f"GET {RULES}/all",
    examples=("emqxctl authorization rules all get", "emqxctl authorization rules all get -o yaml"),
)
def get(session: Session) -> Rows:
    """List the rules for all, in their order."""
    return Rows(
        rules_in(session.client.get(f"{RULES}/all")),
        ALL,
        key="topic",
        plural_noun="rules for all",
        path=f"{RULES}/all",
    )


def set_(session: Session, **values: Any) -> Result:  # noqa: ANN401  # as the parameters below
    """Replace the rules for all by those given."""
    after = rules_given(values)
    if values["append"] or session.settings.dry_run:
        before = rules_in(session.client.get(f"{RULES}/all"))
        after = [*before, *after] if values["append"] else after
        if session.settings.dry_run:
            return planned(f"POST {RULES}/all", before, after)
    session.client.post(f"{RULES}/all", body={"rules": after})
    return Done(f"set {len(after)} rule{'' if len(after) == 1 else 's'} for all", {"rules": after})


set_.__doc__ = f"{set_.__doc__}{HELP}"
set_signature(set_, [*RULES_GIVEN, keyword("append", Append, False)], Result)
everybody.command("set")(
    command(
        calls=(f"GET {RULES}/all", f"POST {RULES}/all"),
        examples=(
            "emqxctl authorization rules all set --rule 'deny subscribe eq #' --rule 'allow all plant/#'",
            "emqxctl authorization rules all set --append --rule 'deny all #' --dry-run",
            "emqxctl authorization rules all set -f rules.yaml",
        ),
        effect=Effect.WRITE,
    )(set_)
)


@everybody.command("delete")
@command(
    calls=(f"DELETE {RULES}/all", f"POST {RULES}/all"),
    examples=("emqxctl authorization rules all delete --yes",),
    effect=Effect.DESTROY,
)
def delete(session: Session) -> Done:
    """Delete the rules for all; those of users and clients stay."""
    session.confirm("delete the rules for all users and clients")
    try:
        session.client.delete(f"{RULES}/all")
    except UnsupportedError:  # EMQX until 5.0.14 can only replace them
        session.client.post(f"{RULES}/all", body={"rules": []})
    return Done("deleted the rules for all", {"deleted": "all"})


@app.command()
@command(
    calls=(f"GET {DATABASE}", f"DELETE {RULES}"),
    examples=("emqxctl authorization rules purge --yes",),
    effect=Effect.DESTROY,
)
def purge(session: Session) -> Done:
    """Delete all rules of users, clients and all.

    The built-in database must be disabled before: `emqxctl authorization sources disable built_in_database`.
    """
    session.confirm("delete all rules of the built-in database: of users, of clients and for all")
    found = session.client.get(DATABASE, "built_in_database")
    if isinstance(found, dict) and found.get("enable") is True:
        message = "the built-in database must be disabled before its rules are purged"
        hint = "emqxctl authorization sources disable built_in_database; then its rules do not hold"
        raise EmqxctlError(message, code="SOURCE_ENABLED", hint=hint, exit_code=ExitCode.REFUSED)
    session.client.delete(RULES)
    return Done("deleted all rules of the built-in database", {"purged": "built_in_database"})
