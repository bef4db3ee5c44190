"""`emqxctl errors`: explain the error codes of EMQX and emqxctl, offline."""

from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.emqx.error_codes import ErrorCode, find_error_code, find_similar_codes
from emqxctl.emqx.error_codes.own import ALL_CODES, find_raiser
from emqxctl.errors import NotFoundError
from emqxctl.output.results import Record, Result, Rows
from emqxctl.resource import Column

app = new_group("Explain error codes of EMQX and emqxctl.")

COLUMNS = (
    Column("code"),
    Column("exit_code", "EXIT", align_right=True),
    Column("raised_by", "RAISED BY"),
    Column("meaning"),
    Column("hint", wide=True),
)


@app.command()
@command(
    examples=(
        "emqxctl errors BAD_API_KEY_OR_SECRET",
        "emqxctl errors NOT_CONFIRMED",
        "emqxctl errors -o json",
    ),
    completes={"code": tuple(ALL_CODES)},
)
def errors(
    code: Annotated[
        str | None, typer.Argument(metavar="CODE", help="Error code. Lists all codes if omitted.")
    ] = None,
) -> Result:
    """Explain error codes of EMQX and emqxctl.

    The field raised_by is EMQX, emqxctl or both. Does not connect to a server.
    """
    if code is None:
        rows = (to_row(entry) for entry in ALL_CODES.values())
        return Rows(rows, COLUMNS, key="code", plural_noun="error codes")
    entry = find_error_code(code, ALL_CODES)
    if entry is None:
        similar_codes = ", ".join(find_similar_codes(code, ALL_CODES))
        message = f"error code {code!r} not found"
        hint = f"did you mean {similar_codes}?" if similar_codes else "list error codes: emqxctl errors"
        raise NotFoundError(message, hint=hint)
    return Record(to_row(entry), COLUMNS, key="code")


def to_row(entry: ErrorCode) -> dict[str, object]:
    """Return an entry of a catalog as a row."""
    return {
        "code": entry.code,
        "meaning": entry.meaning,
        "hint": entry.hint,
        "exit_code": int(entry.exit_code),
        "status": list(entry.statuses),
        "registered": entry.registered,
        "raised_by": find_raiser(entry.code),
    }
