"""`emqxctl topic-rewrite`: rules that change topics on their way."""

from typing import Annotated, Any

import typer

from emqxctl.api.pagination import page_rows
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import parse_document, unified_diff_of
from emqxctl.cli.input.files import read_text
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import UsageError
from emqxctl.output.results import Done, Result, Rows, Text
from emqxctl.resource import Column

COLUMNS = (
    Column("action"),
    Column("source_topic", "FROM"),
    Column("re", "EXPRESSION"),
    Column("dest_topic", "TO"),
)
PATH = "/mqtt/topic_rewrite"

ListFile = Annotated[
    str, typer.Option("--file", "-f", metavar="FILE", help="The whole list, JSON or YAML; - for stdin.")
]

app = new_group("Topic rewrite: rules that change topics on their way.")


def replaced(session: Session, path: str, file: str, nouns: str) -> Result:
    """Put a list that is kept whole; a dry run shows what would change. Raises UsageError for no list."""
    wanted = parse_document(file, read_text(file, "--file"))
    if not isinstance(wanted, list) or not all(isinstance(one, dict) for one in wanted):
        message = f"--file {file}: it holds no list of objects"
        raise UsageError(message, hint='the whole list: [{"field": value, ...}, ...]; [] for none')
    if session.settings.dry_run:
        now: list[Any] = page_rows(session.client.get(path))
        notes = (f"dry run: PUT {path} was not sent",)
        return Text(unified_diff_of({nouns: now}, {nouns: wanted}), notes=notes)
    made = session.client.put(path, body=wanted)
    kept = made if isinstance(made, list) else wanted
    return Done(f"there are {len(kept)} {nouns} now", {nouns.replace(" ", "_"): kept})


@app.command()
@command(calls=f"GET {PATH}", examples=("emqxctl topic-rewrite get", "emqxctl topic-rewrite get -o yaml"))
def get(session: Session) -> Rows:
    """List the rules, in their order."""
    return Rows(
        page_rows(session.client.get(PATH)),
        COLUMNS,
        key="source_topic",
        plural_noun="rewrite rules",
        path=PATH,
    )


@app.command("set")
@command(
    calls=(f"GET {PATH}", f"PUT {PATH}"),
    examples=("emqxctl topic-rewrite set -f rules.yaml", "emqxctl topic-rewrite set -f rules.json --dry-run"),
    effect=Effect.WRITE,
)
def set_(session: Session, file: ListFile) -> Result:
    """Replace all rules by those of a file.

    Each has `action` (publish, subscribe or all), `source_topic`, `dest_topic` and `re`; at most 20. What
    `get -o yaml` gives is what `set` takes.
    """
    return replaced(session, PATH, file, "rewrite rules")
