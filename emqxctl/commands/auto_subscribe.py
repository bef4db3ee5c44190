"""`emqxctl auto-subscribe`: what every client is subscribed to when it connects."""

from emqxctl.api.pagination import page_rows
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.topic_rewrite import ListFile, replaced
from emqxctl.output.results import Result, Rows
from emqxctl.resource import Column

COLUMNS = (
    Column("topic"),
    Column("qos", "QOS", align_right=True),
    Column("nl", "NO LOCAL", align_right=True),
    Column("rap", "RETAIN AS PUBLISHED", align_right=True),
    Column("rh", "RETAIN HANDLING", align_right=True),
)
PATH = "/mqtt/auto_subscribe"

app = new_group("What every client is subscribed to when it connects.")


@app.command()
@command(calls=f"GET {PATH}", examples=("emqxctl auto-subscribe get", "emqxctl auto-subscribe get -o yaml"))
def get(session: Session) -> Rows:
    """List the topics."""
    return Rows(
        page_rows(session.client.get(PATH)), COLUMNS, key="topic", plural_noun="auto-subscriptions", path=PATH
    )


@app.command("set")
@command(
    calls=(f"GET {PATH}", f"PUT {PATH}"),
    examples=(
        "emqxctl auto-subscribe set -f topics.yaml",
        "emqxctl auto-subscribe set -f topics.json --dry-run",
    ),
    effect=Effect.WRITE,
)
def set_(session: Session, file: ListFile) -> Result:
    """Replace all topics by those of a file.

    Each has `topic` (with ${clientid}, ${username} ...), and `qos`, `nl`, `rap`, `rh` if wanted; at most 20.
    What `get -o yaml` gives is what `set` takes.
    """
    return replaced(session, PATH, file, "auto-subscriptions")
