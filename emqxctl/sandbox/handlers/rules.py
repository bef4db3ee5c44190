"""The rules: `/rules`."""

import re
from dataclasses import replace

from emqxctl.emqx.topics import topic_matches
from emqxctl.sandbox.http.paging import one_page
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Answer, AnswerNow, Row, answer_error, answer_json
from emqxctl.sandbox.schema.rules import RULE_ID, bad_arguments, check_rule, erlang_text
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


def rule_row(rule: Rule) -> Row:
    """Write one rule."""
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
    }


def find_rule(call: Call) -> Rule:
    """Find the rule of the path. Raises AnswerNow (404)."""
    found = call.cluster.integration.rules.get(call.bindings["id"])
    if found is None:
        raise AnswerNow(answer_error(404, "NOT_FOUND", "Rule Id Not Found"))
    return found


def check_page(call: Call) -> Row:
    """Take page and limit, of which only the sign is checked; what is no number crashes EMQX.

    Raises AnswerNow (400 or 500).
    """
    taken: Row = {}
    for name, default in (("page", 1), ("limit", DEFAULT_LIMIT)):
        given = call.query[name]
        if given is not None and not re.fullmatch(r"[-+]?\d+", given):
            raise AnswerNow(answer_error(500, "INTERNAL_ERROR", CRASH))
        taken[name] = default if given is None else int(given)
        if taken[name] < 1:
            raise AnswerNow(answer_error(400, "BAD_REQUEST", BAD_PAGE))
    return taken


@route("GET", "/rules", query="rule_filters")
def list_rules(call: Call) -> Answer:
    """List the rules; EMQX counts them only without a filter, or with `enable` alone."""
    page = check_page(call)
    rules = sorted(call.cluster.integration.rules.values(), key=lambda rule: rule.id, reverse=True)
    rows = [rule_row(rule) for rule in rules if fits(call, rule)]
    return answer_json(one_page(rows, page, counted=not any(call.query[name] for name in FUZZY)))


def fits(call: Call, rule: Rule) -> bool:
    """Tell whether a rule passes the filters of the query."""
    wanted, uses = call.query, call.cluster.integration.uses
    return all(
        (
            wanted["enable"] in (None, "true" if rule.enable else "false"),
            wanted["from"] is None or wanted["from"] in rule.topics,
            (wanted["like_id"] or "") in rule.id,
            not wanted["like_from"] or any(wanted["like_from"] in topic for topic in rule.topics),
            not wanted["match_from"]
            or any(topic_matches(topic, wanted["match_from"]) for topic in rule.topics),
            (wanted["like_description"] or "") in rule.description,
            not wanted["action"] or any(action in rule.actions for action in wanted["action"]),
            not wanted["source"] or any(source in uses("sources", rule) for source in wanted["source"]),
        )
    )


@route("POST", "/rules", body=ANY_BODY)
def create_rule(call: Call) -> Answer:
    """Create a rule; without an id it gets one."""
    wish, held = dict(call.body), call.cluster.integration
    name = wish.pop("id", None)
    name = f"{stable_random(call.cluster.now(), len(held.rules)):08x}" if name in (None, "") else str(name)
    if name in held.rules:
        return answer_error(400, "BAD_REQUEST", "rule id already exists")
    return answer_json(rule_row(save(call.cluster, name, wish)), 201)


@route("GET", "/rules/{id}")
def get_rule(call: Call) -> Answer:
    """Show one rule."""
    return answer_json(rule_row(find_rule(call)))


@route("PUT", "/rules/{id}", body=ANY_BODY)
def update_rule(call: Call) -> Answer:
    """Change what the body names and keep the rest; an unknown id makes a new rule."""
    wish = {name: value for name, value in call.body.items() if name != "id"}
    old = call.cluster.integration.rules.get(call.bindings["id"])
    if old is not None:
        kept = {"sql": old.sql, "actions": old.actions, "name": old.name, "description": old.description}
        wish = {**kept, "enable": old.enable, **wish}
    return answer_json(rule_row(save(call.cluster, call.bindings["id"], wish)))


def save(cluster: Cluster, name: str, wish: Row) -> Rule:
    """Check what is wished for a rule, and make it so. Raises AnswerNow (400)."""
    if not re.fullmatch(RULE_ID, name):
        pattern = f'<<"{RULE_ID}">>'
        expected = {"expected_data_type": pattern, "got": erlang_text(name), "kind": "validation_error"}
        raise bad_arguments(**expected, path='"rule_engine.rules"', reason="invalid_map_key")
    checked, now = check_rule(name, wish), cluster.now()
    old = cluster.integration.rules.get(name)
    made = replace(
        old or Rule(name, "", [], created=now, since=now),
        **checked,
        modified=now,
    )
    cluster.integration.rules[name] = made
    return made


@route("DELETE", "/rules/{id}")
def delete_rule(call: Call) -> Answer:
    """Delete a rule."""
    del call.cluster.integration.rules[find_rule(call).id]
    return Answer(204)


@route("GET", "/rules/{id}/metrics")
def get_rule_metrics(call: Call) -> Answer:
    """Show what went through a rule."""
    return answer_json(rule_metrics(call.cluster, find_rule(call)))


@route("PUT", "/rules/{id}/metrics/reset")
def reset_rule_metrics(call: Call) -> Answer:
    """Set the counters of a rule to zero."""
    rule = find_rule(call)
    rule.since, rule.seen = call.cluster.now(), {}
    return Answer(204)
