"""Rules: `/rules`."""

import re
from dataclasses import replace

from emqxctl.emqx.topics import topic_matches
from emqxctl.sandbox.handlers._items import Items
from emqxctl.sandbox.http.paging import cut_page
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Response, Row, error_response, json_response
from emqxctl.sandbox.schema.refusals import refuse_with
from emqxctl.sandbox.schema.rules import RULE_ID, bad_arguments, check_rule, format_erlang_string
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.integration import Rule
from emqxctl.sandbox.state.integration_metrics import rule_metrics
from emqxctl.sandbox.state.records import format_time, stable_random

ANY_BODY = Body(loose=True)  # checked by hand: what is refused is told as an Erlang term
FUZZY = ("from", "like_id", "like_from", "match_from", "like_description", "action", "source")
BAD_PAGE = "page_limit_invalid"
CRASH = 'error, badarg, [{erlang,binary_to_integer,[<<"ten">>],...}]'
DEFAULT_LIMIT = 100


def rule_row(cluster: Cluster, rule: Rule) -> Row:
    """Return one rule."""
    return {
        "actions": rule.actions,
        "created_at": format_time(rule.created),
        "description": rule.description,
        "enable": rule.enable,
        "from": rule.topics,
        "id": rule.id,
        "last_modified_at": format_time(rule.modified),
        "name": rule.name,
        "sql": rule.sql,
        **cluster.edition_fields("rule"),
    }


RULES = Items(
    "/rules",
    "id",
    lambda call: call.cluster.integration.rules,
    lambda call, _id, rule: rule_row(call.cluster, rule),
    (404, "NOT_FOUND", "Rule Id Not Found"),
)
RULES.serve("get", "delete")


def check_page(call: Call) -> Row:
    """Return page and limit, of which only the sign is checked; what is no number crashes EMQX.

    Raises EarlyResponse (400 or 500).
    """
    numbers: Row = {}
    for name, default in (("page", 1), ("limit", DEFAULT_LIMIT)):
        text = call.query[name]
        if text is not None and not re.fullmatch(r"[-+]?\d+", text):
            refuse_with(500, "INTERNAL_ERROR", CRASH)
        numbers[name] = default if text is None else int(text)
        if numbers[name] < 1:
            refuse_with(400, "BAD_REQUEST", BAD_PAGE)
    return numbers


@route("GET", "/rules", query="rule_filters")
def list_rules(call: Call) -> Response:
    """List the rules; EMQX counts them only without a filter, or with `enable` alone."""
    page = check_page(call)
    rules = sorted(call.cluster.integration.rules.values(), key=lambda rule: rule.id, reverse=True)
    rows = [rule_row(call.cluster, rule) for rule in rules if matches_filters(call, rule)]
    return json_response(cut_page(rows, page, counted=not any(call.query[name] for name in FUZZY)))


def matches_filters(call: Call, rule: Rule) -> bool:
    """Return whether a rule passes the filters of the query."""
    query, uses = call.query, call.cluster.integration.uses
    return all(
        (
            query["enable"] in (None, "true" if rule.enable else "false"),
            query["from"] is None or query["from"] in rule.topics,
            (query["like_id"] or "") in rule.id,
            not query["like_from"] or any(query["like_from"] in topic for topic in rule.topics),
            not query["match_from"]
            or any(topic_matches(topic, query["match_from"]) for topic in rule.topics),
            (query["like_description"] or "") in rule.description,
            not query["action"] or any(action in rule.actions for action in query["action"]),
            not query["source"] or any(source in uses("sources", rule) for source in query["source"]),
        )
    )


@route("POST", "/rules", body=ANY_BODY)
def create_rule(call: Call) -> Response:
    """Create a rule; without an id it gets one."""
    fields, integration = dict(call.body), call.cluster.integration
    name = fields.pop("id", None)
    name = (
        f"{stable_random(call.cluster.now(), len(integration.rules)):08x}"
        if name in (None, "")
        else str(name)
    )
    if name in integration.rules:
        return error_response(400, "BAD_REQUEST", "rule id already exists")
    return json_response(rule_row(call.cluster, save_rule(call.cluster, name, fields)), 201)


@route("PUT", "/rules/{id}", body=ANY_BODY)
def update_rule(call: Call) -> Response:
    """Change what the body names and keep the rest; an unknown id makes a new rule."""
    fields = {name: value for name, value in call.body.items() if name != "id"}
    old = call.cluster.integration.rules.get(call.bindings["id"])
    if old is not None:
        unchanged = {"sql": old.sql, "actions": old.actions, "name": old.name, "description": old.description}
        fields = {**unchanged, "enable": old.enable, **fields}
    return json_response(rule_row(call.cluster, save_rule(call.cluster, call.bindings["id"], fields)))


def save_rule(cluster: Cluster, name: str, fields: Row) -> Rule:
    """Check the fields of a rule and store it. Raises EarlyResponse (400)."""
    if not re.fullmatch(RULE_ID, name):
        pattern = f'<<"{RULE_ID}">>'
        expected = {
            "expected_data_type": pattern,
            "got": format_erlang_string(name),
            "kind": "validation_error",
        }
        raise bad_arguments(**expected, path='"rule_engine.rules"', reason="invalid_map_key")
    checked, now = check_rule(name, fields), cluster.now()
    old = cluster.integration.rules.get(name)
    rule = replace(old or Rule(name, "", [], created=now, since=now), **checked, modified=now)
    cluster.integration.rules[name] = rule
    return rule


@route("GET", "/rules/{id}/metrics")
def show_rule_metrics(call: Call) -> Response:
    """Show what went through a rule."""
    return json_response(rule_metrics(call.cluster, RULES.find(call)))


@route("PUT", "/rules/{id}/metrics/reset")
def reset_rule_metrics(call: Call) -> Response:
    """Set the counters of a rule to zero."""
    rule = RULES.find(call)
    rule.since, rule.published = call.cluster.now(), {}
    return Response(204)
