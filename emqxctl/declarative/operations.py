"""The REST operations that state files use, by the facts of their kinds."""

from emqxctl.declarative.kinds import all_kinds

# What kinds read and write by functions of their own, and what is asked of the server itself.
READS = (
    "GET /nodes",
    "GET /schemas/{name}",
    "GET /gateways/{name}/listeners",
    "GET /mt/ns/{ns}/config",
    "GET /plugins/{name}/config",
)
WRITES = (
    "POST /mt/ns/{ns}",
    "PUT /mt/ns/{ns}/config",
    "PUT /plugins/{name}/config",
    "PUT /plugins/{name}/{action}",
    "POST /authorization/sources/built_in_database/rules/all",
    "DELETE /authorization/sources/built_in_database/rules/all",
    "PUT /authorization/sources/built_in_database/rules/users/{username}",
    "PUT /authorization/sources/built_in_database/rules/clients/{clientid}",
)


def read_operations() -> tuple[str, ...]:
    """Return the operations that export and diff use."""
    operations = set(READS)
    for kind in all_kinds().values():
        paths = (kind.list_path, kind.item, *(kind.members or {}).values())
        operations |= {f"GET {path}" for path in paths if path}
    return tuple(sorted(operations - {"GET /banned/{as}/{who}"}))


def write_operations() -> tuple[str, ...]:
    """Return the other operations that apply uses."""
    operations = set(WRITES)
    for kind in all_kinds().values():
        operations |= {f"PUT {path}" for path in (kind.members or {}).values()}
        operations |= {
            operation for operation in (*kind.operations, kind.order, kind.move) if " " in operation
        }
    return tuple(sorted(operations))
