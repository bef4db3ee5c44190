"""`emqxctl users password`: the password of a dashboard user."""

from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.dashboard_login import login_credentials, open_login_client
from emqxctl.cli.prompts import prompt_secret
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.users import USER, NewPasswordOption, UserArgument, read_new_password
from emqxctl.errors import UsageError
from emqxctl.output.results import Done

PASSWORD = f"{USER}/change_pwd"


@command(
    calls=f"POST {PASSWORD}",
    examples=(
        "emqxctl users password admin",
        "emqxctl users password alice --old-password-file old.pw --new-password-file new.pw",
    ),
    effect=Effect.WRITE,
    login=True,
)
def password(
    session: Session,
    user: UserArgument,
    new_password_file: NewPasswordOption = None,
    old_password_file: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="File with the old password of USER, if --username is another user."
        ),
    ] = None,
) -> Done:
    """Change the password of a user.

    USER logs in with the old password, unless --username is another user. The user's sessions end.
    """
    login_name, login_password = login_credentials(session, user)
    is_own = login_name == user
    old_password = login_password if is_own else read_old_password(session, old_password_file)
    new_password = read_new_password(session, new_password_file)
    client = open_login_client(session, login_name, login_password)
    client.redactor.add_secrets(old_password, new_password)
    client.post(PASSWORD, user, body={"old_pwd": old_password, "new_pwd": new_password})
    return Done(f"changed the password of {user!r}", {"username": user}, key="username")


def read_old_password(session: Session, file: str | None) -> str:
    """Return the old password of another user, which EMQX requires even from an administrator."""
    from emqxctl.config.credentials import read_secret_file

    if file:
        return read_secret_file(file, "the old password", "--old-password-file")
    old_password = prompt_secret("Old password of the user (not shown): ") if session.can_prompt() else ""
    if not old_password:
        message = "old password of the user required, even from an administrator"
        hint = "use --old-password-file FILE; if it is lost, on a node: emqx ctl admins passwd USER NEW"
        raise UsageError(message, hint=hint)
    return old_password
