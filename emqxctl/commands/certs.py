"""`emqxctl certs`: manage certificate bundles, which listeners and connectors use."""

from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.files import read_text
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import UsageError
from emqxctl.output.results import Done, Result, Rows
from emqxctl.resource import Column
from emqxctl.verbs.existence import run_deletion
from emqxctl.verbs.get import require_existing

GLOBAL_PATH = "/certs/global/name/{name}"
NAMESPACE_PATH = "/certs/ns/{namespace}/name/{name}"

NamespaceOption = Annotated[
    str | None, typer.Option("--namespace", metavar="NAME", help="Namespace of the bundle.")
]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Bundle name.")]

app = new_group("Manage certificate bundles (EMQX 6.1+).")


def bundle_path(name: str, namespace: str | None) -> tuple[str, ...]:
    """Return the path template of a bundle and its arguments."""
    return (GLOBAL_PATH, name) if namespace is None else (NAMESPACE_PATH, namespace, name)


@app.command("list")
@command(calls=("GET /certs/global/list", "GET /certs/ns/{namespace}/list"), examples=("emqxctl certs list",))
def list_bundles(session: Session, namespace: NamespaceOption = None) -> Rows:
    """List bundles, global ones or those of a namespace."""
    if namespace is None:
        rows = session.client.get_list("/certs/global/list")
    else:
        rows = session.client.get_list("/certs/ns/{namespace}/list", namespace)
    return Rows(rows, (Column("name"),), key="name", plural_noun="bundles")


@app.command()
@command(calls=(f"GET {GLOBAL_PATH}", f"GET {NAMESPACE_PATH}"), examples=("emqxctl certs get server",))
def get(session: Session, name: NameArgument, namespace: NamespaceOption = None) -> Rows:
    """List the files of a bundle.

    EMQX does not return their contents.
    """
    files = session.client.get_object(*bundle_path(name, namespace))
    rows = [{"kind": kind, **file} for kind, file in files.items() if isinstance(file, dict)]
    return Rows(rows, (Column("kind"), Column("path")), key="kind", plural_noun="files")


@app.command()
@command(
    calls=(f"POST {GLOBAL_PATH}", f"POST {NAMESPACE_PATH}"),
    examples=(
        "emqxctl certs upload server --key key.pem --chain chain.pem",
        "emqxctl certs upload server --ca ca.pem --namespace plant",
    ),
    effect=Effect.WRITE,
)
def upload(
    session: Session,
    name: NameArgument,
    key: Annotated[str | None, typer.Option(metavar="FILE", help="Private key (PEM).")] = None,
    chain: Annotated[
        str | None, typer.Option(metavar="FILE", help="Certificate and its chain (PEM).")
    ] = None,
    ca: Annotated[str | None, typer.Option(metavar="FILE", help="CA certificates (PEM).")] = None,
    acc_key: Annotated[
        str | None, typer.Option(metavar="FILE", help="Private key of an ACME account.")
    ] = None,
    key_password_file: Annotated[
        str | None, typer.Option(metavar="FILE", help="File that contains the private key's password.")
    ] = None,
    namespace: NamespaceOption = None,
) -> Done:
    """Add files to a bundle, replacing those of the same kind."""
    files = {"key": key, "chain": chain, "ca": ca, "acc_key": acc_key}
    body = {kind: read_text(file, f"--{kind.replace('_', '-')}") for kind, file in files.items() if file}
    if key_password_file:
        body["key_password"] = read_text(key_password_file, "--key-password-file").strip()
    if not body:
        message = "no files specified"
        raise UsageError(message, hint="use --key FILE, --chain FILE or --ca FILE")
    secrets = [body[kind] for kind in ("key", "acc_key", "key_password") if kind in body]
    session.client.redactor.add_secrets(*secrets)
    path, *arguments = bundle_path(name, namespace)
    session.client.post(path, *arguments, body=body)
    row = {"name": name, "files": list(body)}
    return Done(f"added {', '.join(body)} to bundle {name!r}", row, key="name")


@app.command()
@command(
    calls=tuple(f"{method} {path}" for method in ("GET", "DELETE") for path in (GLOBAL_PATH, NAMESPACE_PATH)),
    examples=("emqxctl certs delete server --yes",),
    effect=Effect.DESTROY,
)
def delete(
    session: Session,
    names: Annotated[list[str], typer.Argument(metavar="NAME", help="Bundle names.")],
    namespace: NamespaceOption = None,
    force: Annotated[
        bool, typer.Option("--force", help="Delete even if a listener uses the bundle (EMQX 6.2+).")
    ] = False,
) -> Result:
    """Delete bundles with all their files."""
    noun = "bundle" if len(names) == 1 else "bundles"
    session.confirm(f"delete {noun} {', '.join(map(repr, names))}")
    query = {"force_delete": True if force else None}

    def delete_one(name: str) -> None:
        path = bundle_path(name, namespace)
        require_existing(session, *path)  # EMQX answers 204 to the DELETE of an unknown one
        session.client.delete(*path, query=query)

    return run_deletion(session, names, "name", "deleted bundle", delete_one)
