"""Authentication and authorization of one client, as far as the API shows them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from emqxctl.api.parallel import Fetch, Fetched, fetch_one
from emqxctl.diagnosis.health import dict_rows
from emqxctl.emqx.acl import (
    AccessRequest,
    AclDecision,
    AclSource,
    ClientIdentity,
    evaluate,
    parse_stored_rule,
)
from emqxctl.emqx.acl_file import parse_acl_file
from emqxctl.emqx.topics import parse_delayed_topic, parse_subscription
from emqxctl.errors import UsageError

if TYPE_CHECKING:
    from emqxctl.api.client import Client

Row = dict[str, object]
HARDENED_SINCE = (6, 3, 0)  # the first release whose default security profile is not `legacy`
BUILT_IN_DATABASE = "built_in_database"
CLIENT_RULES_PATH = "/authorization/sources/built_in_database/rules/clients/{clientid}"
USER_RULES_PATH = "/authorization/sources/built_in_database/rules/users/{username}"
ACCESS_CALLS = (
    "GET /authorization/settings",
    "GET /authorization/sources",
    "GET /nodes",
    "GET /authorization/sources/built_in_database/rules/all",
    f"GET {CLIENT_RULES_PATH}",
    f"GET {USER_RULES_PATH}",
    "GET /authentication",
    "GET /authentication/{id}/users/{user_id}",
)


def list_fetches(clientid: str) -> dict[str, Fetch]:
    """Return the fetches of authorization and authentication that need no username."""
    return {
        "authorization settings": fetch_one("/authorization/settings"),
        "authorization sources": fetch_sources,
        "rules of all": fetch_one("/authorization/sources/built_in_database/rules/all"),
        "rules of the client": fetch_one(CLIENT_RULES_PATH, clientid),
        "authentication": fetch_one("/authentication"),
    }


def fetch_sources(client: "Client") -> object:
    """Return the authorization sources; with the security profile of this EMQX if an ACL file names one."""
    response = client.get("/authorization/sources")
    if "security_profile" not in str(response) or not isinstance(response, dict):
        return response
    from emqxctl.api.availability import fetch_node_version
    from emqxctl.emqx.operations import parse_numbers

    version, _ = fetch_node_version(client.transport, "", "")
    return {**response, "security_profile": find_security_profile(parse_numbers(version))}


def find_security_profile(release: tuple[int, int, int]) -> str:
    """Return the default security profile of a release: hardened since 6.3.0; empty if it is unknown."""
    if not any(release):
        return ""
    return "hardened" if release >= HARDENED_SINCE else "legacy"


def list_user_fetches(client: ClientIdentity, authenticators: Sequence[Row]) -> dict[str, Fetch]:
    """Return the fetches of the user: the rules, and the entry in each built-in database."""
    fetches: dict[str, Fetch] = (
        {"rules of the user": fetch_one(USER_RULES_PATH, client.username)} if client.username else {}
    )
    for authenticator in authenticators:
        user_id = get_user_id(authenticator, client)
        if user_id and authenticator.get("backend") == BUILT_IN_DATABASE:
            name = str(authenticator.get("id"))
            fetches[f"user in {name}"] = fetch_one("/authentication/{id}/users/{user_id}", name, user_id)
    return fetches


def identify_client(clientid: str, row: object, username: str | None, address: str | None) -> ClientIdentity:
    """Return a client's identity: from its row if it is connected, else as given, else from its last session.

    `row` is what EMQX returned for the client: None if it has no session. Raises UsageError for another
    username or address than those of a connected client.
    """
    session = row if isinstance(row, Mapping) else {}
    last_username = (session.get("username") or "") if "username" in session else None
    last_address = session.get("ip_address") or None
    if session.get("connected"):
        reject_other_value(clientid, "username", username, last_username)
        reject_other_value(clientid, "IP address", address, last_address)
        return ClientIdentity(
            clientid, username if last_username is None else last_username, last_address or address
        )
    return ClientIdentity(clientid, last_username if username is None else username, address or last_address)


def reject_other_value(clientid: str, noun: str, value: str | None, actual: str | None) -> None:
    """Raise UsageError for a typed username or address that a connected client does not have.

    `actual` is None if the server does not return it.
    """
    if None not in (value, actual) and value != actual:
        message = f"client {clientid!r} is connected: its {noun} is {actual!r}, not {value!r}"
        hint = "--username and --ip are for clients that are not connected; remove them"
        raise UsageError(message, hint=hint)


def get_user_id(authenticator: Row, client: ClientIdentity) -> str | None:
    """Return what identifies a client in an authenticator's database: its username or its client ID."""
    return client.clientid if authenticator.get("user_id_type") == "clientid" else client.username


def get_nested_rows(part: Fetched | None, name: str) -> list[Row]:
    """Return the objects of a list inside a fetched object, an empty list if it was not fetched."""
    value = part.value if part else None
    return dict_rows(value.get(name)) if isinstance(value, Mapping) else []


