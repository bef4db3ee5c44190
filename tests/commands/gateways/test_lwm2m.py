"""`emqxctl gateways lwm2m`: resources of LwM2M clients."""

import pytest

from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import replay


@pytest.mark.parametrize(
    ("words", "query"),
    [
        (("read", "lwm2m-meter-01", "/3/0/0"), "path=%2F3%2F0%2F0"),
        (("observe", "lwm2m-meter-01", "/3/0/0"), "path=%2F3%2F0%2F0&enable=true"),
        (("observe", "lwm2m-meter-01", "/3/0/0", "--stop"), "path=%2F3%2F0%2F0&enable=false"),
        (
            ("write", "lwm2m-meter-01", "/3/0/0", "7", "--type", "Integer"),
            "path=%2F3%2F0%2F0&type=Integer&value=7",
        ),
    ],
)
def test_lwm2m_requests(run: Run, words: tuple[str, ...], query: str) -> None:
    verb = words[0]
    script = [find_exchange(f"POST /gateways/lwm2m/clients/{{clientid}}/{verb}", "sent")]
    outcome = replay(run, script, "gateways", "lwm2m", *words)
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.calls == [f"POST /gateways/lwm2m/clients/lwm2m-meter-01/{verb}?{query}"]
    assert f"--action {verb}" in outcome.result.err


@pytest.mark.parametrize("path", ["", "/", "3/0/0"])
@pytest.mark.parametrize("verb", ["read", "observe", "lookup"])
def test_a_path_that_would_kill_the_clients_process_is_not_sent(run: Run, verb: str, path: str) -> None:
    outcome = replay(run, [], "gateways", "lwm2m", verb, "lwm2m-meter-01", "--", path)
    assert (outcome.result.code, outcome.calls) == (2, [])


def test_lookup_shows_the_answer(run: Run) -> None:
    script = [find_exchange("GET /gateways/lwm2m/clients/{clientid}/lookup", "after a read")]
    outcome = replay(run, script, "gateways", "lwm2m", "lookup", "lwm2m-meter-01", "/3/0/0", "--json")
    assert outcome.result.json["content"] == [{"path": "/3/0/0", "value": "42"}]
