"""--if-exists and --if-not-exists: every deletion and creation succeeds without changing anything."""

import json
from pathlib import Path

import pytest

from emqxctl.cli.root import build_root, walk_commands
from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.every_case import check_every
from tests.support.examples import parse_example
from tests.support.replay import make_exchange, replay
from tests.support.sandboxes import sandbox_env

UNAVAILABLE = {5, 10, 13}  # not for API keys, not simulated, or not in this edition
LOGIN_GROUPS = ("emqxctl users", "emqxctl api-keys")
LOGIN = ("--username", "admin", "--password-file", "-")
MISSING = {  # arguments of commands that do not take any name
    "emqxctl banned delete": ("clientid", "nope"),
    "emqxctl backups delete": ("nope.tar.gz",),
    "emqxctl delayed delete": ("{node}", "0006489E7B3A1F2D1A2B000000000000"),
    "emqxctl gateways authentication delete": ("mqttsn",),
    "emqxctl gateways users delete": ("stomp", "nope"),
    "emqxctl gateways listeners delete": ("stomp", "tcp:nope"),
    "emqxctl sso delete": ("ldap",),
    "emqxctl listeners delete": ("tcp:nope",),
    "emqxctl authorization sources delete": ("ldap",),
}
CREATIONS = {  # of what the examples create from files or with secrets
    "topic-metrics create": "topic-metrics create a/b",
    "rules create": "rules create r1 --sql 'SELECT * FROM \"a/b\"'",
    "listeners create": "listeners create tcp:extra --bind 11885",
    "connectors create": "connectors create http:c1 --target-url http://h:1",
    "traces create": "traces create t1 topic a/b",
    "banned add": "banned add clientid c1",
    "authorization rules users create": "authorization rules users create ann --rule 'deny all #'",
    "authorization rules clients create": "authorization rules clients create c1 --rule 'deny all #'",
    "authorization sources create": "authorization sources create mysql --set server=h:1 "
    "--set database=d --set query=q",
    "exhooks create": "exhooks create e1 --set url=http://127.0.0.1:9000",
}


def commands_with(field: str) -> list[str]:
    """Return the commands whose spec has this flag, without `emqxctl`."""
    return [path for path, command in walk_commands(build_root()) if getattr(command.spec, field)]


@pytest.mark.parametrize("edition", ["community", "enterprise"])
def test_nothing_to_delete_is_a_success(run: Run, edition: str) -> None:
    paths, seen = dict(walk_commands(build_root())), []
    with Sandbox(edition=edition) as sandbox:

        def check(path: str) -> None:
            arguments = [item for item in paths[path].params if item.param_type_name == "argument"]
            names = MISSING.get(path, ("nope",) * len(arguments))
            words = [name.format(node=next(iter(sandbox.cluster.nodes))) for name in names]
            login = LOGIN if path.startswith(LOGIN_GROUPS) else ()
            result = run(
                *path.split()[1:], *words, "--if-exists", "--yes", "-o", "json", *login,
                stdin=b"public\n", env=sandbox_env(sandbox),
            )  # fmt: skip
            if result.code in UNAVAILABLE or "does not simulate" in result.err:
                return
            assert result.code == 0, result.err
            seen.append(path)
            rows = json.loads(result.out or "[]")
            for row in rows if isinstance(rows, list) else [rows]:
                assert row.get("reason", "not found") in {"not found", "not banned"}, row

        check_every(commands_with("deletes"), check)
    assert len(seen) > 15


def test_what_exists_is_not_created_again(cluster: Sandbox, run: Run, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret\n")

    def check(path: str) -> None:
        words = parse_example(f"emqxctl {CREATIONS[path]}")
        first = run(*words, "--if-not-exists")
        assert first.code == 0, first.err
        before = cluster.cluster.__dict__.get("rules")
        second = run(*words, "--if-not-exists", "-o", "json")
        assert (second.code, json.loads(second.out)["status"]) == (0, "skipped"), second.err
        assert json.loads(second.out)["reason"] == "already exists"
        assert cluster.cluster.__dict__.get("rules") is before
        refused = run(*words)
        assert refused.code != 0

    check_every(CREATIONS, check)


def test_every_creation_and_deletion_has_the_option() -> None:
    for path, command in walk_commands(build_root()):
        names = {parameter.name for parameter in command.params}
        verb = path.rpartition(" ")[2]
        assert ("if_exists" in names) == (verb in {"delete", "remove"}), path
        assert ("if_not_exists" in names) == (verb in {"create", "add"}), path


def test_a_rejected_creation_of_what_does_not_exist_stays_an_error(run: Run) -> None:
    rejected = make_exchange("POST /rules", 400, {"code": "BAD_REQUEST", "message": "already exists in SQL"})
    missing = make_exchange("GET /rules/r1", 404, {"code": "NOT_FOUND", "message": "Rule Id Not Found"})
    replayed = replay(run, [rejected, missing], "rules", "create", "r1", "--sql", "x", "--if-not-exists")
    assert replayed.result.code == 7


def test_one_missing_object_of_several_is_skipped(cluster: Sandbox, run: Run) -> None:
    del cluster
    result = run("rules", "delete", "hot-sensors", "nope", "--if-exists", "--yes")
    assert (result.code, "deleted 1 of 2 rules, 1 skipped: not found" in result.err) == (0, True)
