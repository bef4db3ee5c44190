"""Requests to the clients of the CoAP gateway: `/gateways/coap/clients/{clientid}/request`."""

from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Answer, answer_json
from emqxctl.sandbox.schema.validation import Body


@route("POST", "/gateways/coap/clients/{clientid}/request", body=Body("coap_request", loose=True))
def ask(call: Call) -> Answer:
    """Send a request to a client; the simulated ones never answer, and nobody has to wait for that."""
    known = call.bindings["clientid"] in call.cluster.gateways.held["coap"].clients
    return answer_json(
        {"code": "CLIENT_NOT_RESPONSE" if known else "CLIENT_NOT_FOUND"}, 504 if known else 404
    )
