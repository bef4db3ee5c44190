"""`--where`: what each condition means."""

from datetime import UTC, datetime, timedelta

import pytest

from emqxctl.errors import UsageError
from emqxctl.output.query.select import matches_conditions
from emqxctl.output.query.where import parse_condition
from emqxctl.output.results import Row
from emqxctl.output.view import Condition
from emqxctl.resource import Column
from emqxctl.text.units import format_milliseconds


def ago(**parts: float) -> str:
    return (datetime.now(UTC) - timedelta(**parts)).isoformat()


ROW: Row = {
    "clientid": "sensor-1",
    "digits": "1000",
    "word": "null",
    "mqueue_len": 1500,
    "ratio": 0.5,
    "memory_used": "1.95G",
    "free": "512.00M",
    "limit": "infinity",
    "interval": "15s",
    "version": "5.8.9",
    "connected": True,
    "username": None,
    "empty": "",
    "connected_at": ago(minutes=10),
    "created": "2026-11-01T10:00:00.000+02:00",
    "epoch": 1_793_527_200,
    "epoch_ms": 1_793_527_200_000,
    "heap": 4096,
    "expiry": 7200,
    "ip_address": "10.1.2.3",
    "peer": "10.1.2.3:1883",
    "v6": "fd00::5",
    "mapped": "::ffff:10.1.2.3",
    "recv_msg.dropped": 3,
    "recv_msg": 9,
    "nested": {"a": {"b": 7}, "x.y": 8, "list": [{"id": "p"}, {"id": "q"}]},
    "tags": ["x", "y"],
    "uptime": 5_400_000,
}
TRUE = """
clientid=sensor-1
clientid==sensor-1
 clientid = sensor-1
clientid="sensor-1"
clientid!=sensor-2
clientid~^sensor-\\d$
clientid=~SENSOR|sens
clientid in a,sensor-1,b
digits=1000
digits>999
mqueue_len>1000
mqueue_len >= 1500
mqueue_len<=1500
mqueue_len<1.6e3
mqueue_len=1500
mqueue_len=1.5e3
mqueue_len!=1
mqueue_len in 1,1500
mqueue_len~^15
ratio<1
ratio=0.5
memory_used>1G
memory_used<2G
memory_used=1.95G
free<1G
free>100M
limit>1000
interval>10s
interval<1m
version>=5.8
version>5.8.0
version<5.8.10
version=5.8.9
connected=true
connected=TRUE
connected!=false
username=null
username!=root
username!="null"
word="null"
word!=null
empty=
empty=""
clientid!=
connected_at>1h
connected_at<5m
connected_at>2020-01-01
connected_at<2999-01-01T00:00:00Z
created<2026-11-01T08:00:01Z
created>=2026-11-01T08:00:00Z
created<=2026-11-01T08:00:00Z
epoch>2026-01-01
epoch_ms>2026-01-01
epoch_ms<2030-01-01
heap=4K
heap>1K
expiry=2h
expiry>90m
ip_address in 10.0.0.0/8
ip_address in 192.168.0.0/16,10.0.0.0/8
ip_address in 10.1.2.3
peer in 10.0.0.0/8
v6 in fd00::/8
mapped in 10.0.0.0/8
recv_msg.dropped=3
recv_msg>8
nested.a.b=7
nested.x.y=8
nested.list.1.id=q
tags=x
tags!=z
tags in y
tags~y
missing!=1
missing=null
nested~list
uptime>1h
uptime<2h
uptime=5400000
""".strip("\n").split("\n")
FALSE = """
clientid=Sensor-1
clientid=sensor
digits=1e3
digits=01000
word=null
mqueue_len>1500
username=
username="null"
username~.
username>0
username!=null
missing=1
missing>0
missing<0
missing!=null
missing~.*
missing in 1,2
connected>0
connected=1
limit<1000
clientid>5
clientid<5
clientid>2020-01-01
connected_at<1h
created<2026-11-01T08:00:00Z
ip_address in 192.168.0.0/16
clientid in 10.0.0.0/8
mqueue_len in 10.0.0.0/8
v6 in 10.0.0.0/8
nested.a=7
nested.list.2.id=q
nested.list.x=q
tags!=x
uptime>2h
""".strip("\n").split("\n")
COLUMNS = (Column("uptime", format=format_milliseconds),)  # type: ignore[arg-type]  # a writer takes what the server sends


@pytest.mark.parametrize("text", TRUE)
def test_holds(text: str) -> None:
    assert matches_conditions(ROW, [parse_condition(text)], COLUMNS)


@pytest.mark.parametrize("text", FALSE)
def test_does_not_hold(text: str) -> None:
    assert not matches_conditions(ROW, [parse_condition(text)], COLUMNS)


def test_all_conditions_must_hold() -> None:
    both = [parse_condition("mqueue_len>1000"), parse_condition("clientid=x")]
    assert not matches_conditions(ROW, both)
    assert matches_conditions(ROW, both[:1])
    assert matches_conditions(ROW, [])


def test_reading() -> None:
    assert parse_condition("a.b>=1 2") == Condition("a.b", ">=", "1 2")
    assert parse_condition("a='b c '") == Condition("a", "=", "b c ", is_quoted=True)
    assert parse_condition("a~x=y>z") == Condition("a", "~", "x=y>z")
    assert parse_condition("a~=y") == Condition("a", "~", "=y")
    assert parse_condition("in in in") == Condition("in", "in", "in")
    assert parse_condition("a=line\nbreak") == Condition("a", "=", "line\nbreak")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "=1",
        "a b c d e=1",
        "a>",
        "a in",
        "a in ",
        "a<>1",
        "a=>5",
        "a=<5",
        "a~",
        "a~[",
        "a in 10.0.0.0/99",
        "a in ::/200",
    ],
)
def test_bad_syntax_names_the_text_and_an_example(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_condition(text)
    assert (
        repr(text) in caught.value.message
        or text.rsplit(" ", maxsplit=1)[-1].strip("a~") in caught.value.message
    )
    assert caught.value.hint
