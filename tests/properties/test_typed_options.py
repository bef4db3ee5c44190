"""The fields of a body that operators set are typed options; the others are named here with the reason."""

import json
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emqxctl.cli.command import Command
from emqxctl.cli.root import build_root, walk_commands
from emqxctl.emqx.body_fields import list_kinds, list_types, read_body_fields
from emqxctl.resource import Resource, Setting
from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.every_case import check_every
from tests.support.openapi import find_problems
from tests.support.sandboxes import sandbox_env

COMMANDS = dict(walk_commands(build_root()))
WRITING_VERBS = ("create", "update", "set")
STRUCTURES = re.compile(r"object|map|any|list|list of object|list of list.*")
# A field of fewer types is one for `--set`: `emqxctl explain connectors kafka_producer` lists it.
COMMON_SHARE = 0.5
IDENTITY = frozenset({"id", "name", "type"})  # the key, or a part of it
READ_ONLY = frozenset({"created_at", "current_connections", "last_modified_at", "node", "running", "status"})
# Fields without an option, by the kind, and why.
WITHOUT_OPTION: dict[str, dict[str, str]] = {
    "prometheus": dict.fromkeys(
        (
            "enable",
            "interval",
            "job_name",
            "mnesia_collector",
            "push_gateway_server",
            "vm_dist_collector",
            "vm_memory_collector",
            "vm_msacc_collector",
            "vm_statistics_collector",
            "vm_system_info_collector",
        ),
        "the form until EMQX 5.3, deprecated: push_gateway and collectors replace it",
    ),
    "message-transformations": dict.fromkeys(
        ("payload_decoder", "payload_encoder"),
        "objects, although the document says otherwise; their fields are options",
    ),
    "bridges": dict.fromkeys(
        ("local_topic", "password", "pool_size", "username"),
        "deprecated since EMQX 5.3.1 and removed in 6.0: connectors and actions have these options",
    ),
}

VERSION_NOTE = re.compile(r"EMQX (\d+\.\d+(?:\.\d+)?)\+\)")
# In some patch releases of 5.8, but not in all: only the server knows.
OF_SOME_RELEASES = {"allow_never_expire", "max_publish_rate", "msg_expiry_interval_override"}
# The options of an update, and the fields that they change in the body.
COMMUNITY_CHANGES: dict[str, dict[str, Any]] = {
    "prometheus update --collector-vm-memory enabled --push-job-name x --push-method post": {
        "collectors.vm_memory": "enabled",
        "push_gateway.job_name": "x",
        "push_gateway.method": "post",
    },
    "retained config update --max-publish-rate 10/s": {"max_publish_rate": "10/s"},
    "listeners update tcp:default --enable-authn false --proxy-protocol-timeout 5s": {
        "enable_authn": False,
        "proxy_protocol_timeout": "5s",
    },
    "listeners update tcp:default --enable-authn quick_deny_anonymous": {
        "enable_authn": "quick_deny_anonymous"
    },
    "gateways listeners update stomp tcp:default --access-rules 'deny all' --acceptors 4": {
        "access_rules": ["deny all"],
        "acceptors": 4,
    },
    "gateways authentication create mqttsn --mechanism jwt --algorithm hmac-based --secret-file FILE"
    " --no-use-jwks --from username": {"secret": "s3cret", "from": "username"},
    "connectors create mqtt:b --server h:1 --proto-ver v5 --no-clean-start --password-file FILE": {
        "proto_ver": "v5",
        "clean_start": False,
        "password": "s3cret",
    },
    "authorization sources create redis --redis-type sentinel --sentinel m --servers a:1,b:2"
    " --cmd 'HGETALL x' --pool-size 3 --tls": {
        "redis_type": "sentinel",
        "sentinel": "m",
        "servers": "a:1,b:2",
        "ssl": {"enable": True},
    },
    "authentication create password_based:mongodb --mongo-type single --server h:1 --database d"
    ' --collection c --filter \'{"user": "${username}"}\'': {
        "mongo_type": "single",
        "collection": "c",
        "filter": {"user": "${username}"},
    },
    "authentication update jwt --from username --acl-claim-name rules --disconnect-after-expire": {
        "from": "username",
        "acl_claim_name": "rules",
        "disconnect_after_expire": True,
    },
}
ENTERPRISE_CHANGES: dict[str, dict[str, Any]] = {
    "prometheus update --latency-buckets '10ms, 1s' --namespaced-rate 1/9s": {
        "latency_buckets": "10ms, 1s",
        "namespaced_metrics_limiter.rate": "1/9s",
    },
    "message-queues config update --enable auto --auto-create-regular --no-auto-create-lastvalue"
    " --regular-retention 14d --find-retry-interval 5s": {
        "enable": "auto",
        "auto_create": {"regular": {}, "lastvalue": False},
        "regular_queue_retention_period": "14d",
        "find_queue_retry_interval": "5s",
    },
    "streams config update --enable false --no-auto-create-lastvalue --regular-retention 14d": {
        "enable": False,
        "auto_create.lastvalue": False,
        "regular_stream_retention_period": "14d",
    },
    "authorization settings update --ignore-backend-failures --include-mountpoint": {
        "ignore_backend_failures": True,
        "include_mountpoint": True,
    },
    "authentication settings update --ignore-backend-failures": {"ignore_backend_failures": True},
    "listeners update tcp:default --delivery-messages-rate 9/s --delivery-bytes-burst 1MB/m"
    " --messages-burst 5/m --tcp-backend socket": {
        "delivery_messages_rate": "9/s",
        "delivery_bytes_burst": "1MB/m",
        "messages_burst": "5/m",
        "tcp_backend": "socket",
    },
    "rules engine update --ssrf --allow-cidr 10.0.0.0/8 --jq-function-default-timeout 5s": {
        "ssrf.enable": True,
        "ssrf.allow_cidrs": ["10.0.0.0/8"],
    },
    "cluster-links create b --server h:1 --topic t --max-inflight 5 --retry-interval 9s": {
        "max_inflight": 5,
        "retry_interval": "9s",
    },
    "message-transformations create t --topic t --failure-action drop --tag a --decoder json --encoder none"
    " --set operations=[]": {
        "payload_decoder": {"type": "json"},
        "payload_encoder": {"type": "none"},
        "tags": ["a"],
    },
}


