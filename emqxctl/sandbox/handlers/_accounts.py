"""The users of a built-in database over REST: listed, added, changed, removed and imported."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from emqxctl.sandbox.http.paging import cut_page
from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.http.uploads import read_file
from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema.refusals import refuse_request, refuse_with
from emqxctl.sandbox.state.access import Account, Accounts, new_account


@dataclass(frozen=True)
class AccountList:
    """The users of one place: what finds them, and the path's name for a user's ID."""

    find: Callable[[Call], Accounts]
    key: str

    def require(self, call: Call) -> tuple[Accounts, str]:
        """Return the users, and which of them the path names. Raises EarlyResponse (404)."""
        accounts, name = self.find(call), call.bindings[self.key]
        if name not in accounts:
            refuse_with(404, "NOT_FOUND", "User not found")
        return accounts, name

    def list(self, call: Call) -> Json:
        """List the users, the last name first; a fuzzy filter is not counted."""
        accounts, like, superuser = self.find(call), call.query["like_user_id"], call.query["is_superuser"]
        rows = [
            accounts[name].row(name)
            for name in sorted(accounts, reverse=True)
            if (like is None or like in name) and superuser in (None, accounts[name].superuser)
        ]
        return cut_page(rows, call.query, counted=like is None)

    def create(self, call: Call) -> Json:
        """Add a user; SCRAM answers its own ID instead of the user's."""
        accounts, name, chain = self.find(call), call.body["user_id"], call.bindings.get("id", "")
        if not name:
            refuse_request("User error: invalid_user_id")
        if name in accounts:
            refuse_with(409, "ALREADY_EXISTS", "User already exists")
        accounts[name] = new_account(name, call.body["password"], superuser=call.body["is_superuser"])
        return accounts[name].row(chain if chain.startswith("scram") else name)

    def show(self, call: Call) -> Json:
        """Show one user."""
        accounts, name = self.require(call)
        return accounts[name].row(name)

    def update(self, call: Call) -> Json:
        """Change a user's password, and whether it is a superuser."""
        accounts, name = self.require(call)
        accounts[name] = new_account(name, call.body["password"], superuser=call.body["is_superuser"])
        return accounts[name].row(name)

    def delete(self, call: Call) -> None:
        """Delete a user."""
        accounts, name = self.require(call)
        del accounts[name]


def import_accounts(accounts: Accounts, call: Call, kind: str) -> Json:
    """Import users from an uploaded CSV or JSON file or a JSON body; an equal one is skipped."""
    secret = "password" if kind == "plain" else "password_hash"
    counts = {"failed": 0, "override": 0, "skipped": 0, "success": 0, "total": 0}
    rows = read_rows(call)
    if not rows:
        refuse_request("empty_users")
    if any(secret not in row for row in rows):
        word = "plain" if kind == "plain" else "hash"
        refuse_request(f'"{word}_import_requires_{secret}_field"')
    for row in rows:
        name, superuser = str(row["user_id"]), str(row.get("is_superuser")).lower() == "true"
        if kind == "plain":
            account = new_account(name, str(row[secret]), superuser=superuser)
        else:
            account = Account(superuser, str(row[secret]), str(row.get("salt", "")))
        existing = accounts.get(name)
        same = existing == account and kind != "plain"
        counts["skipped" if same else "override" if existing else "success"] += 1
        accounts[name] = account
    return counts | {"total": len(rows)}


def read_rows(call: Call) -> list[Row]:
    """Read the users of an import. Raises EarlyResponse (400) for a file that is none."""
    if isinstance(call.body, list):
        return list(call.body)
    part = read_file(call.request, "filename")
    if part is None:
        refuse_request("Missing required parameter: filename")
    text = part.content.decode("utf-8", "replace")
    suffix = PurePosixPath(part.filename).suffix
    if suffix not in (".csv", ".json"):
        refuse_request(f'{{unsupported_file_format,<<"{suffix}">>}}')
    return read_csv(text) if suffix == ".csv" else read_json(text)


def read_csv(text: str) -> list[Row]:
    """Read a CSV file; a short row spoils all of it."""
    lines = [line for line in csv.reader(io.StringIO(text)) if line]
    if not lines:
        return []
    if any(len(line) != len(lines[0]) for line in lines[1:]) or "user_id" not in lines[0]:
        refuse_request("bad_format")
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


def read_json(text: str) -> list[Row]:
    """Read a JSON file, which must hold an array of objects."""
    try:
        rows: Json = json.loads(text)
    except ValueError:
        refuse_request("bad_format")
    if not isinstance(rows, list):
        refuse_request("unknown_file_format")
    if not all(isinstance(row, dict) and "user_id" in row for row in rows):
        refuse_request("bad_format")
    return rows
