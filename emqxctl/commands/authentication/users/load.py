"""`emqxctl authentication users load`: creates the users in a file and reports on each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emqxctl.cli.bulk.resume import complete_options
from emqxctl.cli.bulk.targets import explicit_targets, run_bulk
from emqxctl.cli.bulk.task import BulkTask, TargetResult, failed_result
from emqxctl.cli.command import command
from emqxctl.cli.input.entries import Entry, entry_flag, index_entries, read_entries
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.authentication.users import DEFAULT_PROVIDER, USERS, ProviderOption
from emqxctl.errors import EmqxctlError, UsageError
from emqxctl.output.results import Result

if TYPE_CHECKING:
    from emqxctl.api.client import Client

EXAMPLE = '{"user_id": "ann", "password": "...", "is_superuser": false}'
COLUMNS = ("user_id", "password", "is_superuser")
MASK = "******"
User = dict[str, Any]

FileArgument = Annotated[
    str,
    typer.Argument(
        metavar="FILE", help="File with users: JSON Lines, CSV, or a JSON or YAML list (- for stdin)."
    ),
]
ReplaceOption = Annotated[
    bool, typer.Option("--replace", help="Update existing users instead of skipping them.")
]


@command(
    calls=(f"GET {USERS.path}", f"POST {USERS.path}", f"PUT {USERS.item_path}"),
    examples=(
        "emqxctl authentication users load users.csv --report loaded.jsonl",
        "gpg -d users.jsonl.gpg | emqxctl authentication users load - --rate 50/s",
    ),
    effect=Effect.WRITE,
    rate_limited=True,
)
def load(
    session: Session,
    file: FileArgument,
    provider: ProviderOption = DEFAULT_PROVIDER,
    replace: ReplaceOption = False,
) -> Result:
    """Create users from a file and report on each.

    Each user has `user_id`, `password` and optionally `is_superuser`. Existing users are skipped. Unlike
    `import`, the command limits its rate (--rate) and reports the result of each user.
    """
    entries = index_entries(read_entries(file, EXAMPLE, COLUMNS), "user_id")
    users = {user_id: parse_user(entry) for user_id, entry in entries.items()}
    targets = list(users)
    if session.settings.resume:
        unfinished_ids = explicit_targets(session, [], "load", "user_id")
        targets = [user_id for user_id in unfinished_ids if user_id in users]
    options = complete_options(session, {"provider": provider, "replace": replace})
    replaces = bool(options["replace"])
    existing_ids = {str(row.get("user_id")) for row in session.rows(USERS, None, provider)}
    action = LoadAction(provider, users, existing_ids, replaces)
    task = BulkTask("load", "loaded", "user", "user_id", targets, action, needs_confirmation=replaces)
    return run_bulk(session, task._replace(key_kind="user", options=options))


def parse_user(entry: Entry) -> User:
    """Return the user of an entry. Raises UsageError, which never shows the password."""
    user_id, password = entry.fields["user_id"], entry.fields.get("password")
    if not isinstance(password, str) or not password:
        message = f"{entry.location}: user {user_id!r} has no password"
        raise UsageError(message, hint=f"write each user like {EXAMPLE}")
    return {
        "user_id": user_id,
        "password": password,
        "is_superuser": bool(entry_flag(entry, "is_superuser")),
    }


@dataclass(frozen=True)
class LoadAction:
    """The action for a batch of users: each is created, or updated or skipped if it exists."""

    provider: str
    users: Mapping[str, User]
    existing_ids: set[str]
    replace: bool

    def __call__(self, client: "Client", batch: Sequence[str]) -> list[TargetResult]:
        """Load the users of a batch and return the result of each."""
        return [
            self.update_user(client, user_id)
            if user_id in self.existing_ids
            else self.create_user(client, user_id)
            for user_id in batch
        ]

    def create_user(self, client: "Client", user_id: str) -> TargetResult:
        """Create a user; update it if it exists by now."""
        try:
            client.post(USERS.path, self.provider, body=self.users[user_id])
        except EmqxctlError as error:
            if error.code == "ALREADY_EXISTS":
                return self.update_user(client, user_id)
            return masked_failure(self.users[user_id], error)
        return TargetResult(user_id)

    def update_user(self, client: "Client", user_id: str) -> TargetResult:
        """Update a user, or skip it."""
        if not self.replace:
            return TargetResult(user_id, "skipped", "already exists")
        body = {field: value for field, value in self.users[user_id].items() if field != "user_id"}
        try:
            client.put(USERS.item_path, self.provider, user_id, body=body)
        except EmqxctlError as error:
            return masked_failure(self.users[user_id], error)
        return TargetResult(user_id)


def masked_failure(user: User, error: EmqxctlError) -> TargetResult:
    """Return the result of a failed user, without the password in its reason."""
    result = failed_result(user["user_id"], error)
    return result._replace(reason=result.reason.replace(user["password"], MASK))
