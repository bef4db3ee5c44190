"""The login of a dashboard user, for the few operations that no API key may call (api.md §3.3)."""

from typing import TYPE_CHECKING

from emqxctl.cli.confirm import ask, ask_secret, can_ask
from emqxctl.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from emqxctl.api.client import Api
    from emqxctl.cli.session import Session


def dashboard(session: "Session") -> "Api":
    """Log in as a dashboard user and give a client with its token, which lives in memory only.

    The password comes from --password-file, EMQXCTL_PASSWORD, or the terminal. Raises UsageError when there
    is nobody to ask, and what the server says against the login. A dry run logs in too: it changes nothing.
    """
    name = session.settings.username or (ask("Dashboard user: ") if can_ask(session) else "")
    if not name:
        message = "this needs a dashboard user: no API key may do it"
        raise UsageError(
            message, code="LOGIN_NEEDED", hint="--username NAME --password-file FILE (- for stdin)"
        )
    stranger = session.reach(with_key=False)
    login = session.api_of(stranger._replace(dry_run=False, readonly=False))
    answer = login.post("/login", body={"username": name, "password": password(session)})
    token = answer.get("token") if isinstance(answer, dict) else None
    if not isinstance(token, str):
        message = "the login was answered without a token"
        raise ConfigError(message, hint="does the account need a second factor?")
    api = session.api_of(stranger._replace(token=token))
    session.__dict__["api"] = api  # a dry run's plan is read from there
    return api


def password(session: "Session") -> str:
    """Give the password: of --password-file, the environment, or asked for without echo."""
    from emqxctl.credentials import from_file

    if session.settings.password_file:
        return from_file(session.settings.password_file)
    found = session.environ.get("EMQXCTL_PASSWORD", "")
    if not found and can_ask(session):
        found = ask_secret("Password (not shown): ")
    if not found:
        message = "the dashboard user's password is needed"
        raise UsageError(message, code="LOGIN_NEEDED", hint="--password-file FILE (- for stdin)")
    return found
