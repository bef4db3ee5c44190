"""`emqxctl cluster`: who belongs to it, and what it lacks."""

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import make_exchange, replay

INVITE = "PUT /cluster/{node}/invite"


def test_an_invitation_waits_as_long_as_the_timeout(run: Run) -> None:
    replayed = replay(
        run, [find_exchange(INVITE, "done")], "cluster", "invite", "emqx3@127.0.0.1", "--timeout", "1m"
    )
    assert replayed.calls == ["PUT /cluster/emqx3%40127.0.0.1/invite"]
    assert replayed.bodies == [{"timeout": 58_000}]
    assert "joined the cluster" in replayed.result.err
    short_timeout = replay(
        run, [find_exchange(INVITE, "done")], "cluster", "invite", "emqx3@127.0.0.1", "--timeout", "3s"
    )
    assert short_timeout.bodies == [{"timeout": 5000}]


def test_an_invitation_may_be_left_to_itself(run: Run) -> None:
    script = [find_exchange("PUT /cluster/{node}/invite_async", "accepted")]
    replayed = replay(run, script, "cluster", "invite", "emqx3@127.0.0.1", "--async")
    assert replayed.calls == ["PUT /cluster/emqx3%40127.0.0.1/invite_async"]
    assert replayed.received[0].body == b""
    assert "cluster invitation" in replayed.result.err


def test_a_refused_invitation_says_why(run: Run) -> None:
    replayed = replay(
        run, [find_exchange(INVITE, "already a member")], "cluster", "invite", "emqx2@127.0.0.1", "--json"
    )
    assert replayed.result.code == 7
    assert "already_in_cluster" in replayed.result.error["message"]


def test_invitations_are_one_list(run: Run) -> None:
    script = [find_exchange("GET /cluster/invitation", "in progress")]
    replayed = replay(run, script, "cluster", "invitation", "--json")
    assert [(row["state"], row["node"]) for row in replayed.result.json] == [
        ("in progress", "emqx3@127.0.0.1"),
        ("joined", "emqx2@127.0.0.1"),
        ("failed", "emqx9@127.0.0.1"),
    ]


def test_removing_a_node_is_confirmed(run: Run) -> None:
    script = [find_exchange("DELETE /cluster/{node}/force_leave", "a stopped node")]
    assert replay(run, script, "cluster", "force-leave", "emqx3@127.0.0.1").calls == []
    replayed = replay(run, script, "cluster", "force-leave", "emqx3@127.0.0.1", "--yes")
    assert replayed.calls == ["DELETE /cluster/emqx3%40127.0.0.1/force_leave"]
    script = [find_exchange("DELETE /cluster/{node}/force_leave", "self")]
    last_node = replay(run, script, "cluster", "force-leave", "emqx1@127.0.0.1", "-y")
    assert last_node.result.code == 7
    assert "Can't leave self" in last_node.result.err


def test_a_cluster_can_be_described(run: Run) -> None:
    response = {"name": "emqxcl", "description": "plant 4", "nodes": [], "self": "n1"}
    replayed = replay(
        run,
        [make_exchange("PUT /cluster", 200, response)],
        "cluster",
        "update",
        "--description",
        "plant 4",
        "--json",
    )
    assert replayed.bodies == [{"description": "plant 4"}]
    assert replayed.result.json == response


def test_what_this_version_lacks_is_listed(run: Run, cluster: Sandbox) -> None:
    result = run("cluster", "compat", "--json")
    reasons = {row["operation"]: row["reason"] for row in result.json}
    assert reasons["GET /streams"] == "requires EMQX 6.1.0 or later (this is 5.8.9)"
    assert "requires EMQX Enterprise" in reasons["GET /license"]
    assert "GET /clients" not in reasons
    assert "this is EMQX 5.8.9 (Opensource)" in result.err
    removed_operations = run("cluster", "compat", "--where", "reason~removed", "-o", "name").out.splitlines()
    assert "GET /statsd" in removed_operations


def test_a_later_version_lacks_other_things(run: Run) -> None:
    status = {"node_name": "n1", "rel_vsn": "6.1.0", "app_status": "running", "broker_status": "started"}
    nodes = [{"node": "n1", "version": "6.1.0", "edition": "Enterprise"}]
    script = [make_exchange("GET /status", 200, status), make_exchange("GET /nodes", 200, nodes)]
    replayed = replay(run, script, "cluster", "compat", "-o", "name")
    assert "GET /bridges" in replayed.result.out.splitlines()
    assert "GET /streams" not in replayed.result.out.splitlines()
    assert "GET /features" in replayed.result.out.splitlines()
