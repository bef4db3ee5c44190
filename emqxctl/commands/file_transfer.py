"""`emqxctl file-transfer`: manage files that clients sent over MQTT."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from emqxctl.api.pagination import iterate_rows
from emqxctl.cli.command import command
from emqxctl.cli.file_transfer import fetch_file, fresh_name
from emqxctl.cli.group import new_group
from emqxctl.cli.options import ClientArgument
from emqxctl.cli.session import Session
from emqxctl.diagnosis.health import dict_rows
from emqxctl.errors import ServerError, UsageError
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
    Column("uri", "URI", wide=True),
)
SETTINGS = Resource(
    noun="file transfer configuration",
    path="/file_transfer",
    key="",
    item_template="/file_transfer",
    columns=(Column("enable", "ENABLED"),),
    settings=(
        Setting("enable", "Enable or disable file transfer.", ValueType.BOOLEAN),
        Setting("init_timeout", "Timeout to start a transfer, such as 10s."),
        Setting("store_segment_timeout", "Timeout to store a segment, such as 5m."),
        Setting("assemble_timeout", "Timeout to assemble a file, such as 5m."),
    ),
    accepts_masked_secrets=True,  # the same object as /configs/file_transfer
)
TRANSFER_PATH = "/file_transfer/files/{clientid}/{fileid}"

FileIdArgument = Annotated[str, typer.Argument(metavar="FILE_ID", help="File id, chosen by the client.")]

app = new_group("Manage file transfer over MQTT.")
files = new_group("Show and download transferred files.")
settings = new_group("Manage the configuration of file transfer.")
app.add_typer(files, name="files")
app.add_typer(settings, name="config")


@files.command("list")
@command(
    calls=("GET /file_transfer/files", "GET /file_transfer"),
    examples=("emqxctl file-transfer files list --limit 20",),
)
def list_files(session: Session) -> Rows:
    """List transferred files."""

    def fetch_page(page: Mapping[str, object]) -> dict[str, Any]:
        query = {"limit": page["limit"], "following": page["cursor"]}
        with explain_disabled(session):
            response = session.client.get_object("/file_transfer/files", query=query)
        return {"data": response.get("files"), "meta": {"cursor": response.get("cursor")}}

    rows = iterate_rows(fetch_page, Paging.CURSOR, {}, session.fetch_limit)
    return Rows(rows, COLUMNS, key="fileid", plural_noun="files", name_fields=("clientid", "fileid"))


@contextmanager
def explain_disabled(session: Session) -> Iterator[None]:
    """Add to the 503 of EMQX that file transfer is disabled, which is the default."""
    try:
        yield
    except ServerError as error:
        if error.details.get("status") == 503 and is_disabled(session):
            error.message = f"{error.message}: file transfer is disabled"
            error.hint = "enable it: emqxctl file-transfer config update --enable"
        raise


def is_disabled(session: Session) -> bool:
    """Return whether file transfer is disabled; False if that is unknown."""
    try:
        return session.client.get_object("/file_transfer").get("enable") is False
    except ServerError:
        return False


def fetch_transfer(session: Session, clientid: str, fileid: str) -> list[dict[str, Any]]:
    """Return the files of one transfer."""
    with explain_disabled(session):
        return dict_rows(session.client.get_object(TRANSFER_PATH, clientid, fileid).get("files"))


@files.command()
@command(
    calls=(f"GET {TRANSFER_PATH}", "GET /file_transfer"),
    examples=("emqxctl file-transfer files get dev-1 log-7",),
)
def get(session: Session, clientid: ClientArgument, fileid: FileIdArgument) -> Rows:
    """Show the files of one transfer."""
    return Rows(fetch_transfer(session, clientid, fileid), COLUMNS, key="fileid", plural_noun="files")


@files.command()
@command(
    calls=("GET /file_transfer/file", f"GET {TRANSFER_PATH}", "GET /file_transfer"),
    examples=(
        "emqxctl file-transfer files download dev-1 log-7",
        "emqxctl file-transfer files download dev-1 log-7 --output-file - | zcat",
    ),
)
def download(
    session: Session,
    clientid: ClientArgument,
    fileid: FileIdArgument,
    output_file: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="File to write (- for stdout; default the file's name)."),
    ] = None,
) -> Result:
    """Download a file that is stored on a node's disk."""
    files = fetch_transfer(session, clientid, fileid)
    file = next((file for file in files if parse_file_uri(str(file.get("uri", "")))), None)
    if file is None:
        message = f"cannot download file {fileid!r} of client {clientid!r} from EMQX: not on a node's disk"
        uris = ", ".join(str(file.get("uri")) for file in files)
        hint = f"download it from {uris}" if uris else "show the files: emqxctl file-transfer files list"
        raise UsageError(message, code="NOT_LOCAL", hint=hint)
    target = output_file or fresh_name(str(file.get("name") or fileid))
    return fetch_file(session, "/file_transfer/file", to=target, query=parse_file_uri(str(file["uri"])))


def parse_file_uri(uri: str) -> dict[str, str]:
    """Return the node and reference in the URI of a file on a node's disk; empty for other URIs (S3)."""
    from urllib.parse import parse_qs, urlsplit

    parameters = parse_qs(urlsplit(uri).query)
    query = {name: parameters[name][0] for name in ("node", "fileref") if parameters.get(name)}
    return query if len(query) == 2 else {}


add_get(
    settings,
    SETTINGS,
    summary="Show the configuration of file transfer.",
    examples=("emqxctl file-transfer config get",),
)
add_update(
    settings,
    SETTINGS,
    summary="Update the configuration of file transfer.",
    examples=(
        "emqxctl file-transfer config update --enable",
        "emqxctl file-transfer config update -f ft.yaml",
    ),
)
