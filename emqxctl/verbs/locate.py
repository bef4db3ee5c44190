"""One object by its key, in whatever namespace it is: EMQX looks only among the global ones (EMQX 6.0+)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from emqxctl.cli.session import Session
from emqxctl.emqx.namespaces import LISTS_WITH_GLOBAL_FILTER, NAMESPACED_OPERATIONS
from emqxctl.errors import EmqxctlError, ExitCode, ServerError, UsageError
from emqxctl.resource import Resource

GLOBAL = None  # the namespace of a global object, in the rows of a list


def fetch_object(session: Session, resource: Resource, keys: Sequence[str]) -> dict[str, Any]:
    """Return an object as the server has it; `keys` fill the placeholders of the item path, all complete."""
    from emqxctl.api.response import require_object

    response = session.client.get(resource.item_path, *keys)
    return require_object(resource.from_response(response) if resource.from_response else response)


def get_operations(resource: Resource) -> tuple[str, ...]:
    """Return the operations that find an object: it alone, and the list if it may be in a namespace."""
    operation = f"GET {resource.item_path}"
    return (operation, f"GET {resource.path}") if is_namespaced(resource) else (operation,)


def is_namespaced(resource: Resource) -> bool:
    """Return whether objects of a resource can be in a namespace, and its list contains all of them."""
    operations = (f"GET {resource.item_path}", f"GET {resource.path}")
    return operations[0] in NAMESPACED_OPERATIONS and operations[1] in LISTS_WITH_GLOBAL_FILTER


def perform(
    session: Session, resource: Resource, keys: Sequence[str], action: Callable[[Session], Any]
) -> Any:  # noqa: ANN401  # what the action returns
    """Perform an action on an object; if EMQX does not find it globally, in its namespace.

    Raises UsageError if the key is that of objects in several namespaces.
    """
    try:
        return action(session)
    except ServerError as error:
        is_unknown = error.exit_code is ExitCode.NOT_FOUND and not error.details.get("unknown_path")
        if not (is_unknown and is_searched(session, resource)):
            raise
        namespaces = find_namespaces(session, resource, keys[-1])
        if not any(namespaces):
            raise
        return action(choose(session, resource, keys[-1], namespaces))


def locate(session: Session, resource: Resource, keys: Sequence[str]) -> Session:
    """Return the session for an object, in its namespace. Errors of the search are left to the operation.

    Raises UsageError if the key is that of several objects.
    """
    if not is_searched(session, resource):
        return session
    try:
        return locate_object(session, resource, keys)[0]
    except ServerError:
        return session


def locate_object(
    session: Session, resource: Resource, keys: Sequence[str]
) -> tuple[Session, dict[str, Any]]:
    """Return the session for an object, in its namespace, and the object.

    Raises UsageError if the key is that of several objects, and the server's error if it is of none.
    """
    if not is_searched(session, resource):
        return session, fetch_object(session, resource, keys)
    try:
        row = fetch_object(session, resource, keys)
    except ServerError as error:
        if error.exit_code is not ExitCode.NOT_FOUND or error.details.get("unknown_path"):
            raise
        namespaces = find_namespaces(session, resource, keys[-1])
        if not namespaces:
            raise
        namespaced_session = choose(session, resource, keys[-1], namespaces)
        return namespaced_session, fetch_object(namespaced_session, resource, keys)
    if "namespace" in row:  # EMQX 6.0 and later
        choose(session, resource, keys[-1], find_namespaces(session, resource, keys[-1]))
    return session, row


def is_searched(session: Session, resource: Resource) -> bool:
    """Return whether the namespace of an object has to be found: it can have one, and none was chosen."""
    return is_namespaced(resource) and not (session.settings.namespace or session.settings.only_global)


def namespace_of_body(session: Session, resource: Resource, body: Mapping[str, Any]) -> str:
    """Return the namespace that a body names, as one that `get` printed does; empty for none.

    Raises UsageError if an option names another one.
    """
    namespace = body.get("namespace")
    if not is_namespaced(resource) or not isinstance(namespace, str) or not namespace:
        return ""
    chosen = session.settings.namespace
    if session.settings.only_global or (chosen and chosen != namespace):
        message = f"the body is of namespace {namespace!r}, not of {chosen or 'the global one'!r}"
        raise UsageError(message, hint="remove namespace from the body, or use --namespace with its value")
    return namespace


def find_namespaces(session: Session, resource: Resource, key: str) -> list[str | None]:
    """Return the namespaces of all objects with a key, None for the global one; empty if unknown."""
    query = {"like_id": key} if any(item.param == "like_id" for item in resource.filters) else {}
    try:
        rows = list(session.rows(resource, query, limited=False))
    except EmqxctlError:
        return []
    if resource.from_response:
        rows = [resource.from_response(row) for row in rows]
    return [row["namespace"] for row in rows if row.get(resource.key) == key and "namespace" in row]


def choose(session: Session, resource: Resource, key: str, namespaces: Sequence[str | None]) -> Session:
    """Return the session for the only namespace with a key. Raises UsageError if there are several."""
    if len(namespaces) > 1:
        names = [f"in namespace {name}" for name in namespaces if name is not GLOBAL]
        places = [*(["globally"] if GLOBAL in namespaces else []), *names]
        message = f"{resource.noun} {key!r} exists {' and '.join(places)}"
        options = [*(["--only-global"] if GLOBAL in namespaces else []), "--namespace NAME"]
        raise UsageError(message, code="AMBIGUOUS", hint=f"use {' or '.join(options)}")
    namespace = namespaces[0] if namespaces else GLOBAL
    if namespace is GLOBAL:
        return session
    session.info(f"{resource.noun} {key!r} is in namespace {namespace}")
    return session.in_namespace(namespace)
