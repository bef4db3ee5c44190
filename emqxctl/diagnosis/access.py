"""What the API shows of who may come in and what they may do: read for one client, and put in order."""

from collections.abc import Mapping, Sequence

from emqxctl.api.parallel import Fetch, Fetched, fetch_one
from emqxctl.emqx.acl import (
    AccessRequest,
    AclDecision,
    AclSource,
    ClientIdentity,
    evaluate,
    parse_acl_file,
    parse_stored_rule,
)
from emqxctl.emqx.topics import parse_delayed_topic, parse_subscription

Row = dict[str, object]
BUILT_IN_DATABASE = "built_in_database"
CLIENT_RULES_PATH = "/authorization/sources/built_in_database/rules/clients/{clientid}"
USER_RULES_PATH = "/authorization/sources/built_in_database/rules/users/{username}"
ACCESS_CALLS = (
    "GET /authorization/settings",
    "GET /authorization/sources",
    "GET /authorization/sources/built_in_database/rules/all",
    f"GET {CLIENT_RULES_PATH}",
    f"GET {USER_RULES_PATH}",
    "GET /authentication",
    "GET /authentication/{id}/users/{user_id}",
)


def list_fetches(clientid: str) -> dict[str, Fetch]:
    """Give what is read of authorization and authentication, before the user is known."""
    return {
        "authorization settings": fetch_one("/authorization/settings"),
        "authorization sources": fetch_one("/authorization/sources"),
        "rules of all": fetch_one("/authorization/sources/built_in_database/rules/all"),
        "rules of the client": fetch_one(CLIENT_RULES_PATH, clientid),
        "authentication": fetch_one("/authentication"),
    }


def list_user_fetches(client: ClientIdentity, authenticators: Sequence[Row]) -> dict[str, Fetch]:
    """Give what is read of the user: the rules, and the entry in each database that is built in."""
    fetches: dict[str, Fetch] = (
        {"rules of the user": fetch_one(USER_RULES_PATH, client.username)} if client.username else {}
    )
    for authenticator in authenticators:
        user = get_user_id(authenticator, client)
        if user and authenticator.get("backend") == BUILT_IN_DATABASE:
            name = str(authenticator.get("id"))
            fetches[f"user in {name}"] = fetch_one("/authentication/{id}/users/{user_id}", name, user)
    return fetches


def get_user_id(authenticator: Row, client: ClientIdentity) -> str | None:
    """Give what an authenticator's database knows a client by: its user name or its id."""
    return client.clientid if authenticator.get("user_id_type") == "clientid" else client.username


def objects(value: object) -> list[Row]:
    """Take the objects out of a list; none of what is no list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def get_nested_rows(part: Fetched | None, name: str) -> list[Row]:
    """Take a list of objects out of a part."""
    value = part.value if part else None
    return objects(value.get(name)) if isinstance(value, Mapping) else []


def list_enabled_authenticators(parts: Mapping[str, Fetched]) -> list[Row]:
    """Give the authenticators that are on, in order."""
    return [
        authenticator
        for authenticator in objects(parts["authentication"].value)
        if authenticator.get("enable") is not False
    ]


def is_superuser(parts: Mapping[str, Fetched], authenticators: Sequence[Row]) -> bool | None:
    """Tell whether a client is a superuser; None where something else than a built-in database may say so."""
    for authenticator in authenticators:
        part = parts.get(f"user in {authenticator.get('id')}")
        if authenticator.get("backend") != BUILT_IN_DATABASE or part is None or part.error:
            return None
        if isinstance(part.value, Mapping):
            return part.value.get("is_superuser") is True
    return False


def describe_hidden_rules(parts: Mapping[str, Fetched], authenticators: Sequence[Row]) -> str:
    """Say what may bring rules of the client's own, asked before all others and shown by nothing."""
    for authenticator in authenticators:
        part = parts.get(f"user in {authenticator.get('id')}")
        if authenticator.get("backend") == BUILT_IN_DATABASE and part and part.value:
            return ""
        if authenticator.get("mechanism") == "jwt" or authenticator.get("backend") == "http":
            return f"unless {authenticator.get('id')} gave it rules of its own, which the API does not show"
    return ""


def build_sources(parts: Mapping[str, Fetched]) -> list[AclSource]:
    """Put in order what decides, with the rules where the API shows them."""
    missing = parts["authorization sources"].missing
    if missing:
        return [AclSource("authorization", None, missing)]
    enabled_sources = [
        each
        for each in get_nested_rows(parts["authorization sources"], "sources")
        if each.get("enable") is not False
    ]
    return [parse_source(each, parts) for each in enabled_sources]


def parse_source(source_object: Row, parts: Mapping[str, Fetched]) -> AclSource:
    """Read one source of authorization."""
    source_type = str(source_object.get("type", "unknown"))
    if source_type == BUILT_IN_DATABASE:
        return build_built_in_source(parts)
    if source_type != "file":
        return AclSource(source_type, None, "what it answers is not shown by the API")
    text = source_object.get("rules")
    try:
        return AclSource(
            source_type, [("of the file", rule) for rule in parse_acl_file(str(text))] if text else None
        )
    except ValueError as error:
        return AclSource(source_type, None, f"its rules are not plain: {error}")


def build_built_in_source(parts: Mapping[str, Fetched]) -> AclSource:
    """Put the rules of the built-in database in EMQX's order: the client's, the user's, those of all."""
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
    """Give what happens where no rule matches: allow, deny, or nothing where it cannot be read."""
    settings = parts["authorization settings"].value
    return str(settings.get("no_match", "")) if isinstance(settings, Mapping) else ""


def evaluate_access(
    parts: Mapping[str, Fetched], client: ClientIdentity, access: AccessRequest
) -> AclDecision:
    """Judge one access as EMQX does: without `$share/` and the like, or a delay (`emqx_access_control`)."""
    topic = parse_delayed_topic(parse_subscription(access.topic).filter)[0]
    return evaluate(build_sources(parts), get_no_match(parts), client, access._replace(topic=topic))


def verdict_to_object(verdict: AclDecision) -> Row:
    """Give a verdict as data."""
    return {
        "result": verdict.result,
        "source": verdict.source or None,
        "rule": verdict.rule or None,
        "why": verdict.reason or None,
    }


def describe_verdict(verdict: AclDecision) -> str:
    """Say a verdict: `allow: built_in_database, of the user: allow publish telemetry/#`."""
    if verdict.result == "unknown":
        return f"cannot tell ({verdict.reason})" if verdict.reason else "cannot tell"
    if not verdict.rule:
        return f"{verdict.result}: {verdict.reason or verdict.source}"
    owner = "" if verdict.source == "file" else f" {verdict.reason}"
    return f"{verdict.result}: {verdict.source}{owner}: {verdict.rule}"


def list_unavailable(parts: Mapping[str, Fetched]) -> dict[str, str]:
    """Give the parts that did not come, each with its reason."""
    return {name: part.missing for name, part in parts.items() if part.missing}
