"""The retained messages and how they are kept: `/mqtt/retainer`."""

from emqxctl.emqx.topics import topic_matches
from emqxctl.sandbox.handlers._items import Items
from emqxctl.sandbox.handlers._settings import Settings
from emqxctl.sandbox.http.paging import cut_page
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Json
from emqxctl.sandbox.schema.refusals import refuse_with
from emqxctl.sandbox.state.records import Message


def list_retained(call: Call) -> Json:
    """List the retained messages without their payloads; no count under a filter."""
    topic_filter = call.query["topic"]
    messages = call.cluster.retained.values()
    fitting = [
        message for message in messages if topic_filter is None or topic_matches(message.topic, topic_filter)
    ]
    rows = [message.retained_row() for message in fitting]
    return cut_page(rows, call.query, counted=topic_filter is None)


Items("retained")


def matching_messages(call: Call) -> list[Message]:
    """Return the messages of the path, which may be a filter. Raises EarlyResponse (404)."""
    topic_filter = call.bindings["topic"]
    messages = [
        message for message in call.cluster.retained.values() if topic_matches(message.topic, topic_filter)
    ]
    if not messages:
        refuse_with(404, "NOT_FOUND", "Viewed message doesn't exist")
    return messages


def delete_retained(call: Call) -> None:
    """Delete the retained messages of a topic; a filter deletes all that match it."""
    for message in matching_messages(call):
        del call.cluster.retained[message.topic]


SETTINGS = Settings("retainer")


route("GET", "/mqtt/retainer/message/{topic}")(
    lambda call: matching_messages(call)[0].retained_row(with_payload=True)
)  # of a filter, the first
