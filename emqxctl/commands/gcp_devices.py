"""`emqxctl gcp-devices`: manage devices imported from GCP IoT Core."""

from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import build_body, parse_document, without_fields
from emqxctl.cli.input.files import read_text
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import ExitCode, UsageError
from emqxctl.output.formatters import format_plain, format_relative_time
from emqxctl.output.results import Done
from emqxctl.resource import Column, Paging, Resource
from emqxctl.verbs.delete import add_delete
from emqxctl.verbs.get import add_get
from emqxctl.verbs.list import add_list
from emqxctl.verbs.parameters import FileOption, SetOption
from emqxctl.verbs.update import add_update, reject_other_identity

READ_ONLY_FIELDS = ("deviceid", "created_at")  # EMQX returns them, but refuses them


def format_key_count(value: object) -> str:
    """Format the keys of a device as their number."""
    return str(len(value)) if isinstance(value, list) else format_plain(value)


DEVICES = Resource(
    noun="device",
    path="/gcp_devices",
    key="deviceid",
    columns=(
        Column("deviceid", "DEVICE"),
        Column("registry"),
        Column("project"),
        Column("location"),
        Column("keys", format=format_key_count, align_right=True),
        Column("created_at", "CREATED", format=format_relative_time, wide=True),
    ),
    paging=Paging.PAGES,
    row_key=("deviceid",),
    read_only_fields=READ_ONLY_FIELDS,
    checks_existence=True,  # EMQX answers 204 to the DELETE of an unknown one
)

app = new_group("Manage devices from GCP IoT Core (Enterprise 5.2+).")
add_list(app, DEVICES, examples=("emqxctl gcp-devices list",))
add_get(app, DEVICES, examples=("emqxctl gcp-devices get c2-ec-x509 -o yaml",))


@app.command("set")
@command(
    calls="PUT /gcp_devices/{deviceid}",
    examples=("emqxctl gcp-devices set c2-ec-x509 -f device.json",),
    effect=Effect.WRITE,
)
def set_(
    session: Session,
    deviceid: Annotated[str, typer.Argument(metavar="DEVICE_ID", help="Device id.")],
    file: FileOption = None,
    sets: SetOption = None,
) -> Done:
    """Create or replace a device.

    The body has `keys` (with `key`, `key_type` and `expires_at`), `config` in base64, `registry`, `project`
    and `location`.
    """
    body = build_body(file, sets or [], {})
    if not body:
        message = "no fields of the device specified"
        raise UsageError(message, hint="use -f FILE or --set config=...")
    reject_other_identity(DEVICES, deviceid, body)
    device = {"config": "", "keys": [], **without_fields(body, READ_ONLY_FIELDS)}
    row = session.client.put_object("/gcp_devices/{deviceid}", deviceid, body=device)
    return Done(f"set device {deviceid!r}", row or {"deviceid": deviceid}, key="deviceid")


add_update(app, DEVICES, examples=("emqxctl gcp-devices update c2-ec-x509 --set registry=plant",))
add_delete(app, DEVICES, examples=("emqxctl gcp-devices delete c2-ec-x509 --yes",))


@app.command("import")
@command(
    calls="POST /gcp_devices",
    examples=("emqxctl gcp-devices import devices.json",),
    effect=Effect.WRITE,
)
def import_(
    session: Session,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="File that contains the devices: JSON (- for stdin).")
    ],
) -> Done:
    """Import devices from a file of the export tool.

    Exits with 9 if some devices are refused.
    """
    devices = parse_document(file, read_text(file, "FILE"))
    if not isinstance(devices, list) or not devices:
        message = f"{file}: expected a list of devices"
        raise UsageError(message, hint="write JSON: [{deviceid, keys, config, blocked}, ...]")
    counts = session.client.post_object("/gcp_devices", body=devices)
    errors, imported = counts.get("errors", 0), counts.get("imported", 0)
    exit_code = ExitCode.OK if not errors else ExitCode.PARTIAL if imported else ExitCode.REJECTED
    return Done(f"imported {imported} devices, {errors} refused", counts, exit_code=exit_code)
