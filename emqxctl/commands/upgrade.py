"""`emqxctl upgrade`: the steps of a rolling upgrade, node by node."""

import shlex
from collections.abc import Iterator, Sequence
from typing import Annotated, NamedTuple

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.view import output_format
from emqxctl.commands._evacuation import GLOBAL_STATUS_PATH
from emqxctl.diagnosis.health import is_running, strip_version_prefix
from emqxctl.errors import GuardError, UnsupportedError, UsageError
from emqxctl.output.results import Result, Row, Rows, Text
from emqxctl.output.view import Format
from emqxctl.resource import Column
from emqxctl.text.escaping import escape_control_characters

HERE = "here"
WAIT_OPTIONS = "--stable 30s --timeout 15m"
COLUMNS = (Column("step", align_right=True), Column("node"), Column("run_on"), Column("command"))

app = new_group("Show how to upgrade the cluster node by node.")


class Step(NamedTuple):
    """One step: what is done for `node` (empty: for the cluster), and where: here or on the node's host."""

    node: str
    purpose: str
    run_on: str
    command: str


class UpgradePlan(NamedTuple):
    """What a plan depends on: nodes in their order, the command's beginning, the target version.

    `can_evacuate`: EMQX moves clients itself, and refuses new ones until the evacuation is stopped.
    """

    nodes: Sequence[Row]
    prefix: str
    version: str
    can_evacuate: bool

    def iterate_steps(self) -> Iterator[Step]:
        """Yield all steps in order."""
        yield from self.iterate_steps_before()
        for node in self.nodes:
            yield from self.iterate_steps_of_node(str(node["node"]))
        yield from self.iterate_steps_after()

    def iterate_steps_before(self) -> Iterator[Step]:
        """Yield the steps before the first node."""
        yield Step("", "the cluster must be healthy first", HERE, f"{self.prefix} status")
        yield Step("", "back up configuration and data", HERE, f"{self.prefix} backups export")

    def iterate_steps_of_node(self, node: str) -> Iterator[Step]:
        """Yield the steps of one node."""
        name = shlex.quote(node)
        if not self.can_evacuate:
            yield Step(node, "take it out", "load balancer", f"remove {node}")
        yield Step(node, "move its clients away", HERE, f"{self.prefix} nodes drain {name} --wait --yes")
        yield Step(node, "stop it", node, "emqx stop")
        yield Step(node, "upgrade it", node, f"install EMQX {self.version or 'in the new version'}")
        yield Step(node, "start it", node, "emqx start")
        yield Step(
            node, "wait until it is back", HERE, f"{self.prefix} wait {self.conditions(node)} {WAIT_OPTIONS}"
        )
        yield Step(node, "accept clients again", HERE, f"{self.prefix} nodes undrain {name}")
        if not self.can_evacuate:
            yield Step(node, "put it back", "load balancer", f"add {node}")
        yield Step(node, "check before the next node", HERE, f"{self.prefix} status")

    def conditions(self, node: str) -> str:
        """Return the conditions of `wait` after a node was started."""
        conditions = [f"nodes={len(self.nodes)}", "cluster=healthy"]
        if self.version:
            path = f"/nodes/{node.replace('@', '%40')}"
            conditions.append(f'query:{path} starts_with(version, `"{self.version}"`)')
        return " ".join(f"--for {shlex.quote(condition)}" for condition in conditions)

    def iterate_steps_after(self) -> Iterator[Step]:
        """Yield the steps after the last node."""
        if self.version:
            command = f"{self.prefix} wait --for version={self.version} --for cluster=healthy"
            yield Step("", "all nodes have the version", HERE, command)
        if self.can_evacuate and len(self.nodes) > 1:
            first = shlex.quote(str(self.nodes[0]["node"]))
            yield Step("", "spread the clients again", HERE, f"{self.prefix} rebalance start {first} --yes")
        yield Step("", "check thresholds", HERE, f"{self.prefix} check")


