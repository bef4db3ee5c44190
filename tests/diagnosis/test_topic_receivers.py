"""Receivers of a topic: counted as they are listed."""

from hypothesis import given
from hypothesis import strategies as st

from emqxctl.diagnosis.topic_receivers import find_receivers
from emqxctl.emqx.topics import parse_subscription, topic_matches


def sub(clientid: str, topic: str, **more: object) -> dict[str, object]:
    """Make a subscription as the API gives it."""
    return {"clientid": clientid, "topic": topic, "qos": 1, "nl": 0, "node": "n1", "durable": False} | more


TOPIC = st.lists(st.sampled_from(["a", "b", ""]), min_size=1, max_size=3).map("/".join)
WANTED = st.lists(st.sampled_from(["a", "b", "+", ""]), min_size=1, max_size=3).map("/".join)
FULL = st.builds(
    lambda head, wanted: head + wanted, st.sampled_from(["", "$share/g/", "$share/h/", "$queue/"]), WANTED
)


@given(TOPIC, st.lists(st.tuples(st.sampled_from("xyz"), FULL, st.booleans())), st.integers(1, 3))
def test_counting_agrees_with_a_list(
    topic: str, subscriptions_drawn: list[tuple[str, str, bool]], limit: int
) -> None:
    """However few are kept, all that match are counted, and no group twice."""
    rows = [sub(client, full, nl=int(own)) for client, full, own in subscriptions_drawn]
    findings = find_receivers(iter(rows), topic, "x", limit)
    matches = [
        (parse_subscription(full), client, own)
        for client, full, own in subscriptions_drawn
        if topic_matches(topic, parse_subscription(full).filter)
    ]
    no_local_matches = [row for row, client, own in matches if not row.group and client == "x" and own]
    groups = {(row.group, row.filter) for row, _, _ in matches if row.group}
    assert findings.no_local_count == len(no_local_matches)
    assert findings.subscriptions == len(matches) - len(no_local_matches)
    assert findings.deliveries == len([row for row, _, _ in matches if not row.group]) - len(
        no_local_matches
    ) + len(groups)
    assert len(findings.clients) == min(limit, findings.direct_count)
    assert sum(int(str(row["members"])) for row in findings.list_groups()) == findings.member_count
