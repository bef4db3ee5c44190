"""Plain lists: list, get, create, update, delete by key, over a table in `data/enterprise.json`."""

from functools import partial

from emqxctl.sandbox.http.paging import cut_cursor_page
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import EarlyResponse, Json, Response, Row, json_response
from emqxctl.sandbox.schema.fields import Field, check_struct, fields_of, without_none
from emqxctl.sandbox.schema.integration import apply_defaults
from emqxctl.sandbox.schema.refusals import bad_request, refuse_request, refuse_with
from emqxctl.sandbox.schema.secrets import mask, unmask
from emqxctl.sandbox.schema.types import check_boolean, union_mismatch
from emqxctl.sandbox.schema.validation import Body, check_parameter
from emqxctl.sandbox.state.cluster import ENTERPRISE
from emqxctl.sandbox.state.nodes import per_node

ANY_BODY = Body(loose=True)


def serve_collection(name: str, table: Row) -> None:
    """Register the operations on a list; `table` has its paths, schema, statuses and errors."""
    path, item = table["list"], table["item"]
    operations = table.get("operations", ())
    register = partial(route, edition=ENTERPRISE)
    register("GET", path, query="cursor" if "paged" in table else ())(partial(list_items, name, table))
    register("POST", path, body=ANY_BODY)(partial(create_item, name, table))
    register("PUT", path if "update_at_list" in table else item, body=ANY_BODY)(
        partial(update_item, name, table)
    )
    register("GET", item)(partial(show_item, name, table))
    register("DELETE", item)(partial(delete_item, name, table))
    if "enable" in operations:
        register("POST", f"{item}/enable/{{enable}}")(partial(enable_item, name, table))
    if "reorder" in operations:
        register("POST", f"{path}/reorder", body=Body("order"))(partial(reorder_items, name))
    if "metrics" in operations:
        method = "POST" if "enable" in operations else "PUT"
        register("GET", f"{item}/metrics")(partial(show_metrics, name, table))
        register(method, f"{item}/metrics/reset")(partial(reset_metrics, name, table))


def item_row(call: Call, table: Row, item: Row) -> Row:
    """Return an item with its secrets masked, and with what EMQX adds to it."""
    row = {**mask(item), **per_node(call.cluster.running(), table.get("extra", {}))}
    return {key: value for key, value in row.items() if key != "name"} if "by_name" in table else row


def find_item(name: str, table: Row, call: Call, key: str = "") -> Row:
    """Return the item of the path, or the named one. Raises EarlyResponse (404)."""
    item: Row | None = call.cluster.collections[name].get(key or call.bindings["name"])
    if item is None:
        refuse_with(*table["missing"])
    return item


def check_item(call: Call, table: Row, *, new: bool) -> Row:
    """Check the body of an item and fill in its defaults. Raises EarlyResponse (400)."""
    named = new or "update_at_list" in table or "named_update" in table
    fields = [field for field in fields_of(table["schema"]) if named or field.name != "name"]
    if "types" in table and (kind := call.body.get("type", table["types"][0])) not in table["types"]:
        expected = table.get("types_text", table["types"])
        details = {"path": "root", "kind": "validation_error", "field_name": "type", "expected": expected}
        raise bad_request(details)
    if "unions" in table:
        return check_both(call, table, fields, new=new)
    matched = table.get("matched" if new else "matched_update", "") if "types" in table else ""
    return apply_defaults(fields, call.body, matched.format(type=kind) if matched else "")


def check_both(call: Call, table: Row, fields: list[Field], *, new: bool) -> Row:
    """Check the body of a queue or stream; both types have one schema here. Raises EarlyResponse (400)."""
    fields = [field for field in fields if new or field.name not in table["fixed"]]
    errors: list[Row] = []
    checked = check_struct(fields, call.body, "root", errors)
    if errors:
        details: Json = errors if len(errors) > 1 else errors[0]
        members = table["unions"][:2] if new else table["unions"][2:]
        raise bad_request(union_mismatch("root", dict.fromkeys(members, details)))
    return without_none(checked)


