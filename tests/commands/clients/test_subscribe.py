"""Topics of a client, changed in its name: one, or several with a report."""

import json

import pytest

from emqxctl.commands.clients.subscribe import report_topics
from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run


def list_topics(run: Run, clientid: str) -> set[str]:
    """Give what a client is subscribed to."""
    return {row["topic"] for row in run("clients", "subscriptions", clientid, "-o", "json").json}


def test_one_topic_is_subscribed_with_its_options(run: Run, cluster: Sandbox) -> None:
    client = next(iter(cluster.cluster.clients))
    options = ("--qos", "2", "--no-local", "--retain-as-published", "--retain-handling", "1")
    result = run("clients", "subscribe", client, "a/#", *options, "-o", "json")
    assert result.code == 0
    assert result.json["topic"] == "a/#"
    sent = json.loads(cluster.requests[-1].body)
    assert sent == {"topic": "a/#", "qos": 2, "nl": 1, "rap": 1, "rh": 1}


def test_several_topics_come_and_go(run: Run, cluster: Sandbox) -> None:
    client = next(iter(cluster.cluster.clients))
    result = run("clients", "subscribe", client, "n/1", "n/2", "-o", "json")
    assert result.code == 0
    assert [row["status"] for row in result.json] == ["done", "done"]
    assert {"n/1", "n/2"} <= list_topics(run, client)
    assert run("clients", "unsubscribe", client, "n/1", "n/2").code == 0
    assert not {"n/1", "n/2"} & list_topics(run, client)


def test_what_failed_within_a_success_is_told() -> None:
    failed = {"data": ["c", "$share/x", {"qos": 0}], "reason": '{invalid_topic_filter,<<"$share/x">>}'}
    report = report_topics(["a", "$share/x"], {"succeed": [{"topic": "a"}], "failed": [failed]})
    assert [row["status"] for row in report.rows] == ["done", "failed"]
    assert report.exit_code == 9
    assert report_topics(["$share/x"], {"succeed": [], "failed": [failed]}).exit_code == 7
    assert report_topics(["a", "b"], [{"topic": "a"}, {"topic": "b"}]).exit_code == 0


def test_an_unknown_client_is_not_found(run: Run, cluster: Sandbox) -> None:
    assert run("clients", "subscribe", "nobody", "a", "b").code == 6
    assert run("clients", "unsubscribe", "nobody", "a").code == 6


@pytest.mark.parametrize(
    "topic",
    ["", "a/#/b", "a#", "a/b+", "$share/g", "$share//a", "$share/g+/a", "$share/g/a/#/b", "a" * 65536],
)
def test_an_invalid_filter_is_refused_before_anything_is_sent(run: Run, cluster: Sandbox, topic: str) -> None:
    client = next(iter(cluster.cluster.clients))
    for words in ((client, "ok", topic), ("--all", "--yes", topic)):
        result = run("clients", "subscribe", *words)
        assert result.code == 2, result.err
        assert "invalid topic filter" in result.err
    assert not any(request.method == "POST" for request in cluster.requests)
    assert run("clients", "unsubscribe", client, topic).code == 0  # it may be there


def test_an_unsubscription_is_reported_as_done(run: Run, cluster: Sandbox) -> None:
    client = next(iter(cluster.cluster.clients))
    assert run("clients", "subscribe", client, "a/+", "$share/g/b/#").code == 0
    result = run("clients", "unsubscribe", client, "a/+", "$share/g/b/#", terminal=True)
    assert f"unsubscribed client '{client}' from 'a/+', '$share/g/b/#'" in result.out + result.err
