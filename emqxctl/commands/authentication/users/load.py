"""`emqxctl authentication users load`: many users, each accounted for."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emqxctl.cli.bulk.targets import explicit_targets, run_bulk
from emqxctl.cli.bulk.task import BatchAction, BulkTask, TargetResult, failed_result
from emqxctl.cli.command import command
from emqxctl.cli.group import Group
from emqxctl.cli.input.entries import Entry, entry_flag, index_entries, read_entries
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import EmqxctlError, UsageError
from emqxctl.output.results import Result
from emqxctl.resource import Resource

if TYPE_CHECKING:
    from emqxctl.api.client import Client

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
        users = {
            name: user_of(one) for name, one in index_entries(read_entries(file, EXAMPLE), "user_id").items()
        }
        targets = list(users)
        if session.settings.resume:
            targets = [one for one in explicit_targets(session, [], "load", "user_id") if one in users]
        known = {str(row.get("user_id")) for row in session.rows(resource, None, provider)}
        deed = loading((resource.path, item, provider), users, known, replace=replace)
        job = BulkTask("load", "loaded", "user", "user_id", targets, deed, needs_confirmation=replace)
        return run_bulk(session, job)

    group.command("load")(
        command(
            calls=(f"GET {resource.path}", f"POST {resource.path}", f"PUT {item}"),
            examples=(
                "emqxctl authentication users load users.csv --report loaded.jsonl",
                "gpg -d users.jsonl.gpg | emqxctl authentication users load - --rate 50/s",
            ),
            effect=Effect.WRITE,
            rate_limited=True,
        )(load)
    )


def user_of(one: Entry) -> User:
    """Read a user. Raises UsageError, which never shows the password."""
    password = one.fields.get("password")
    if not isinstance(password, str) or not password:
        message = f"{one.location}: user {one.fields['user_id']!r} has no password"
        raise UsageError(message, hint=f"like {EXAMPLE}")
    return {
        "user_id": one.fields["user_id"],
        "password": password,
        "is_superuser": bool(entry_flag(one, "is_superuser")),
    }


def loading(
    where: tuple[str, str, str], users: dict[str, User], known: set[str], *, replace: bool
) -> BatchAction:
    """Make the deed that adds users one by one; `where` is the list's path, one user's, the authenticator."""
    path, item, provider = where

    def load(api: "Client", batch: Sequence[str]) -> list[TargetResult]:
        return [put(api, one) if one in known else post(api, one) for one in batch]

    def post(api: "Client", name: str) -> TargetResult:
        try:
            api.post(path, provider, body=users[name])
        except EmqxctlError as error:
            return put(api, name) if error.code == "ALREADY_EXISTS" else masked(name, error)
        return TargetResult(name)

    def put(api: "Client", name: str) -> TargetResult:
        if not replace:
            return TargetResult(name, "skipped", "exists already")
        body = {field: value for field, value in users[name].items() if field != "user_id"}
        try:
            api.put(item, provider, name, body=body)
        except EmqxctlError as error:
            return masked(name, error)
        return TargetResult(name)

    def masked(name: str, error: EmqxctlError) -> TargetResult:
        outcome = failed_result(name, error)
        return outcome._replace(reason=outcome.reason.replace(users[name]["password"], HIDDEN))

    return load
