"""Shared by `why` of rules, actions, sources and connectors: what is read, measured and checked."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from emqxctl.api.parallel import fetch_all, run_parallel
from emqxctl.cli.param_types import DURATION
from emqxctl.cli.session import Session
from emqxctl.commands._integration_report import build_report
from emqxctl.commands.actions import ACTIONS
from emqxctl.commands.connectors import CONNECTORS
from emqxctl.commands.rules import RULES
from emqxctl.commands.sources import SOURCES
from emqxctl.config.profiles import SANDBOX
from emqxctl.diagnosis.counter_movement import (
    CountedObject,
    CounterMovement,
    compare_counters,
    read_counters,
)
from emqxctl.diagnosis.integration_causes import list_causes
from emqxctl.diagnosis.integration_chain import Link, get_link_state, list_links
from emqxctl.diagnosis.integration_facts import (
    IntegrationFacts,
    ProbeResult,
    build_facts,
    find_close_name,
    get_connector_id,
    list_fetches,
)
from emqxctl.diagnosis.movement_causes import channel_movement_causes
from emqxctl.diagnosis.network import Finding
from emqxctl.diagnosis.target_address import Target, find_targets
from emqxctl.diagnosis.target_check import TargetCheck, check_target
from emqxctl.errors import EmqxctlError, ExitCode
from emqxctl.output.results import Report
from emqxctl.resource import Resource
from emqxctl.text.redaction import MASK
from emqxctl.verbs.locate import locate_object

if TYPE_CHECKING:
    from emqxctl.api.client import Client

MAX_COUNTED = 12  # objects whose counters are read
MAX_PROBES = 3  # definitions that EMQX tests
MAX_CONNECTORS = 3  # whose targets are checked
RESOURCES: Mapping[str, Resource] = {
    "connectors": CONNECTORS,
    "actions": ACTIONS,
    "sources": SOURCES,
    "rules": RULES,
}
LIST_CALLS = ("GET /connectors", "GET /actions", "GET /sources", "GET /rules", "GET /nodes")
COUNTER_CALLS = ("GET /rules/{id}/metrics", "GET /actions/{id}/metrics", "GET /sources/{id}/metrics")
PROBE_CALLS = ("POST /connectors_probe", "POST /actions_probe", "POST /sources_probe")
COMMON_CALLS = (*LIST_CALLS, *COUNTER_CALLS, *PROBE_CALLS)

Over = Annotated[
    float,
    typer.Option(
        "--over",
        click_type=DURATION,
        help="Time to measure counters over, such as 30s (default 3s; 0: since start).",
    ),
]
Test = Annotated[
    bool | None,
    typer.Option(
        "--test/--no-test",
        help="Let EMQX test the stored definition (default: what does not work is tested).",
    ),
]
Network = Annotated[
    bool, typer.Option("--network/--no-network", help="Check DNS, TCP and TLS of the target from here.")
]


class Checks(NamedTuple):
    """What is measured and checked: the options of `why`."""

    over: float = 3.0
    test: bool | None = None
    network: bool = True


def explain(session: Session, kind: str, key: str, checks: Checks) -> Report:
    """Return the report about one object. Raises the server's error if it does not exist."""
    resource = RESOURCES[kind]
    owner, row = locate_subject(session, resource, key)
    client = owner.client
    facts = build_facts(fetch_all(client, list_fetches(RULES, with_events=kind == "rules")))
    facts = facts._replace(rows={**facts.rows, kind: {**(facts.rows.get(kind) or {}), key: row}})
    links = list_links(facts, kind, key)
    facts = measure_and_test(client, facts, links, (kind, key), checks)
    if checks.network:
        facts = facts._replace(targets=check_targets(session, facts, links))
    return build_report(facts, kind, key, links, list_causes(facts, kind, key))


def locate_subject(session: Session, resource: Resource, key: str) -> tuple[Session, dict[str, Any]]:
    """Return the session for an object and the object; the error for a misspelt one names the close one."""
    try:
        return locate_object(session, resource, [key])
    except EmqxctlError as error:
        if error.exit_code is ExitCode.NOT_FOUND and not error.details.get("unknown_path"):
            close = find_close_name(key, list_keys(session, resource))
            error.hint = f"did you mean {close!r}?\n{error.hint}" if close else error.hint
        raise


def list_keys(session: Session, resource: Resource) -> list[str]:
    """Return the ids of all objects of a resource; none if they cannot be read."""
    try:
        rows = list(session.rows(resource, limited=False))
    except EmqxctlError:
        return []
    rows = [resource.from_response(row) for row in rows] if resource.from_response else rows
    return [str(row.get(resource.key)) for row in rows]


