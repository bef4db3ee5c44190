"""`emqxctl errors`: EMQX's error codes, offline."""

from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.emqx.error_codes import CATALOG, ErrorCode, find_error_code, find_similar_codes
from emqxctl.errors import NotFoundError
from emqxctl.output.results import Record, Result, Rows
from emqxctl.resource import Column

app = new_group("EMQX's error codes: what they mean and what to do.")

COLUMNS = (
    Column("code"),
    Column("exit_code", "EXIT", align_right=True),
    Column("meaning"),
    Column("what_to_do", "WHAT TO DO", wide=True),
)


@app.command()
@command(examples=("emqxctl errors BAD_API_KEY_OR_SECRET", "emqxctl errors -o json"))
def errors(
    code: Annotated[str | None, typer.Argument(metavar="CODE", help="One code; without it all.")] = None,
) -> Result:
    """Explain EMQX's error codes, without a server."""
    if code is None:
        return Rows(
            (row(entry) for _, entry in sorted(CATALOG.items())), COLUMNS, key="code", plural_noun="codes"
        )
    entry = find_error_code(code)
    if entry is None:
        near = ", ".join(find_similar_codes(code))
        message = f"no error code {code!r} is known"
        raise NotFoundError(
            message, hint=f"did you mean {near}?" if near else "emqxctl errors lists them all"
        )
    return Record(row(entry), COLUMNS, key="code")


def row(entry: ErrorCode) -> dict[str, object]:
    """Write an entry of the catalogue as a row."""
    return {
        "code": entry.code,
        "meaning": entry.meaning,
        "what_to_do": entry.hint,
        "exit_code": int(entry.exit_code),
        "status": list(entry.statuses),
        "registered": entry.registered,
    }
