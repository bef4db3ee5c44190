"""`emqxctl help`: topics that concern every command, and the help page of a command."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.root import build_root, find_entry
from emqxctl.errors import ExitCode, UsageError
from emqxctl.guide import GUIDES, read_guide
from emqxctl.output.results import Document, Result, Rows, Text
from emqxctl.resource import Column
from emqxctl.text.language import choose_catalog

if TYPE_CHECKING:
    from emqxctl.cli.completion.candidates import Candidate
    from emqxctl.cli.completion.request import CompletionRequest

app = new_group("Show help topics, or the help of a command.")

TOPICS = {
    "exit-codes": "The exit codes and their meaning.",
    "environment": "The environment variables of the shared options.",
    "formatting": "Output formats, and how rows and fields are selected.",
    "options": "The global options: connection, credentials, logging, color.",
    **GUIDES,
}


def complete_topics(request: "CompletionRequest") -> "Iterable[Candidate]":
    """Return the topics and groups, then the commands of the group that is typed."""
    from emqxctl.cli.completion.candidates import Candidate
    from emqxctl.cli.completion.entry import list_commands

    topics = [Candidate(topic, summary) for topic, summary in TOPICS.items()]
    words = request.context.params.get("topic") or ()
    root = build_root()
    entry: Any = root
    for word in words:
        entry = find_entry(entry, word, root)
    return [*(topics if not words else ()), *(list_commands(entry) if hasattr(entry, "commands") else ())]


@app.command("help")
@command(
    examples=(
        "emqxctl help",
        "emqxctl help find-out-why",
        "emqxctl help options",
        "emqxctl help clients list",
        "emqxctl help scripting | less",
    ),
    completes={"topic": complete_topics},
)
def help_(
    topic: Annotated[
        list[str] | None,
        typer.Argument(metavar="TOPIC|COMMAND...", help="Topic or command. Lists the topics if omitted."),
    ] = None,
) -> Result:
    """Show help topics, or the help of a command.

    Guides are laid out and shown by a pager on a terminal (EMQXCTL_PAGER or PAGER;
    cat: no pager), and are plain Markdown in a pipe.
    """
    words = topic or []
    if len(words) != 1 or words[0] not in TOPICS:
        return Text(format_page(words)) if words else list_topics()
    match words[0]:
        case "exit-codes":
            return list_exit_codes()
        case "environment":
            return list_variables()
        case "formatting":
            return Text(FORMATTING)
        case "options":
            return Text(format_global_options())
        case guide:
            return Document(guide, read_guide(guide, choose_catalog()))


def list_topics() -> Rows:
    """Return the topics."""
    rows: list[dict[str, object]] = [{"topic": topic, "summary": text} for topic, text in TOPICS.items()]
    note = "help of a command: emqxctl help nodes list, or emqxctl nodes list --help"
    return Rows(rows, (Column("topic"), Column("summary")), key="topic", notes=(note,))


def format_page(words: list[str]) -> str:
    """Return the help page of a command or group. Raises UsageError."""
    root = build_root()
    entry: Any = root
    context: Any = root.make_context("emqxctl", [], resilient_parsing=True)
    for word in words:
        next_entry = find_entry(entry, word, root)
        if next_entry is None:
            raise unknown_topic_error(words)
        entry = next_entry
        context = entry.make_context(word, [], parent=context, resilient_parsing=True)
    page: str = entry.get_help(context)
    return page.rstrip("\n") + "\n"


def unknown_topic_error(words: list[str]) -> UsageError:
    """Return the error for an unknown topic or command; its hint names the topics that contain the word."""
    topics = [topic for topic in TOPICS if len(words) == 1 and words[0].lower() in topic]
    hint = "list topics: emqxctl help\nlist commands: emqxctl --help"
    if topics:
        hint = f"did you mean {' or '.join(map(repr, topics))}?\n{hint}"
    return UsageError(f"no such topic or command {' '.join(words)!r}", hint=hint)


def format_global_options() -> str:
    """Return the page of the options that most commands accept and no other page lists."""
    from emqxctl.cli.help_page import parameter_entry, set_language, write_entries
    from emqxctl.cli.options import GLOBAL_PANELS, PANELS

    root = build_root()
    context = root.make_context("emqxctl", [], resilient_parsing=True)
    set_language(context)
    formatter: Any = context.make_formatter()
    options = {option.name: option for option in root.params}
    for panel in GLOBAL_PANELS:
        entries = [parameter_entry(options[name]) for name in PANELS[panel]]
        write_entries(formatter, panel, [entry for entry in entries if entry is not None])
    write_entries(formatter, "Help", HELP_OPTIONS)
    text: str = formatter.getvalue()
    return text.lstrip("\n") + GLOBAL_OPTIONS_NOTE


def list_exit_codes() -> Rows:
    """Return the exit codes and their meaning."""
    rows: list[dict[str, object]] = [
        {"code": int(code), "name": code.name.lower(), "meaning": code.meaning} for code in ExitCode
    ]
    return Rows(rows, (Column("code", align_right=True), Column("name"), Column("meaning")), key="code")


# Those that belong to no shared option.
OTHER_VARIABLES: tuple[dict[str, object], ...] = (
    {"variable": "EMQXCTL_API_SECRET", "option": "(API secret, for CI)", "profile": True},
    {"variable": "EMQXCTL_CONFIG", "option": "(path of config.toml or of its folder)"},
    {
        "variable": "EMQXCTL_COMPLETE_OFFLINE",
        "option": "(if set: TAB completes no names of the cluster)",
    },
    {"variable": "EMQXCTL_LANG", "option": "(language of texts: en or zh_CN, before LC_ALL and LANG)"},
    {"variable": "EMQXCTL_PAGER, PAGER", "option": "(program that shows guides; cat: none)"},
    {"variable": "NO_COLOR", "option": "(if set: no color)"},
    {"variable": "REQUESTS_CA_BUNDLE, SSL_CERT_FILE", "option": "(CA certificates, like --ca-file)"},
    {"variable": "HTTP_PROXY, HTTPS_PROXY, NO_PROXY", "option": "(proxies, like --proxy)"},
    {"variable": "CI", "option": "(if set: never prompt)"},
)


def list_variables() -> Rows:
    """Return the environment variables: one for each shared option that can come from one, and a few more."""
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
    rows += OTHER_VARIABLES
    columns = (Column("variable"), Column("option"), Column("profile"), Column("preferences"))
    names = ", ".join(f"--{option}" for option in sorted(COMMAND_LINE_ONLY))
    return Rows(rows, columns, key="variable", notes=(f"read from the command line only: {names}",))


HELP_OPTIONS = (
    ("-h, --help", "Show the help of a command or group, and exit."),
    ("--version", "Show the version and exit (emqxctl only)."),
)
GLOBAL_OPTIONS_NOTE = """
Shared options go before the group or after the command. The help page of a
command lists its other shared options: output, list, safety, selection, bulk.
Most options can also be set by variables: emqxctl help environment
"""

FORMATTING = """\
Output formats
  -o table  Aligned columns (default); on a terminal fitted to its width.
  -o wide   Like table, with all columns and whole values.
  -o json   All fields as EMQX sent them: an array for a list, else an object.
  -o jsonl  One JSON object per line, printed as rows arrive.
  -o yaml   The same values as YAML.
  -o csv    Comma-separated values with a header; -o tsv: separated by tabs.
  -o md     A Markdown table.
  -o name   What get and delete take: the key of each row, one per line, for
            xargs; several fields are separated by tabs, for xargs -L1.

  A key with a line break is printed with \\n by -o name; `get` accepts it in
  this form. Other commands take the key itself: $'a\\nb' in bash. In a pipe,
  csv, tsv and name contain all other control characters (ESC, BEL) of keys as
  they are; on a terminal they are escaped. json and jsonl are exact.

  Scripts can rely on all formats except table and wide, which may change.

