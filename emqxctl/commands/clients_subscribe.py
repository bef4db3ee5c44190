"""`emqxctl clients subscribe` and `unsubscribe`: topics of a client, changed in its name."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from emqxctl.cli.command import Effect, command
from emqxctl.cli.options import ClientArgument
from emqxctl.cli.session import Session
from emqxctl.errors import ExitCode
from emqxctl.output.results import Done, Partial, Result
from emqxctl.resource import Column

Topics = Annotated[list[str], typer.Argument(metavar="TOPIC...", help="The topic filters.")]


@command(
    calls=("POST /clients/{clientid}/subscribe", "POST /clients/{clientid}/subscribe/bulk"),
    examples=(
        "emqxctl clients subscribe dev-1 'cmd/dev-1/#' --qos 1",
        "emqxctl clients subscribe dev-1 news config/+ --qos 1",
    ),
    effect=Effect.WRITE,
)
def subscribe(
    session: Session,
    clientid: ClientArgument,
    topics: Topics,
    qos: Annotated[int, typer.Option(min=0, max=2, help="Quality of service.")] = 0,
    no_local: Annotated[bool, typer.Option("--no-local", help="Not what it published itself.")] = False,
    retain_as_published: Annotated[
        bool, typer.Option("--retain-as-published", help="Keep the retain flag of messages.")
    ] = False,
    retain_handling: Annotated[
        int, typer.Option(min=0, max=2, help="Retained messages: 0 send, 1 if new, 2 never.")
    ] = 0,
) -> Result:
    """Subscribe a client to topics, in its name."""
    body = {"qos": qos, "nl": int(no_local), "rap": int(retain_as_published), "rh": retain_handling}
    if len(topics) == 1:
        made = session.api.post("/clients/{clientid}/subscribe", clientid, body={"topic": topics[0], **body})
        found = made if isinstance(made, dict) else {"clientid": clientid, "topic": topics[0], **body}
        return Done(f"subscribed client {clientid!r} to {topics[0]!r} with QoS {qos}", found, key="topic")
    bodies = [{"topic": topic, **body} for topic in topics]
    return several(topics, session.api.post("/clients/{clientid}/subscribe/bulk", clientid, body=bodies))


def several(topics: Sequence[str], answer: Any) -> Partial:  # noqa: ANN401  # JSON is Any
    """Report what became of each topic: EMQX answers 200 also when some or all failed (api.md §4.3)."""
    refused = answer.get("failed", []) if isinstance(answer, dict) else []
    reasons = {topic_of(one): str(one.get("reason", "")) for one in refused if isinstance(one, dict)}
    rows: list[dict[str, object]] = [
        {"topic": topic, "status": "failed" if topic in reasons else "done", "reason": reasons.get(topic, "")}
        for topic in topics
    ]
    done = sum(row["status"] == "done" for row in rows)
    code = ExitCode.OK if done == len(rows) else ExitCode.PARTIAL if done else ExitCode.REFUSED
    columns = (Column("topic"), Column("status"), Column("reason"))
    note = f"subscribed to {done} of {len(rows)} topics"
    return Partial(rows, columns, key="topic", notes=(note,), exit_code=code, calm=("done",))


def topic_of(refused: dict[str, Any]) -> str:
    """Give the topic of a refused item: `{"data": [clientid, topic, {...}], "reason": ...}`."""
    data = refused.get("data")
    return str(data[1]) if isinstance(data, list) and len(data) > 1 else ""


@command(
    calls=("POST /clients/{clientid}/unsubscribe", "POST /clients/{clientid}/unsubscribe/bulk"),
    examples=(
        "emqxctl clients unsubscribe dev-1 'cmd/dev-1/#'",
        "emqxctl clients unsubscribe dev-1 news config/+",
    ),
    effect=Effect.WRITE,
)
def unsubscribe(session: Session, clientid: ClientArgument, topics: Topics) -> Done:
    """Unsubscribe a client from topics, in its name."""
    if len(topics) == 1:
        session.api.post("/clients/{clientid}/unsubscribe", clientid, body={"topic": topics[0]})
    else:
        bodies = [{"topic": topic} for topic in topics]
        session.api.post("/clients/{clientid}/unsubscribe/bulk", clientid, body=bodies)
    named = ", ".join(map(repr, topics))
    return Done(
        f"client {clientid!r} is not subscribed to {named} (EMQX does not tell whether it was)",
        {"clientid": clientid, "topics": list(topics)},
        key="clientid",
    )
