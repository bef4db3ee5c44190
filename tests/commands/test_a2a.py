"""`emqxctl a2a`: agent cards."""

from tests.conftest import Run
from tests.support.replay import make_exchange, replay


def test_the_card_of_an_agent_goes_as_text(run: Run) -> None:
    path = "/a2a/cards/card/acme/plant/welder"
    arguments = ("a2a", "register", "acme", "plant", "welder", "-f", "-", "--namespace", "n")
    replayed = replay(run, [make_exchange(f"POST {path}", 204)], *arguments, stdin=b'{"name": "w"}')
    assert replayed.calls == [f"POST {path}?ns=n"]
    assert replayed.bodies == [{"card": '{"name": "w"}'}]
    card = {"id": "acme/plant/welder", "name": "w", "status": "online"}
    replayed = replay(
        run, [make_exchange("GET /a2a/cards/list", 200, [card])], "a2a", "list", "--org-id", "acme", "--json"
    )
    assert replayed.calls == ["GET /a2a/cards/list?org_id=acme"]
    assert replayed.result.json == [card]
    script = [make_exchange(f"GET {path}", 200, card), make_exchange(f"DELETE {path}", 204)]
    assert replay(run, script, "a2a", "get", "acme", "plant", "welder", "--json").result.json == card
    assert replay(run, script, "a2a", "delete", "acme", "plant", "welder").result.code == 14
    assert replay(run, script, "a2a", "delete", "acme", "plant", "welder", "-y").calls == [
        f"GET {path}",
        f"DELETE {path}",
    ]
    unsafe = replay(run, [], "a2a", "delete", "acme", "..", "welder", "-y")
    assert (unsafe.result.code, unsafe.calls) == (2, [])
