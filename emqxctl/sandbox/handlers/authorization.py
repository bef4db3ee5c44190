"""The sources of permissions, their settings, and the rules of the built-in database: `/authorization`."""

from dataclasses import dataclass

from emqxctl.sandbox.handlers._chain import Chain
from emqxctl.sandbox.handlers._rows import Settings, replace_settings
from emqxctl.sandbox.http.paging import cut_page
from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.messages import Json, Response, Row
from emqxctl.sandbox.schema.access import SOURCE_TYPES, check_source
from emqxctl.sandbox.schema.factories import enum_of
from emqxctl.sandbox.schema.fields import check_struct, fields_of
from emqxctl.sandbox.schema.refusals import bad_request, refuse, refuse_request, refuse_with
from emqxctl.sandbox.schema.secrets import unmask
from emqxctl.sandbox.schema.types import invalid_value
from emqxctl.sandbox.schema.validation import check_parameter

CHAIN = Chain(
    *("authorization", "type", "sources", "Authorization sources"),
    results=("allow", "nomatch", "deny", "ignore"),
    local=("file", "built_in_database", "client_info"),
    check_key=lambda kind: check_parameter(enum_of(*SOURCE_TYPES), kind, "type"),
    prefix="authz:",
)
SETTINGS = Settings("authorization", replace_settings)
# For each kind of name: the last word of its path, what it is called in errors, and in a 404.
KINDS = {"username": ("users", "User", "Username"), "clientid": ("clients", "Client", "ClientID")}


def create_source(call: Call) -> Response | None:
    """Add a source in front of all others; a body without a type crashes EMQX."""
    if "type" not in call.body:
        return Response(500)
    config = check_source(call.body)
    if config["type"] in CHAIN.members(call):
        refuse_request(f"{{duplicated_authz_source_type,{config['type']}}}")
    CHAIN.replace(call, {config["type"]: config, **CHAIN.members(call)})
    return None


def update_source(call: Call) -> None:
    """Replace the configuration of a source; a masked secret stays what it was."""
    kind = call.bindings["type"]
    config = check_source({"type": kind, **call.body})
    old = CHAIN.find(call)
    if config["type"] != kind:
        refuse_request("Type mismatch")
    CHAIN.members(call)[kind] = unmask(config, old)


def delete_source(call: Call) -> None:
    """Delete a source."""
    CHAIN.find(call)
    del CHAIN.members(call)[call.bindings["type"]]


def check_rules(rules: Json, path: str) -> list[Row]:
    """Check the rules of one name and fill in their defaults. Raises EarlyResponse (400) with all errors."""
    errors: list[Row] = []
    if not isinstance(rules, list):
        raise bad_request(invalid_value(rules, {"expected": "array()"}, path).details)
    fields = fields_of("authorization_rule")
    checked = [check_struct(fields, rule, f"{path}.{at}", errors) for at, rule in enumerate(rules, 1)]
    if errors:
        raise bad_request(errors if len(errors) > 1 else errors[0])
    return checked


def check_length(call: Call, rules: list[Row], owner: str) -> None:
    """Raise EarlyResponse (400) when there are more rules than the source allows."""
    if len(rules) > CHAIN.find(call, "built_in_database")["max_rules"]:
        refuse_request(f"The rules length of {owner} exceeds the maximum limit.")


def delete_all_rules(call: Call) -> None:
    """Delete all rules; the source must be disabled."""
    if CHAIN.find(call, "built_in_database")["enable"]:
        refuse_request("'built_in_database' type source must be disabled before purge.")
    access = call.cluster.access
    access.rules_for_all = []
    access.rules = {kind: {} for kind in KINDS}


def show_for_all(call: Call) -> Json:
    """Show the rules that apply to all clients."""
    CHAIN.find(call, "built_in_database")
    return {"rules": call.cluster.access.rules_for_all}


def replace_for_all(call: Call) -> None:
    """Replace the rules that apply to all clients."""
    if call.body["rules"] is None:
        refuse("authorization.no_clause", "all", "post")
    rules = check_rules(call.body["rules"], "root.rules")
    check_length(call, rules, "All")
    call.cluster.access.rules_for_all = rules


def delete_for_all(call: Call) -> None:
    """Delete the rules that apply to all clients."""
    call.cluster.access.rules_for_all = []


@dataclass(frozen=True)
class RuleLists:
    """The rules of users, or of clients, by their names."""

    kind: str

    def list(self, call: Call) -> Json:
        """List the rules of all users or clients, the last name first; a fuzzy filter is not counted."""
        CHAIN.find(call, "built_in_database")
        rules, like = call.cluster.access.rules[self.kind], call.query[f"like_{self.kind}"]
        names = [name for name in sorted(rules, reverse=True) if like is None or like in name]
        rows = [{self.kind: name, "rules": rules[name]} for name in names]
        return cut_page(rows, call.query, counted=like is None)

    def add(self, call: Call) -> None:
        """Add the rules of several names, or of none when one is refused."""
        path, word, _ = KINDS[self.kind]
        existing, added = call.cluster.access.rules[self.kind], {}
        for at, row in enumerate(call.body, 1):
            if row["rules"] is None:
                refuse("authorization.no_clause", path, "badmatch")
            added[row[self.kind]] = check_rules(row["rules"], f"root.{at}.rules")
        for name, rules in added.items():
            check_length(call, rules, f"{word} '{name}'")
            if name in existing:
                refuse_with(409, "ALREADY_EXISTS", f"{word} '{name}' already exist")
        existing.update(added)

    def show(self, call: Call) -> Json:
        """Show the rules of one name."""
        name, rules = call.bindings[self.kind], call.cluster.access.rules[self.kind]
        if name not in rules:
            refuse_with(404, "NOT_FOUND", "Not Found")
        return {self.kind: name, "rules": rules[name]}

    def update(self, call: Call) -> None:
        """Replace the rules of one name, which the body must repeat; an unknown one is added."""
        path, word, _ = KINDS[self.kind]
        name = call.bindings[self.kind]
        if call.body[self.kind] != name or call.body["rules"] is None:
            refuse("authorization.no_clause", path.removesuffix("s"), "put")
        rules = check_rules(call.body["rules"], "root.rules")
        check_length(call, rules, f"{word} '{name}'")
        call.cluster.access.rules[self.kind][name] = rules

    def delete(self, call: Call) -> None:
        """Delete the rules of one name."""
        if call.cluster.access.rules[self.kind].pop(call.bindings[self.kind], None) is None:
            refuse_with(404, "NOT_FOUND", f"{KINDS[self.kind][2]} Not Found")


USERS, CLIENTS = RuleLists("username"), RuleLists("clientid")
