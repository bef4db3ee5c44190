"""`emqxctl clients subscribe` and `unsubscribe`: topics of a client, changed in its name."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emqxctl.cli.bulk.targets import run_bulk, select_targets
from emqxctl.cli.bulk.task import BulkTask, one_by_one, report_columns
from emqxctl.cli.command import command
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.clients._resource import CLIENTS
from emqxctl.errors import ExitCode, ServerError, UsageError
from emqxctl.output.results import BulkResult, Done, Result

if TYPE_CHECKING:
    from emqxctl.api.client import Client

Words = Annotated[
    list[str],
    typer.Argument(
        metavar="[CLIENTID] TOPIC...",
        help="The client, unless --ids, --where or --all say which; the topic filters.",
        show_default=False,
    ),
]
Qos = Annotated[int, typer.Option(min=0, max=2, help="Quality of service.")]


def split(session: Session, words: Sequence[str], verb: str) -> tuple[list[str], list[str]]:
    """Tell clients and topics apart: the first word is the client unless options select the clients.

    Raises UsageError when a client or a topic is missing.
    """
    settings = session.settings
    if settings.ids or settings.where or settings.all or settings.resume:
        return select_targets(session, [], verb, CLIENTS), list(words)
    if len(words) < 2:
        message = f"{words[0]!r} is the client; to which topics?"
        raise UsageError(
            message, hint="CLIENTID TOPIC..., or TOPIC... with --ids FILE, --where TEST or --all"
        )
    return [words[0]], list(words[1:])


@command(
    calls=("POST /clients/{clientid}/subscribe", "POST /clients/{clientid}/subscribe/bulk", "GET /clients"),
    examples=(
        "emqxctl clients subscribe dev-1 'cmd/dev-1/#' --qos 1",
        "emqxctl clients subscribe dev-1 news config/+ --qos 1",
        "emqxctl clients subscribe news --where 'clientid~^dev-' --rate 50/s --yes",
    ),
    effect=Effect.WRITE,
    bulk=True,
)
def subscribe(
    session: Session,
    words: Words,
    qos: Qos = 0,
    no_local: Annotated[bool, typer.Option("--no-local", help="Not what it published itself.")] = False,
    retain_as_published: Annotated[
        bool, typer.Option("--retain-as-published", help="Keep the retain flag of messages.")
    ] = False,
    retain_handling: Annotated[
        int, typer.Option(min=0, max=2, help="Retained messages: 0 send, 1 if new, 2 never.")
    ] = 0,
) -> Result:
    """Subscribe clients to topics, in their name.

    With --ids, --where or --all for the clients, every word is a topic.
    """
    clients, topics = split(session, words, "subscribe")
    body = {"qos": qos, "nl": int(no_local), "rap": int(retain_as_published), "rh": retain_handling}
    bodies = [{"topic": topic, **body} for topic in topics]
    if len(clients) != 1 or clients[0] != words[0] or session.settings.report:
        return run_bulk(session, job("subscribe", "subscribed", clients, bodies))
    clientid = clients[0]
    if len(bodies) > 1:
        made = session.client.post("/clients/{clientid}/subscribe/bulk", clientid, body=bodies)
        return several(topics, made)
    made = session.client.post("/clients/{clientid}/subscribe", clientid, body=bodies[0])
    found = made if isinstance(made, dict) else {"clientid": clientid, **bodies[0]}
    return Done(f"subscribed client {clientid!r} to {topics[0]!r} with QoS {qos}", found, key="topic")


def job(verb: str, done: str, clients: Sequence[str], bodies: Sequence[dict[str, object]]) -> BulkTask:
    """Make the job of changing the topics of many clients, each in one request."""
    bulk = (
        "/clients/{clientid}/subscribe/bulk"
        if verb == "subscribe"
        else "/clients/{clientid}/unsubscribe/bulk"
    )

    def one(api: "Client", clientid: str) -> None:
        refused = reasons(api.post(bulk, clientid, body=list(bodies)))
        if refused:
            message = "; ".join(f"{topic}: {reason}" for topic, reason in refused.items())
            raise ServerError(message, code="SUBSCRIBE_FAILED", exit_code=ExitCode.REFUSED)

    return BulkTask(verb, done, "client", "clientid", clients, one_by_one(one))


def reasons(answer: Any) -> dict[str, str]:  # noqa: ANN401  # JSON is Any
    """Give the topics that were refused: EMQX answers 200 also when some or all failed (api.md §4.3)."""
    refused = answer.get("failed", []) if isinstance(answer, dict) else []
    return {topic_of(one): str(one.get("reason", "")) for one in refused if isinstance(one, dict)}


def several(topics: Sequence[str], answer: Any) -> BulkResult:  # noqa: ANN401  # JSON is Any
    """Report what became of each topic of one client."""
    refused = reasons(answer)
    rows: list[dict[str, object]] = [
        {"topic": topic, "status": "failed" if topic in refused else "done", "reason": refused.get(topic, "")}
        for topic in topics
    ]
    done = sum(row["status"] == "done" for row in rows)
    code = ExitCode.OK if done == len(rows) else ExitCode.PARTIAL if done else ExitCode.REFUSED
    note = f"subscribed to {done} of {len(rows)} topics"
    return BulkResult(
        rows, report_columns("topic"), key="topic", notes=(note,), exit_code=code, hidden_statuses=("done",)
    )


def topic_of(refused: dict[str, Any]) -> str:
    """Give the topic of a refused item: `{"data": [clientid, topic, {...}], "reason": ...}`."""
    data = refused.get("data")
    return str(data[1]) if isinstance(data, list) and len(data) > 1 else ""


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
def unsubscribe(session: Session, words: Words) -> Result:
    """Unsubscribe clients from topics, in their name.

    With --ids, --where or --all for the clients, every word is a topic.
    """
    clients, topics = split(session, words, "unsubscribe")
    bodies: list[dict[str, object]] = [{"topic": topic} for topic in topics]
    if len(clients) != 1 or clients[0] != words[0] or session.settings.report:
        return run_bulk(session, job("unsubscribe", "unsubscribed", clients, bodies))
    clientid = clients[0]
    if len(topics) == 1:
        session.client.post("/clients/{clientid}/unsubscribe", clientid, body=bodies[0])
    else:
        session.client.post("/clients/{clientid}/unsubscribe/bulk", clientid, body=bodies)
    named = ", ".join(map(repr, topics))
    return Done(
        f"client {clientid!r} is not subscribed to {named} (EMQX does not tell whether it was)",
        {"clientid": clientid, "topics": topics},
        key="clientid",
    )
