"""`emqxctl gcp-devices`: devices that came from Google's IoT Core."""

from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import build_body, parse_document
from emqxctl.cli.input.files import read_text
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import ExitCode, UsageError
from emqxctl.output.formatters import format_plain
from emqxctl.output.results import Done
from emqxctl.resource import Column, Paging, Resource
from emqxctl.verbs.delete import add_delete
from emqxctl.verbs.get import add_get
from emqxctl.verbs.list import add_list
from emqxctl.verbs.parameters import FileOption, SetOption
from emqxctl.verbs.update import add_update

FIELDS = ("deviceid", "created_at")  # EMQX answers them and refuses them


def count(value: object) -> str:
    """Write how many keys a device has."""
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
        Column("keys", format=count, align_right=True),
        Column("created_at", "CREATED", align_right=True, wide=True),
    ),
    paging=Paging.PAGES,
    row_key=("deviceid",),
    read_only_fields=FIELDS,
)

app = new_group("Devices imported from GCP IoT Core (Enterprise 5.2+).")
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
    deviceid: Annotated[str, typer.Argument(metavar="DEVICEID", help="The device.")],
    file: FileOption = None,
    sets: SetOption = None,
) -> Done:
    """Create a device, or replace the one there is.

    It has `keys` (each `key`, `key_type`, `expires_at`) and `config`, in base64; also `registry`, `project`
    and `location`.
    """
    body = build_body(file, sets or [], {})
    if not body:
        message = "the device was not given"
        raise UsageError(message, hint="-f FILE or --set config=...")
    sent = {"config": "", "keys": [], **{name: value for name, value in body.items() if name not in FIELDS}}
    made = session.client.put("/gcp_devices/{deviceid}", deviceid, body=sent)
    found = made if isinstance(made, dict) else {"deviceid": deviceid}
    return Done(f"set device {deviceid!r}", found, key="deviceid")


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
    file: Annotated[str, typer.Argument(metavar="FILE", help="The list of devices; - for stdin.")],
) -> Done:
    """Bring devices in, as the export tool wrote them.

    Exit 9 when some were refused.
    """
    devices = parse_document(file, read_text(file, "FILE"))
    if not isinstance(devices, list) or not devices:
        message = f"{file}: it holds no list of devices"
        raise UsageError(message, hint="[{deviceid, keys, config, blocked}, ...], as JSON")
    made = session.client.post("/gcp_devices", body=devices)
    found = made if isinstance(made, dict) else {}
    errors, imported = found.get("errors", 0), found.get("imported", 0)
    code = ExitCode.OK if not errors else ExitCode.PARTIAL if imported else ExitCode.REFUSED
    return Done(f"brought {imported} devices in, {errors} refused", found, exit_code=code)