def test_a_typed_option_changes_its_field(run: Run, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cret\n")
    for edition, changes in (("community", COMMUNITY_CHANGES), ("enterprise", ENTERPRISE_CHANGES)):
        with Sandbox(edition=edition) as sandbox:

            def check(case: tuple[str, dict[str, Any]], sandbox: Sandbox = sandbox) -> None:
                words = shlex.split(case[0].replace("FILE", str(secret)))
                result = run(*words, env=sandbox_env(sandbox))
                assert result.code == 0, result.err
                sent = sandbox.requests[-1]
                body = json.loads(sent.body)
                assert sent.method in {"POST", "PUT"}
                assert {path: value_at(body, path) for path in case[1]} == case[1]
                assert find_problems(sent.method, sent.path, sent.query, sent.headers, sent.body) == []

            check_every(changes.items(), check, name=lambda case: case[0])


def value_at(body: Any, path: str) -> Any:
    """Return the value at a dotted path; None if there is none."""
    for name in path.split("."):
        body = body.get(name) if isinstance(body, dict) else None
    return body


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ("authorization", "settings", "update", "--ignore-backend-failures"),
            "--ignore-backend-failures requires EMQX 6.2.2 or later (this is 5.8.9)",
        ),
        (
            ("listeners", "create", "tcp:x", "--bind=1999", "--delivery-bytes-rate=1MB/s"),
            "--delivery-bytes-rate requires EMQX 6.1.2 or later (this is 5.8.9)",
        ),
        (
            ("prometheus", "update", "--latency-buckets=1s", "--dry-run"),
            "--latency-buckets requires EMQX 5.9 or later (this is 5.8.9)",
        ),
        (
            ("sso", "update", "oidc", "--role-expr=.role"),
            "--role-expr requires EMQX 6.2 or later (this is 5.8.9)",
        ),
    ],
)
def test_an_option_of_a_newer_emqx_is_refused_before_the_change(
    run: Run, cluster: Sandbox, words: tuple[str, ...], message: str
) -> None:
    result = run(*words)
    assert (result.code, result.out) == (13, "")
    assert message in result.err
    assert {(request.method, request.path) for request in cluster.requests} == {("GET", "/api/v5/status")}


def test_an_option_without_a_version_costs_no_request(run: Run, cluster: Sandbox) -> None:
    assert run("listeners", "update", "tcp:default", "--messages-rate=9/s").code == 0
    assert [request.method for request in cluster.requests] == ["GET", "PUT"]


def test_the_help_of_a_setting_names_the_version_that_is_checked() -> None:
    def check(setting: Setting) -> None:
        note = VERSION_NOTE.search(setting.help)
        expected = ".".join(map(str, setting.since)).removesuffix(".0") if setting.since else None
        if setting.param not in OF_SOME_RELEASES:
            assert (note and note[1]) == expected

    settings = {setting.flag: setting for setting in list_settings()}
    check_every(settings.values(), check, name=lambda setting: setting.flag)


def list_settings() -> Iterator[Setting]:
    """Yield the settings of the resources of all commands."""
    for name, module in sorted(sys.modules.items()):
        if name.startswith("emqxctl.commands."):
            for value in vars(module).values():
                yield from value.settings if isinstance(value, Resource) else ()


def test_a_common_field_of_a_body_has_an_option() -> None:
    def check(kind: str) -> None:
        missing = {field for field in common_fields(kind) if not has_option(kind, field)}
        assert missing == set(WITHOUT_OPTION.get(kind, {}))

    check_every(sorted(kinds_with_settings()), check)


def kinds_with_settings() -> set[str]:
    """Return the kinds whose commands take a body with typed options."""
    return {kind for kind in list_kinds() if any(is_typed(command) for command in writing_commands(kind))}


def writing_commands(kind: str) -> Iterator[Command]:
    """Yield the commands that write the objects of a kind."""
    for verb in WRITING_VERBS:
        command = COMMANDS.get(f"emqxctl {kind} {verb}")
        if command is not None:
            yield command


def is_typed(command: Command) -> bool:
    """Return whether a command takes --set and has options for fields."""
    names = {str(parameter.name) for parameter in command.params}
    return "set_" in names and any(name.startswith("option_") for name in names)


def common_fields(kind: str) -> set[str]:
    """Return the fields with a plain value that most types of a kind have."""
    types = list_types(kind) or [""]
    counts: dict[str, int] = {}
    for type_name in types:
        for name, field in read_body_fields(kind, type_name).items():
            if not STRUCTURES.fullmatch(field.type) and name not in IDENTITY | READ_ONLY:
                counts[name] = counts.get(name, 0) + 1
    return {name for name, count in counts.items() if count > COMMON_SHARE * len(types)}


def has_option(kind: str, field: str) -> bool:
    """Return whether a field is an option or an argument of a command."""
    return any(
        str(parameter.name).removeprefix("option_").removeprefix("path_") == field
        for command in writing_commands(kind)
        for parameter in command.params
    )