def measure_and_test(
    client: "Client", facts: IntegrationFacts, links: Sequence[Link], subject: Link, checks: Checks
) -> IntegrationFacts:
    """Return the facts with the movement of the counters and EMQX's tests, which run at the same time."""
    links_to_test = list_links_to_test(facts, links, subject, test=checks.test)
    tasks: dict[str, Any] = {
        f"{kind}/{key}": partial(run_probe, client, facts, kind, key) for kind, key in links_to_test
    }
    counted_objects = [CountedObject(kind, key) for kind, key in links if kind != "connectors"][:MAX_COUNTED]
    if checks.over > 0 and counted_objects:
        tasks["counters"] = partial(measure_objects, client, counted_objects, checks.over)
    results: dict[str, Any] = run_parallel(tasks)
    movements = results.pop("counters", {})
    if isinstance(movements, EmqxctlError):
        raise movements
    unavailable = {
        f"counters of {key}": movement.error.message
        for (_, key), movement in movements.items()
        if movement.error
    }
    return facts._replace(
        movements=movements,
        pause=checks.over,
        probes={link: results[f"{link[0]}/{link[1]}"] for link in links_to_test},
        unavailable={**facts.unavailable, **unavailable},
    )


def measure_objects(
    client: "Client", objects: Sequence[CountedObject], pause: float
) -> dict[Link, CounterMovement]:
    """Return the movement of the counters of objects over a pause."""
    from time import sleep

    before = read_counters(client, objects)
    sleep(pause)
    movements = compare_counters(before, read_counters(client, objects))
    return {(movement.object.kind, movement.object.id): movement for movement in movements}


def list_links_to_test(
    facts: IntegrationFacts, links: Sequence[Link], subject: Link, *, test: bool | None
) -> list[Link]:
    """Return the objects whose stored definition EMQX shall test: connectors that do not work come first."""
    if test is False:
        return []
    enabled = [
        link
        for link in links[::-1]
        if link[0] != "rules" and get_link_state(facts, *link) not in {"missing", "unknown", "disabled"}
    ]
    failing = [link for link in enabled if get_link_state(facts, *link) != "connected"]
    connectors = [link for link in failing if link[0] == "connectors"]
    links_to_test = connectors or failing
    if test and subject[0] != "rules":
        links_to_test = [subject, *links_to_test]
    elif test:
        links_to_test = [*links_to_test, *(link for link in enabled if link[0] != "connectors")]
    return list(dict.fromkeys(links_to_test))[:MAX_PROBES]


def run_probe(client: "Client", facts: IntegrationFacts, kind: str, key: str) -> ProbeResult:
    """Return the result of EMQX's test of a stored definition.

    EMQX replaces a masked secret by that of the stored object of the same name (emqx_connector_api and
    emqx_bridge_v2_api of 5.3 and later). A connector with fixed client IDs is not
    tested: the test would take over the session of the running connection.
    """
    row = facts.row(kind, key) or {}
    connector = (
        row if kind == "connectors" else facts.row("connectors", get_connector_id(facts, key, row)) or {}
    )
    if connector.get("static_clientids"):
        return ProbeResult(kind, key, "not run", "it would take over the fixed client IDs of the connector")
    resource = RESOURCES[kind]
    fields = {name: value for name, value in row.items() if name not in resource.read_only_fields}
    note = "for masked secrets EMQX uses the stored ones" if MASK in str(fields) else ""
    try:
        client.post(f"/{kind}_probe", body={**fields, **resource.identity_fields(key)})
    except EmqxctlError as error:
        if error.code == "TEST_FAILED":
            text = error.message.partition("_probe: ")[2] or error.message
            return ProbeResult(kind, key, "fails", text, note)
        return ProbeResult(kind, key, "not run", error.message)
    return ProbeResult(kind, key, "works", "", note)


def check_targets(
    session: Session, facts: IntegrationFacts, links: Sequence[Link]
) -> dict[str, list[TargetCheck]]:
    """Return the checks of the targets of the connectors, from this computer."""
    from urllib.parse import urlsplit

    if session.settings.profile == SANDBOX and not session.settings.url:
        return {}  # its targets are made up
    host = urlsplit(session.client.connection.url).hostname or ""
    is_local = Target(host, 0, tls=None).is_loopback
    tasks: dict[str, Any] = {}
    for key in [key for kind, key in links if kind == "connectors"][:MAX_CONNECTORS]:
        row = facts.row("connectors", key) or {}
        is_failing = get_link_state(facts, "connectors", key) != "connected" or has_losses(facts, links)
        for target in find_targets(key.partition(":")[0], row):
            check = partial(check_target, target, is_failing=is_failing)
            tasks[f"{key} {target.address}"] = (
                check if is_local or not target.is_loopback else partial(skip_loopback, target)
            )
    results: dict[str, Any] = run_parallel(tasks)
    checks: dict[str, list[TargetCheck]] = {}
    for name, result in results.items():
        checks.setdefault(name.rpartition(" ")[0], []).append(result)
    return checks


def has_losses(facts: IntegrationFacts, links: Sequence[Link]) -> bool:
    """Return whether an action of the chain loses messages or has them wait."""
    actions = [link for link in links if link[0] == "actions"]
    causes = [cause for link in actions for cause in channel_movement_causes(facts, *link)]
    return any(cause.certainty != "possible" for cause in causes)


def skip_loopback(target: Target) -> TargetCheck:
    """Return the check of a target that only the nodes can reach."""
    text = f"{target.host} is the node itself, not this computer: not checked"
    return TargetCheck(target, [Finding("dns", "skip", text)])
