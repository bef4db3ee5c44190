"""The users of a built-in database over REST: listed, added, changed, removed and imported."""

import csv
import io
import json
from pathlib import PurePosixPath

from emqxctl.sandbox.http.paging import PAGES, one_page
from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.http.uploads import read_file
from emqxctl.sandbox.messages import Answer, Json, Row, answer_error, answer_json
from emqxctl.sandbox.schema.refusals import refuse_request
from emqxctl.sandbox.schema.validation import Body, Field, boolean, text
from emqxctl.sandbox.state.accounts import Account, Accounts, new_account

PASSWORD = Field("password", text, required=True)
SUPERUSER = Field("is_superuser", boolean, default=False)
NEW = Body((Field("user_id", text, required=True), PASSWORD, SUPERUSER))
CHANGE = Body((PASSWORD, SUPERUSER))
FILTERS = (*PAGES, Field("like_user_id", text), Field("is_superuser", boolean))
NO_USER = (404, "NOT_FOUND", "User not found")


def list_accounts(accounts: Accounts, query: Row) -> Answer:
    """List the users, the last name first; a fuzzy filter is not counted."""
    like, superuser = query["like_user_id"], query["is_superuser"]
    rows = [
        accounts[name].row(name)
        for name in sorted(accounts, reverse=True)
        if (like is None or like in name) and superuser in (None, accounts[name].superuser)
    ]
    return answer_json(one_page(rows, query, counted=like is None))


def add_account(accounts: Accounts, body: Row, shown: str = "") -> Answer:
    """Add a user; `shown` is the id that SCRAM answers instead of the user's."""
    name = body["user_id"]
    if not name:
        return answer_error(400, "BAD_REQUEST", "User error: invalid_user_id")
    if name in accounts:
        return answer_error(409, "ALREADY_EXISTS", "User already exists")
    accounts[name] = new_account(name, body["password"], superuser=body["is_superuser"])
    return answer_json(accounts[name].row(shown or name), 201)


def show_account(accounts: Accounts, name: str) -> Answer:
    """Show one user."""
    return answer_json(accounts[name].row(name)) if name in accounts else answer_error(*NO_USER)


def change_account(accounts: Accounts, name: str, body: Row) -> Answer:
    """Change a user's password, and whether it is a superuser."""
    if name not in accounts:
        return answer_error(*NO_USER)
    accounts[name] = new_account(name, body["password"], superuser=body["is_superuser"])
    return answer_json(accounts[name].row(name))


def remove_account(accounts: Accounts, name: str) -> Answer:
    """Remove a user."""
    return Answer(204) if accounts.pop(name, None) else answer_error(*NO_USER)


def import_accounts(accounts: Accounts, call: Call, kind: str) -> Answer:
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
        known = accounts.get(name)
        same = known == account and kind != "plain"
        counts["skipped" if same else "override" if known else "success"] += 1
        accounts[name] = account
    return answer_json(counts | {"total": len(rows)})


def read_rows(call: Call) -> list[Row]:
    """Read the users of an import. Raises AnswerNow (400) for a file that is none."""
    if isinstance(call.body, list):
        return list(call.body)
    part = read_file(call.request, "filename")
    if part is None:
        refuse_request("Missing required parameter: filename")
    written = part.content.decode("utf-8", "replace")
    suffix = PurePosixPath(part.filename).suffix
    if suffix not in (".csv", ".json"):
        refuse_request(f'{{unsupported_file_format,<<"{suffix}">>}}')
    return read_csv(written) if suffix == ".csv" else read_json(written)


def read_csv(written: str) -> list[Row]:
    """Read a CSV file; a short row spoils all of it."""
    lines = [line for line in csv.reader(io.StringIO(written)) if line]
    if not lines:
        return []
    if any(len(line) != len(lines[0]) for line in lines[1:]) or "user_id" not in lines[0]:
        refuse_request("bad_format")
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


def read_json(written: str) -> list[Row]:
    """Read a JSON file, which must hold an array of objects."""
    try:
        found: Json = json.loads(written)
    except ValueError:
        refuse_request("bad_format")
    if not isinstance(found, list):
        refuse_request("unknown_file_format")
    if not all(isinstance(row, dict) and "user_id" in row for row in found):
        refuse_request("bad_format")
    return found
