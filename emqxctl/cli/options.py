"""The shared options, accepted before the group and after the command, and common arguments."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from emqxctl.output.view import Format


class Color(StrEnum):
    """When to colour."""

    auto = "auto"
    always = "always"
    never = "never"


CONNECTION = "Connection"
OUTPUT = "Output"
LIST = "Lists"
SAFETY = "Changes"
LOGIN = "Dashboard login"
SELECTION = "Which ones"
BULK = "Many at once"
GLOBAL = "Behaviour"

# Which shared options a command takes, by kind: those of LISTS only where rows are listed, those of CHANGES
# only where something is changed, those of CONNECTION only where a server is asked.
PANELS: dict[str, tuple[str, ...]] = {
    CONNECTION: (
        "profile",
        "url",
        "api_key",
        "api_secret_file",
        "api_secret",
        "ca_file",
        "client_cert",
        "client_key",
        "insecure",
        "proxy",
        "timeout",
        "retries",
    ),
    SAFETY: ("yes", "confirm", "dry_run"),
    SELECTION: ("ids", "where", "all"),
    BULK: ("rate", "batch", "workers", "fail_fast", "report", "resume"),
    LOGIN: ("username", "password_file"),
    LIST: ("where", "sort", "limit"),
    OUTPUT: ("output", "json", "fields", "query", "csv_safe", "color"),
    GLOBAL: ("quiet", "verbose", "debug", "no_input"),
}


def shared_options(
    profile: Annotated[
        str | None,
        typer.Option(
            "--profile", "-p", metavar="NAME", help="The profile; to read from several: a,b or 'prod-*'."
        ),
    ] = None,
    url: Annotated[str | None, typer.Option(metavar="URL", help="The cluster, http://HOST:18083.")] = None,
    api_key: Annotated[str | None, typer.Option(metavar="KEY", help="The API key.")] = None,
    api_secret_file: Annotated[
        str | None, typer.Option(metavar="FILE", help="The file with the API secret; - for stdin.")
    ] = None,
    api_secret: Annotated[str | None, typer.Option(metavar="SECRET", hidden=True)] = None,
    ca_file: Annotated[
        str | None, typer.Option(metavar="FILE", help="CA certificates to trust (PEM).")
    ] = None,
    client_cert: Annotated[str | None, typer.Option(metavar="FILE", help="Client certificate (PEM).")] = None,
    client_key: Annotated[str | None, typer.Option(metavar="FILE", help="Its private key (PEM).")] = None,
    insecure: Annotated[
        bool | None, typer.Option("--insecure", help="Do not verify the certificate.")
    ] = None,
    proxy: Annotated[str | None, typer.Option(metavar="URL", help="The HTTP proxy on the way.")] = None,
    timeout: Annotated[
        str | None, typer.Option(metavar="TIME", help="Longest silence of the server: 30s, 2m.")
    ] = None,
    retries: Annotated[
        int | None, typer.Option(metavar="N", min=0, max=20, help="Further attempts of safe requests.")
    ] = None,
    output: Annotated[
        Format | None, typer.Option("--output", "-o", help="The format of the result.", case_sensitive=False)
    ] = None,
    json: Annotated[bool | None, typer.Option("--json", help="The same as -o json.")] = None,
    fields: Annotated[str | None, typer.Option(metavar="A,B", help="Only these fields.")] = None,
    sort: Annotated[str | None, typer.Option(metavar="A,-B", help="Sort by fields; - is descending.")] = None,
    where: Annotated[
        list[str] | None, typer.Option(metavar="TEST", help="Only rows like 'mqueue_len>1000'; repeatable.")
    ] = None,
    query: Annotated[str | None, typer.Option(metavar="JMESPATH", help="Take a part of the result.")] = None,
    csv_safe: Annotated[
        bool | None, typer.Option("--csv-safe", help="Disarm spreadsheet formulas in csv and tsv.")
    ] = None,
    limit: Annotated[int | None, typer.Option(metavar="N", min=1, help="At most N rows.")] = None,
    quiet: Annotated[bool | None, typer.Option("--quiet", "-q", help="Only results and errors.")] = None,
    verbose: Annotated[bool | None, typer.Option("--verbose", "-v", help="Tell each request.")] = None,
    debug: Annotated[bool | None, typer.Option("--debug", help="Tell headers and bodies, redacted.")] = None,
    color: Annotated[Color | None, typer.Option(help="Colour the output.", case_sensitive=False)] = None,
    no_input: Annotated[bool | None, typer.Option("--no-input", help="Never ask; fail instead.")] = None,
    yes: Annotated[bool | None, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = None,
    confirm: Annotated[
        str | None, typer.Option(metavar="NAME", help="The profile's name, where it is protected.")
    ] = None,
    dry_run: Annotated[bool | None, typer.Option("--dry-run", help="Show the requests, send none.")] = None,
    ids: Annotated[str | None, typer.Option(metavar="FILE", help="Ids, one a line; - for stdin.")] = None,
    all: Annotated[bool | None, typer.Option("--all", help="All of them, where nothing narrows.")] = None,  # noqa: A002
    rate: Annotated[str | None, typer.Option(metavar="N/s", help="At most so many a second.")] = None,
    batch: Annotated[int | None, typer.Option(metavar="N", min=1, help="At most N in a request.")] = None,
    workers: Annotated[
        int | None, typer.Option(metavar="N", min=1, max=64, help="Requests at a time (default 1).")
    ] = None,
    fail_fast: Annotated[bool | None, typer.Option("--fail-fast", help="Stop at the first failure.")] = None,
    report: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write each outcome there (JSONL).")
    ] = None,
    resume: Annotated[
        str | None, typer.Option(metavar="FILE", help="Go on with what a report left open.")
    ] = None,
    username: Annotated[str | None, typer.Option(metavar="NAME", help="The dashboard user.")] = None,
    password_file: Annotated[
        str | None, typer.Option(metavar="FILE", help="The file with the password; - for stdin.")
    ] = None,
) -> dict[str, Any]:
    """Gather the shared options that were given. Raises nothing; values are checked where they are used."""
    return locals()


def merge_options(*levels: dict[str, Any]) -> dict[str, Any]:
    """Merge shared options: those after the command win over those before the group."""
    merged: dict[str, Any] = {}
    for level in levels:
        for name, value in level.items():
            if value is not None and not (isinstance(value, list | tuple) and not value):
                merged[name] = str(value) if isinstance(value, StrEnum) else value
    return merged


NodeArgument = Annotated[str, typer.Argument(metavar="NODE", help="The node's name, emqx@10.0.0.1.")]
ClientArgument = Annotated[str, typer.Argument(metavar="CLIENTID", help="The client's id.")]