def list_enabled_authenticators(parts: Mapping[str, Fetched]) -> list[Row]:
    """Return the enabled authenticators, in order."""
    return [
        authenticator
        for authenticator in dict_rows(parts["authentication"].value)
        if authenticator.get("enable") is not False
    ]


def is_superuser(parts: Mapping[str, Fetched], authenticators: Sequence[Row]) -> bool | None:
    """Return whether a client is a superuser; None if not only built-in databases decide."""
    for authenticator in authenticators:
        part = parts.get(f"user in {authenticator.get('id')}")
        if authenticator.get("backend") != BUILT_IN_DATABASE or part is None or part.error:
            return None
        if isinstance(part.value, Mapping):
            return part.value.get("is_superuser") is True
    return False


def describe_hidden_rules(parts: Mapping[str, Fetched], authenticators: Sequence[Row]) -> str:
    """Return which authenticator may have assigned rules to the client that the API does not show.

    Such rules come before all sources (`emqx_authz`).
    """
    for authenticator in authenticators:
        part = parts.get(f"user in {authenticator.get('id')}")
        if authenticator.get("backend") == BUILT_IN_DATABASE and part and part.value:
            return ""
        if authenticator.get("mechanism") == "jwt" or authenticator.get("backend") == "http":
            name = authenticator.get("id")
            return f"unless {name} assigned rules to the client (not available through the API)"
    return ""


def build_sources(parts: Mapping[str, Fetched]) -> list[AclSource]:
    """Return the enabled authorization sources in order, with their rules if the API shows them."""
    missing = parts["authorization sources"].missing
    if missing:
        return [AclSource("authorization", None, missing)]
    enabled_sources = [
        source
        for source in get_nested_rows(parts["authorization sources"], "sources")
        if source.get("enable") is not False
    ]
    return [parse_source(source, parts) for source in enabled_sources]


def parse_source(source_object: Row, parts: Mapping[str, Fetched]) -> AclSource:
    """Parse one authorization source."""
    source_type = str(source_object.get("type", "unknown"))
    if source_type == BUILT_IN_DATABASE:
        return build_built_in_source(parts)
    if source_type != "file":
        return AclSource(source_type, None, "decisions not available through the API")
    text, value = source_object.get("rules"), parts["authorization sources"].value
    profile = str(value.get("security_profile") or "") if isinstance(value, Mapping) else ""
    try:
        rules = parse_acl_file(str(text), profile)
        return AclSource(source_type, [("of the file", rule) for rule in rules] if text else None)
    except ValueError as error:
        return AclSource(source_type, None, f"rules cannot be parsed: {error}")


def build_built_in_source(parts: Mapping[str, Fetched]) -> AclSource:
    """Return the rules of the built-in database in EMQX's order: of the client, of the user, of all."""
    rules = []
    for owner in ("of the client", "of the user", "of all"):
        part = parts.get(f"rules {owner}")
        if part is None:
            continue
        if part.missing:
            return AclSource(BUILT_IN_DATABASE, None, part.missing)
        stored_rules = [parse_stored_rule(row) for row in get_nested_rows(part, "rules")]
        rules += [(owner, rule) for rule in stored_rules if rule]
    return AclSource(BUILT_IN_DATABASE, rules)


def get_no_match(parts: Mapping[str, Fetched]) -> str:
    """Return the permission when no rule matches: allow, deny, or empty if it is unknown."""
    settings = parts["authorization settings"].value
    return str(settings.get("no_match", "")) if isinstance(settings, Mapping) else ""


def evaluate_access(
    parts: Mapping[str, Fetched], client: ClientIdentity, access: AccessRequest
) -> AclDecision:
    """Evaluate an access as EMQX does (`emqx_access_control`): without a `$share/` prefix or a delay."""
    topic = parse_delayed_topic(parse_subscription(access.topic).filter)[0]
    return evaluate(build_sources(parts), get_no_match(parts), client, access._replace(topic=topic))


def verdict_to_object(verdict: AclDecision) -> Row:
    """Return a verdict as data."""
    return {
        "result": verdict.result,
        "source": verdict.source or None,
        "rule": verdict.rule or None,
        "reason": verdict.reason or None,
    }


def describe_verdict(verdict: AclDecision) -> str:
    """Format a verdict: `allow: built_in_database of the user: allow publish telemetry/#`."""
    if verdict.result == "unknown":
        return f"unknown ({verdict.reason})" if verdict.reason else "unknown"
    if not verdict.rule:
        return f"{verdict.result}: {verdict.reason or verdict.source}"
    owner = "" if verdict.source == "file" else f" {verdict.reason}"
    return f"{verdict.result}: {verdict.source}{owner}: {verdict.rule}"


def list_unavailable(parts: Mapping[str, Fetched]) -> dict[str, str]:
    """Return the parts that could not be fetched, each with its reason."""
    return {name: part.missing for name, part in parts.items() if part.missing}
