"""`emqxctl clients unsubscribe`: unsubscribe clients from topics."""

from emqxctl.cli.bulk.resume import complete_options
from emqxctl.cli.bulk.targets import run_bulk
from emqxctl.cli.command import command
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.clients._subscriptions import ClientAndTopics, build_task, split_arguments
from emqxctl.output.results import Done, Result


@command(
    calls=(
        "POST /clients/{clientid}/unsubscribe",
        "POST /clients/{clientid}/unsubscribe/bulk",
        "GET /clients",
    ),
    examples=(
        "emqxctl clients unsubscribe dev-1 'cmd/dev-1/#'",
        "emqxctl clients unsubscribe dev-1 news config/+",
        "emqxctl clients unsubscribe news --ids clients.txt --yes",
    ),
    effect=Effect.WRITE,
    bulk=True,
)
def unsubscribe(session: Session, words: ClientAndTopics) -> Result:
    """Unsubscribe clients from topics.

    With --ids, --where or --all, which select the clients, every argument is a topic. --resume takes
    the same topics as the first run.
    """
    clientids, topics = split_arguments(session, words, "unsubscribe")
    bodies: list[dict[str, object]] = [{"topic": topic} for topic in topics]
    if len(topics) == len(words) or session.settings.report:
        task = build_task("unsubscribe", "unsubscribed", clientids, bodies)
        return run_bulk(session, task._replace(options=complete_options(session, {"TOPIC": topics})))
    clientid = clientids[0]
    if len(topics) == 1:
        session.client.post("/clients/{clientid}/unsubscribe", clientid, body=bodies[0])
    else:
        session.client.post("/clients/{clientid}/unsubscribe/bulk", clientid, body=bodies)
    return Done(
        f"unsubscribed client {clientid!r} from {', '.join(map(repr, topics))}",
        {"clientid": clientid, "topics": topics},
        key="clientid",
        notes=("EMQX does not report whether the client was subscribed",),
    )
