"""`emqxctl gateways users`: users in the built-in database of a gateway or of one of its listeners."""

from emqxctl.cli.command import command
from emqxctl.cli.file_transfer import Upload, send_file
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands._built_in_users import (
    COLUMNS,
    Database,
    FileNameOption,
    UserCommands,
    UsersFileArgument,
    add_user_verbs,
    report_import,
)
from emqxctl.commands.gateways.authentication import (
    OF_GATEWAY,
    OF_LISTENER,
    OWNER_PARAMETERS,
    GatewayArgument,
    ListenerOption,
    select_owner,
)
from emqxctl.output.results import Done
from emqxctl.resource import Filter, Paging, Resource, ValueType

USERS = Resource(
    noun="user",
    path=f"{OF_GATEWAY}/users",
    key="user_id",
    item_template=f"{OF_GATEWAY}/users/{{uid}}",
    columns=COLUMNS,
    paging=Paging.PAGES,
    row_key=("user_id",),
    filters=(
        Filter("like_user_id", "Filter by part of the user id."),
        Filter("is_superuser", "Filter by superuser.", ValueType.BOOLEAN),
    ),
)
COMMANDS = UserCommands(
    paths=(OF_GATEWAY, OF_LISTENER),
    users=USERS,
    user_key="uid",
    arguments=OWNER_PARAMETERS[:1],
    options=OWNER_PARAMETERS[1:],
    select=lambda values: Database(*select_owner(values)[:2], select_owner(values).label),
    line="emqxctl gateways users {} stomp ",
)

app = new_group("Manage users of gateways and listeners.")
add_user_verbs(app, COMMANDS)


@app.command("import")
@command(
    calls=COMMANDS.operations("POST", "/import_users"),
    examples=(
        "emqxctl gateways users import stomp users.csv",
        "emqxctl gateways users import stomp users.json --listener tcp:internal --yes",
    ),
    effect=Effect.DESTROY,
)
def import_(
    session: Session,
    gateway: GatewayArgument,
    file: UsersFileArgument,
    listener: ListenerOption = None,
    name: FileNameOption = None,
) -> Done:
    """Import users with hashed passwords, replacing existing ones.

    Columns: user_id, password_hash, salt, is_superuser. Existing users get the password and superuser flag of
    the file; equal ones are skipped.
    """
    owner = select_owner({"gateway": gateway, "listener": listener})
    question = f"import users from {file!r} into {owner.label}, replacing existing ones"
    upload = Upload("filename", file, name or "")
    path = f"{owner.path}/import_users"
    response = send_file(session, path, *owner.arguments, source=upload, question=question)
    return report_import(response.json(), owner.label)
