"""An unknown field in --where, --sort or --fields is an error: exit 2, with similar names."""

from collections.abc import Iterator

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run

CHANGES = [
    ("clients", "kick"),
    ("clients", "subscribe", "a/b"),
    ("clients", "unsubscribe", "a/b"),
    ("banned", "add", "clientid"),
]


@pytest.fixture
def unchanged_cluster(cluster: Sandbox) -> Iterator[Sandbox]:
    """Yield a cluster, then check that nothing in it was changed."""
    before = set(cluster.cluster.clients)
    yield cluster
    assert set(cluster.cluster.clients) == before
    assert {request.method for request in cluster.requests} <= {"GET"}


@pytest.mark.parametrize("arguments", CHANGES)
@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_an_unknown_field_selects_no_targets(
    run: Run, unchanged_cluster: Sandbox, arguments: tuple[str, ...], options: tuple[str, ...]
) -> None:
    result = run(*arguments, "--where", "mqueue_lenn!=0", "--yes", *options)
    assert (result.code, result.out) == (2, "")
    assert "--where: unknown field 'mqueue_lenn' of clients" in result.err
    assert "hint: did you mean 'mqueue_len'" in result.err


@pytest.mark.parametrize("where", ["recv_oct!=15k", "connected!=yes"])
@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_a_value_of_another_type_selects_no_targets(
    run: Run, unchanged_cluster: Sandbox, where: str, options: tuple[str, ...]
) -> None:
    result = run("clients", "kick", "--where", where, "--yes", *options)
    assert (result.code, result.out) == (2, "")
    assert "cannot be compared" in result.err
    assert unchanged_cluster.requests == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("banned", "delete", "clientid", "--where", "resaon!=x"),
        ("alarms", "deactivate", "--where", "nmae!=x"),
        ("retained", "delete", "--where", "topicc!=x"),
    ],
)
def test_an_unknown_field_of_other_lists_selects_nothing(
    run: Run, unchanged_cluster: Sandbox, arguments: tuple[str, ...]
) -> None:
    for options in ((), ("--dry-run",)):
        result = run(*arguments, "--yes", *options)
        assert result.code == 2
        assert "unknown field" in result.err


def test_unequal_does_not_select_rows_without_the_field(run: Run, cluster: Sandbox) -> None:
    with cluster.cluster.lock:
        cluster.cluster.clients.clear()
        cluster.cluster.add_client("named", username="bob")
        cluster.cluster.add_client("nameless", username=None)
    # connected clients have no disconnected_at: its value is unknown, not different
    result = run(
        "clients", "kick", "--where", "disconnected_at!=2020-01-01T00:00:00Z", "--dry-run", "-o", "name"
    )
    assert (result.code, result.out) == (0, "")
    result = run("clients", "kick", "--where", "disconnected_at=null", "--dry-run", "-o", "name")
    assert set(result.out.split()) == {"named", "nameless"}
    # no user name is a value: null
    result = run("clients", "kick", "--where", "username!=bob", "--dry-run", "-o", "name")
    assert result.out.split() == ["nameless"]


@pytest.mark.parametrize(
    ("arguments", "option"),
    [(("--sort", "nope"), "--sort"), (("--where", "nope=1"), "--where"), (("--fields", "nope"), "--fields")],
)
@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv", "name"])
@pytest.mark.parametrize("empty", [False, True])
def test_an_unknown_field_of_a_list_is_refused(
    run: Run, unchanged_cluster: Sandbox, arguments: tuple[str, ...], option: str, form: str, *, empty: bool
) -> None:
    options = ("--username", "no-such-user") if empty else ()
    result = run("clients", "list", *arguments, *options, "-o", form)
    assert (result.code, result.out) == (2, "")
    assert f"{option}: unknown field 'nope' of clients" in result.err


def test_a_value_of_another_type_is_refused_before_a_list_is_read(
    run: Run, unchanged_cluster: Sandbox
) -> None:
    result = run("clients", "list", "--where", "mqueue_len>many")
    assert (result.code, result.out) == (2, "")
    assert unchanged_cluster.requests == []


def test_a_documented_field_is_accepted_if_no_row_has_it(run: Run, unchanged_cluster: Sandbox) -> None:
    result = run(
        "clients", "list", "--fields", "clientid,disconnected_at,is_expired", "-o", "json", "--limit", "1"
    )
    assert result.code == 0, result.err
    assert run("clients", "list", "--where", "client_attrs.site=lab", "-o", "json").json == []


def test_an_unknown_field_of_one_object_is_refused(run: Run, unchanged_cluster: Sandbox) -> None:
    clientid = next(iter(unchanged_cluster.cluster.clients))
    result = run("clients", "get", clientid, "--fields", "clientid,nope", "-o", "json")
    assert (result.code, result.error["code"]) == (2, "UNKNOWN_FIELD")
    assert run("clients", "get", clientid, "--fields", "clientid,disconnected_at", "-o", "json").code == 0


def test_fields_select_from_the_result_of_a_query(run: Run, unchanged_cluster: Sandbox) -> None:
    arguments = ("clients", "list", "-o", "json", "--query", "[].{id: clientid}", "--fields")
    assert set(run(*arguments, "id").json[0]) == {"id"}
    assert run(*arguments, "clientid").code == 2


def test_rows_of_several_clusters_have_the_field_profile(
    run: Run, unchanged_cluster: Sandbox, home: object
) -> None:
    arguments = ("--api-key", unchanged_cluster.api_key, "--api-secret-file", "-", "--no-verify")
    for name in ("one", "two"):
        run(
            "keys",
            "add",
            name,
            "--url",
            unchanged_cluster.url,
            *arguments,
            stdin=unchanged_cluster.api_secret.encode(),
        )
    result = run(
        "-p", "one,two", "nodes", "list", "--fields", "profile,node", "--sort", "-profile", "-o", "json"
    )
    assert [row["profile"] for row in result.json] == ["two"] * 3 + ["one"] * 3
    assert run("-p", "one,two", "nodes", "list", "--sort", "profiles").code == 2
