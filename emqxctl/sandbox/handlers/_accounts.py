"""The users of a built-in database over REST: listed, added, changed, removed and imported."""

import csv
import io
import json
from collections.abc import Callable
from functools import partial
from pathlib import PurePosixPath

from emqxctl.sandbox.http.paging import cut_page
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.http.uploads import read_file
from emqxctl.sandbox.messages import Json, Response, Row, error_response, json_response
from emqxctl.sandbox.schema.refusals import refuse_request, refuse_with
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.accounts import Account, Accounts, new_account

FindAccounts = Callable[[Call], Accounts]


def serve_accounts(path: str, key: str, find: FindAccounts) -> None:
    """Register the operations on the users that `find` returns; `key` is the path's name for a user's ID."""
    item = f"{path}/{{{key}}}"
    route("GET", path, query="accounts")(partial(list_accounts, find))
    route("POST", path, body=Body("new_account"))(partial(create_account, find))
    route("GET", item)(partial(show_account, find, key))
    route("PUT", item, body=Body("account"))(partial(update_account, find, key))
    route("DELETE", item)(partial(delete_account, find, key))


def list_accounts(find: FindAccounts, call: Call) -> Response:
    """List the users, the last name first; a fuzzy filter is not counted."""
    accounts, like, superuser = find(call), call.query["like_user_id"], call.query["is_superuser"]
    rows = [
        accounts[name].row(name)
        for name in sorted(accounts, reverse=True)
        if (like is None or like in name) and superuser in (None, accounts[name].superuser)
    ]
    return json_response(cut_page(rows, call.query, counted=like is None))


def create_account(find: FindAccounts, call: Call) -> Response:
    """Add a user; SCRAM answers its own ID instead of the user's."""
    accounts, name, chain = find(call), call.body["user_id"], call.bindings.get("id", "")
    if not name:
        return error_response(400, "BAD_REQUEST", "User error: invalid_user_id")
    if name in accounts:
        return error_response(409, "ALREADY_EXISTS", "User already exists")
    accounts[name] = new_account(name, call.body["password"], superuser=call.body["is_superuser"])
    return json_response(accounts[name].row(chain if chain.startswith("scram") else name), 201)


def find_account(accounts: Accounts, name: str) -> Account:
    """Return a user. Raises EarlyResponse (404)."""
    if name not in accounts:
        refuse_with(404, "NOT_FOUND", "User not found")
    return accounts[name]


def show_account(find: FindAccounts, key: str, call: Call) -> Response:
    """Show one user."""
    name = call.bindings[key]
    return json_response(find_account(find(call), name).row(name))


def update_account(find: FindAccounts, key: str, call: Call) -> Response:
    """Change a user's password, and whether it is a superuser."""
    accounts, name = find(call), call.bindings[key]
    find_account(accounts, name)
    accounts[name] = new_account(name, call.body["password"], superuser=call.body["is_superuser"])
    return json_response(accounts[name].row(name))


def delete_account(find: FindAccounts, key: str, call: Call) -> Response:
    """Delete a user."""
    accounts = find(call)
    find_account(accounts, call.bindings[key])
    del accounts[call.bindings[key]]
    return Response(204)


def import_accounts(accounts: Accounts, call: Call, kind: str) -> Response:
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
    return json_response(counts | {"total": len(rows)})


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