Rows and fields
  --fields clientid,ip_address  Print only these fields, in this order.
  --where 'mqueue_len>1000'     Only matching rows. Repeatable; all must match.
                                Operators: = != > >= < <= in, and ~ for regular
                                expressions.
  --where 'qos in 1,2'          Any of these values, or a network:
                                'ip_address in 10.0.0.0/8'; not in excludes.
  --where 'connected=false or (mqueue_len>0 and not username=null)'
                                Tests joined by and, or, not and parentheses;
                                not binds first, then and. Quote a value that
                                contains these words: 'reason="rock and roll"'.
  --sort -mqueue_len,clientid   Sort by these fields (-FIELD for descending);
                                all rows are kept in memory.
  --limit 10                    Maximum number of rows.
  --query 'length(@)'           JMESPath expression to apply to the result.

  Values compare as numbers, sizes (1.5G), durations (90s, 5m), times
  (2026-11-23T10:00:00Z) or text. The title of a column names its field,
  in any case: --sort -queued, --where 'IN FLIGHT>0'. An unknown field, or a
  value that the field cannot have, is a usage error (exit code 2).

Watching
  list and get take -w (--watch): the table is redrawn every 2 s, or every
  TIME of --interval; q ends it. In a pipe or with -o jsonl, each change is a
  line of JSON with change (added, changed, removed), fields and object.

Streams
  Results go to stdout, everything else to stderr. With -o json or jsonl, an
  error is one JSON object on stderr. Control characters in values from clients
  (ids, topics, payloads) are escaped.
"""