def check_reference(call: Call, table: Row, item: Row) -> None:
    """Refuse an item that names another one that is absent or of another type. Raises EarlyResponse (400)."""
    if refers := table.get("refers"):
        target = call.cluster.collections[refers["to"]].get(item[refers["field"]])
        if target is None:
            refuse_with(*refers["unknown"])
        if target["type"] != item["type"]:
            refuse_with(*refers["mismatch"])


def list_items(name: str, table: Row, call: Call) -> Response:
    """List the items."""
    items = call.cluster.collections[name]
    rows = [item_row(call, table, item) for item in items.values()]
    if "by_name" in table:
        return json_response(dict(zip(items, rows, strict=True)))
    return json_response(cut_cursor_page(rows, call.query) if "paged" in table else rows)


def create_item(name: str, table: Row, call: Call) -> Response:
    """Create an item."""
    item, items = check_item(call, table, new=True), call.cluster.collections[name]
    if item["name"] in items:
        status, code, message = table["exists"]
        refuse_with(status, code, message.format(name=item["name"]) if "{{" in message else message)
    check_reference(call, table, item)
    items[item["name"]] = item
    status = table.get("created", 201)
    return Response(204) if status == 204 else json_response(item_row(call, table, item), status)


def show_item(name: str, table: Row, call: Call) -> Response:
    """Show one item."""
    return json_response(item_row(call, table, find_item(name, table, call)))


def update_item(name: str, table: Row, call: Call) -> Response:
    """Replace an item; a masked secret stays what it was."""
    if "update_at_list" not in table:
        find_item(name, table, call)
    checked = check_item(call, table, new=False)
    key = checked["name"] if "update_at_list" in table else call.bindings["name"]
    old = find_item(name, table, call, key)
    if "fixed" in table and checked["is_lastvalue"] != old["is_lastvalue"]:
        refuse_request("LastValue flag is not allowed to be updated")
    check_reference(call, table, checked)
    fixed_fields = {field: old[field] for field in table.get("fixed", ())}
    item = {**unmask(checked, old), **fixed_fields, "name": key}
    call.cluster.collections[name][key] = item
    return Response(204) if table.get("updated") == 204 else json_response(item_row(call, table, item))


def delete_item(name: str, table: Row, call: Call) -> Response:
    """Delete an item; of some lists, one that does not exist too."""
    if "deleted_unknown" not in table:
        find_item(name, table, call)
    if used := table.get("used_by"):
        users = call.cluster.collections[used["in"]].values()
        if any(user.get(used["field"]) == call.bindings["name"] for user in users):
            refuse_with(*used["error"])
    call.cluster.collections[name].pop(call.bindings["name"], None)
    return Response(204)


def enable_item(name: str, table: Row, call: Call) -> Response:
    """Enable or disable an item."""
    enabled = check_parameter(check_boolean, call.bindings["enable"], "enable")
    find_item(name, table, call)["enable"] = enabled
    return Response(204)


def reorder_items(name: str, call: Call) -> Response:
    """Reorder all items; EMQX writes empty lists as text in its error."""
    items, order = call.cluster.collections[name], call.body["order"]
    problems = {
        "duplicated": sorted({key for key in order if order.count(key) > 1}),
        "not_found": [key for key in order if key not in items],
        "not_reordered": [key for key in items if key not in order],
    }
    if any(problems.values()):
        details = {problem: keys or [91, 93] for problem, keys in problems.items()}
        raise EarlyResponse(json_response({"code": "BAD_REQUEST", "message": "Bad request", **details}, 400))
    call.cluster.collections[name] = {key: items[key] for key in order}
    return Response(204)


def show_metrics(name: str, table: Row, call: Call) -> Response:
    """Show the counters of an item, which are all zero."""
    find_item(name, table, call)
    counters = call.cluster.facts["metrics"][name]
    row = {"metrics": counters, "node_metrics": {"$per_node": {"metrics": counters}}}
    return json_response(per_node(call.cluster.running(), row))


def reset_metrics(name: str, table: Row, call: Call) -> Response:
    """Set the counters of an item to zero."""
    find_item(name, table, call)
    return Response(204)
