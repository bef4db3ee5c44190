"""Names and values of --where, --sort and --fields: facts first, else rows; in constant memory."""

from collections.abc import Iterator

import pytest

from emqxctl.errors import ExitCode, UsageError
from emqxctl.output.query.field_check import FieldCheck
from emqxctl.output.query.where import parse_condition
from emqxctl.output.results import Row, Rows
from emqxctl.output.view import SortKey, View
from tests.output.conftest import Show
from tests.support.row_pages import check_rows

REFUSED = [
    "recv_oct!=15k",
    "recv_oct=many",
    "recv_oct>many",
    "recv_oct>null",
    "mqueue_len in 1,x",
    "mqueue_len=2026-11-24T00:00:00Z",
    "connected!=yes",
    "connected=1",
    "connected>false",
    "connected in true,on",
    "client_attrs=x",
    "client_attrs>1",
]
ACCEPTED = [
    "recv_oct!=15K",
    "recv_oct>1.5M",
    "recv_oct=null",
    "recv_oct~^1",
    "mqueue_max=infinity",
    "mqueue_len in 1,2",
    "keepalive>=1m",
    "subscriptions_max=infinity",
    "connected=TRUE",
    "connected in true,false",
    "connected!=null",
    "connected_at>1h",
    "connected_at<2026-11-24T00:00:00Z",
    "username=15k",
    "username in a,b",
    "ip_address in 10.0.0.0/8",
    "client_attrs=null",
    "client_attrs~lab",
    "client_attrs.site=lab",
    "ws_cookie=x",
]


def check(where: str = "", path: str = "/clients", **options: object) -> FieldCheck:
    """Build a check of a condition or of other options."""
    conditions = (parse_condition(where),) if where else ()
    return FieldCheck(View(where=conditions, **options), path=path, plural_noun="things")  # type: ignore[arg-type]


@pytest.mark.parametrize("text", REFUSED)
def test_a_value_that_can_never_match_is_refused_before_any_row(text: str) -> None:
    with pytest.raises(UsageError) as error_info:
        check(text).check_values()
    assert error_info.value.exit_code is ExitCode.USAGE
    assert repr(text) in error_info.value.message
    assert error_info.value.hint


@pytest.mark.parametrize("text", ACCEPTED)
def test_a_value_that_may_match_is_accepted(text: str) -> None:
    field_check = check(text)
    field_check.check_values()
    assert list(check_rows(field_check, [])) == []
    assert list(check_rows(field_check, [{"clientid": "a"}])) == [{"clientid": "a"}]


def test_the_words_say_what_the_field_is() -> None:
    with pytest.raises(UsageError) as error_info:
        check("recv_oct!=15k").check_values()
    assert (
        error_info.value.message
        == "--where 'recv_oct!=15k': '15k' cannot be compared with 'recv_oct', which is a number"
    )
    with pytest.raises(UsageError) as error_info:
        check("connected>true").check_values()
    assert (
        error_info.value.message
        == "--where 'connected>true': '>' is not supported for 'connected', which is a boolean"
    )


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ({"where": "mqueue_lenn!=0"}, "--where"),
        ({"sort": (SortKey("mqueue_lenn"),)}, "--sort"),
        ({"fields": ("clientid", "mqueue_lenn")}, "--fields"),
    ],
)
@pytest.mark.parametrize("rows", [[], [{"clientid": "a", "mqueue_len": 1}]])
def test_one_rule_for_the_three_options(options: dict[str, object], option: str, rows: list[Row]) -> None:
    with pytest.raises(UsageError) as error_info:
        list(check_rows(check(**options), rows))  # type: ignore[arg-type]
    assert error_info.value.message == f"{option}: unknown field 'mqueue_lenn' of things"
    assert error_info.value.hint.startswith("did you mean 'mqueue_len'")


def test_a_field_of_a_later_version_is_known_by_its_rows() -> None:
    rows: list[Row] = [{"clientid": "a"}, {"clientid": "b", "brand_new": 1}]
    assert list(check_rows(check("brand_new!=0"), rows)) == rows


def test_without_facts_the_types_of_rows_count() -> None:
    rows: list[Row] = [{"n": None}, {"n": 5}, {"n": 7}]
    with pytest.raises(UsageError, match="which is a number"):
        list(check_rows(check("n=many", path=""), rows))
    mixed: list[Row] = [*rows, {"n": "many"}]
    assert list(check_rows(check("n=many", path=""), mixed)) == mixed


def test_without_facts_and_rows_a_name_is_accepted_with_a_note(show: Show) -> None:
    out, notes = show(Rows([], plural_noun="things"), "json", sort=(SortKey("x"),))
    assert out == "[]\n"
    assert notes == ["--sort: field 'x' was not checked: no rows"]


def test_a_name_in_an_object_is_known_by_its_rows() -> None:
    path = "/gateways/{name}/clients/{clientid}/subscriptions"
    assert list(check_rows(check("sub_props.qos=1", path=path), [])) == []
    rows = check_rows(check("sub_props.qoss=1", path=path), [{"sub_props": {"qos": 1}}])
    with pytest.raises(UsageError, match=r"unknown field 'sub_props\.qoss'"):
        next(rows)


def test_a_list_without_end_is_checked_in_constant_memory() -> None:
    number = 0

    def many() -> Iterator[Row]:
        nonlocal number
        for number in range(100_000):
            yield {"n": number}

    rows = check_rows(check("later!=0", path=""), many())
    assert next(rows) == {"n": 0}
    assert number < 1000
    with pytest.raises(UsageError, match="unknown field 'later'"):
        for _ in rows:
            pass
    assert number == 99_999


def test_what_came_before_a_failure_is_passed_on() -> None:
    def cut() -> Iterator[Row]:
        yield {"n": 1}
        raise ConnectionError

    rows = check_rows(check("later!=0", path=""), cut())
    assert next(rows) == {"n": 1}
    with pytest.raises(ConnectionError):
        next(rows)
