"""Lists of EMQX Enterprise by name, with all their operations, over a table in `data/enterprise.json`."""

from functools import partial

from emqxctl.sandbox.handlers._items import Items
from emqxctl.sandbox.http.paging import cut_cursor_page
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import EarlyResponse, Json, Row, json_response
from emqxctl.sandbox.schema.fields import Field, check_struct, fields_of, without_none
from emqxctl.sandbox.schema.integration import apply_defaults
from emqxctl.sandbox.schema.refusals import bad_request, refuse_request, refuse_with
from emqxctl.sandbox.schema.secrets import mask, unmask
from emqxctl.sandbox.schema.types import union_mismatch
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.cluster import ENTERPRISE
from emqxctl.sandbox.state.nodes import per_node


class Collection(Items):
    """One list; its table has its paths, its schema, its statuses and its errors."""

    def __init__(self, name: str, table: Row) -> None:
        """Register the operations of the table."""
        shared = {"objects": f"collections.{name}", "edition": ENTERPRISE, "operations": ["show", "delete"]}
        super().__init__(name, self.item_row, {**table, **shared})
        self.name, more, body = name, table.get("operations", ()), Body(loose=True)
        path, item = table["path"], table["item"]
        register = partial(route, edition=ENTERPRISE)
        register("GET", path, query="cursor" if "paged" in table else ())(self.list)
        register("POST", path, body=body, status=table.get("created", 201))(self.create)
        updated, status = path if "update_at_list" in table else item, table.get("updated", 0)
        register("PUT", updated, body=body, status=status)(self.update)
        if "enable" in more:
            register("POST", f"{item}/enable/{{enable}}", checks={"enable": "boolean"})(self.enable)
        if "reorder" in more:
            register("POST", f"{path}/reorder", body=Body("order"))(self.reorder)
        if "metrics" in more:
            register("GET", f"{item}/metrics")(self.show_metrics)
            register("POST" if "enable" in more else "PUT", f"{item}/metrics/reset")(self.reset_metrics)

    def item_row(self, call: Call, _name: str, item: Row) -> Row:
        """Return an item with its secrets masked, and with what EMQX adds to it."""
        row = {**mask(item), **per_node(call.cluster.running(), self.table.get("extra", {}))}
        return {key: value for key, value in row.items() if key != "name" or "by_name" not in self.table}

    def check(self, call: Call, *, new: bool) -> Row:
        """Check the body of an item and fill in its defaults. Raises EarlyResponse (400)."""
        table, types = self.table, self.table.get("types", ())
        named = new or "update_at_list" in table or "named_update" in table
        fields = [field for field in fields_of(table["schema"]) if named or field.name != "name"]
        kind = call.body.get("type", types[0]) if types else ""
        if types and kind not in types:
            details = {"path": "root", "kind": "validation_error", "field_name": "type"}
            raise bad_request({**details, "expected": table.get("types_text", types)})
        if "unions" in table:
            return self.check_both(call, fields, new=new)
        matched = table.get("matched" if new else "matched_update", "") if types else ""
        return apply_defaults(fields, call.body, matched.format(type=kind))

    def check_both(self, call: Call, fields: list[Field], *, new: bool) -> Row:
        """Check the body of a queue or stream, whose types share a schema. Raises EarlyResponse (400)."""
        fields = [field for field in fields if new or field.name not in self.table["fixed"]]
        errors: list[Row] = []
        checked = check_struct(fields, call.body, "root", errors)
        if errors:
            details: Json = errors if len(errors) > 1 else errors[0]
            members = self.table["unions"][:2] if new else self.table["unions"][2:]
            raise bad_request(union_mismatch("root", dict.fromkeys(members, details)))
        return without_none(checked)

    def check_reference(self, call: Call, item: Row) -> None:
        """Refuse an item that names another one that is absent or of another type. Raises EarlyResponse."""
        if refers := self.table.get("refers"):
            target = call.cluster.collections[refers["to"]].get(item[refers["field"]])
            if target is None:
                refuse_with(*refers["unknown"])
            if target["type"] != item["type"]:
                refuse_with(*refers["mismatch"])

    def list(self, call: Call) -> Json:
        """List the items."""
        rows = [self.item_row(call, *item) for item in self.objects(call).items()]
        if "by_name" in self.table:
            return dict(zip(self.objects(call), rows, strict=True))
        return cut_cursor_page(rows, call.query) if "paged" in self.table else rows

    def create(self, call: Call) -> Json:
        """Create an item."""
        item, items = self.check(call, new=True), self.objects(call)
        name = item["name"]
        if name in items:
            status, code, message = self.table["exists"]
            refuse_with(status, code, message.format(name=name) if "{{" in message else message)
        self.check_reference(call, item)
        items[name] = item
        return self.item_row(call, name, item)

    def update(self, call: Call) -> Json:
        """Replace an item; a masked secret stays what it was."""
        named = "update_at_list" in self.table
        if not named:
            self.find(call)
        checked = self.check(call, new=False)
        name = checked["name"] if named else call.bindings["name"]
        old = self.find(call, name)
        if "fixed" in self.table and checked["is_lastvalue"] != old["is_lastvalue"]:
            refuse_request("LastValue flag is not allowed to be updated")
        self.check_reference(call, checked)
        fixed_fields = {field: old[field] for field in self.table.get("fixed", ())}
        item = self.objects(call)[name] = {**unmask(checked, old), **fixed_fields, "name": name}
        return self.item_row(call, name, item)

    def delete(self, call: Call) -> None:
        """Delete an item that no other one uses."""
        if "removable" not in self.table:
            self.find(call)
        if used := self.table.get("used_by"):
            users = call.cluster.collections[used["in"]].values()
            if any(user.get(used["field"]) == call.bindings["name"] for user in users):
                refuse_with(*used["error"])
        super().delete(call)

    def enable(self, call: Call) -> None:
        """Enable or disable an item."""
        self.find(call)["enable"] = call.bindings["enable"]

    def reorder(self, call: Call) -> None:
        """Reorder all items; EMQX writes empty lists as text in its error."""
        items, order = self.objects(call), call.body["order"]
        problems = {
            "duplicated": sorted({key for key in order if order.count(key) > 1}),
            "not_found": [key for key in order if key not in items],
            "not_reordered": [key for key in items if key not in order],
        }
        if any(problems.values()):
            details = {problem: keys or [91, 93] for problem, keys in problems.items()}
            refusal = {"code": "BAD_REQUEST", "message": "Bad request", **details}
            raise EarlyResponse(json_response(refusal, 400))
        call.cluster.collections[self.name] = {key: items[key] for key in order}

    def show_metrics(self, call: Call) -> Json:
        """Show the counters of an item, which are all zero."""
        self.find(call)
        counters = call.cluster.facts["metrics"][self.name]
        row = {"metrics": counters, "node_metrics": {"$per_node": {"metrics": counters}}}
        return per_node(call.cluster.running(), row)

    def reset_metrics(self, call: Call) -> None:
        """Set the counters of an item to zero."""
        self.find(call)
