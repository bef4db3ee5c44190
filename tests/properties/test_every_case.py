"""A check of many cases fails if one case fails, and names it."""

import pytest

from tests.support.every_case import check_every, split_cases


def check_even(number: int) -> None:
    assert number % 2 == 0, f"{number} is odd"
    if number == 6:
        raise ValueError(number)


def test_every_failed_case_is_named_with_its_reason() -> None:
    with pytest.raises(pytest.fail.Exception) as failure:
        check_every(range(8), check_even, name=lambda number: f"case {number}")
    message = str(failure.value)
    assert message.startswith("5 of 8 cases failed\ncase 1 (line 9)\n    1 is odd")
    assert [line for line in message.splitlines() if line.startswith("case")][-1] == "case 7 (line 9)"
    assert "case 6 (line 11)\n    ValueError: 6" in message


def test_cases_that_all_hold_pass() -> None:
    check_every([0, 2, 4], check_even)


def test_a_check_of_no_case_fails() -> None:
    with pytest.raises(pytest.fail.Exception, match="0 of 0 cases failed"):
        check_every([], check_even)


def test_parts_hold_every_case_once() -> None:
    parts = split_cases(range(10), 3)
    assert sorted(number for part in parts for number in part) == list(range(10))
    assert [len(part) for part in parts] == [4, 3, 3]
