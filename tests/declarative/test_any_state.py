"""Any two states: applying the second over the first ends in the second, and a third apply does nothing."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from emqxctl.declarative.apply import Applier
from emqxctl.declarative.changes import Options, Outcome, Plan
from emqxctl.declarative.planner import Planner
from emqxctl.declarative.record import Record
from emqxctl.declarative.server import Server
from tests.support.memory_cluster import MemoryCluster
from tests.support.state_files import outline, parse

NAMES = st.sampled_from(["a", "b", "c"])
VALUES = st.sampled_from([1, 2, "15s", "x", True, [1, 2], [{"k": 1}], {"k": 1, "m": "y"}, "1MB"])
BODY = st.dictionaries(
    st.sampled_from(["enable_x", "pool_size", "ssl", "url", "options"]), VALUES, max_size=4
)
SWITCH = st.fixed_dictionaries({}, optional={"enable": st.booleans()})


def both(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Return two bodies as one."""
    return {**one, **other}


OBJECT = st.builds(both, BODY, SWITCH)
MAPS = st.dictionaries(NAMES, OBJECT, max_size=3)


@st.composite
def states(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a state: connectors, actions that use them, rules that use those, lists in any order."""
    connectors = {f"http:{name}": body for name, body in draw(MAPS).items()}
    names = [key.partition(":")[2] for key in connectors]
    actions = {
        f"http:{name}": {**body, "connector": draw(st.sampled_from(names))}
        for name, body in (draw(MAPS) if names else {}).items()
    }
    rules = {
        name: {
            "sql": draw(st.sampled_from(["s1", "s2"])),
            "actions": draw(st.lists(st.sampled_from(sorted(actions)), max_size=2)) if actions else [],
        }
        for name in draw(st.sets(NAMES))
    }
    hooks = [
        {"name": name, **draw(OBJECT)}
        for name in draw(st.permutations(["a", "b", "c"]))[: draw(st.integers(0, 3))]
    ]
    checks = [
        {"name": name, **draw(OBJECT)}
        for name in draw(st.permutations(["a", "b", "c"]))[: draw(st.integers(0, 3))]
    ]
    return {
        "emqxctl": 1,
        "connectors": connectors,
        "actions": actions,
        "rules": rules,
        "exhooks": hooks,
        "schema_validations": checks,
    }


def run(cluster: MemoryCluster, state: dict[str, Any], path: Path) -> Plan:
    """Apply a state with its record, deleting what left it."""
    server, record = Server(cluster), Record(path, "x")
    document = parse(json.dumps(state))
    plan = Planner(server, document, record, Options(prune_recorded=True)).build()
    assert plan.refusals == []
    applier = Applier(server, plan, record)
    applier.run()
    applier.finish()
    assert [one.error for one in plan.changes if one.outcome is not Outcome.DONE] == []
    return plan


@settings(max_examples=120)
@given(first=states(), second=states())
def test_any_state_is_reached_from_any_other(first: dict[str, Any], second: dict[str, Any]) -> None:
    cluster = MemoryCluster("6.2.2")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "r.json"
        run(cluster, first, path)
        run(cluster, second, path)
        for kind in ("connectors", "actions", "rules"):
            assert set(cluster.held[kind]) == set(second[kind])
        for kind in ("exhooks", "schema_validations"):
            assert list(cluster.held[kind]) == [one["name"] for one in second[kind]]
        cluster.sent.clear()
        assert outline(run(cluster, second, path)) == []
        assert cluster.sent == []
        assert outline(Planner(Server(cluster), parse(json.dumps(second)), None, Options()).build()) == []
