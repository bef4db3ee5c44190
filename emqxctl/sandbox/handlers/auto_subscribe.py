"""Topics that every client is subscribed to when it connects: `/mqtt/auto_subscribe`."""

from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Json
from emqxctl.sandbox.schema.refusals import refuse_with

MAX_TOPICS = 20


def replace_topics(call: Call) -> Json:
    """Replace all topics."""
    if len(call.body) > MAX_TOPICS:
        refuse_with(409, "EXCEED_LIMIT", f"Max auto subscribe topic count is  {MAX_TOPICS}")
    call.cluster.features.auto_subscribe = call.body
    return call.body


route("GET", "/mqtt/auto_subscribe")(lambda call: call.cluster.features.auto_subscribe)
