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
GZIP = b"\x1f\x8b"


@command(
    calls=(f"POST {PATH}", f"PUT {PATH}"),
    examples=(
        "emqxctl schemas bundle telemetry protos.tar.gz --root telemetry.proto",
        "emqxctl schemas bundle telemetry protos.tar.gz --root telemetry.proto --update",
    ),
    effect=Effect.WRITE,
)
def bundle(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The schema.")],
    file: Annotated[str, typer.Argument(metavar="FILE", help="The .tar.gz of .proto files; - for stdin.")],
    root: Annotated[str, typer.Option(metavar="FILE", help="The .proto file in it that comes first.")],
    description: Annotated[str | None, typer.Option(metavar="TEXT", help="What it is for.")] = None,
    update: Annotated[bool, typer.Option("--update", help="The schema exists: replace it.")] = False,
) -> Done:
    """Register a Protobuf schema of several files (EMQX 5.10+)."""
    content = read_bytes(file, "FILE")
    if not content.startswith(GZIP):
        message = f"{file} is no .tar.gz"
        raise UsageError(message, hint="tar -czf protos.tar.gz *.proto")
    call = build_request("PUT" if update else "POST", PATH)
    filename = "bundle.tar.gz" if file == "-" else Path(file).name
    fields = {"name": name, "root_proto_file": root, "description": description or ""}
    made = session.client.send(with_fields(add_file(call, "bundle", filename, content), fields)).json()
    found = made if isinstance(made, dict) else {"name": name}
    return Done(f"{'updated' if update else 'created'} schema {name!r}", found, key="name")


def with_fields(call: Request, fields: Mapping[str, str]) -> Request:
    """Put text fields before the file of a multipart call."""
    boundary = call.content_type.partition("boundary=")[2]
    parts = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
        if value
    )
    return call._replace(content="".join(parts).encode() + (call.content or b""))
