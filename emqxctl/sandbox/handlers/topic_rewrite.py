"""Rules that rewrite topics: `/mqtt/topic_rewrite`."""

import re

from emqxctl.emqx.topics import has_wildcard
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Json, Response, json_response
from emqxctl.sandbox.schema.refusals import refuse_request, refuse_with

MAX_REWRITES = 20
REWRITE = ("source_topic", "dest_topic", "re")
BAD_REWRITE = (
    'throw, #{{kind => validation_error,path => "rewrite.{}",reason => {}}}, '
    '[{{emqx_rewrite,update,1,[{{file,"emqx_rewrite.erl"}},{{line,77}}]}}]'
)


def check_rewrite(rule: Json, at: int) -> None:
    """Check one rewrite rule. Raises EarlyResponse: what EMQX's own check throws is a 500."""
    fields = rule if isinstance(rule, dict) else {}
    for name in REWRITE:
        if name not in fields:
            refuse_with(500, "INTERNAL_ERROR", BAD_REWRITE.format(f"{at}.{name}", "required_field"))
    if fields.get("action", "all") not in ("publish", "subscribe", "all"):
        refuse_with(500, "INTERNAL_ERROR", BAD_REWRITE.format(f"{at}.action", "not_a_enum_symbol"))
    try:
        re.compile(str(fields["re"]))
    except re.error:
        refuse_with(500, "INTERNAL_ERROR", BAD_REWRITE.format(f"{at}.re", "compile_error"))


@route("GET", "/mqtt/topic_rewrite")
def list_rewrites(call: Call) -> Response:
    """List the rules that rewrite topics."""
    return json_response(call.cluster.features.rewrites)


@route("PUT", "/mqtt/topic_rewrite")
def replace_rewrites(call: Call) -> Response:
    """Replace all rules that rewrite topics."""
    rules = call.body
    if not isinstance(rules, list):
        refuse_with(500, "INTERNAL_ERROR", "error, badarg, [{erlang,length,1,[]}]")
    if len(rules) > MAX_REWRITES:
        refuse_with(413, "EXCEED_LIMIT", f"Max rewrite rules count is {MAX_REWRITES}")
    for at, rule in enumerate(rules, 1):
        check_rewrite(rule, at)
    if wild := [rule["dest_topic"] for rule in rules if has_wildcard(rule["dest_topic"])]:
        listed = ",".join(f'<<"{topic}">>' for topic in wild)
        refuse_request(f"Cannot use wildcard for destination topic. Invalid topics: [{listed}]")
    call.cluster.features.rewrites = [{"action": "all", **rule} for rule in rules]
    return json_response(call.cluster.features.rewrites)
