"""What the API shows of who may come in and what they may do: read for one client, and put in order."""

from collections.abc import Mapping, Sequence

from emqxctl.api.parallel import Part, Read, one
from emqxctl.emqx.acl import Access, Source, Verdict, Who, file_rules, judge, stored_rule
from emqxctl.emqx.topics import delayed, take_apart

Row = dict[str, object]
BUILT_IN = "built_in_database"
OF_CLIENT = "/authorization/sources/built_in_database/rules/clients/{clientid}"
OF_USER = "/authorization/sources/built_in_database/rules/users/{username}"
CALLS = (
    "GET /authorization/settings",
    "GET /authorization/sources",
    "GET /authorization/sources/built_in_database/rules/all",
    f"GET {OF_CLIENT}",
    f"GET {OF_USER}",
    "GET /authentication",
    "GET /authentication/{id}/users/{user_id}",
)


def reads(clientid: str) -> dict[str, Read]:
    """Give what is read of authorization and authentication, before the user is known."""
    return {
        "authorization settings": one("/authorization/settings"),
        "authorization sources": one("/authorization/sources"),
        "rules of all": one("/authorization/sources/built_in_database/rules/all"),
        "rules of the client": one(OF_CLIENT, clientid),
        "authentication": one("/authentication"),
    }


def reads_of_user(who: Who, authenticators: Sequence[Row]) -> dict[str, Read]:
    """Give what is read of the user: the rules, and the entry in each database that is built in."""
    found: dict[str, Read] = {"rules of the user": one(OF_USER, who.username)} if who.username else {}
    for each in authenticators:
        user = user_of(each, who)
        if user and each.get("backend") == BUILT_IN:
            name = str(each.get("id"))
            found[f"user in {name}"] = one("/authentication/{id}/users/{user_id}", name, user)
    return found


def user_of(authenticator: Row, who: Who) -> str | None:
    """Give what an authenticator's database knows a client by: its user name or its id."""
    return who.clientid if authenticator.get("user_id_type") == "clientid" else who.username


def objects(value: object) -> list[Row]:
    """Take the objects out of a list; none of what is no list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def inner(part: Part | None, name: str) -> list[Row]:
    """Take a list of objects out of a part."""
    value = part.value if part else None
    return objects(value.get(name)) if isinstance(value, Mapping) else []


def authenticators(parts: Mapping[str, Part]) -> list[Row]:
    """Give the authenticators that are on, in order."""
    return [each for each in objects(parts["authentication"].value) if each.get("enable") is not False]


def superuser(parts: Mapping[str, Part], chain: Sequence[Row]) -> bool | None:
    """Tell whether a client is a superuser; None where something else than a built-in database may say so."""
    for each in chain:
        part = parts.get(f"user in {each.get('id')}")
        if each.get("backend") != BUILT_IN or part is None or part.error:
            return None
        if isinstance(part.value, Mapping):
            return part.value.get("is_superuser") is True
    return False


def caveat(parts: Mapping[str, Part], chain: Sequence[Row]) -> str:
    """Say what may bring rules of the client's own, asked before all others and shown by nothing."""
    for each in chain:
        part = parts.get(f"user in {each.get('id')}")
        if each.get("backend") == BUILT_IN and part and part.value:
            return ""
        if each.get("mechanism") == "jwt" or each.get("backend") == "http":
            return f"unless {each.get('id')} gave it rules of its own, which the API does not show"
    return ""


def sources(parts: Mapping[str, Part]) -> list[Source]:
    """Put in order what decides, with the rules where the API shows them."""
    missing = parts["authorization sources"].missing
    if missing:
        return [Source("authorization", None, missing)]
    found = [
        each for each in inner(parts["authorization sources"], "sources") if each.get("enable") is not False
    ]
    return [source(each, parts) for each in found]


def source(shown: Row, parts: Mapping[str, Part]) -> Source:
    """Read one source of authorization."""
    kind = str(shown.get("type", "unknown"))
    if kind == BUILT_IN:
        return built_in(parts)
    if kind != "file":
        return Source(kind, None, "what it answers is not shown by the API")
    text = shown.get("rules")
    try:
        return Source(kind, [("of the file", rule) for rule in file_rules(str(text))] if text else None)
    except ValueError as error:
        return Source(kind, None, f"its rules are not plain: {error}")


def built_in(parts: Mapping[str, Part]) -> Source:
    """Put the rules of the built-in database in EMQX's order: the client's, the user's, those of all."""
    rules = []
    for whose in ("of the client", "of the user", "of all"):
        part = parts.get(f"rules {whose}")
        if part is None:
            continue
        if part.missing:
            return Source(BUILT_IN, None, part.missing)
        read = [stored_rule(row) for row in inner(part, "rules")]
        rules += [(whose, rule) for rule in read if rule]
    return Source(BUILT_IN, rules)


def no_match(parts: Mapping[str, Part]) -> str:
    """Give what happens where no rule matches: allow, deny, or nothing where it cannot be read."""
    settings = parts["authorization settings"].value
    return str(settings.get("no_match", "")) if isinstance(settings, Mapping) else ""


def verdict(parts: Mapping[str, Part], who: Who, access: Access) -> Verdict:
    """Judge one access as EMQX does: without `$share/` and the like, or a delay (`emqx_access_control`)."""
    topic = delayed(take_apart(access.topic).filter)[0]
    return judge(sources(parts), no_match(parts), who, access._replace(topic=topic))


def shown(found: Verdict) -> Row:
    """Give a verdict as data."""
    return {
        "result": found.result,
        "source": found.source or None,
        "rule": found.rule or None,
        "why": found.why or None,
    }


def words(found: Verdict) -> str:
    """Say a verdict: `allow: built_in_database, of the user: allow publish telemetry/#`."""
    if found.result == "unknown":
        return f"cannot tell ({found.why})" if found.why else "cannot tell"
    if not found.rule:
        return f"{found.result}: {found.why or found.source}"
    whose = "" if found.source == "file" else f" {found.why}"
    return f"{found.result}: {found.source}{whose}: {found.rule}"


def unread(parts: Mapping[str, Part]) -> dict[str, str]:
    """Give the parts that did not come, each with its reason."""
    return {name: part.missing for name, part in parts.items() if part.missing}
