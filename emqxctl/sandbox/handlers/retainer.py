"""The retained messages and how they are kept: `/mqtt/retainer`."""

from emqxctl.emqx.topics import matches
from emqxctl.sandbox.http.paging import PAGES, one_page
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Answer, AnswerNow, Json, answer_error, answer_json
from emqxctl.sandbox.schema.integration import duration, listing, struct
from emqxctl.sandbox.schema.validation import Body, Field, anything, boolean, byte_size, one_of, text, whole
from emqxctl.sandbox.state.features import RETAINER
from emqxctl.sandbox.state.records import Message


@route("GET", "/mqtt/retainer/messages", query=[*PAGES, Field("topic", text)])
def list_retained(call: Call) -> Answer:
    """List the retained messages without their payloads; no count under a filter."""
    wanted = call.query["topic"]
    messages = call.cluster.retained.values()
    fitting = [message for message in messages if wanted is None or matches(message.topic, wanted)]
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
    found = [message for message in call.cluster.retained.values() if matches(message.topic, wanted)]
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


def sized(value: Json, path: str) -> Json:
    """Take a size such as `1MB`, and keep it as it was written."""
    byte_size(value, path)
    return value


NATURAL = whole("non_neg_integer()", 0)
BACKEND = struct(
    Field("type", one_of("built_in_database"), default="built_in_database"),
    Field("storage_type", one_of("ram", "disc"), default="ram"),
    Field("max_retained_messages", NATURAL, default=0),
    Field("index_specs", listing, default=RETAINER["backend"]["index_specs"]),
    Field("enable", boolean, default=True),
)
SETTINGS = Body(
    (
        Field("enable", boolean),
        Field("msg_expiry_interval", duration),
        Field("msg_expiry_interval_override", anything),
        Field("allow_never_expire", boolean),
        Field("msg_clear_interval", duration),
        Field("max_payload_size", sized),
        Field("stop_publish_clear_msg", boolean),
        Field("delivery_rate", text),
        Field("max_publish_rate", text),
        Field("backend", BACKEND),
        *(Field(name, anything) for name in ("deliver_rate", "external_backends", "flow_control")),
    )
)


@route("GET", "/mqtt/retainer")
def show_settings(call: Call) -> Answer:
    """Show how messages are retained."""
    return answer_json(call.cluster.features.retainer)


@route("PUT", "/mqtt/retainer", body=SETTINGS)
def change_settings(call: Call) -> Answer:
    """Change the settings that are given."""
    given = {name: value for name, value in call.body.items() if value is not None and name in RETAINER}
    call.cluster.features.retainer |= given
    return answer_json(call.cluster.features.retainer)
