"""Topics that every client is subscribed to when it connects: `/mqtt/auto_subscribe`."""

from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Response, json_response
from emqxctl.sandbox.schema.refusals import refuse_with
from emqxctl.sandbox.schema.validation import Body

MAX_TOPICS = 20


@route("GET", "/mqtt/auto_subscribe")
def list_topics(call: Call) -> Response:
    """List the topics."""
    return json_response(call.cluster.features.auto_subscribe)


@route("PUT", "/mqtt/auto_subscribe", body=Body("auto_subscribe", array=True))
def replace_topics(call: Call) -> Response:
    """Replace all topics."""
    if len(call.body) > MAX_TOPICS:
        refuse_with(409, "EXCEED_LIMIT", f"Max auto subscribe topic count is  {MAX_TOPICS}")
    call.cluster.features.auto_subscribe = call.body
    return json_response(call.body)
