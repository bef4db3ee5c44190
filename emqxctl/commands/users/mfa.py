"""`emqxctl users mfa`: the second factor of dashboard users."""

from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.dashboard_login import log_in, log_in_to_confirm
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.users import USER, BackendOption, UserArgument
from emqxctl.output.results import Done

MFA = f"{USER}/mfa"

app = new_group("Manage MFA of dashboard users (EMQX 5.9+).")


@app.command("enable")
@command(
    calls=f"POST {MFA}",
    examples=("emqxctl users mfa enable alice --username admin",),
    effect=Effect.WRITE,
    login=True,
)
def enable_mfa(
    session: Session,
    user: UserArgument,
    mechanism: Annotated[str, typer.Option(metavar="NAME", help="MFA mechanism: totp.")] = "totp",
    backend: BackendOption = None,
) -> Done:
    """Require MFA for a user from the next login."""
    log_in(session).post(MFA, user, query={"backend": backend}, body={"mechanism": mechanism})
    fields = {"username": user, "mfa": mechanism}
    return Done(f"user {user!r} must set up {mechanism} at the next login", fields, key="username")


@app.command("disable")
@command(
    calls=f"DELETE {MFA}",
    examples=("emqxctl users mfa disable alice --username admin --yes",),
    effect=Effect.DESTROY,
    login=True,
)
def disable_mfa(session: Session, user: UserArgument, backend: BackendOption = None) -> Done:
    """Disable MFA for a user."""
    action = f"disable MFA of user {user!r}"
    client = log_in_to_confirm(session, action)
    session.confirm(action)
    client.delete(MFA, user, query={"backend": backend})
    fields = {"username": user, "mfa": "disabled"}
    return Done(f"disabled MFA of user {user!r}", fields, key="username")
