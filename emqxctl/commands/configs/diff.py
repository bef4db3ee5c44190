"""`emqxctl configs diff`: settings that differ between the nodes of a cluster, or between clusters."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Annotated

import typer

from emqxctl.api.parallel import run_parallel
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.commands.configs._changes import format_setting
from emqxctl.commands.configs._completion import complete_keys
from emqxctl.commands.configs._roots import explain_missing_root, find_value, parse_key
from emqxctl.diagnosis.configuration_differences import Difference, compare_configurations
from emqxctl.diagnosis.node_configurations import (
    Configuration,
    NodeConfigurations,
    fetch_roots,
    read_node_configurations,
)
from emqxctl.emqx.node_settings import Path
from emqxctl.errors import EmqxctlError, ExitCode, NotFoundError, UsageError
from emqxctl.output.formatters import format_names
from emqxctl.output.results import Row, Rows
from emqxctl.resource import Column
from emqxctl.text.nouns import count_noun

app = new_group("")


@app.command("diff")
@command(
    calls=("GET /nodes", "GET /configs"),
    examples=(
        "emqxctl configs diff",
        "emqxctl configs diff mqtt listeners.tcp --all",
        "emqxctl configs diff -p staging,prod",
        "emqxctl configs diff -o json --query '[].key'",
    ),
    compares_profiles=True,
    completes={"keys": complete_keys},
)
def diff(
    session: Session,
    keys: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY...", help="Roots or keys, such as mqtt or listeners.tcp. Default: all."),
    ] = None,
    nodes: Annotated[
        bool, typer.Option("--nodes", help="Compare the nodes of the cluster (default for one profile).")
    ] = False,
    all_: Annotated[
        bool, typer.Option("--all", help="Also show settings that differ by design, with the reason.")
    ] = False,
) -> Rows:
    """Show settings that differ between nodes or clusters.

    The configuration is read from every running node; all of them should have the same. With several profiles
    (-p a,b), their clusters are compared. There is one row for each value of a key (-: not set), the most
    frequent first.
    Values are compared by meaning (60s is 1m), secrets too, which are shown masked. Exit code 0: equal,
    1: differs, 9: no difference in what could be read.

    Settings that each node has of its own, such as node.name, paths and addresses, are not counted as
    differences. If a node differs, EMQX may have failed to apply a change there, or its emqx.conf or an EMQX_
    variable overrides the value.
    """
    paths = [parse_key(key) for key in keys or ()]
    if session.peers and nodes:
        message = "--nodes and several profiles cannot be used together"
        raise UsageError(message, hint="compare the nodes of one cluster: emqxctl configs diff -p NAME")
    root = paths[0][0] if len({path[0] for path in paths}) == 1 else ""
    with explain_missing_root(session, root):
        read = read_profiles(session.peers, root) if session.peers else read_nodes(session, root)
    check_paths(paths, read.by_node)
    differences = [
        difference
        for difference in compare_configurations(
            read.by_node, of_nodes=not session.peers, redact=session.client.redactor.redact_json
        )
        if is_selected(difference.path, paths)
    ]
    return to_rows(differences, read, field="profiles" if session.peers else "nodes", with_expected=all_)


def read_nodes(session: Session, root: str) -> NodeConfigurations:
    """Return the configuration of each node of the cluster."""
    return read_node_configurations(session.client, session.client.get_list("/nodes"), root)


def read_profiles(sessions: Sequence[Session], root: str) -> NodeConfigurations:
    """Return the configuration of each profile's cluster, from the node that responds.

    Raises the first error unless two clusters could be read.
    """
    tasks = {
        session.settings.profile: partial(fetch_roots, session.client, node="", root=root)
        for session in sessions
    }
    outcomes = run_parallel(tasks)
    errors = {name: outcome for name, outcome in outcomes.items() if isinstance(outcome, EmqxctlError)}
    if errors and len(outcomes) - len(errors) <= 1:
        raise next(iter(errors.values()))
    by_profile = {
        name: Configuration(roots) for name, roots in outcomes.items() if not isinstance(roots, EmqxctlError)
    }
    return NodeConfigurations(by_profile, {name: error.message for name, error in errors.items()})


def check_paths(paths: Iterable[Path], configurations: Mapping[str, Configuration]) -> None:
    """Check that each key exists in at least one configuration. Raises NotFoundError."""
    for path in paths:
        errors = [find_path_error(path, configuration) for configuration in configurations.values()]
        if errors and None not in errors:
            raise next(error for error in errors if error)


def find_path_error(path: Path, configuration: Configuration) -> NotFoundError | None:
    """Return the error for a key that a configuration does not have; None if it has it."""
    try:
        find_value(configuration.roots, path)
    except NotFoundError as error:
        return error
    return None


def is_selected(path: Path, selected: Sequence[Path]) -> bool:
    """Return whether a difference concerns one of the selected keys: it is below or above it."""
    return not selected or any(path[: len(key)] == key or key[: len(path)] == path for key in selected)


def to_rows(
    differences: Sequence[Difference], configurations: NodeConfigurations, *, field: str, with_expected: bool
) -> Rows:
    """Return one row for each value of each key; the notes say what is not shown and what to do next."""
    unexpected = [difference for difference in differences if not difference.reason]
    listed_differences = differences if with_expected else unexpected
    rows: list[Row] = [
        {"key": difference.key, "value": value.value, "is_set": value.is_set, field: list(value.sources)}
        | {"reason": difference.reason}
        for difference in listed_differences
        for value in difference.values
    ]
    code = ExitCode.FAILED if unexpected else ExitCode.PARTIAL if configurations.unread else ExitCode.OK
    columns = (
        Column("key", wrap=True),
        Column("value", format=format_setting, wrap=True),
        Column(field, format=format_names, wrap=True),
        *((Column("reason", wrap=True),) if with_expected else ()),
    )
    notes = list_notes(differences, unexpected, configurations, field=field, with_expected=with_expected)
    return Rows(rows, columns, key="key", plural_noun="differences", notes=notes, exit_code=code)


def list_notes(
    differences: Sequence[Difference],
    unexpected: Sequence[Difference],
    configurations: NodeConfigurations,
    *,
    field: str,
    with_expected: bool,
) -> list[str]:
    """Return what the rows do not show, and the next command."""
    notes = [f"not compared: {name}: {reason}" for name, reason in configurations.unread.items()]
    if configurations.stopped:
        notes.append(f"not compared, not running: {', '.join(configurations.stopped)}")
    if len(configurations.by_node) == 1:
        notes.append(f"there is only one node to compare: {next(iter(configurations.by_node))}")
    hidden_count = 0 if with_expected else len(differences) - len(unexpected)
    if hidden_count:
        subject = f"{count_noun(hidden_count, 'setting')} {'differs' if hidden_count == 1 else 'differ'}"
        notes.append(f"{subject} by design; show: emqxctl configs diff --all")
    if unexpected and field == "nodes":
        key = unexpected[0].key
        notes.append(f"set one value on all nodes: emqxctl configs set {key}=VALUE")
        notes.append("if a node does not follow, run on it: emqx ctl conf cluster_sync status")
    return notes
