"""The sources of permissions: `/authorization/sources` and `/authorization/settings`."""

from emqxctl.sandbox.handlers._chain import Chain
from emqxctl.sandbox.handlers._rows import Settings, replace_settings
from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.messages import Response
from emqxctl.sandbox.schema.access import SOURCE_TYPES, check_source
from emqxctl.sandbox.schema.factories import enum_of
from emqxctl.sandbox.schema.refusals import refuse_request
from emqxctl.sandbox.schema.secrets import unmask
from emqxctl.sandbox.schema.validation import check_parameter

CHAIN = Chain(
    *("authorization", "type", "sources", "Authorization sources"),
    results=("allow", "nomatch", "deny", "ignore"),
    local=("file", "built_in_database", "client_info"),
    check_key=lambda kind: check_parameter(enum_of(*SOURCE_TYPES), kind, "type"),
    prefix="authz:",
)
SETTINGS = Settings("authorization", replace_settings)


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
