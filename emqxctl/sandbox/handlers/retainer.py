"""The retained messages and how they are kept: `/mqtt/retainer`."""

from emqxctl.emqx.topics import topic_matches
from emqxctl.sandbox.handlers._settings import serve_settings
from emqxctl.sandbox.http.paging import cut_page
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Response, json_response
from emqxctl.sandbox.schema.refusals import refuse_with
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.records import Message


@route("GET", "/mqtt/retainer/messages", query="retained_messages")
def list_retained(call: Call) -> Response:
    """List the retained messages without their payloads; no count under a filter."""
    topic_filter = call.query["topic"]
    messages = call.cluster.retained.values()
    fitting = [
        message for message in messages if topic_filter is None or topic_matches(message.topic, topic_filter)
    ]
    rows = [message.retained_row() for message in fitting]
    return json_response(cut_page(rows, call.query, counted=topic_filter is None))


@route("DELETE", "/mqtt/retainer/messages")
def delete_all_retained(call: Call) -> Response:
    """Delete every retained message."""
    call.cluster.retained.clear()
    return Response(204)


def matching_messages(call: Call) -> list[Message]:
    """Return the messages of the path, which may be a filter. Raises EarlyResponse (404)."""
    topic_filter = call.bindings["topic"]
    messages = [
        message for message in call.cluster.retained.values() if topic_matches(message.topic, topic_filter)
    ]
    if not messages:
        refuse_with(404, "NOT_FOUND", "Viewed message doesn't exist")
    return messages


@route("GET", "/mqtt/retainer/message/{topic}")
def show_retained(call: Call) -> Response:
    """Show one retained message, with its payload if that is not above 1 MiB; of a filter, the first."""
    return json_response(matching_messages(call)[0].retained_row(with_payload=True))


@route("DELETE", "/mqtt/retainer/message/{topic}")
def delete_retained(call: Call) -> Response:
    """Delete the retained messages of a topic; a filter deletes all that match it."""
    for message in matching_messages(call):
        del call.cluster.retained[message.topic]
    return Response(204)


serve_settings("/mqtt/retainer", "retainer", Body("retainer"))
