"""`emqxctl schemas bundle`: a Protobuf schema of several files, as an archive."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from emqxctl.api.request import Request, build_request
from emqxctl.api.transfers import add_file
from emqxctl.cli.command import command
from emqxctl.cli.input.files import read_bytes
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import UsageError
from emqxctl.output.results import Done

PATH = "/schema_registry_protobuf/bundle"
SCHEMA_PATH = "/schema_registry/{name}"
GZIP_MAGIC = b"\x1f\x8b"


@command(
    calls=(f"POST {PATH}", f"PUT {PATH}", f"GET {SCHEMA_PATH}"),
    examples=(
        "emqxctl schemas bundle telemetry protos.tar.gz --root telemetry.proto",
        "emqxctl schemas bundle telemetry protos.tar.gz --root telemetry.proto --update",
    ),
    effect=Effect.WRITE,
    completes={"name": SCHEMA_PATH},
)
def bundle(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Schema name.")],
    file: Annotated[
        str, typer.Argument(metavar="FILE", help=".tar.gz archive of .proto files (- for stdin).")
    ],
    root: Annotated[str, typer.Option(metavar="FILE", help="Root .proto file in the archive.")],
    description: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Description (default with --update: unchanged).")
    ] = None,
    update: Annotated[bool, typer.Option("--update", help="Replace an existing schema.")] = False,
) -> Done:
    """Create a Protobuf schema from several files (EMQX 5.10+)."""
    content = read_bytes(file, "FILE")
    if not content.startswith(GZIP_MAGIC):
        message = f"{file} is not a .tar.gz archive"
        raise UsageError(message, hint="create one: tar -czf protos.tar.gz *.proto")
    if update and description is None:  # EMQX would replace it with an empty one
        description = str(session.client.get_object(SCHEMA_PATH, name).get("description") or "")
    request = build_request("PUT" if update else "POST", PATH)
    filename = "bundle.tar.gz" if file == "-" else Path(file).name
    fields = {"name": name, "root_proto_file": root}
    fields |= {} if description is None else {"description": description}
    response = session.client.send(add_fields(add_file(request, "bundle", filename, content), fields)).json()
    schema = response if isinstance(response, dict) else {"name": name}
    return Done(f"{'updated' if update else 'created'} schema {name!r}", schema, key="name")


def add_fields(request: Request, fields: Mapping[str, str]) -> Request:
    """Return a multipart request with text fields before its file."""
    boundary = request.content_type.partition("boundary=")[2]
    parts = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    return request._replace(content="".join(parts).encode() + (request.content or b""))
