"""The login of a dashboard user, for the few operations that no API key may call (api.md §3.3)."""

from typing import TYPE_CHECKING

from emqxctl.cli.prompts import prompt, prompt_secret
from emqxctl.config.profiles import SANDBOX
from emqxctl.errors import READONLY_HINT, ExitCode, GuardError, ServerError, UsageError

if TYPE_CHECKING:
    from emqxctl.api.client import Client
    from emqxctl.cli.session import Session

DEFAULT_USER = ("admin", "public")  # the user and password that EMQX, and so the sandbox, begins with


def log_in(session: "Session") -> "Client":
    """Log in as a dashboard user and give a client with its token, which lives in memory only.

    The password comes from --password-file, EMQXCTL_PASSWORD, or the terminal. Raises UsageError when there
    is nobody to ask, and what the server says against the login. A dry run logs in too: it changes nothing.
    """
    return open_login_client(session, *login_credentials(session))


def login_credentials(session: "Session", fallback: str = "") -> tuple[str, str]:
    """Give the user's name (`fallback` where none was given) and password.

    The sandbox's user is known: EMQX's own first one. Raises UsageError without them, and GuardError before
    a change through a read-only profile: a login is a POST that the client must let pass.
    """
    settings = session.settings
    if settings.readonly and session.is_write:
        message = "this profile is read-only, and this would change the cluster"
        raise GuardError(message, code="READONLY", hint=READONLY_HINT)
    name = settings.username or fallback
    simulated = settings.profile == SANDBOX and not settings.url
    if simulated and name in {"", DEFAULT_USER[0]} and not settings.password_file:
        return DEFAULT_USER[0], session.environ.get("EMQXCTL_PASSWORD") or DEFAULT_USER[1]
    name = name or (prompt("Dashboard user: ") if session.can_prompt() else "")
    if not name:
        message = "this needs a dashboard user: no API key may do it"
        raise UsageError(
            message, code="LOGIN_NEEDED", hint="--username NAME --password-file FILE (- for stdin)"
        )
    return name, login_password(session)


def open_login_client(session: "Session", name: str, word: str) -> "Client":
    """Log in and let the rest of this run work as that user. Raises what the server says against it."""
    stranger = session.resolve_connection(with_key=False)
    login = session.client_for(stranger._replace(dry_run=False, readonly=False))
    login.redactor.literals.append(word)
    answer = post_login(session, login, {"username": name, "password": word})
    token = answer.get("token") if isinstance(answer, dict) else None
    if not isinstance(token, str):
        message = "the login was answered without a token"
        hint = "is this EMQX, and does the account need a second factor? emqxctl status tells the first"
        raise ServerError(message, code="NO_TOKEN", hint=hint, exit_code=ExitCode.SERVER)
    api = session.client_for(stranger._replace(token=token))
    api.redactor.literals.append(word)
    session.__dict__["client"] = api  # a dry run's plan is read from there
    return api


def post_login(session: "Session", login: "Client", body: dict[str, str]) -> object:
    """Log in, with the code of a second factor where the server wants one and somebody can type it."""
    try:
        return login.post("/login", body=body)
    except ServerError as error:
        if error.code != "BAD_MFA_TOKEN" or not session.can_prompt():
            raise
        return login.post("/login", body={**body, "mfa_token": prompt_secret("Code of the second factor: ")})


def login_password(session: "Session") -> str:
    """Give the password: of --password-file, the environment, or asked for without echo."""
    from emqxctl.config.credentials import read_secret_file

    if session.settings.password_file:
        return read_secret_file(session.settings.password_file, "the password", "--password-file")
    found = session.environ.get("EMQXCTL_PASSWORD", "")
    if not found and session.can_prompt():
        found = prompt_secret("Password (not shown): ")
    if not found:
        message = "the dashboard user's password is needed"
        raise UsageError(message, code="LOGIN_NEEDED", hint="--password-file FILE (- for stdin)")
    return found
