"""`emqxctl authentication users`, against recorded answers and the sandbox."""

from pathlib import Path

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import make_exchange, replay

USERS = "/authentication/{id}/users"
ONE = f"{USERS}/{{user_id}}"
IMPORT = "/authentication/{id}/import_users"
KEPT = "/authentication/password_based%3Abuilt_in_database"
SCRAM = "scram:built_in_database"
U = ("authentication", "users")
PLAIN = "user_id,password,is_superuser\nimp-1,very-secret-pw,true\n"


def test_users_are_listed_over_all_pages(run: Run) -> None:
    titles = [f"paging, limit=3, {page}" for page in ("page 1", "page 2", "page 3", "last page 4")]
    titles.append("paging, beyond the last page")  # the last one says hasnext
    pages = [find_exchange(f"GET {USERS}", title) for title in titles]
    outcome = replay(run, pages, *U, "list", "-o", "name")
    assert outcome.result.code == 0, outcome.result.err
    assert sorted(outcome.result.out.splitlines()) == sorted(
        row["user_id"] for page in pages for row in page.body["data"]
    )
    assert outcome.calls[0] == f"GET {KEPT}/users?page=1&limit=1000"


def test_filters_go_to_the_server(run: Run) -> None:
    script = [find_exchange(f"GET {USERS}", "is_superuser")]
    outcome = replay(run, script, *U, "list", "--is-superuser", "--like-user-id", "tool")
    assert outcome.calls == [f"GET {KEPT}/users?like_user_id=tool&is_superuser=true&page=1&limit=1000"]
    assert [line.split() for line in outcome.result.out.splitlines()] == [
        ["USER", "SUPERUSER"],
        ["ops-tool", "true"],
    ]
    script = [find_exchange(f"GET {USERS}", "scram")]
    outcome = replay(run, script, *U, "list", "--provider", SCRAM)
    assert outcome.calls == ["GET /authentication/scram%3Abuilt_in_database/users?page=1&limit=1000"]


def test_a_namespace_needs_emqx_6(run: Run, cluster: Sandbox) -> None:
    result = run(*U, "list", "--ns", "plant")
    assert result.code == 13
    assert "--namespace requires EMQX 6.0 or later" in result.err
    assert all("/users" not in request.path for request in cluster.requests)


@pytest.mark.parametrize(
    ("operation", "title", "words", "code", "text"),
    [
        (f"GET {USERS}", "no such authenticator", ("list",), 6, "emqxctl authentication list"),
        (f"GET {USERS}", "authenticator without users", ("list",), 7, "only built-in databases store users"),
        (f"GET {ONE}", "unknown authenticator", ("get", "x"), 6, "emqxctl authentication list"),
        (f"DELETE {ONE}", "unknown authenticator", ("delete", "x", "-y"), 6, "emqxctl authentication list"),
        (f"PUT {ONE}", "unknown", ("update", "nobody"), 6, "emqxctl authentication users list"),
        (f"POST {USERS}", "already exists", ("create", "rec-u"), 7, "User already exists"),
        (f"POST {USERS}", "unknown authenticator", ("create", "x"), 6, "scram:built_in_database"),
        (f"POST {USERS}", "empty user", ("create", ""), 7, "invalid_user_id"),
    ],
)
def test_failures_say_what_to_do(
    run: Run, operation: str, title: str, words: tuple[str, ...], code: int, text: str
) -> None:
    exchange = find_exchange(operation, title)
    provider = exchange.path.removeprefix("/api/v5/authentication/").partition("/")[0].replace("%3A", ":")
    words = (*words, "--provider", provider)
    if words[0] in {"create", "update"}:
        words = (*words, "--password-file", "-")
    script = [exchange]
    if words[0] == "update":
        script = [make_exchange(f"GET {KEPT}/users/nobody", 200, {"user_id": "nobody"}), exchange]
    outcome = replay(run, script, *U, *words, stdin=b"pw\n")
    assert outcome.result.code == code, outcome.result.err
    assert text.replace("scram:built_in_database", provider) in outcome.result.err


