"""The configuration roots, the paths that some of them have, and how their values are read."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from emqxctl.cli.session import Session
from emqxctl.emqx.node_settings import Path, format_path, parse_path
from emqxctl.errors import ExitCode, NotFoundError, ServerError, UsageError

# The roots with a path of their own; the others are read with ?key= and written with PUT /configs.
ROOTS = (
    "a2a_registry",
    "alarm",
    "broker",
    "dashboard",
    "file_transfer",
    "global_zone",
    "limiter",
    "log",
    "persistent_session_store",
    "sys_topics",
    "sysmon",
    "zones",
)
LIMITER_PATH = "/configs/limiter/{limiter_type}"  # EMQX 5.0 until 5.0.24
READ_CALLS = (*(f"GET /configs/{root}" for root in ROOTS), f"GET {LIMITER_PATH}")
READ_ONLY_ROOTS = frozenset({"node", "rpc", "cluster"})
MAX_SUGGESTIONS = 3
WRITE_CALLS = (*(f"PUT /configs/{root}" for root in ROOTS), f"PUT {LIMITER_PATH}")


def build_root_path(root: str) -> tuple[str, ...]:
    """Return the path template of a root and its arguments; empty for one without a path of its own."""
    if root.startswith("limiter/"):
        return LIMITER_PATH, root.partition("/")[2]
    return (f"/configs/{root}",) if root in ROOTS else ()


def parse_key(text: str) -> Path:
    """Parse a configuration key such as `mqtt.max_packet_size`. Raises UsageError."""
    path = parse_path(text)
    if not path:
        message = f"invalid configuration key {text!r}"
        raise UsageError(message, hint='such as mqtt.max_packet_size, or a."name.with.dots".b')
    return path


def read_json_root(session: Session, root: str, node: str | None, *, own_path: bool) -> Any:  # noqa: ANN401  # JSON is Any
    """Return a configuration root with its secrets masked, from whichever response has it.

    `own_path`: the root has a path of its own, which is read.
    """
    if own_path:
        return session.client.get_object(*build_root_path(root))
    roots = session.client.get_object("/configs", query={"node": node})
    if root not in roots:
        roots = read_masked_roots(session, root, node)
    return roots.get(root)


def read_all_roots(session: Session, node: str | None) -> dict[str, Any]:
    """Return all configuration roots with their secrets masked.

    EMQX returns some roots as JSON, most of them as HOCON only, and `broker` as JSON only.
    """
    roots = session.client.get_object("/configs", query={"node": node})
    return dict(sorted({**read_masked_roots(session, "", node), **roots}.items()))  # masked by EMQX itself


def read_masked_roots(session: Session, root: str, node: str | None) -> dict[str, Any]:
    """Return the roots that EMQX returns as HOCON, or one of them, with their secrets masked."""
    from emqxctl.diagnosis.node_configurations import read_configuration

    with explain_missing_root(session, root):
        configuration = read_configuration(session.client, node or "", root)
    roots: dict[str, Any] = session.client.redactor.redact_json(configuration)
    return roots


@contextmanager
def explain_missing_root(session: Session, root: str) -> Iterator[None]:
    """Raise NotFoundError with the name of a root, and close names, if the server does not have it."""
    try:
        yield
    except ServerError as error:
        if not root or error.exit_code is not ExitCode.NOT_FOUND:
            raise
        from emqxctl.diagnosis.node_configurations import read_configuration

        hint = suggest_roots(read_configuration(session.client), root)
        message = f"configuration root {root!r} not found"
        raise NotFoundError(message, hint=hint, code=error.code, details=error.details) from error


def find_value(roots: Any, path: Path) -> Any:  # noqa: ANN401  # JSON is Any
    """Return the value at a path in the configuration roots. Raises NotFoundError."""
    value = roots
    for position, key in enumerate(path):
        if isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        elif isinstance(value, dict) and key in value:
            value = value[key]
        else:
            raise missing_key_error(path[: position + 1], value)
    return value


def suggest_roots(roots: dict[str, Any], name: str) -> str:
    """Return a hint with the keys of this name in any root, or else close roots, or how roots are listed."""
    from emqxctl.emqx.row_fields import find_close_names

    paths = [format_path(path) for path in iterate_paths(roots) if path[-1] == name][:MAX_SUGGESTIONS]
    paths = paths or find_close_names(name, [*roots, *ROOTS])
    return f"did you mean {' or '.join(paths)}?" if paths else "list all roots: emqxctl configs get"


def iterate_paths(value: object, path: Path = ()) -> Iterator[Path]:
    """Yield the paths of all keys, those of a root before those below them."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield (*path, key)
            yield from iterate_paths(item, (*path, key))


def missing_key_error(path: Path, parent: object) -> NotFoundError:
    """Return the error for a key that its parent does not have; the hint has close names."""
    from emqxctl.emqx.row_fields import find_close_names

    names = list(parent) if isinstance(parent, dict) else []
    close_names = [format_path((*path[:-1], name)) for name in find_close_names(path[-1], names)]
    parent_key = format_path(path[:-1])
    listing = f"list keys: emqxctl configs get {parent_key}".rstrip()
    hint = f"did you mean {' or '.join(close_names)}?" if close_names else listing
    message = f"configuration key {format_path(path)!r} not found"
    return NotFoundError(message, hint=hint)
