"""`emqxctl sso`: single sign-on of the dashboard, one backend of each kind."""

from enum import StrEnum
from typing import Annotated

import typer

from emqxctl.api.pagination import not_a_list_error
from emqxctl.cli.bulk.each import run_each
from emqxctl.cli.command import command
from emqxctl.cli.dashboard_login import log_in
from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import Body, build_body, deep_merge, masked_paths, set_path, unified_diff_of
from emqxctl.cli.input.files import read_text
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import EmqxctlError, ExitCode, GuardError, UsageError
from emqxctl.output.formatters import color_state
from emqxctl.output.results import Done, Record, Result, Rows, Text
from emqxctl.resource import Column, Resource
from emqxctl.verbs.edits import File, Replace, Set
from emqxctl.verbs.stock import listed

SSO = Resource(
    noun="backend",
    path="/sso",
    key="backend",
    columns=(
        Column("backend"),
        Column("enable", "ENABLED", style=color_state),
        Column("running", style=color_state),
        Column("last_error", "LAST ERROR"),
    ),
)
ITEM = SSO.item_path


class Backend(StrEnum):
    """What kind of identity provider it is."""

    ldap = "ldap"
    oidc = "oidc"  # 5.7+
    saml = "saml"


BackendArgument = Annotated[Backend, typer.Argument(metavar="BACKEND", help="ldap, oidc or saml.")]

app = new_group("Single sign-on of the dashboard (Enterprise).")


def entered(session: Session) -> Session:
    """Work as the dashboard user where one is named, as EMQX 6 wants it; else with the API key."""
    if session.settings.username:
        log_in(session)
    return session


@app.command("list")
@command(calls="GET /sso", examples=("emqxctl sso list",), login=True)
def list_(session: Session) -> Rows:
    """List the backends that are configured, and their state."""
    return listed(entered(session), SSO, {})


@app.command()
@command(calls="GET /sso/running", examples=("emqxctl sso running -o name",))
def running(session: Session) -> Rows:
    """List the backends that run; needs no API key."""
    found = session.anonymous_client.get("/sso/running")
    if not isinstance(found, list):
        raise not_a_list_error(found)
    return Rows(
        [{"backend": one} for one in found], (Column("backend"),), key="backend", plural_noun="backends"
    )


@app.command()
@command(calls=f"GET {ITEM}", examples=("emqxctl sso get ldap -o yaml",), login=True)
def get(session: Session, backend: BackendArgument) -> Record:
    """Show one backend; its secret stays masked."""
    found = entered(session).client.get(ITEM, backend.value)
    return Record(found if isinstance(found, dict) else {}, SSO.columns[:2], key="backend")


@app.command()
@command(
    calls=(f"GET {ITEM}", f"PUT {ITEM}"),
    examples=(
        "emqxctl sso update ldap -f ldap.yaml --secret-file bind.pw",
        "emqxctl sso update oidc --no-enable --secret-file client.secret",
    ),
    effect=Effect.WRITE,
    login=True,
)
def update(
    session: Session,
    backend: BackendArgument,
    file: File = None,
    set_: Set = None,
    enable: Annotated[bool | None, typer.Option("--enable/--no-enable", help="Whether it is used.")] = None,
    secret_file: Annotated[
        str | None, typer.Option(metavar="FILE", help="The file with its password or client secret.")
    ] = None,
    replace_: Replace = False,
) -> Result:
    """Configure a backend, also one that was not there.

    EMQX shows its secret masked and takes it whole, so give it again: --secret-file.
    """
    change = build_body(file, set_ or [], {} if enable is None else {"enable": enable})
    if not change and not secret_file:
        message = "nothing to change was given"
        raise UsageError(message, hint="-f FILE, --set A.B=VALUE, --enable or --no-enable")
    word = read_secret(secret_file)
    before = lookup(entered(session), backend)
    after = {**(change if replace_ else deep_merge(before, change)), "backend": backend.value}
    fill(after, backend, word)
    if session.settings.dry_run:
        return Text(unified_diff_of(before, after), notes=(f"dry run: PUT {ITEM} was not sent",))
    session.client.redactor.literals += [word] if word else []
    made = session.client.put(ITEM, backend.value, body=after)
    return Done(f"configured {backend.value}", made if isinstance(made, dict) else {}, key="backend")


def lookup(session: Session, backend: Backend) -> Body:
    """Read a backend; an empty one where it is not configured yet."""
    try:
        found = session.client.get(ITEM, backend.value)
    except EmqxctlError as error:
        if error.exit_code is ExitCode.NOT_FOUND:
            return {}
        raise
    return found if isinstance(found, dict) else {}


def read_secret(file: str | None) -> str:
    """Read the secret of a file, whole, as a private key has many lines; nothing without a file."""
    found = read_text(file, "--secret-file").strip() if file else ""
    if file and not found:
        message = f"--secret-file {file}: it is empty"
        raise UsageError(message)
    return found


SECRETS = {Backend.ldap: "password", Backend.oidc: "secret", Backend.saml: "sp_private_key"}


def fill(body: Body, backend: Backend, word: str) -> None:
    """Put the secret where it belongs. Raises GuardError where a mask would be sent as one."""
    if word:
        set_path(body, SECRETS[backend], word)
    left = masked_paths(body)
    if left:
        message = f"EMQX shows {', '.join(left)} masked, and would store the mask as the secret"
        hint = f"--secret-file FILE for {SECRETS[backend]}; others belong into -f FILE"
        raise GuardError(message, code="MASKED_SECRET", hint=hint)


@app.command()
@command(
    calls=f"DELETE {ITEM}",
    examples=("emqxctl sso delete ldap --yes",),
    effect=Effect.DESTROY,
    login=True,
)
def delete(
    session: Session,
    backends: Annotated[
        list[Backend], typer.Argument(metavar="BACKEND...", help="The backends: ldap, oidc, saml.")
    ],
) -> Result:
    """Delete backends: nobody logs in through them any more."""
    names = [one.value for one in backends]
    session.confirm(f"delete single sign-on through {', '.join(names)}")
    api = entered(session).client
    return run_each(names, "backend", "deleted backend", lambda name: api.delete(ITEM, name))
