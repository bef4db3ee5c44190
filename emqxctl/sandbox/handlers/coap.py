"""Requests to the clients of the CoAP gateway: `/gateways/coap/clients/{clientid}/request`."""

from emqxctl.sandbox.checks import Body, Field, one_of, text
from emqxctl.sandbox.integration_schemas import duration
from emqxctl.sandbox.routing import Call, route
from emqxctl.sandbox.wire import Answer, answer_json

KINDS = ("text/plain", "application/json", "application/octet-stream")
REQUEST = Body(
    (
        Field("token", text),
        Field("method", one_of("get", "put", "post", "delete")),
        Field("timeout", duration),
        Field("content_type", one_of(*KINDS), default="text/plain"),
        Field("payload", text),
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
