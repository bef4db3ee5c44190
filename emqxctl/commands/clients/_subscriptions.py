"""What `clients subscribe` and `unsubscribe` share: their arguments, and the task for many clients."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emqxctl.cli.bulk.targets import select_targets
from emqxctl.cli.bulk.task import BulkTask, one_by_one
from emqxctl.cli.session import Session
from emqxctl.commands.clients._resource import CLIENTS
from emqxctl.emqx.topics import find_filter_error
from emqxctl.errors import ExitCode, ServerError, UsageError

if TYPE_CHECKING:
    from emqxctl.api.client import Client

ClientAndTopics = Annotated[
    list[str],
    typer.Argument(
        metavar="[CLIENT_ID] TOPIC...",
        help="Client ID, unless --ids, --where or --all selects the clients; then topic filters.",
        show_default=False,
    ),
]


def split_arguments(session: Session, arguments: Sequence[str], verb: str) -> tuple[list[str], list[str]]:
    """Return the client ids and the topics: the first argument is the client unless options select clients.

    Raises UsageError if the client or the topic is missing.
    """
    settings = session.settings
    if settings.ids or settings.where or settings.all or settings.resume:
        return select_targets(session, [], verb, CLIENTS), list(arguments)
    if len(arguments) < 2:
        message = f"TOPIC is required after the client ID {arguments[0]!r}"
        raise UsageError(
            message, hint="use CLIENT_ID TOPIC..., or TOPIC... with --ids FILE, --where TEST or --all"
        )
    return [arguments[0]], list(arguments[1:])


def check_topic_filters(topics: Sequence[str]) -> None:
    """Check filters to subscribe to: EMQX accepts invalid ones, which match nothing. Raises UsageError."""
    for topic in topics:
        error = find_filter_error(topic)
        if error:
            message = f"invalid topic filter {topic!r}: {error}"
            raise UsageError(message, hint="such as cmd/dev-1, cmd/+/set, cmd/# or $share/GROUP/cmd/#")


def build_task(
    verb: str, past_verb: str, clientids: Sequence[str], bodies: Sequence[dict[str, object]]
) -> BulkTask:
    """Build the task that changes the subscriptions of many clients, with one request for each."""
    path = (
        "/clients/{clientid}/subscribe/bulk"
        if verb == "subscribe"
        else "/clients/{clientid}/unsubscribe/bulk"
    )

    def change_client(client: "Client", clientid: str) -> None:
        failures = failed_topics(client.post(path, clientid, body=list(bodies)))
        if failures:
            message = "; ".join(f"{topic}: {reason}" for topic, reason in failures.items())
            raise ServerError(message, code="SUBSCRIBE_FAILED", exit_code=ExitCode.REJECTED)

    return BulkTask(verb, past_verb, "client", "clientid", clientids, one_by_one(change_client))


def failed_topics(response: Any) -> dict[str, str]:  # noqa: ANN401  # JSON is Any
    """Return the topics that failed, with reasons: EMQX responds 200 even if all of them do (api.md §4.3)."""
    failures = response.get("failed", []) if isinstance(response, dict) else []
    return {
        topic_of_failure(failure): str(failure.get("reason", ""))
        for failure in failures
        if isinstance(failure, dict)
    }


def topic_of_failure(failure: dict[str, Any]) -> str:
    """Return the topic of a failed item: `{"data": [clientid, topic, {...}], "reason": ...}`."""
    data = failure.get("data")
    return str(data[1]) if isinstance(data, list) and len(data) > 1 else ""
