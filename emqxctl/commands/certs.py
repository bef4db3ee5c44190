"""`emqxctl certs`: certificates that EMQX keeps, for listeners and connectors to use."""

from typing import Annotated

import typer

from emqxctl.api.pagination import page_rows
from emqxctl.cli.bulk.each import run_each
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.files import read_text
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import UsageError
from emqxctl.output.results import Done, Result, Rows
from emqxctl.resource import Column

GLOBAL = "/certs/global/name/{name}"
SPACE = "/certs/ns/{namespace}/name/{name}"

Namespace = Annotated[str | None, typer.Option(metavar="NAME", help="Those of this namespace.")]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The bundle.")]
Pem = str | None

app = new_group("Certificates that EMQX keeps, in bundles (EMQX 6.1+).")


def at(name: str, namespace: str | None) -> tuple[str, ...]:
    """Give the path template of a bundle and its arguments."""
    return (GLOBAL, name) if namespace is None else (SPACE, namespace, name)


@app.command("list")
@command(calls=("GET /certs/global/list", "GET /certs/ns/{namespace}/list"), examples=("emqxctl certs list",))
def list_(session: Session, namespace: Namespace = None) -> Rows:
    """List the bundles, global or of a namespace."""
    if namespace is None:
        found = session.client.get("/certs/global/list")
    else:
        found = session.client.get("/certs/ns/{namespace}/list", namespace)
    return Rows(page_rows(found), (Column("name"),), key="name", plural_noun="bundles")


@app.command()
@command(calls=(f"GET {GLOBAL}", f"GET {SPACE}"), examples=("emqxctl certs get server",))
def get(session: Session, name: NameArgument, namespace: Namespace = None) -> Rows:
    """List the files of a bundle; their contents stay there."""
    found = session.client.get(*at(name, namespace))
    known = found.items() if isinstance(found, dict) else ()
    rows = [{"kind": kind, **one} for kind, one in known if isinstance(one, dict)]
    return Rows(rows, (Column("kind"), Column("path")), key="kind", plural_noun="files")


@app.command()
@command(
    calls=(f"POST {GLOBAL}", f"POST {SPACE}"),
    examples=(
        "emqxctl certs upload server --key key.pem --chain chain.pem",
        "emqxctl certs upload server --ca ca.pem --namespace plant",
    ),
    effect=Effect.WRITE,
)
def upload(
    session: Session,
    name: NameArgument,
    key: Annotated[Pem, typer.Option(metavar="FILE", help="The private key (PEM).")] = None,
    chain: Annotated[Pem, typer.Option(metavar="FILE", help="The certificate and its chain (PEM).")] = None,
    ca: Annotated[Pem, typer.Option(metavar="FILE", help="CA certificates (PEM).")] = None,
    acc_key: Annotated[Pem, typer.Option(metavar="FILE", help="The key of an ACME account.")] = None,
    key_password_file: Annotated[
        Pem, typer.Option(metavar="FILE", help="The file with the private key's password.")
    ] = None,
    namespace: Namespace = None,
) -> Done:
    """Put files into a bundle, in place of those of their kind."""
    given = {"key": key, "chain": chain, "ca": ca, "acc_key": acc_key}
    body = {kind: read_text(file, f"--{kind.replace('_', '-')}") for kind, file in given.items() if file}
    if key_password_file:
        body["key_password"] = read_text(key_password_file, "--key-password-file").strip()
    if not body:
        message = "no file was given"
        raise UsageError(message, hint="--key FILE, --chain FILE, --ca FILE")
    session.client.redactor.literals += [
        body[kind] for kind in ("key", "acc_key", "key_password") if kind in body
    ]
    path, *places = at(name, namespace)
    session.client.post(path, *places, body=body)
    return Done(
        f"put {', '.join(body)} into bundle {name!r}", {"name": name, "files": list(body)}, key="name"
    )


@app.command()
@command(
    calls=(f"DELETE {GLOBAL}", f"DELETE {SPACE}"),
    examples=("emqxctl certs delete server --yes",),
    effect=Effect.DESTROY,
)
def delete(
    session: Session,
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="The bundles.")],
    namespace: Namespace = None,
    force: Annotated[bool, typer.Option("--force", help="Even if a listener uses it (6.2+).")] = False,
) -> Result:
    """Delete bundles with all their files."""
    session.confirm(f"delete bundle {', '.join(map(repr, names))}")
    query = {"force_delete": True if force else None}
    return run_each(
        names, "name", "deleted bundle", lambda name: session.client.delete(*at(name, namespace), query=query)
    )
