"""`emqxctl cluster`: who belongs to it, and what it lacks."""

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.recorded import exchange
from tests.support.replay import made, talk

INVITE = "PUT /cluster/{node}/invite"


def test_an_invitation_waits_as_long_as_the_timeout(run: Run) -> None:
    told = talk(run, [exchange(INVITE, "done")], "cluster", "invite", "emqx3@127.0.0.1", "--timeout", "1m")
    assert told.calls == ["PUT /cluster/emqx3%40127.0.0.1/invite"]
    assert told.bodies == [{"timeout": 58_000}]
    assert "joined the cluster" in told.ran.err
    short = talk(run, [exchange(INVITE, "done")], "cluster", "invite", "emqx3@127.0.0.1", "--timeout", "3s")
    assert short.bodies == [{"timeout": 5000}]


def test_an_invitation_may_be_left_to_itself(run: Run) -> None:
    script = [exchange("PUT /cluster/{node}/invite_async", "accepted")]
    told = talk(run, script, "cluster", "invite", "emqx3@127.0.0.1", "--async")
    assert told.calls == ["PUT /cluster/emqx3%40127.0.0.1/invite_async"]
    assert told.received[0].body == b""
    assert "cluster invitation" in told.ran.err


def test_a_refused_invitation_says_why(run: Run) -> None:
    told = talk(run, [exchange(INVITE, "already a member")], "cluster", "invite", "emqx2@127.0.0.1", "--json")
    assert told.ran.code == 7
    assert "already_in_cluster" in told.ran.error["message"]


def test_invitations_are_one_list(run: Run) -> None:
    script = [exchange("GET /cluster/invitation", "in progress")]
    told = talk(run, script, "cluster", "invitation", "--json")
    assert [(row["state"], row["node"]) for row in told.ran.json] == [
        ("in progress", "emqx3@127.0.0.1"),
        ("joined", "emqx2@127.0.0.1"),
        ("failed", "emqx9@127.0.0.1"),
    ]


def test_removing_a_node_is_confirmed(run: Run) -> None:
    script = [exchange("DELETE /cluster/{node}/force_leave", "a stopped node")]
    assert talk(run, script, "cluster", "force-leave", "emqx3@127.0.0.1").calls == []
    told = talk(run, script, "cluster", "force-leave", "emqx3@127.0.0.1", "--yes")
    assert told.calls == ["DELETE /cluster/emqx3%40127.0.0.1/force_leave"]
    script = [exchange("DELETE /cluster/{node}/force_leave", "self")]
    alone = talk(run, script, "cluster", "force-leave", "emqx1@127.0.0.1", "-y")
    assert alone.ran.code == 7
    assert "Can't leave self" in alone.ran.err


def test_a_cluster_can_be_described(run: Run) -> None:
    answer = {"name": "emqxcl", "description": "plant 4", "nodes": [], "self": "n1"}
    told = talk(
        run, [made("PUT /cluster", 200, answer)], "cluster", "update", "--description", "plant 4", "--json"
    )
    assert told.bodies == [{"description": "plant 4"}]
    assert told.ran.json == answer


def test_what_this_version_lacks_is_listed(run: Run, cluster: Sandbox) -> None:
    ran = run("cluster", "compat", "--json")
    found = {row["operation"]: row["reason"] for row in ran.json}
    assert found["GET /streams"] == "needs EMQX ≥ 6.1.0 (this is 5.8.9)"
    assert "Enterprise only" in found["GET /license"]
    assert "GET /clients" not in found
    assert "this is EMQX 5.8.9 (Opensource)" in ran.err
    gone = run("cluster", "compat", "--where", "reason~removed", "-o", "name").out.splitlines()
    assert "GET /statsd" in gone


def test_a_later_version_lacks_other_things(run: Run) -> None:
    status = {"node_name": "n1", "rel_vsn": "6.1.0", "app_status": "running", "broker_status": "started"}
    nodes = [{"node": "n1", "version": "6.1.0", "edition": "Enterprise"}]
    script = [made("GET /status", 200, status), made("GET /nodes", 200, nodes)]
    told = talk(run, script, "cluster", "compat", "-o", "name")
    assert "GET /bridges" in told.ran.out.splitlines()
    assert "GET /streams" not in told.ran.out.splitlines()
    assert "GET /features" in told.ran.out.splitlines()
