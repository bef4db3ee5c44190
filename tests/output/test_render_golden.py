"""Tables as a person sees them: look at the golden files when they change."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from syrupy.location import PyTestLocation

from emqxctl.output.results import Record, Row, Rows
from emqxctl.resource import Column
from emqxctl.text.units import RelativeFormatter, format_age, format_milliseconds, format_size

Show = Callable[..., tuple[str, list[str]]]

NOW = datetime.fromisoformat("2026-11-23T02:00:00+00:00")
since = RelativeFormatter(lambda value: format_age(value, NOW))


def state(value: object) -> str:
    return {"True": "green", "False": "red", "running": "green", "stopped": "bold red"}.get(str(value), "")


def uptime(value: object) -> str:
    return format_milliseconds(value)  # type: ignore[arg-type]  # a writer takes what the server sends


def heap(value: object) -> str:
    return format_size(value)  # type: ignore[arg-type]  # as above


CLIENT_COLUMNS = (
    Column("clientid", "CLIENT ID"),
    Column("username"),
    Column("connected", style=state),
    Column("node"),
    Column("ip_address", "ADDRESS"),
    Column("connected_at", "SINCE", format=since),
    Column("subscriptions_cnt", "SUBS"),
    Column("mqueue_len", "QUEUED"),
    Column("inflight_cnt", "IN FLIGHT"),
    Column("listener", wide=True),
    Column("heap_size", "HEAP", format=heap, align_right=True, wide=True),
)
NODE_COLUMNS = (
    Column("node"),
    Column("node_status", "STATUS", style=state),
    Column("role"),
    Column("version"),
    Column("uptime", format=uptime, align_right=True),
    Column("live_connections", "CONNECTIONS"),
    Column("memory_used", "MEMORY", align_right=True),
    Column("load1", "LOAD"),
    Column("otp_release", "OTP", wide=True),
)


class Golden(SingleFileSnapshotExtension):
    """One readable file a table."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        """Keep them beside the tests."""
        return str(Path(test_location.filepath).parent / "golden" / test_location.basename)


@pytest.fixture
def golden(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(Golden)


def page(show: Show, result: Rows | Record, form: str = "table", **options: object) -> str:
    out, notes = show(result, form, **options)
    return out.replace("\x1b", "␛") + "".join(f"(stderr) {note}\n" for note in notes)


@pytest.mark.parametrize("width", [40, 80, 200])
def test_clients_on_a_terminal(show: Show, clients: list[Row], golden: SnapshotAssertion, width: int) -> None:
    result = Rows(clients, CLIENT_COLUMNS, "clientid", "clients")
    out = page(show, result, is_terminal=True, width=width)
    assert out == golden
    from emqxctl.output.formats.plain_table import measure_width

    assert all(measure_width(line) <= width for line in out.splitlines())


@pytest.mark.parametrize("width", [80, 200])
def test_nodes_on_a_terminal_in_colour(
    show: Show, nodes: list[Row], golden: SnapshotAssertion, width: int
) -> None:
    result = Rows(nodes, NODE_COLUMNS, "node", "nodes")
    assert page(show, result, is_terminal=True, width=width, color=True) == golden


@pytest.mark.parametrize("form", ["table", "wide"])
def test_clients_piped(show: Show, clients: list[Row], golden: SnapshotAssertion, form: str) -> None:
    assert page(show, Rows(clients, CLIENT_COLUMNS, "clientid", "clients"), form) == golden


def test_wide_on_a_terminal(show: Show, clients: list[Row], golden: SnapshotAssertion) -> None:
    result = Rows(clients, CLIENT_COLUMNS, "clientid", "clients")
    assert page(show, result, "wide", is_terminal=True, width=80) == golden


def test_a_node_on_a_terminal(show: Show, nodes: list[Row], golden: SnapshotAssertion) -> None:
    assert page(show, Record(nodes[0], NODE_COLUMNS, "node"), is_terminal=True, width=80) == golden


def test_clients_in_markdown(show: Show, clients: list[Row], golden: SnapshotAssertion) -> None:
    fields = ("clientid", "username", "ip_address", "mqueue_len")
    assert page(show, Rows(clients, CLIENT_COLUMNS, "clientid", "clients"), "md", fields=fields) == golden
