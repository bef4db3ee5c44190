"""Decisions of ACL rules about a client."""

from emqxctl.emqx.acl import AccessRequest, AclSource, ClientIdentity, evaluate

KNOWN_CLIENT = ClientIdentity("dev-1", "ann", "10.1.2.3", superuser=False)


def decide(
    sources: list[AclSource],
    request: AccessRequest,
    client: ClientIdentity = KNOWN_CLIENT,
    no_match: str = "allow",
) -> str:
    """Judge, for the result alone."""
    return evaluate(sources, no_match, client, request).result
