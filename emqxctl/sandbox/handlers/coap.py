"""Requests to the clients of the CoAP gateway: `/gateways/coap/clients/{clientid}/request`."""

from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Response, json_response
from emqxctl.sandbox.schema.validation import Body


@route("POST", "/gateways/coap/clients/{clientid}/request", body=Body("coap_request", loose=True))
def send_request(call: Call) -> Response:
    """Send a request to a client; simulated clients never respond, and the timeout is not waited for."""
    exists = call.bindings["clientid"] in call.cluster.gateways.by_name["coap"].clients
    return json_response(
        {"code": "CLIENT_NOT_RESPONSE" if exists else "CLIENT_NOT_FOUND"}, 504 if exists else 404
    )