@app.command()
@command(
    calls=("GET /nodes", "GET /cluster", f"GET {GLOBAL_STATUS_PATH}"),
    examples=("emqxctl upgrade plan", "emqxctl upgrade plan --to 6.2.2 -o json"),
)
def plan(
    session: Session,
    to: Annotated[
        str | None,
        typer.Option(metavar="VERSION", help="Version to upgrade to, such as 6.2.2, which each step checks."),
    ] = None,
) -> Result:
    """Show the steps and commands of a rolling upgrade.

    Node by node: move its clients away, stop, upgrade and start it, wait until the cluster is healthy, and
    accept clients again. Replicants come first, then cores, last the node that answers, so that the API stays
    available as long as possible: EMQX's API does not name a leader.

    Nothing is changed: the commands are run by you, those "on" a node on its host. With several nodes to
    upgrade, go on only if the step before has succeeded.
    """
    version = strip_version_prefix(to)
    if to and not version.replace(".", "").replace("-", "").isalnum():
        message = f"invalid --to {to!r}"
        raise UsageError(message, hint="a version, such as 6.2.2")
    nodes = order_nodes(session.client.get_list("/nodes"), session.client.get_object("/cluster").get("self"))
    stopped = [str(node.get("node")) for node in nodes if not is_running(node)]
    if stopped:
        message = f"nodes are not running: {', '.join(stopped)}"
        hint = "start them, or remove them: emqxctl cluster force-leave NODE"
        raise GuardError(message, code="NODES_STOPPED", hint=hint)
    upgrade = UpgradePlan(nodes, format_command_prefix(session), version, has_evacuation(session))
    notes = tuple(find_warnings(upgrade))
    rows = [{"step": number, **step._asdict()} for number, step in enumerate(upgrade.iterate_steps(), 1)]
    is_text = output_format(session.settings) in {Format.TABLE, Format.WIDE}
    if is_text and not session.prefix_messages and not has_row_options(session):
        return Text(format_plan(upgrade, session.target_name), notes=notes)
    return Rows(rows, COLUMNS, key="command", plural_noun="steps", notes=notes)


def has_row_options(session: Session) -> bool:
    """Return whether fields of the steps were selected, which needs them as rows."""
    return bool(session.settings.fields or session.settings.query)


def order_nodes(rows: Sequence[Row], own_node: object) -> list[Row]:
    """Return nodes in the order of an upgrade: replicants, cores, last the node that answers."""

    def rank(row: Row) -> tuple[bool, bool, str]:
        return row.get("node") == own_node, row.get("role") != "replicant", str(row.get("node"))

    return sorted((row for row in rows if row.get("node")), key=rank)


def has_evacuation(session: Session) -> bool:
    """Return whether this EMQX can evacuate a node."""
    try:
        session.client.get(GLOBAL_STATUS_PATH)
    except UnsupportedError:
        return False
    return True


def format_command_prefix(session: Session) -> str:
    """Return how commands of the plan begin: with the profile, or the URL without one."""
    settings = session.settings
    option = (
        f"-p {shlex.quote(settings.profile)}" if settings.profile else f"--url {shlex.quote(settings.url)}"
    )
    return f"emqxctl {option}"


def find_warnings(upgrade: UpgradePlan) -> Iterator[str]:
    """Yield what can go wrong with a plan."""
    if len(upgrade.nodes) == 1:
        yield "one node: its clients are disconnected until it is started again"
    versions = sorted({strip_version_prefix(node.get("version")) for node in upgrade.nodes})
    if len(versions) > 1:
        yield f"nodes run different versions: {', '.join(versions)}"
    if upgrade.version and compare_versions(upgrade.version, versions[-1]) < 0:
        yield f"{upgrade.version} is older than {versions[-1]}: EMQX does not support downgrades"
    if not upgrade.can_evacuate:
        yield "this EMQX has no evacuation: clients are kicked at a rate, and lose their sessions"


def compare_versions(version: str, other: str) -> int:
    """Return whether a version is older (-1), the same (0) or newer (1), by the numbers that both have."""
    pairs = zip(parse_numbers(version), parse_numbers(other), strict=False)
    return next(
        (1 if number > other_number else -1 for number, other_number in pairs if number != other_number), 0
    )


def parse_numbers(version: str) -> list[int]:
    """Return the numbers of a version."""
    return [int(part) for part in version.partition("-")[0].split(".") if part.isdigit()]


def format_plan(upgrade: UpgradePlan, target: str) -> str:
    """Format a plan as text: a heading for each node, and a line for each step, never wrapped."""
    versions = sorted({strip_version_prefix(node.get("version")) for node in upgrade.nodes})
    count = f"{len(upgrade.nodes)} node{'s' if len(upgrade.nodes) > 1 else ''}"
    goal = f" to {upgrade.version}" if upgrade.version else ""
    lines = [f"Rolling upgrade of {target}: {count} ({', '.join(versions)}){goal}"]
    lines += format_steps("Before", list(upgrade.iterate_steps_before()))
    for number, node in enumerate(upgrade.nodes, 1):
        title = f"Node {number} of {len(upgrade.nodes)}: {node['node']} ({node.get('role') or 'core'})"
        lines += format_steps(title, list(upgrade.iterate_steps_of_node(str(node["node"]))))
    lines += format_steps("After", list(upgrade.iterate_steps_after()))
    return "".join(f"{escape_control_characters(line)}\n" for line in lines)


def format_steps(title: str, steps: Sequence[Step]) -> list[str]:
    """Return the lines of some steps: where, and the command; their purposes are in JSON."""
    width = max(len(describe_place(step)) for step in steps)
    return ["", title, *(f"  {describe_place(step):<{width}}  {step.command}" for step in steps)]


def describe_place(step: Step) -> str:
    """Return where a step is run in words."""
    return f"on {step.run_on}:" if step.run_on == step.node else f"{step.run_on}:"