def test_a_user_is_created_with_a_password_nobody_sees(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "pw"
    file.write_text("very-secret-pw\nsomething else\n")
    words = ("create", "rec-u", "--password-file", str(file))
    outcome = replay(run, [find_exchange(f"POST {USERS}", "create")], *U, *words, "--debug", "--json")
    assert outcome.bodies == [{"user_id": "rec-u", "password": "very-secret-pw", "is_superuser": False}]
    assert outcome.result.json == {"user_id": "rec-u", "is_superuser": False}
    dry_run = replay(run, [], *U, *words, "--superuser", "--dry-run")
    assert '"is_superuser": true' in dry_run.result.out
    assert (
        "very-secret-pw"
        not in outcome.result.out + outcome.result.err + dry_run.result.out + dry_run.result.err
    )


def test_a_password_that_the_server_repeats_is_masked(run: Run) -> None:
    body = {"code": "BAD_REQUEST", "message": "weak: very-secret-pw"}
    script = [
        make_exchange(f"GET {KEPT}/users/ann", 200, {"user_id": "ann"}),
        make_exchange(f"PUT {KEPT}/users/ann", 400, body),
    ]
    words = ("update", "ann", "--password-file", "-", "--debug")
    outcome = replay(run, script, *U, *words, stdin=b"very-secret-pw\n")
    assert outcome.result.code == 7
    assert "weak: ******" in outcome.result.err
    assert "very-secret-pw" not in outcome.result.err


def test_scram_names_itself_but_the_user_is_shown(run: Run) -> None:
    exchange = find_exchange(f"POST {USERS}", "scram user")
    assert exchange.body["user_id"] == SCRAM
    words = ("create", "rec-s", "--provider", SCRAM, "--password-file", "-", "--json")
    outcome = replay(run, [exchange], *U, *words, stdin=b"pw")
    assert outcome.result.json == {"user_id": "rec-s", "is_superuser": False}


@pytest.mark.parametrize("stdin", [b"", b"\n", b"\npw"])
def test_an_empty_password_is_not_sent(run: Run, stdin: bytes) -> None:
    outcome = replay(run, [], *U, "create", "ann", "--password-file", "-", stdin=stdin)
    assert (outcome.result.code, outcome.calls) == (2, [])


def test_without_a_password_nobody_is_asked_in_a_pipe(run: Run) -> None:
    outcome = replay(run, [], *U, "create", "ann")
    assert (outcome.result.code, outcome.calls) == (2, [])
    assert "--password-file FILE" in outcome.result.err


def test_the_password_is_asked_for_at_a_terminal(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    questions: list[str] = []

    def answer(question: str) -> str:
        questions.append(question)
        return "typed"

    monkeypatch.setattr("emqxctl.commands._built_in_users.prompt_secret", answer)
    outcome = replay(run, [find_exchange(f"POST {USERS}", "create")], *U, "create", "rec-u", terminal=True)
    assert outcome.bodies[0]["password"] == "typed"
    assert questions == ["Password of the user (not shown): "]


@pytest.mark.parametrize(
    ("words", "superuser"), [((), True), (("--no-superuser",), False), (("--superuser",), True)]
)
def test_update_keeps_what_is_not_said(run: Run, words: tuple[str, ...], superuser: bool) -> None:
    script = [
        make_exchange(f"GET {KEPT}/users/rec-u", 200, {"user_id": "rec-u", "is_superuser": True}),
        find_exchange(f"PUT {ONE}", "change"),
    ]
    outcome = replay(run, script, *U, "update", "rec-u", "--password-file", "-", *words, stdin=b"pw2\n")
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.bodies == [{"password": "pw2", "is_superuser": superuser}]


def test_hostile_names_go_out_quoted_and_come_back_harmless(run: Run) -> None:
    name = "rec/u #1 \x1b[31m"
    outcome = replay(
        run, [find_exchange(f"GET {ONE}", "odd user just created")], *U, "get", name, terminal=True
    )
    assert outcome.calls == [f"GET {KEPT}/users/rec%2Fu%20%231%20%1B%5B31m"]
    assert "\x1b[31m" not in outcome.result.out.replace("\x1b[31mfalse", "")
    deletion = find_exchange(f"DELETE {ONE}", "odd user")
    outcome = replay(run, [deletion], *U, "delete", name, "--yes")
    assert (outcome.result.code, "\x1b" in outcome.result.err) == (0, False)


def test_users_are_deleted_each_accounted_for(run: Run) -> None:
    deletion = find_exchange(f"DELETE {ONE}", "delete")
    not_found = make_exchange(
        f"DELETE {KEPT}/users/x", 404, {"code": "NOT_FOUND", "message": "User not found"}
    )
    outcome = replay(run, [], *U, "delete", "rec-u")
    assert (outcome.result.code, outcome.calls) == (14, [])
    assert "delete user 'rec-u' of password_based:built_in_database" in outcome.result.err
    outcome = replay(run, [deletion, not_found], *U, "delete", "rec-u", "x", "--yes", "--json")
    assert outcome.result.code == 9
    assert [(row["user_id"], row["status"]) for row in outcome.result.json] == [
        ("rec-u", "done"),
        ("x", "failed"),
    ]


@pytest.mark.parametrize(
    ("title", "name", "type_", "code"),
    [
        ("csv plain", "users.csv", "plain", 0),
        ("json plain file", "users.json", "plain", 0),
        ("csv hash", "hash.csv", "hash", 0),
        ("broken csv", "users.csv", "plain", 7),
    ],
)
def test_files_are_imported_as_they_are(
    run: Run, tmp_path: Path, title: str, name: str, type_: str, code: int
) -> None:
    exchange = find_exchange(f"POST {IMPORT}", title)
    text = exchange.request["multipart"][0]["body_text"]
    file = tmp_path / name
    file.write_text(text, newline="")
    words = (*U, "import", str(file), "-y", *(("--type", type_) if type_ != "plain" else ()))
    outcome = replay(run, [exchange], *words, "--json")
    assert outcome.result.code == code, outcome.result.err
    assert outcome.calls == [f"POST {KEPT}/import_users?type={type_}"]
    sent_body = outcome.received[0].body
    assert f'name="filename"; filename="{name}"'.encode() in sent_body
    assert text.encode() in sent_body
    if code:
        assert "bad_format" in outcome.result.error["message"]
        assert outcome.result.error["hint"].endswith("users import --help")
    else:
        assert outcome.result.json == exchange.body


@pytest.mark.parametrize(
    ("words", "code"),
    [("plain_import_requires_password_field", 0), ("hash_import_requires_password_hash_field", 1)],
)
def test_the_other_type_is_suggested(run: Run, words: str, code: int) -> None:
    types = ("plain", "hash")
    rejection = make_exchange(
        f"POST {KEPT}/import_users", 400, {"code": "BAD_REQUEST", "message": f'"{words}"'}
    )
    options = ("import", "-", "-y", "--name", "users.csv", "--type", types[code])
    outcome = replay(run, [rejection], *U, *options, stdin=b"user_id\n")
    assert outcome.result.code == 7
    assert f"try --type {types[1 - code]}" in outcome.result.err


def test_an_import_that_failed_in_part(run: Run) -> None:
    partial_import = make_exchange(f"POST {KEPT}/import_users", 200, {"total": 2, "success": 1, "failed": 1})
    options = ("import", "-", "-y", "--name", "users.csv")
    outcome = replay(run, [partial_import], *U, *options, stdin=PLAIN.encode())
    assert outcome.result.code == 9
    assert "2 total, 1 success, 1 failed" in outcome.result.err
    before_5_8_2 = make_exchange(f"POST {KEPT}/import_users", 204)
    outcome = replay(run, [before_5_8_2], *U, *options, stdin=PLAIN.encode())
    assert outcome.result.err == "imported users of password_based:built_in_database\n"


@pytest.mark.parametrize(
    ("words", "text"),
    [(("users.txt",), "neither .csv nor .json"), (("-",), "the name of the file is required")],
)
def test_a_file_that_emqx_could_not_tell(run: Run, words: tuple[str, ...], text: str) -> None:
    outcome = replay(run, [], *U, "import", *words, stdin=PLAIN.encode())
    assert (outcome.result.code, outcome.calls) == (2, [])
    assert text in outcome.result.err


def test_an_import_asks_since_it_replaces_users(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "users.csv"
    file.write_text(PLAIN)
    outcome = replay(run, [], *U, "import", str(file))
    assert (outcome.result.code, outcome.calls) == (14, [])
    assert "replacing existing ones" in outcome.result.err
    missing = replay(run, [], *U, "import", str(tmp_path / "none.csv"))
    assert missing.result.code == 2  # before the question


def test_passwords_of_a_file_are_shown_nowhere(run: Run) -> None:
    script = [find_exchange(f"POST {IMPORT}", "csv plain")]
    options = ("import", "-", "-y", "--name", "users.csv")
    outcome = replay(run, script, *U, *options, "--debug", stdin=PLAIN.encode())
    dry_run = replay(run, [], *U, *options, "--dry-run", stdin=PLAIN.encode())
    assert b"very-secret-pw" in outcome.received[0].body
    assert "-F filename=@users.csv" in dry_run.result.out
    assert f"> filename=@users.csv ({len(outcome.received[0].body)} bytes)" in outcome.result.err
    for result in (outcome.result, dry_run.result):
        assert result.code == 0, result.err
        assert "very-secret-pw" not in result.out + result.err


@pytest.mark.usefixtures("bare")
def test_a_users_life_on_the_sandbox(run: Run, cluster: Sandbox) -> None:
    def run_command(code: int, *words: str, stdin: bytes = b"") -> str:
        result = run("authentication", *words, stdin=stdin)
        assert result.code == code, (words, result.err)
        return result.out

    run_command(6, "users", "list")
    run_command(0, "create", "password_based:built_in_database", "--user-id-type", "username")
    assert run_command(0, "users", "list", "--json") == "[]\n"
    run_command(0, "users", "create", "ann/ü", "--password-file", "-", stdin=b"pw\n")
    run_command(0, "users", "update", "ann/ü", "--password-file", "-", "--superuser", stdin=b"pw2\n")
    assert "is_superuser" in run_command(0, "users", "get", "ann/ü")
    run_command(0, "users", "import", "-", "-y", "--name", "u.csv", stdin=PLAIN.encode())
    assert sorted(run_command(0, "users", "list", "--is-superuser", "-o", "name").splitlines()) == [
        "ann/ü",
        "imp-1",
    ]
    run_command(0, "users", "delete", "ann/ü", "imp-1", "--yes")
    run_command(6, "users", "get", "ann/ü")
    assert [request.status for request in cluster.requests if request.status >= 400] == [404, 404]
