"""`emqxctl sso`: single sign-on of the dashboard, one backend of each type."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from emqxctl.api.request import expand_path
from emqxctl.api.response import not_a_list_error
from emqxctl.cli.command import command
from emqxctl.cli.dashboard_login import log_in_if_named
from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import (
    Body,
    build_body,
    deep_merge,
    masked_paths,
    set_path,
    unified_diff_of,
)
from emqxctl.cli.input.files import read_text
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands._sso_settings import check_settings, list_settings
from emqxctl.errors import EmqxctlError, ExitCode, GuardError, UsageError
from emqxctl.output.formatters import color_state
from emqxctl.output.results import Done, Record, Result, Rows, Text
from emqxctl.resource import Column, Resource
from emqxctl.verbs.existence import run_deletion
from emqxctl.verbs.get import require_existing
from emqxctl.verbs.list import list_rows
from emqxctl.verbs.parameters import (
    BODY_PARAMETERS,
    new_parameter,
    option_parameters,
    option_values,
    set_signature,
)
from emqxctl.verbs.update import REPLACE_PARAMETER, require_changes
from emqxctl.verbs.versions import check_option_versions

BACKENDS = Resource(
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
BACKEND = BACKENDS.item_path


class Backend(StrEnum):
    """The type of an identity provider."""

    ldap = "ldap"
    oidc = "oidc"  # 5.7+
    saml = "saml"


SETTINGS = list_settings()
SECRET_FIELDS = {Backend.ldap: "password", Backend.oidc: "secret", Backend.saml: "sp_private_key"}

BackendArgument = Annotated[
    Backend, typer.Argument(metavar="BACKEND", help="SSO backend: ldap, oidc or saml.")
]
BackendsArgument = Annotated[
    list[Backend], typer.Argument(metavar="BACKEND...", help="SSO backends: ldap, oidc, saml.")
]

app = new_group("Manage single sign-on of the dashboard (Enterprise).")


@app.command("list")
@command(calls="GET /sso", examples=("emqxctl sso list",), login=True)
def list_(session: Session) -> Rows:
    """List the configured SSO backends and their state."""
    return list_rows(log_in_if_named(session), BACKENDS, {})


@app.command()
@command(calls="GET /sso/running", examples=("emqxctl sso running -o name",))
def running(session: Session) -> Rows:
    """List the running SSO backends.

    The command requires no API key.
    """
    names = session.anonymous_client.get("/sso/running")
    if not isinstance(names, list):
        raise not_a_list_error(names)
    rows = [{"backend": name} for name in names]
    return Rows(rows, (Column("backend"),), key="backend", plural_noun="backends")


@app.command()
@command(calls=f"GET {BACKEND}", examples=("emqxctl sso get ldap -o yaml",), login=True)
def get(session: Session, backend: BackendArgument) -> Record:
    """Show an SSO backend with its secret masked."""
    row = log_in_if_named(session).client.get_object(BACKEND, backend.value)
    return Record(row, BACKENDS.columns[:2], key="backend")


def update(session: Session, **values: Any) -> Result:  # noqa: ANN401  # what the settings declare
    """Create or update an SSO backend.

    EMQX masks the secret of a backend and requires it in every update: use --secret-file.
    """
    backend = values["backend"]
    settings = option_values(SETTINGS, values)
    check_settings(backend, list(settings))
    change = build_body(values["file"], values["set_"] or [], settings)
    secret = read_whole_secret(values["secret_file"])
    if not secret:
        require_changes(change)
    check_option_versions(session, SETTINGS, settings, hint="omit it")
    before = fetch_backend(log_in_if_named(session), backend)
    after = {**(change if values["replace_"] else deep_merge(before, change)), "backend": backend.value}
    after = with_secret(after, backend, secret)
    if session.settings.dry_run:
        path = expand_path(BACKEND, (backend.value,))
        return Text(unified_diff_of(before, after), notes=(f"dry run: PUT {path} was not sent",))
    session.client.redactor.add_secrets(secret or "")
    response = session.client.put_object(BACKEND, backend.value, body=after)
    return Done(f"updated {BACKENDS.describe([backend.value])}", response, key="backend")


SecretFileOption = Annotated[
    str | None, typer.Option(metavar="FILE", help="File with the password, client secret or private key.")
]
set_signature(
    update,
    [
        new_parameter("backend", BackendArgument),
        *BODY_PARAMETERS,
        REPLACE_PARAMETER,
        new_parameter("secret_file", SecretFileOption, None),
        *option_parameters(SETTINGS),
    ],
    Result,
)
app.command("update")(
    command(
        calls=(f"GET {BACKEND}", f"PUT {BACKEND}"),
        examples=(
            "emqxctl sso update ldap -f ldap.yaml --secret-file bind.pw",
            "emqxctl sso update oidc --issuer https://id.example.com --clientid emqx --secret-file s.txt",
            "emqxctl sso update oidc --force-mfa --secret-file client.secret",
        ),
        effect=Effect.WRITE,
        login=True,
    )(update)
)


def fetch_backend(session: Session, backend: Backend) -> Body:
    """Return a backend, or an empty object if it is not configured."""
    try:
        return session.client.get_object(BACKEND, backend.value)
    except EmqxctlError as error:
        if error.exit_code is ExitCode.NOT_FOUND:
            return {}
        raise


def read_whole_secret(file: str | None) -> str:
    """Read a secret of any number of lines, such as a private key; return "" without a file."""
    secret = read_text(file, "--secret-file").strip() if file else ""
    if file and not secret:
        message = f"--secret-file {file}: the file is empty"
        raise UsageError(message)
    return secret


def with_secret(body: Body, backend: Backend, secret: str) -> Body:
    """Return a body with the secret in its field. Raises GuardError if a masked secret would be sent."""
    if secret:
        set_path(body, SECRET_FIELDS[backend], secret)
    paths = masked_paths(body)
    if paths:
        message = f"EMQX masks {', '.join(paths)}, and would store the mask as the secret"
        hint = f"use --secret-file FILE for {SECRET_FIELDS[backend]}, -f FILE for other secrets"
        raise GuardError(message, code="MASKED_SECRET", hint=hint)
    return body


@app.command()
@command(
    calls=(f"GET {BACKEND}", f"DELETE {BACKEND}"),
    examples=("emqxctl sso delete ldap --yes",),
    effect=Effect.DESTROY,
    login=True,
)
def delete(session: Session, backends: BackendsArgument) -> Result:
    """Delete SSO backends.

    Users of a deleted backend cannot log in through it any more.
    """
    names = [backend.value for backend in backends]
    session.confirm(f"delete {BACKENDS.describe(names)}")
    log_in_if_named(session)

    def delete_one(name: str) -> None:
        require_existing(
            session, BACKEND, name
        )  # EMQX answers 204 to the DELETE of one that is not configured
        session.client.delete(BACKEND, name)

    return run_deletion(session, names, "backend", "deleted backend", delete_one)
