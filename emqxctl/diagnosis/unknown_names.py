"""Objects that are named but do not exist, as causes, with the name that may be meant. Pure."""

from emqxctl.diagnosis.causes import Cause, quote_for_shell
from emqxctl.diagnosis.integration_facts import IntegrationFacts, find_close_name


def missing_cause(facts: IntegrationFacts, kind: str, key: str, user: str = "") -> Cause:
    """Return the cause for an object that is named but does not exist, with the name that may be meant."""
    noun = kind[:-1]
    close = find_close_name(key, facts.keys(kind))
    mention = f", which rule {user} names," if user else ""
    message = f"{noun} {key}{mention} does not exist"
    fix = f"did you mean {close}?" if close else ""
    next_step = f"emqxctl {kind} list"
    if user and close and kind == "actions":
        next_step = suggest_rule_update(facts, user, key, close)
    return Cause(f"unknown_{noun}", "certain", message, "", next_step, fix)


def suggest_rule_update(facts: IntegrationFacts, rule: str, wrong: str, right: str) -> str:
    """Return the command that replaces a misspelt action of a rule, and keeps the others."""
    from json import dumps

    actions = (facts.row("rules", rule) or {}).get("actions")
    words = []
    for action in actions if isinstance(actions, list) else []:
        is_plain = isinstance(action, dict) and set(action) <= {"function"} and "function" in action
        text = action if isinstance(action, str) else action["function"] if is_plain else dumps(action)
        words.append(f"--action {quote_for_shell(right if text == wrong else str(text))}")
    return f"emqxctl rules update {quote_for_shell(rule)} {' '.join(dict.fromkeys(words))}"
