"""The A2A registry of EMQX Enterprise: `/a2a/cards`."""

import json

from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema.refusals import lookup, refuse_request, refuse_with

GLOBAL = "global"


def find_namespace(call: Call) -> str | None:
    """Return the namespace of the query or of the key.

    Raises EarlyResponse: 503 while the registry is disabled, 400 for an unknown namespace.
    """
    if not call.cluster.settings["a2a_registry"]["enable"]:
        refuse_with(503, "SERVICE_UNAVAILABLE", "Not enabled")
    namespace: str | None = call.query["ns"] or call.namespace
    if namespace is not None and namespace not in call.cluster.collections["namespaces"]:
        refuse_request("Managed namespace not found")
    return namespace


def card_id(call: Call) -> str:
    """Return the ID of the card of the path, with its namespace."""
    parts = [call.bindings[name] for name in ("org_id", "unit_id", "agent_id")]
    return "/".join([find_namespace(call) or GLOBAL, *parts])


def list_cards(call: Call) -> Json:
    """List the cards that match the filters."""
    namespace = find_namespace(call) or (GLOBAL if call.query["only_global"] else None)
    filters = {name: call.query[name] for name in ("org_id", "unit_id", "agent_id")} | {
        "namespace": namespace
    }
    cards = call.cluster.collections["cards"].values()
    return [card for card in cards if all(filters[name] in (None, card[name]) for name in filters)]


def show_card(call: Call) -> Json:
    """Show one card."""
    return lookup(call.cluster.collections["cards"], card_id(call), 404, "NOT_FOUND", "Card not found")


def save_card(call: Call) -> None:
    """Register a card, or replace it; the card is JSON text."""
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


def delete_card(call: Call) -> None:
    """Delete a card, even an unknown one."""
    call.cluster.collections["cards"].pop(card_id(call), None)
