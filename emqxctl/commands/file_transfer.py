"""`emqxctl file-transfer`: files that clients sent over MQTT."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from emqxctl.api.pagination import iterate_rows
from emqxctl.cli.command import command
from emqxctl.cli.file_transfer import fetch_file, fresh_name
from emqxctl.cli.group import new_group
from emqxctl.cli.options import ClientArgument
from emqxctl.cli.session import Session
from emqxctl.errors import UsageError
from emqxctl.output.formatters import format_byte_count, format_relative_time
from emqxctl.output.results import Result, Rows
from emqxctl.resource import Column, Paging, Resource, Setting, ValueType
from emqxctl.verbs.get import add_get
from emqxctl.verbs.update import add_update

COLUMNS = (
    Column("name"),
    Column("clientid", "CLIENT ID"),
    Column("fileid", "FILE ID"),
    Column("size", format=format_byte_count, align_right=True),
    Column("timestamp", "SENT", format=format_relative_time),
    Column("uri", "WHERE", wide=True),
)
SETTINGS = Resource(
    noun="configuration of file transfer",
    path="/file_transfer",
    key="",
    item_template="/file_transfer",
    columns=(Column("enable", "ENABLED"),),
    settings=(
        Setting("enable", "Whether clients may send files.", ValueType.BOOLEAN),
        Setting("init_timeout", "How long a transfer may take to begin: 10s."),
        Setting("store_segment_timeout", "How long a part may take to be stored: 5m."),
        Setting("assemble_timeout", "How long a file may take to be put together: 5m."),
    ),
    accepts_masked_secrets=True,  # it is /configs/file_transfer under another name
)
TRANSFER = "/file_transfer/files/{clientid}/{fileid}"

FileId = Annotated[str, typer.Argument(metavar="FILEID", help="The id that the client gave the file.")]

app = new_group("File transfer: files sent over MQTT, and its settings.")
files = new_group("The files that were sent.")
settings = new_group("How files are taken.")
app.add_typer(files, name="files")
app.add_typer(settings, name="config")


@files.command("list")
@command(calls="GET /file_transfer/files", examples=("emqxctl file-transfer files list --limit 20",))
def list_(session: Session) -> Rows:
    """List the files."""

    def fetch(page: Mapping[str, object]) -> dict[str, Any]:
        query = {"limit": page["limit"], "following": page["cursor"]}
        found = session.client.get("/file_transfer/files", query=query)
        known = found if isinstance(found, dict) else {}
        return {"data": known.get("files"), "meta": {"cursor": known.get("cursor")}}

    narrowed = session.settings.where or session.settings.sort or session.settings.query
    enough = 0 if narrowed else session.settings.limit
    return Rows(iterate_rows(fetch, Paging.CURSOR, {}, enough), COLUMNS, key="fileid", plural_noun="files")


def of_transfer(session: Session, clientid: str, fileid: str) -> list[dict[str, Any]]:
    """Give the files of one transfer."""
    files_ = session.client.get_object(TRANSFER, clientid, fileid).get("files")
    return [one for one in files_ or [] if isinstance(one, dict)]


@files.command()
@command(calls=f"GET {TRANSFER}", examples=("emqxctl file-transfer files get dev-1 log-7",))
def get(session: Session, clientid: ClientArgument, fileid: FileId) -> Rows:
    """Show what came of one transfer."""
    return Rows(of_transfer(session, clientid, fileid), COLUMNS, key="fileid", plural_noun="files")


@files.command()
@command(
    calls=("GET /file_transfer/file", f"GET {TRANSFER}"),
    examples=(
        "emqxctl file-transfer files download dev-1 log-7",
        "emqxctl file-transfer files download dev-1 log-7 --output-file - | zcat",
    ),
)
def download(
    session: Session,
    clientid: ClientArgument,
    fileid: FileId,
    output_file: Annotated[
        str | None, typer.Option(metavar="FILE", help="Where to; - is stdout. Default: the file's name.")
    ] = None,
) -> Result:
    """Download a file that lies on a node's disk."""
    found = of_transfer(session, clientid, fileid)
    one = next((each for each in found if query_of(str(each.get("uri", "")))), None)
    if one is None:
        places = ", ".join(str(each.get("uri")) for each in found) or "nowhere"
        message = f"file {fileid!r} of client {clientid!r} cannot be had from EMQX: it is {places}"
        raise UsageError(message, code="NOT_LOCAL", hint="fetch it from there")
    target = output_file or fresh_name(str(one.get("name") or fileid))
    return fetch_file(session, "/file_transfer/file", to=target, query=query_of(str(one["uri"])))


def query_of(uri: str) -> dict[str, str]:
    """Take node and reference out of the address of a file on a node's disk; nothing for others (S3)."""
    from urllib.parse import parse_qs, urlsplit

    asked = parse_qs(urlsplit(uri).query)
    found = {name: asked[name][0] for name in ("node", "fileref") if asked.get(name)}
    return found if len(found) == 2 else {}


add_get(settings, SETTINGS, summary="Show the settings.", examples=("emqxctl file-transfer config get",))
add_update(
    settings,
    SETTINGS,
    summary="Change the settings.",
    examples=(
        "emqxctl file-transfer config update --enable",
        "emqxctl file-transfer config update -f ft.yaml",
    ),
)
