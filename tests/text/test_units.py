"""How values are written and read."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emqxctl.text.units import (
    format_age,
    format_boolean,
    format_coarse_duration,
    format_duration,
    format_epoch,
    format_milliseconds,
    format_size,
    parse_duration,
    parse_size,
    parse_time,
)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0s"),
        (0.25, "250ms"),
        (1, "1s"),
        (59.9, "59s"),
        (60, "1m"),
        (200, "3m 20s"),
        (7500, "2h 5m"),
        (3600, "1h"),
        (1_047_600, "12d 3h"),
        (86_400, "1d"),
        (-90, "-1m 30s"),
    ],
)
def test_duration(seconds: float, expected: str) -> None:
    assert format_duration(seconds) == expected
    assert format_milliseconds(seconds * 1000) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90", 90),
        ("90s", 90),
        ("5m", 300),
        ("2h30m", 9000),
        ("2h 30m", 9000),
        ("1d", 86400),
        ("250ms", 0.25),
        ("1.5H", 5400),
    ],
)
def test_parse_duration(text: str, expected: float) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize("text", ["", "x", "5x", "m", "5m!", "-5m", "1h30"])
def test_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="invalid duration"):
        parse_duration(text)


def test_a_long_duration_is_in_years() -> None:
    assert format_duration(25514 * 86400) == "69y 329d"
    assert format_duration(364 * 86400) == "364d"
    assert [format_coarse_duration(days * 86400) for days in (25514, 12.5, 0.1)] == ["69y", "12d", "2h"]
    assert parse_duration("1y") == 365 * 86400


@given(st.integers(0, 10**9))
def test_durations_come_back(seconds: int) -> None:
    text = format_duration(seconds)
    assert 0 <= seconds - parse_duration(text) < (86400 if "y" in text else 3600)
    assert format_duration(parse_duration(text)) == text


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, "0B"),
        (512, "512B"),
        (1024, "1K"),
        (1536, "1.5K"),
        (25_232_932_864, "23.5G"),
        (1 << 50, "1024T"),
        (-2048, "-2K"),
    ],
)
def test_size(count: float, expected: str) -> None:
    assert format_size(count) == expected


def test_parse_size() -> None:
    assert parse_size("1.95G") == 1.95 * (1 << 30)
    assert parse_size("512.00M") == 512 * (1 << 20)
    assert parse_size("64KB") == parse_size("64KiB") == parse_size("64k") == 65536
    assert parse_size("100") == parse_size("100B") == 100
    for text in ("", "G", "1X", "-1K", "1 2K"):
        with pytest.raises(ValueError, match="invalid size"):
            parse_size(text)


def test_parse_time() -> None:
    moment = datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert parse_time("2026-11-23T10:00:00+01:00") == moment
    assert parse_time("2026-11-23T09:00:00Z") == moment
    assert parse_time(str(int(moment.timestamp()))) == moment
    assert parse_time(f"{int(moment.timestamp())}000") == moment
    assert parse_time("2026-11-23").tzinfo is not None
    for text in ("", "yesterday", "2026-13-01", "5m"):
        with pytest.raises(ValueError, match="invalid time"):
            parse_time(text)


def test_ago() -> None:
    now = datetime(2026, 11, 23, 10, tzinfo=UTC)
    assert format_age("2026-11-23T09:54:30Z", now) == "5m ago"
    assert format_age("2026-11-23T12:00:00Z", now) == "in 2h"
    assert format_age("2026-11-23T10:00:00.5Z", now) == "now"
    assert format_age("infinity", now) == "infinity"
    assert format_age(None) == ""
    assert format_age(5) == "5"


def test_boolean() -> None:
    assert (format_boolean(True), format_boolean(False)) == ("true", "false")


def test_epoch_times_read_like_the_others() -> None:
    assert format_epoch(1795545571853) == "2026-11-24T18:39:31.853+00:00"
    assert format_epoch(1795545571) == "2026-11-24T18:39:31+00:00"
    assert [format_epoch(value) for value in (12, True, "x", None, 1e12)] == [""] * 5
    now = datetime.fromisoformat("2026-11-24T18:44:31+00:00")
    assert format_age(1795545571000, now) == "5m ago"
