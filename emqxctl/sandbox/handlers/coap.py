"""Requests to the clients of the CoAP gateway: `/gateways/coap/clients/{clientid}/request`."""

from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Answer, answer_json
from emqxctl.sandbox.schema.fields import Field
from emqxctl.sandbox.schema.types import check_duration, check_text, enum_of
from emqxctl.sandbox.schema.validation import Body

KINDS = ("text/plain", "application/json", "application/octet-stream")
REQUEST = Body(
    (
        Field("token", check_text),
        Field("method", enum_of("get", "put", "post", "delete")),
        Field("timeout", check_duration),
        Field("content_type", enum_of(*KINDS), default="text/plain"),
        Field("payload", check_text),
    ),
    loose=True,
)


@route("POST", "/gateways/coap/clients/{clientid}/request", body=REQUEST)
def ask(call: Call) -> Answer:
    """Send a request to a client; the simulated ones never answer, and nobody has to wait for that."""
    known = call.bindings["clientid"] in call.cluster.gateways.held["coap"].clients
    return answer_json(
        {"code": "CLIENT_NOT_RESPONSE" if known else "CLIENT_NOT_FOUND"}, 504 if known else 404
    )
