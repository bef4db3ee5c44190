"""`emqxctl authentication users load`: many users, each accounted for."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emqxctl.cli.bulk.targets import carry_out, named
from emqxctl.cli.bulk.task import Deed, Job, Outcome, failed
from emqxctl.cli.command import command
from emqxctl.cli.group import Group
from emqxctl.cli.input.entries import Entry, by_key, flag, read_entries
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import EmqxctlError, UsageError
from emqxctl.output.results import Result
from emqxctl.resource import Resource

if TYPE_CHECKING:
    from emqxctl.api.client import Api

EXAMPLE = '{"user_id": "ann", "password": "...", "is_superuser": false}'
HIDDEN = "******"
User = dict[str, Any]

Provider = Annotated[
    str, typer.Option("--provider", metavar="ID", help="The authenticator, if not the built-in database.")
]
FileArgument = Annotated[
    str, typer.Argument(metavar="FILE", help="JSON Lines, CSV, or a JSON or YAML list; - for stdin.")
]
Replace = Annotated[bool, typer.Option("--replace", help="Change users that exist instead of skipping them.")]


def add_load(group: Group, resource: Resource, item: str, default: str) -> None:
    """Add `load`; `item` is the path of one user, `default` the authenticator that is meant."""

    def load(
        session: Session, file: FileArgument, provider: Provider = default, replace: Replace = False
    ) -> Result:
        """Add many users of a file; those that exist are skipped.

        Each has `user_id`, `password` and perhaps `is_superuser`. Unlike `import` it leaves existing users
        alone unless told, goes at --rate, and reports what became of each user.
        """
        users = {name: user_of(one) for name, one in by_key(read_entries(file, EXAMPLE), "user_id").items()}
        targets = list(users)
        if session.settings.resume:
            targets = [one for one in named(session, [], "load", "user_id") if one in users]
        known = {str(row.get("user_id")) for row in session.rows(resource, None, provider)}
        deed = loading((resource.path, item, provider), users, known, replace=replace)
        job = Job("load", "loaded", "user", "user_id", targets, deed, asks=replace)
        return carry_out(session, job)

    group.command("load")(
        command(
            calls=(f"GET {resource.path}", f"POST {resource.path}", f"PUT {item}"),
            examples=(
                "emqxctl authentication users load users.csv --report loaded.jsonl",
                "gpg -d users.jsonl.gpg | emqxctl authentication users load - --rate 50/s",
            ),
            effect=Effect.WRITE,
            paced=True,
        )(load)
    )


def user_of(one: Entry) -> User:
    """Read a user. Raises UsageError, which never shows the password."""
    password = one.fields.get("password")
    if not isinstance(password, str) or not password:
        message = f"{one.place}: user {one.fields['user_id']!r} has no password"
        raise UsageError(message, hint=f"like {EXAMPLE}")
    return {
        "user_id": one.fields["user_id"],
        "password": password,
        "is_superuser": bool(flag(one, "is_superuser")),
    }


def loading(where: tuple[str, str, str], users: dict[str, User], known: set[str], *, replace: bool) -> Deed:
    """Make the deed that adds users one by one; `where` is the list's path, one user's, the authenticator."""
    path, item, provider = where

    def load(api: "Api", batch: Sequence[str]) -> list[Outcome]:
        return [put(api, one) if one in known else post(api, one) for one in batch]

    def post(api: "Api", name: str) -> Outcome:
        try:
            api.post(path, provider, body=users[name])
        except EmqxctlError as error:
            return put(api, name) if error.code == "ALREADY_EXISTS" else masked(name, error)
        return Outcome(name)

    def put(api: "Api", name: str) -> Outcome:
        if not replace:
            return Outcome(name, "skipped", "exists already")
        body = {field: value for field, value in users[name].items() if field != "user_id"}
        try:
            api.put(item, provider, name, body=body)
        except EmqxctlError as error:
            return masked(name, error)
        return Outcome(name)

    def masked(name: str, error: EmqxctlError) -> Outcome:
        outcome = failed(name, error)
        return outcome._replace(reason=outcome.reason.replace(users[name]["password"], HIDDEN))

    return load
