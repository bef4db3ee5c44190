"""`emqxctl clients subscribe`: subscribe clients to topics."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from emqxctl.cli.bulk.resume import complete_options
from emqxctl.cli.bulk.targets import run_bulk
from emqxctl.cli.bulk.task import report_columns
from emqxctl.cli.command import command
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.clients._subscriptions import (
    ClientAndTopics,
    build_task,
    check_topic_filters,
    failed_topics,
    split_arguments,
)
from emqxctl.errors import ExitCode
from emqxctl.output.results import BulkResult, Done, Result
from emqxctl.text.nouns import count_noun

Qos = Annotated[int | None, typer.Option(metavar="0|1|2", min=0, max=2, help="Maximum QoS (default 0).")]
DEFAULTS = {"qos": 0, "retain-handling": 0}


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
    words: ClientAndTopics,
    qos: Qos = None,
    no_local: Annotated[
        bool, typer.Option("--no-local", help="Do not deliver the client's own messages.")
    ] = False,
    retain_as_published: Annotated[
        bool, typer.Option("--retain-as-published", help="Keep the retain flag of messages.")
    ] = False,
    retain_handling: Annotated[
        int | None,
        typer.Option(
            metavar="0|1|2",
            min=0,
            max=2,
            help="Retained messages: 0 send, 1 send if new, 2 never send (default 0).",
        ),
    ] = None,
) -> Result:
    """Subscribe clients to topics.

    With --ids, --where or --all, which select the clients, every argument is a topic. --resume takes
    the same topics, and has the options of the first run.
    """
    clientids, topics = split_arguments(session, words, "subscribe")
    check_topic_filters(topics)
    typed = {
        "TOPIC": topics,
        "qos": qos,
        "no-local": no_local,
        "retain-as-published": retain_as_published,
        "retain-handling": retain_handling,
    }
    options = complete_options(session, typed, DEFAULTS)
    bodies = [{"topic": topic, **build_subscription(options)} for topic in topics]
    if len(topics) == len(words) or session.settings.report:
        task = build_task("subscribe", "subscribed", clientids, bodies)
        return run_bulk(session, task._replace(options=options))
    clientid = clientids[0]
    if len(bodies) > 1:
        response = session.client.post("/clients/{clientid}/subscribe/bulk", clientid, body=bodies)
        return report_topics(topics, response)
    response = session.client.post("/clients/{clientid}/subscribe", clientid, body=bodies[0])
    row = response if isinstance(response, dict) else {"clientid": clientid, **bodies[0]}
    maximum_qos = bodies[0]["qos"]
    message = f"subscribed client {clientid!r} to {topics[0]!r} with QoS {maximum_qos}"
    return Done(message, row, key="topic")


def build_subscription(options: Mapping[str, object]) -> dict[str, object]:
    """Return the fields of a subscription besides its topic."""
    return {
        "qos": options["qos"],
        "nl": int(bool(options["no-local"])),
        "rap": int(bool(options["retain-as-published"])),
        "rh": options["retain-handling"],
    }


def report_topics(topics: Sequence[str], response: Any) -> BulkResult:  # noqa: ANN401  # JSON is Any
    """Return the result for each topic of one client."""
    failures = failed_topics(response)
    rows: list[dict[str, object]] = [
        {
            "topic": topic,
            "status": "failed" if topic in failures else "done",
            "reason": failures.get(topic, ""),
        }
        for topic in topics
    ]
    done_count = sum(row["status"] == "done" for row in rows)
    exit_code = (
        ExitCode.OK if done_count == len(rows) else ExitCode.PARTIAL if done_count else ExitCode.REJECTED
    )
    return BulkResult(
        rows,
        report_columns("topic"),
        key="topic",
        notes=(f"subscribed to {done_count} of {count_noun(len(rows), 'topic')}",),
        exit_code=exit_code,
        hidden_statuses=("done",),
    )
