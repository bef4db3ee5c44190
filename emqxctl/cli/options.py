"""The shared options, accepted before the group and after the command, and common arguments."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from emqxctl.cli.param_types import POSITIVE_DURATION, RATE
from emqxctl.output.view import Format


class Color(StrEnum):
    """When to color."""

    auto = "auto"
    always = "always"
    never = "never"


CONNECTION = "Connection"
OUTPUT = "Output"
LIST = "List"
SAFETY = "Safety"
NAMESPACE = "Namespace"
LOGIN = "Dashboard login"
SELECTION = "Selection"
BULK = "Bulk"
GLOBAL = "Global"

WATCH = ("watch", "interval")
EXISTENCE = ("if_exists", "if_not_exists")  # the first of deletions, the second of creations

# Which shared options a command takes, by panel: those of LIST only if it returns rows, those of SAFETY only
# if it changes something, those of CONNECTION only if it sends requests.
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
    SAFETY: ("yes", "confirm", "dry_run", *EXISTENCE),
    SELECTION: ("ids", "where", "all"),
    BULK: ("rate", "batch", "workers", "fail_fast", "report", "resume"),
    NAMESPACE: ("namespace", "ns", "only_global"),
    LOGIN: ("username", "password_file", "mfa_code"),
    LIST: ("where", "sort", "limit"),
    OUTPUT: ("output", "json", "fields", "query", *WATCH),
    GLOBAL: ("color", "csv_safe", "quiet", "verbose", "debug", "no_input"),
}
GLOBAL_PANELS = (CONNECTION, GLOBAL)  # on the page `emqxctl help options` instead of every page


def shared_options(
    profile: Annotated[
        str | None,
        typer.Option(
            "--profile",
            "-p",
            metavar="NAME",
            help="Profile to use. Read commands accept several: a,b or 'prod-*'.",
        ),
    ] = None,
    url: Annotated[
        str | None, typer.Option(metavar="URL", help="Cluster URL, such as http://HOST:18083.")
    ] = None,
    api_key: Annotated[str | None, typer.Option(metavar="KEY", help="API key.")] = None,
    api_secret_file: Annotated[
        str | None, typer.Option(metavar="FILE", help="File that contains the API secret (- for stdin).")
    ] = None,
    api_secret: Annotated[str | None, typer.Option(metavar="SECRET", hidden=True)] = None,
    ca_file: Annotated[
        str | None, typer.Option(metavar="FILE", help="CA certificates to trust (PEM).")
    ] = None,
    client_cert: Annotated[str | None, typer.Option(metavar="FILE", help="Client certificate (PEM).")] = None,
    client_key: Annotated[
        str | None, typer.Option(metavar="FILE", help="Private key of the client certificate (PEM).")
    ] = None,
    insecure: Annotated[
        bool | None, typer.Option("--insecure", help="Skip TLS certificate verification.")
    ] = None,
    proxy: Annotated[str | None, typer.Option(metavar="URL", help="HTTP proxy URL.")] = None,
    timeout: Annotated[
        float | None,
        typer.Option(
            metavar="TIME",
            click_type=POSITIVE_DURATION,
            help="Time to wait for a response, such as 30s or 2m (default 30s).",
        ),
    ] = None,
    retries: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, max=20, help="Maximum number of retries (default 3)."),
    ] = None,
    output: Annotated[
        Format | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FORMAT",
            help="Output format: table, wide, json, jsonl, yaml, csv ...",
            case_sensitive=False,
        ),
    ] = None,
    json: Annotated[bool | None, typer.Option("--json", help="Same as -o json.")] = None,
    fields: Annotated[
        str | None, typer.Option(metavar="A,B", help="Comma-separated fields to print.")
    ] = None,
    sort: Annotated[
        str | None, typer.Option(metavar="A,-B", help="Sort by these fields (-FIELD for descending).")
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TEST", help="Filter rows, such as 'mqueue_len>1000 and not node~^emqx1'. Repeatable."
        ),
    ] = None,
    query: Annotated[
        str | None, typer.Option(metavar="JMESPATH", help="JMESPath expression to apply to the result.")
    ] = None,
    csv_safe: Annotated[
        bool | None,
        typer.Option("--csv-safe", help="Escape spreadsheet formulas in csv and tsv output."),
    ] = None,
    limit: Annotated[int | None, typer.Option(metavar="N", min=1, help="Maximum number of rows.")] = None,
    quiet: Annotated[
        bool | None, typer.Option("--quiet", "-q", help="Print only results and errors.")
    ] = None,
    verbose: Annotated[
        bool | None, typer.Option("--verbose", "-v", help="Log each request to stderr.")
    ] = None,
    debug: Annotated[
        bool | None,
        typer.Option("--debug", help="Log request and response headers and bodies; secrets are masked."),
    ] = None,
    color: Annotated[
        Color | None,
        typer.Option(
            metavar="WHEN", help="When to color the output: auto, always, never.", case_sensitive=False
        ),
    ] = None,
    no_input: Annotated[bool | None, typer.Option("--no-input", help="Never prompt; fail instead.")] = None,
    yes: Annotated[bool | None, typer.Option("--yes", "-y", help="Skip confirmation prompts.")] = None,
    confirm: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Profile name, to confirm changes to a protected profile."),
    ] = None,
    dry_run: Annotated[
        bool | None, typer.Option("--dry-run", help="Print the requests that would be sent.")
    ] = None,
    watch: Annotated[
        bool | None,
        typer.Option("--watch", "-w", help="Repeat every 2s (--interval TIME) until Ctrl-C."),
    ] = None,
    interval: Annotated[
        float | None,
        typer.Option(
            metavar="TIME",
            click_type=POSITIVE_DURATION,
            hidden=True,
            help="Time between reads of --watch (default 2s).",
        ),
    ] = None,
    if_exists: Annotated[
        bool | None, typer.Option("--if-exists", help="Succeed if there is nothing to delete.")
    ] = None,
    if_not_exists: Annotated[
        bool | None, typer.Option("--if-not-exists", help="Succeed, unchanged, if it already exists.")
    ] = None,
    ids: Annotated[
        str | None, typer.Option(metavar="FILE", help="File with one id per line (- for stdin).")
    ] = None,
    all: Annotated[bool | None, typer.Option("--all", help="Select all.")] = None,  # noqa: A002
    rate: Annotated[
        float | None, typer.Option(metavar="N/s", click_type=RATE, help="Maximum targets per second.")
    ] = None,
    batch: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Maximum targets per request.")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, max=64, help="Number of parallel requests (default 4)."),
    ] = None,
    fail_fast: Annotated[bool | None, typer.Option("--fail-fast", help="Stop at the first failure.")] = None,
    report: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Write the result of each target to a file (JSONL)."),
    ] = None,
    resume: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Resume from the report of an interrupted run, and bring it up to date."
        ),
    ] = None,
    namespace: Annotated[
        str | None, typer.Option(metavar="NAME", help="Namespace of the objects (EMQX 6.0+).")
    ] = None,
    ns: Annotated[str | None, typer.Option(metavar="NAME", hidden=True)] = None,
    only_global: Annotated[
        bool | None, typer.Option("--only-global", help="Only objects outside of namespaces (EMQX 6.0+).")
    ] = None,
    username: Annotated[str | None, typer.Option(metavar="NAME", help="Dashboard username.")] = None,
    password_file: Annotated[
        str | None, typer.Option(metavar="FILE", help="File that contains the password (- for stdin).")
    ] = None,
    mfa_code: Annotated[
        str | None, typer.Option(metavar="CODE", help="MFA code of the dashboard user (EMQX 5.9+).")
    ] = None,
) -> dict[str, Any]:
    """Return the shared options; values are checked where they are used."""
    return locals()


def merge_options(*levels: dict[str, Any]) -> dict[str, Any]:
    """Merge the shared options that have a value: those after the command override those before the group."""
    merged: dict[str, Any] = {}
    for level in levels:
        for name, value in level.items():
            if value is not None and not (isinstance(value, list | tuple) and not value):
                merged[name] = str(value) if isinstance(value, StrEnum) else value
    return merged


NodeArgument = Annotated[
    str, typer.Argument(metavar="NODE", help="Node name, such as emqx@10.0.0.1 or emqx1.")
]
ClientArgument = Annotated[str, typer.Argument(metavar="CLIENT_ID", help="Client ID.")]
