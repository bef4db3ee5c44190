"""The configuration: `/configs`, its roots, and `/configs_reset`."""

import copy
import json

from emqxctl.emqx.hocon import HoconError, parse_hocon
from emqxctl.emqx.hocon_format import format_hocon
from emqxctl.emqx.hocon_values import merge_values
from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.messages import Json, Response, Row, text_response
from emqxctl.sandbox.schema.config import check_root
from emqxctl.sandbox.schema.factories import enum_of
from emqxctl.sandbox.schema.refusals import bad_request, refuse, refuse_with
from emqxctl.sandbox.schema.types import InvalidError
from emqxctl.sandbox.schema.validation import check_parameter
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.config_roots import current_roots

SHOWN = ("alarm", "broker", "dashboard", "log", "sys_topics", "sysmon")  # in JSON, and to be reset
ZONE = ("durable_sessions", "flapping_detect", "force_gc", "force_shutdown", "mqtt")
READ_ONLY = ("cluster", "node", "rpc")
HIDDEN = "broker"  # not in HOCON


def mask_root(root: str, value: Row) -> Row:
    """Hide the dashboard's password."""
    return {**value, "default_password": "******"} if root == "dashboard" else value


def show_configs(call: Call) -> Json:
    """Show the configuration: HOCON with its secrets in clear, or six roots in JSON."""
    accept = call.request.headers.get("accept", "*/*")
    configs = call.cluster.configs
    node = call.query["node"] or call.cluster.self_node
    if node not in call.cluster.running():
        refuse("configs.crash")
    own = call.cluster.nodes[node].configs
    if accept.startswith("application/json"):
        return {root: mask_root(root, merge_values(configs[root], own.get(root, {}))) for root in SHOWN}
    if accept not in ("*/*", "text/plain"):
        refuse_with(400, "INVALID_ACCEPT", f"Unsupported accept: {accept}")
    roots = merge_values({**configs, **current_roots(call.cluster)}, own)
    roots["node"] = {**roots["node"], "name": node}
    del roots[HIDDEN]
    key = call.query["key"]
    if key is not None and key not in roots:
        refuse_with(404, "NOT_FOUND", f"Config key '{key}' not found")
    return text_response(format_hocon(roots if key is None else {key: roots[key]}))


def load_configs(call: Call) -> Json:
    """Load configuration roots from HOCON; all of them or none."""
    kind = call.request.headers.get("content-type", "")
    if kind.startswith("application/json") or not call.request.body:
        refuse("configs.no_clause")
    try:
        roots = parse_hocon(call.request.body.decode("utf-8", "replace"))
    except HoconError as error:
        return refuse_load(f"{{parse_error,#{{line => {error.line}}}}}")
    locked = [root for root in READ_ONLY if root in roots]
    if locked and not call.query["ignore_readonly"]:
        return refuse_load(f"Cannot update read-only key '{locked[0]}'.")
    loaded, errors = {}, {}
    for root, value in roots.items():
        if root in READ_ONLY:
            continue
        try:
            loaded[root] = load_root(call, root, value)
        except InvalidError as invalid:
            errors[root] = invalid.details if len(invalid.details) > 1 else invalid.details["reason"]
    if errors:
        return refuse_load(errors)
    call.cluster.configs |= loaded
    return None


def load_root(call: Call, root: str, value: Json) -> Row:
    """Check one root of a load.

    Raises InvalidError, or EarlyResponse (501) for a root that is not stored as configuration.
    """
    if root in current_roots(call.cluster):
        refuse("configs.not_here", root)
    if root not in read_table("config_defaults"):
        raise InvalidError(reason=f'{{root_key_not_found,<<"{root}">>}}')
    merged = merge_values(call.cluster.configs[root], value) if call.query["mode"] == "merge" else value
    return check_root(root, merged, root)


def refuse_load(errors: Json) -> Response:
    """Refuse a load: JSON, but called text."""
    body = json.dumps({"errors": errors}, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    return text_response(body, 400)


def show_root(call: Call) -> Json:
    """Show one root."""
    root = call.request.path.rpartition("/")[2]
    return mask_root(root, call.cluster.configs[root])


def replace_root(call: Call) -> Json:
    """Replace one root."""
    root = call.request.path.rpartition("/")[2]
    return mask_root(root, save_root(call.cluster, root, call.body))


def save_root(cluster: Cluster, root: str, value: Json) -> Row:
    """Check a root and keep it; a masked password stays what it is. Raises EarlyResponse (400)."""
    try:
        checked = check_root(root, value)
    except InvalidError as invalid:
        raise bad_request(invalid.details) from None
    if checked.get("default_password") == "******":
        checked["default_password"] = cluster.configs[root]["default_password"]
    cluster.configs[root] = checked
    return checked


def show_zone(call: Call) -> Json:
    """Show the settings of all MQTT clients."""
    return {root: call.cluster.configs[root] for root in ZONE}


def update_zone(call: Call) -> Json:
    """Change the settings of all MQTT clients; another content type than JSON crashes EMQX."""
    roots = call.body
    if roots is None:
        return Response(500)
    if not isinstance(roots, dict):
        roots = {}
    checked: Row = {}
    for root, value in roots.items():
        if root not in ZONE:
            details: Row = {"unmatched": "none", "unknown": root, "reason": "unknown_fields", "path": "root"}
            raise bad_request({**details, "kind": "validation_error"})
        try:
            checked[root] = check_root(root, merge_values(call.cluster.configs[root], value), f"root.{root}")
        except InvalidError as invalid:
            raise bad_request(invalid.details) from None
    call.cluster.configs |= checked
    return show_zone(call)


def reset_value(call: Call) -> None:
    """Set one value of a root to its default; a whole root has none."""
    root = call.bindings["rootname"]
    check_parameter(enum_of(*SHOWN), root, "rootname")
    path = [root, *filter(None, (call.query["conf_path"] or "").split("."))]
    default: Json = read_table("config_defaults")
    for part in path:
        default = default.get(part) if isinstance(default, dict) else None
    if default is None or isinstance(default, dict):
        refuse_with(400, "NO_DEFAULT_VALUE", "No Default Value.")
    change: Json = copy.deepcopy(default)
    for part in reversed(path[1:]):
        change = {part: change}
    call.cluster.configs[root] = merge_values(call.cluster.configs[root], change)
