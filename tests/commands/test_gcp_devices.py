"""`emqxctl gcp-devices`: devices set whole and imported."""

from tests.conftest import Run
from tests.support.replay import make_exchange, replay


def test_devices_are_set_whole_and_imported(run: Run) -> None:
    put = make_exchange("PUT /gcp_devices/d1", 200, {"deviceid": "d1"})
    replayed = replay(
        run, [put], "gcp-devices", "set", "d1", "-f", "-", stdin=b'{"deviceid": "d1", "registry": "r"}'
    )
    assert replayed.bodies == [{"config": "", "keys": [], "registry": "r"}]
    device = b'[{"deviceid": "d1", "config": "", "blocked": false, "keys": []}]'
    for errors, imported, code in ((0, 1, 0), (1, 1, 9), (2, 0, 7)):
        answer = [make_exchange("POST /gcp_devices", 200, {"errors": errors, "imported": imported})]
        assert replay(run, answer, "gcp-devices", "import", "-", stdin=device).result.code == code
    assert replay(run, [], "gcp-devices", "import", "-", stdin=b"{}").result.code == 2
