"""Options that only newer versions of EMQX support: older ones ignore some fields and filters in silence."""

from collections.abc import Mapping, Sequence

from emqxctl.cli.session import Session
from emqxctl.errors import UnsupportedError
from emqxctl.resource import Filter, Setting


def check_option_versions(
    session: Session, items: Sequence[Filter] | Sequence[Setting], values: Mapping[str, object], *, hint: str
) -> None:
    """Check that this EMQX supports the filters or settings that the user set, by `param`.

    The version is fetched if one of them needs it. Raises UnsupportedError.
    """
    newer_items = [item for item in items if item.since is not None and values.get(item.param) is not None]
    if not newer_items:
        return
    from emqxctl.api.status import fetch_status
    from emqxctl.emqx.operations import parse_version

    status = fetch_status(session.client.transport)
    version = parse_version(status.version, status.edition) if status else None
    for item in newer_items:
        if version is not None and item.since is not None and version.last < item.since:
            required = ".".join(map(str, item.since)).removesuffix(".0")
            message = f"{item.flag} requires EMQX {required} or later (this is {version.name})"
            raise UnsupportedError(message, hint=hint)
