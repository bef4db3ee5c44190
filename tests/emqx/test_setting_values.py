"""Values that mean the same, and those that do not."""

from hashlib import md5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emqxctl.emqx.setting_values import is_empty, same_certificate, same_value

SAME = [
    ("15s", 15000, ""),
    ("1m", "60s", ""),
    ("1h30m", "90m", ""),
    ("5000ms", "5s", ""),
    ("1MB", 1048576, ""),
    ("1024KB", "1mb", ""),
    ("80%", 0.8, ""),
    ("80%", "80.0%", ""),
    ("1000/s", "1000/1s", ""),
    ("1MB/s", "1024KB/s", ""),
    ("60/1m", "1/s", ""),
    ("infinity", "infinity", ""),
    (True, "true", ""),
    (8, "8", ""),
    (1.0, 1, ""),
    ("7d", 604800000, "duration"),
]
DIFFERENT = [
    ("15s", 15, ""),
    ("15s", "16s", ""),
    ("1MB", 1000000, ""),
    (True, 1, ""),
    (True, "yes", ""),
    ("007", "7", ""),
    ("1m", "60s", "string"),
    ("a", "A", ""),
    ("", 0, ""),
    (None, 0, ""),
    ("infinity", 0, ""),
    ("10", "10s", "string"),
]


@pytest.mark.parametrize(("first", "second", "type_name"), SAME)
def test_same(first: object, second: object, type_name: str) -> None:
    assert same_value(first, second, type_name)
    assert same_value(second, first, type_name)


@pytest.mark.parametrize(("first", "second", "type_name"), DIFFERENT)
def test_different(first: object, second: object, type_name: str) -> None:
    assert not same_value(first, second, type_name)
    assert not same_value(second, first, type_name)


@pytest.mark.parametrize("field", ["description", "name", "sql", "password", "payload", "username"])
def test_free_text_is_compared_to_the_letter(field: str) -> None:
    assert not same_value("1m", "60s", "", field)


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (1883, ":1883", True),
        ("1883", 1883, True),
        ("0.0.0.0:1883", 1883, False),
        ("127.0.0.1:1", "127.0.0.1:2", False),
    ],
)
def test_addresses(first: object, second: object, same: bool) -> None:
    assert same_value(first, second, "", "bind") is same


@given(seconds=st.integers(0, 10**6))
def test_every_duration_is_its_milliseconds(seconds: int) -> None:
    assert same_value(f"{seconds}s", seconds * 1000)
    assert not same_value(f"{seconds}s", seconds * 1000 + 1)


def test_a_certificate_is_known_by_where_the_server_keeps_it() -> None:
    pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    name = md5(pem.encode(), usedforsecurity=False).digest()[:8].hex().upper()
    assert same_certificate(pem, f"/opt/emqx/data/certs/listeners/ssl/x/certfile-{name}")
    assert not same_certificate(pem + "\n", f"/opt/emqx/data/certs/certfile-{name}")
    assert not same_certificate("/etc/cert.pem", "/etc/cert.pem-" + name)


def test_nothing_is_empty() -> None:
    empty: list[object] = [None, "", [], {}]
    full: list[object] = [0, False, "0", [None], {"a": None}]
    assert [is_empty(value) for value in empty] == [True] * 4
    assert [is_empty(value) for value in full] == [False] * 5
