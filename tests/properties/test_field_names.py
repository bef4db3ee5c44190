"""A field that does not exist selects, sorts and shows nothing: exit 2, with the close names."""

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
def calm(cluster: Sandbox) -> Iterator[Sandbox]:
    """Give a cluster and hold that nothing of it was changed."""
    before = set(cluster.cluster.clients)
    yield cluster
    assert set(cluster.cluster.clients) == before
    assert {one.method for one in cluster.requests} <= {"GET"}


@pytest.mark.parametrize("words", CHANGES)
@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_an_unknown_field_selects_no_targets(
    run: Run, calm: Sandbox, words: tuple[str, ...], more: tuple[str, ...]
) -> None:
    ran = run(*words, "--where", "mqueue_lenn!=0", "--yes", *more)
    assert (ran.code, ran.out) == (2, "")
    assert "--where: unknown field 'mqueue_lenn' of clients" in ran.err
    assert "hint: did you mean 'mqueue_len'" in ran.err


@pytest.mark.parametrize("where", ["recv_oct!=15k", "connected!=yes"])
@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_a_value_of_another_type_selects_no_targets(
    run: Run, calm: Sandbox, where: str, more: tuple[str, ...]
) -> None:
    ran = run("clients", "kick", "--where", where, "--yes", *more)
    assert (ran.code, ran.out) == (2, "")
    assert "cannot be compared" in ran.err
    assert calm.requests == []


@pytest.mark.parametrize(
    "words",
    [
        ("banned", "delete", "clientid", "--where", "resaon!=x"),
        ("alarms", "deactivate", "--where", "nmae!=x"),
        ("retained", "delete", "--where", "topicc!=x"),
    ],
)
def test_other_lists_select_nothing_either(run: Run, calm: Sandbox, words: tuple[str, ...]) -> None:
    for more in ((), ("--dry-run",)):
        ran = run(*words, "--yes", *more)
        assert ran.code == 2
        assert "unknown field" in ran.err


def test_a_row_without_a_known_field_is_not_selected_by_unequal(run: Run, cluster: Sandbox) -> None:
    with cluster.cluster.lock:
        cluster.cluster.clients.clear()
        cluster.cluster.add_client("named", username="bob")
        cluster.cluster.add_client("nameless", username=None)
    # connected clients have no disconnected_at: its value is unknown, not different
    ran = run(
        "clients", "kick", "--where", "disconnected_at!=2020-01-01T00:00:00Z", "--dry-run", "-o", "name"
    )
    assert (ran.code, ran.out) == (0, "")
    ran = run("clients", "kick", "--where", "disconnected_at=null", "--dry-run", "-o", "name")
    assert set(ran.out.split()) == {"named", "nameless"}
    # no user name is a value: null
    ran = run("clients", "kick", "--where", "username!=bob", "--dry-run", "-o", "name")
    assert ran.out.split() == ["nameless"]


@pytest.mark.parametrize(
    ("words", "option"),
    [(("--sort", "nope"), "--sort"), (("--where", "nope=1"), "--where"), (("--fields", "nope"), "--fields")],
)
@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv", "name"])
@pytest.mark.parametrize("empty", [False, True])
def test_an_unknown_field_of_a_list_is_refused(
    run: Run, calm: Sandbox, words: tuple[str, ...], option: str, form: str, *, empty: bool
) -> None:
    more = ("--username", "no-such-user") if empty else ()
    ran = run("clients", "list", *words, *more, "-o", form)
    assert (ran.code, ran.out) == (2, "")
    assert f"{option}: unknown field 'nope' of clients" in ran.err


def test_a_value_of_another_type_is_refused_before_a_list_is_read(run: Run, calm: Sandbox) -> None:
    ran = run("clients", "list", "--where", "mqueue_len>many")
    assert (ran.code, ran.out) == (2, "")
    assert calm.requests == []


def test_a_field_that_no_row_has_now_is_still_a_field(run: Run, calm: Sandbox) -> None:
    ran = run(
        "clients", "list", "--fields", "clientid,disconnected_at,is_expired", "-o", "json", "--limit", "1"
    )
    assert ran.code == 0, ran.err
    assert run("clients", "list", "--where", "client_attrs.site=lab", "-o", "json").json == []


def test_one_thing_keeps_the_rule(run: Run, calm: Sandbox) -> None:
    clientid = next(iter(calm.cluster.clients))
    ran = run("clients", "get", clientid, "--fields", "clientid,nope", "-o", "json")
    assert (ran.code, ran.error["code"]) == (2, "UNKNOWN_FIELD")
    assert run("clients", "get", clientid, "--fields", "clientid,disconnected_at", "-o", "json").code == 0


def test_fields_after_a_query_are_those_of_its_result(run: Run, calm: Sandbox) -> None:
    words = ("clients", "list", "-o", "json", "--query", "[].{id: clientid}", "--fields")
    assert set(run(*words, "id").json[0]) == {"id"}
    assert run(*words, "clientid").code == 2


def test_several_clusters_know_their_profile(run: Run, calm: Sandbox, home: object) -> None:
    words = ("--api-key", calm.api_key, "--api-secret-file", "-", "--no-verify")
    for name in ("one", "two"):
        run("keys", "add", name, "--url", calm.url, *words, stdin=calm.api_secret.encode())
    ran = run(
        "-p", "one,two", "nodes", "list", "--fields", "profile,node", "--sort", "-profile", "-o", "json"
    )
    assert [row["profile"] for row in ran.json] == ["two"] * 3 + ["one"] * 3
    assert run("-p", "one,two", "nodes", "list", "--sort", "profiles").code == 2
