"""`emqxctl help`: topics that concern every command."""

from enum import StrEnum
from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.errors import ExitCode
from emqxctl.output.results import Result, Rows, Text
from emqxctl.resource import Column

app = new_group("Topics: exit codes, environment, formatting.")


class Topic(StrEnum):
    """The topics."""

    exit_codes = "exit-codes"
    environment = "environment"
    formatting = "formatting"


@app.command("help")
@command(examples=("emqxctl help exit-codes", "emqxctl help environment", "emqxctl help formatting"))
def help_(topic: Annotated[Topic, typer.Argument(help="The topic.")]) -> Result:
    """Explain what concerns every command."""
    match topic:
        case Topic.exit_codes:
            return list_exit_codes()
        case Topic.environment:
            return list_variables()
        case Topic.formatting:
            return Text(FORMATTING)


def list_exit_codes() -> Rows:
    """List the exit codes and what they mean."""
    rows: list[dict[str, object]] = [
        {"code": int(code), "name": code.name.lower(), "meaning": code.meaning} for code in ExitCode
    ]
    return Rows(rows, (Column("code", align_right=True), Column("name"), Column("meaning")), key="code")


def list_variables() -> Rows:
    """List the environment variables: one for each shared option that may come from one."""
    from emqxctl.cli.options import PANELS
    from emqxctl.config.settings import COMMAND_LINE_ONLY, FROM_PREFERENCES, FROM_PROFILE, OPTIONS, PREFIX

    rows: list[dict[str, object]] = [
        {
            "variable": PREFIX + option.upper(),
            "option": "--" + option.replace("_", "-"),
            "profile": option in FROM_PROFILE,
            "preferences": option in FROM_PREFERENCES,
        }
        for panel in PANELS.values()
        for option in panel
        if option in OPTIONS and option not in COMMAND_LINE_ONLY
    ]
    rows += [
        {"variable": PREFIX + "API_SECRET", "option": "(the secret itself, for CI)", "profile": True},
        {"variable": PREFIX + "CONFIG", "option": "(where config.toml is: the file or its folder)"},
        {"variable": "NO_COLOR", "option": "(set: no colour)"},
        {"variable": "REQUESTS_CA_BUNDLE, SSL_CERT_FILE", "option": "(CA certificates, as --ca-file)"},
        {"variable": "HTTP_PROXY, HTTPS_PROXY, NO_PROXY", "option": "(proxies, as --proxy)"},
        {"variable": "CI", "option": "(set: never ask)"},
    ]
    columns = (Column("variable"), Column("option"), Column("profile"), Column("preferences"))
    only = ", ".join(f"--{option}" for option in sorted(COMMAND_LINE_ONLY))
    return Rows(rows, columns, key="variable", notes=(f"read from the command line only: {only}",))


FORMATTING = """\
-o table    (default) aligned columns; on a terminal fitted to its width and coloured
-o wide     the same with all columns
-o json     every field as the server sent it: a list is one array over all pages, one thing an object
-o jsonl    one JSON object a line, as they come
-o yaml     the same values as YAML
-o csv      comma-separated, header first; also tsv (tabs) and md (a Markdown table)
-o name     only the key of each thing, one a line, for xargs

Only table and wide may change between versions of emqxctl; the others are for scripts.

--fields clientid,ip_address      only these fields, in this order, in every format --where 'mqueue_len>1000'
only rows that pass; repeat it to AND: = != > >= < <= ~ (regular expression) in --where 'ip_address in
10.0.0.0/8'   networks, or a list: 'qos in 1,2' --sort -mqueue_len,clientid       by these fields, - for
descending; holds all rows in memory --limit 10                        at most so many rows --query
'length(@)'               a JMESPath expression over the whole result

Values compare as numbers, sizes (1.5G), durations (90s, 5m), times (2026-11-23T10:00:00Z) or text.
A field that does not exist, or a value that its field cannot have, is a usage error (exit 2).
What a client chose (ids, topics, payloads) is shown with control characters escaped.
Results go to stdout, everything else to stderr; under -o json an error is one JSON object on stderr.
"""
