"""The A2A registry of EMQX Enterprise: `/a2a/cards`."""

import json

from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Response, Row, json_response
from emqxctl.sandbox.schema.refusals import refuse_request, refuse_with
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.cluster import ENTERPRISE

ITEM = "/a2a/cards/card/{org_id}/{unit_id}/{agent_id}"
GLOBAL = "global"
Key = tuple[str, ...]  # namespace, organization, unit and agent


def check_enabled(call: Call) -> None:
    """Raise EarlyResponse (503) while the registry is disabled."""
    if not call.cluster.settings["a2a_registry"]["enable"]:
        refuse_with(503, "SERVICE_UNAVAILABLE", "Not enabled")


def find_namespace(call: Call) -> str | None:
    """Return the namespace of the query or of the key. Raises EarlyResponse (400) for an unknown one."""
    namespace: str | None = call.query["ns"] or call.namespace
    if namespace is not None and namespace not in call.cluster.collections["namespaces"]:
        refuse_request("Managed namespace not found")
    return namespace


def card_id(call: Call) -> str:
    """Return the ID of the card of the path, with its namespace."""
    parts = [call.bindings[name] for name in ("org_id", "unit_id", "agent_id")]
    return "/".join([find_namespace(call) or GLOBAL, *parts])


@route("GET", "/a2a/cards/list", edition=ENTERPRISE, query="cards")
def list_cards(call: Call) -> Response:
    """List the cards that match the filters."""
    check_enabled(call)
    namespace = find_namespace(call) or (GLOBAL if call.query["only_global"] else None)
    filters = {
        "namespace": namespace,
        **{name: call.query[name] for name in ("org_id", "unit_id", "agent_id")},
    }
    cards = call.cluster.collections["cards"].values()
    return json_response(
        [card for card in cards if all(filters[name] in (None, card[name]) for name in filters)]
    )


@route("GET", ITEM, edition=ENTERPRISE, query="ns")
def show_card(call: Call) -> Response:
    """Show one card."""
    check_enabled(call)
    card = call.cluster.collections["cards"].get(card_id(call))
    if card is None:
        refuse_with(404, "NOT_FOUND", "Card not found")
    return json_response(card)


@route("POST", ITEM, edition=ENTERPRISE, query="ns", body=Body("card"))
def save_card(call: Call) -> Response:
    """Register a card, or replace it; the card is JSON text."""
    check_enabled(call)
    key, text = card_id(call), call.body["card"]
    try:
        card = json.loads(text)
    except ValueError:
        refuse_request("Invalid JSON")
    if not isinstance(card, dict) or "name" not in card:
        refuse_request("Invalid card")
    namespace, _, identifier = key.partition("/")
    row: Row = {**call.bindings, "id": identifier, "namespace": namespace, "raw": text, "status": "offline"}
    row |= {name: card.get(name, "") for name in ("name", "description", "version")}
    call.cluster.collections["cards"][key] = row
    return Response(204)


@route("DELETE", ITEM, edition=ENTERPRISE, query="ns")
def delete_card(call: Call) -> Response:
    """Delete a card, even an unknown one."""
    check_enabled(call)
    call.cluster.collections["cards"].pop(card_id(call), None)
    return Response(204)
