"""The login of a dashboard user, for the few operations that no API key may call (api.md §3.3)."""

from typing import TYPE_CHECKING

from emqxctl.cli.prompts import prompt, prompt_secret
from emqxctl.config.profiles import SANDBOX
from emqxctl.errors import READONLY_HINT, ExitCode, GuardError, ServerError, UsageError

if TYPE_CHECKING:
    from emqxctl.api.client import Client
    from emqxctl.cli.session import Session

DEFAULT_CREDENTIALS = ("admin", "public")  # the username and password of a new EMQX, and of the sandbox
LOGIN_HINT = "use --username NAME --password-file FILE (- for stdin)"


def log_in(session: "Session") -> "Client":
    """Log in as a dashboard user and return a client with the token, which is kept in memory only.

    The password comes from --password-file, EMQXCTL_PASSWORD, or the terminal. Raises UsageError if they are
    missing and it is not possible to prompt, and the server's error if it refuses the login. A dry run logs
    in too: this changes nothing.
    """
    return open_login_client(session, *login_credentials(session))


def log_in_to_confirm(session: "Session", action: str) -> "Client":
    """Log in before a person is asked to confirm an action, so that no answer is in vain.

    Without a terminal an action that is not confirmed is refused first: nothing is sent. Raises GuardError.
    """
    if not (session.can_prompt() or session.settings.dry_run):
        session.confirm(action)
    return log_in(session)


def login_credentials(session: "Session", fallback: str = "") -> tuple[str, str]:
    """Return the username (`fallback` if no option gives one) and the password.

    In the sandbox they default to those of a new EMQX. Raises UsageError without them, and GuardError before
    a change through a read-only profile: the client must let the login pass although it is a POST.
    """
    settings = session.settings
    if settings.readonly and session.is_write:
        message = "the profile is read-only and this command changes the cluster"
        raise GuardError(message, code="READONLY", hint=READONLY_HINT)
    name = settings.username or fallback
    default_name, default_password = DEFAULT_CREDENTIALS
    is_simulated = settings.profile == SANDBOX and not settings.url
    if is_simulated and name in {"", default_name} and not settings.password_file:
        return default_name, session.environ.get("EMQXCTL_PASSWORD") or default_password
    name = name or (prompt("Dashboard username: ") if session.can_prompt() else "")
    if not name:
        message = "a dashboard user is required: API keys are not accepted for this operation"
        raise UsageError(message, code="LOGIN_NEEDED", hint=LOGIN_HINT)
    return name, login_password(session)


def open_login_client(session: "Session", name: str, password: str) -> "Client":
    """Log in and make the session use that user from now on. Raises the server's error."""
    connection = session.resolve_connection(with_key=False)
    login_client = session.client_for(connection._replace(dry_run=False, readonly=False))
    login_client.redactor.add_secrets(password)
    credentials = {"username": name, "password": password}
    if session.settings.mfa_code:
        credentials["mfa_token"] = session.settings.mfa_code
    response = post_login(session, login_client, credentials)
    token = response.get("token") if isinstance(response, dict) else None
    if not isinstance(token, str):
        message = "the response to the login has no token"
        hint = "check that the URL is an EMQX API: emqxctl status"
        raise ServerError(message, code="NO_TOKEN", hint=hint, exit_code=ExitCode.SERVER)
    client = session.client_for(connection._replace(token=token))
    client.redactor.add_secrets(password)
    session.__dict__["client"] = client  # the requests of a dry run are read from there
    return client


def post_login(session: "Session", login_client: "Client", body: dict[str, str]) -> object:
    """Send the login, again with an MFA code if the server requires one and a person can type it."""
    try:
        return login_client.post("/login", body=body)
    except ServerError as error:
        if error.code != "BAD_MFA_TOKEN" or "mfa_token" in body or not session.can_prompt():
            raise
        return login_client.post("/login", body={**body, "mfa_token": prompt_secret("MFA code: ")})


def log_in_if_named(session: "Session") -> "Session":
    """Log in if the command line names a dashboard user; else use the API key."""
    if session.settings.username:
        log_in(session)
    return session


def login_password(session: "Session") -> str:
    """Return the password: from --password-file, the environment, or a prompt without echo."""
    from emqxctl.config.credentials import read_secret_file

    if session.settings.password_file:
        return read_secret_file(session.settings.password_file, "the password", "--password-file")
    password = session.environ.get("EMQXCTL_PASSWORD", "")
    if not password and session.can_prompt():
        password = prompt_secret("Password (not shown): ")
    if not password:
        message = "the password of the dashboard user is required"
        raise UsageError(message, code="LOGIN_NEEDED", hint="use --password-file FILE (- for stdin)")
    return password
