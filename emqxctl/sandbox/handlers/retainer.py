"""The retained messages and how they are kept: `/mqtt/retainer`."""

from emqxctl.emqx.topics import topic_matches
from emqxctl.sandbox.handlers._settings import serve_settings
from emqxctl.sandbox.http.paging import one_page
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Answer, AnswerNow, answer_error, answer_json
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.records import Message


@route("GET", "/mqtt/retainer/messages", query="retained_messages")
def list_retained(call: Call) -> Answer:
    """List the retained messages without their payloads; no count under a filter."""
    wanted = call.query["topic"]
    messages = call.cluster.retained.values()
    fitting = [message for message in messages if wanted is None or topic_matches(message.topic, wanted)]
    rows = [message.retained_row() for message in fitting]
    return answer_json(one_page(rows, call.query, counted=wanted is None))


@route("DELETE", "/mqtt/retainer/messages")
def delete_all(call: Call) -> Answer:
    """Forget every retained message."""
    call.cluster.retained.clear()
    return Answer(204)


def fitting_messages(call: Call) -> list[Message]:
    """Take the messages of the path, which may be a filter. Raises AnswerNow (404)."""
    wanted = call.bindings["topic"]
    found = [message for message in call.cluster.retained.values() if topic_matches(message.topic, wanted)]
    if not found:
        raise AnswerNow(answer_error(404, "NOT_FOUND", "Viewed message doesn't exist"))
    return found


@route("GET", "/mqtt/retainer/message/{topic}")
def get_retained(call: Call) -> Answer:
    """Show one retained message, with its payload if that is not above 1 MiB; of a filter, the first."""
    return answer_json(fitting_messages(call)[0].retained_row(with_payload=True))


@route("DELETE", "/mqtt/retainer/message/{topic}")
def delete_retained(call: Call) -> Answer:
    """Forget the retained messages of a topic; a filter takes all that fit it."""
    for message in fitting_messages(call):
        del call.cluster.retained[message.topic]
    return Answer(204)


serve_settings("/mqtt/retainer", "retainer", Body("retainer"))
