"""Error answers in words: every recorded one, and every shape that was not recorded."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest

from emqxctl.api.error_responses import error_from_response
from emqxctl.api.response import Response
from emqxctl.emqx.error_codes import exit_code_of
from emqxctl.errors import EmqxctlError, ExitCode, ServerError
from emqxctl.text.redaction import Redactor
from tests.api.conftest import make_response
from tests.support.every_case import check_every
from tests.support.recordings import Exchange, iter_exchanges, reports_missing_object

SECRET = "ops-secret-0123456789"
NO_SECRETS = Redactor()


def make_error(status: int, body: Any = b"", *args: str, **headers: str) -> EmqxctlError:
    return error_from_response(make_response(status, body, *args, **headers), NO_SECRETS)


def to_response(exchange: Exchange) -> Response:
    template = re.sub(r"\\\{[^}]*\\\}", "([^/]*)", re.escape(exchange.operation.partition(" ")[2]))
    match = re.fullmatch("(?:/api/v5)?" + template, exchange.path)
    return Response(
        exchange.operation,
        exchange.method,
        "http://127.0.0.1:18083" + exchange.path,
        exchange.status,
        "",
        exchange.headers,
        exchange.response_bytes,
        0.0,
        tuple(unquote(group) for group in match.groups()) if match else (),
    )


FAILED = [exchange for exchange in iter_exchanges() if exchange.status >= 300]


def test_more_than_600_errors_were_recorded() -> None:
    assert len(FAILED) > 600


def test_every_recorded_error_has_a_short_message_without_secrets() -> None:
    def check(exchange: Exchange) -> None:
        error = error_from_response(to_response(exchange), Redactor(literals=[SECRET]))
        assert isinstance(error, ServerError)
        assert "\n" not in error.message + error.hint
        assert len(error.message) <= 600
        assert not re.search(r"\[\d+,\s*\d+|kind\"|#\{|<<|stacktrace|minirest|\\\"|: *$", error.message)
        assert error.details["status"] == exchange.status
        assert error.details["operation"] == exchange.operation
        text = f"{error.message} {error.hint} {error.details}"
        assert not re.search(r"(?i)basic [a-z0-9+/]{8}|bearer [a-z0-9]{12}|b3Bz|eyJhb|" + SECRET, text)

    check_every(FAILED, check)


def test_every_recorded_error_has_the_code_and_exit_code_of_the_table() -> None:
    def check(exchange: Exchange) -> None:
        error = error_from_response(to_response(exchange), NO_SECRETS)
        code = exchange.body.get("code") if isinstance(exchange.body, dict) else None
        unsupported = re.search(rb"Unsupported code '(\w+)'", exchange.response_bytes)
        code = code or (unsupported[1].decode() if unsupported else "")
        assert error.code == (code or error.code)
        is_unknown_node = b"invalid node" in exchange.response_bytes
        is_missing = reports_missing_object(exchange)
        assert error.exit_code is (
            ExitCode.NOT_FOUND if is_unknown_node or is_missing else exit_code_of(exchange.status, code)
        )

    check_every(FAILED, check)


def server_texts(exchange: Exchange) -> Iterator[str]:
    """Yield what our message must contain: plain text whole, of JSON its path and unknown fields."""
    message = exchange.body.get("message") if isinstance(exchange.body, dict) else None
    if not isinstance(message, str) or message == "null":
        return
    if not re.search(r"[{}\[\]<>\"]|=>", message):
        yield " ".join(message.split())
    elif message.startswith("{"):
        details = json.loads(message) if message.startswith('{"') and not message.endswith("1}") else {}
        if not isinstance(details.get("mismatches"), dict) and len(message) < 300:
            yield str(details.get("path", "")).removeprefix("root").removeprefix(".")
            yield str(details.get("unknown", ""))


def test_every_recorded_error_keeps_the_text_of_the_server() -> None:
    def check(exchange: Exchange) -> None:
        message = error_from_response(to_response(exchange), NO_SECRETS).message
        assert [text for text in server_texts(exchange) if text not in message] == []

    check_every(FAILED, check)


def test_every_recorded_error_has_a_hint() -> None:
    responses = {str(exchange): to_response(exchange) for exchange in FAILED}
    assert [
        name for name, response in responses.items() if not error_from_response(response, NO_SECRETS).hint
    ] == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"code": "BAD_REQUEST", "message": "plain"}, "plain"),
        ({"code": "BAD_REQUEST", "reason": "as documented"}, "as documented"),
        ({"code": "X_Y", "message": {"kind": "validation_error", "path": "a.b", "reason": "no"}}, "a.b: no"),
        ({"code": "X_Y", "message": [{"path": "root.a", "reason": "required_field"}, "b"]}, "a: required"),
        (
            {"code": "X_Y", "message": '{"value":0,"reason":{"expected":"1..9"},"path":"limit"}'},
            "must be 1..9",
        ),
        ({"code": "X_Y", "message": "[67,97,110,110,111,116]"}, "Cannot"),
        ({"code": "X_Y", "message": '[67,97,110,110,111,116,32,"17"]'}, "Cannot 17"),
        ({"code": "X_Y", "message": "<<78,111,32,102>>"}, "No f"),
        ({"code": "X_Y", "message": "{badrpc,nodedown}"}, "badrpc: the node is down (nodedown)"),
        ({"code": "X_Y", "message": 'error, {badkey,<<"a">>}, [{m,f,2,[{line,1}]}]'}, "error, badkey: a"),
        ({"code": "X_Y", "message": "error, #Odd{, [{m,f,2,[{line,1}]}]"}, "error, #Odd{"),
        ({"code": "X_Y", "message": '"quoted"'}, "quoted"),
        ({"code": "X_Y", "message": "{type}:{name}, please"}, "{type}:{name}, please"),
        ({"code": "X_Y", "message": True}, "true"),
        ({"code": "BAD_REQUEST", "message": "in use", "rules": ["r1", "r2"]}, "in use (rules: r1, r2)"),
        ({"code": "X_Y", "message": "{failed_to_start,eaddrinuse}"}, "the address is in use (eaddrinuse)"),
        ({"errors": {"mqtt": "bad"}}, "mqtt: bad"),
        ({"errors": "read-only"}, "read-only"),
        ({"reason_code": 144, "message": "topic_name_invalid"}, "topic_name_invalid (MQTT reason code 144)"),
        ({"reason_code": 131}, "MQTT reason code 131"),
        ("text", "text"),
        (7, "7"),
        (["n1@h", "n2@h"], "failed on n1@h, n2@h"),
        (b"mini rest bad return #{a => [1]}", "mini rest bad return"),
        (b"just text\nover lines", "just text over lines"),
        (b"Unsupported code 'BAD_FORM_DATA', message <<\"no \\\"file\\\"\">>, schema def ['A']", 'no "file"'),
        (b"\xff\xfe{", "�"),
    ],
)
def test_a_body_of_any_shape_gives_its_words(body: Any, words: str) -> None:
    error = make_error(400, body)
    assert words in error.message
    assert "\n" not in error.message


@pytest.mark.parametrize("message", ["[]", '""', "", None, "null", "undefined", "{}", [], {}])
def test_a_message_without_words_gets_the_catalogues(message: object) -> None:
    error = make_error(404, {"code": "CLIENT_NOT_FOUND", "message": message}, "GET /x/{id}", "dev-1")
    assert error.message == "x 'dev-1' not found: the gateway has no client with this id"


@pytest.mark.parametrize(
    "status", [400, 401, 403, 404, 405, 406, 407, 408, 409, 411, 413, 414, 415, 418, 429, 431]
)
@pytest.mark.parametrize("body", [b"", b"  \n"])
def test_an_empty_body_gets_words_of_its_own(status: int, body: bytes) -> None:
    error = make_error(status, body)
    assert len(error.message.rpartition(": ")[2]) > 7
    assert error.code == f"HTTP_{status}"
    assert error.exit_code is exit_code_of(status)


def test_an_empty_405_tells_the_methods_allowed_and_may_be_a_matter_of_version() -> None:
    error = make_error(405, b"", "DELETE /nodes", allow="GET")
    assert "DELETE /nodes" in error.message
    assert "allowed: GET" in error.message
    assert error.details["unknown_path"] is True


def test_an_empty_500_names_the_likely_causes() -> None:
    assert "8 MB" in make_error(500, b"", "POST /data/import").hint


def test_an_empty_503_of_emqx_is_booting_and_of_anyone_else_a_failure() -> None:
    booting = make_error(503, b"", server="Cowboy")
    assert (booting.exit_code, booting.code) == (ExitCode.NOT_READY, "BOOTING")
    assert make_error(503).exit_code is ExitCode.SERVER


@pytest.mark.parametrize(
    "body",
    [
        {"code": "NOT_FOUND", "message": "Request Path Not Found"},
        {"code": "API_NOT_EXIST", "message": "API not exist"},
        b"<html><head><title>404 - NOT FOUND</title></head></html>",
        b"404 - NOT FOUND",
        b"",
    ],
)
def test_an_unknown_path_is_marked(body: Any) -> None:
    error = make_error(404, body, "GET /rules")
    assert error.details["unknown_path"] is True
    assert error.message.startswith("the server does not support GET /rules")


def test_a_missing_thing_is_no_unknown_path() -> None:
    body = {"code": "CLIENTID_NOT_FOUND", "message": "Client ID not found"}
    error = make_error(404, body, "GET /clients/{clientid}", "dev-1")
    assert error.message == "client 'dev-1' not found: Client ID not found"
    assert (error.code, error.exit_code) == ("CLIENTID_NOT_FOUND", ExitCode.NOT_FOUND)
    assert "unknown_path" not in error.details


@pytest.mark.parametrize(
    ("operation", "arguments", "thing"),
    [
        ("DELETE /banned/{as}/{who}", ("clientid", "x"), "ban 'clientid' 'x' not found"),
        (
            "GET /authentication/{id}/users/{user}",
            ("jwt", "ann"),
            "user 'ann' of authenticator 'jwt' not found",
        ),
        ("POST /actions/{id}/{operation}", ("http:a", "start"), "action 'http:a' not found"),
        ("GET /api_key/{name}", ("ci",), "API key 'ci' not found"),
        ("GET /clients/dev-1", (), "nothing found for GET /clients/dev-1"),
        ("GET /clients/{clientid}", ("a\nb",), "client 'a b' not found"),
        ("GET /clients/{clientid}", ("x" * 999,), "client 'xxx"),
    ],
)
def test_a_404_names_the_thing(operation: str, arguments: tuple[str, ...], thing: str) -> None:
    error = make_error(404, {"code": "NOT_FOUND", "message": "gone"}, operation, *arguments)
    assert error.message.startswith(thing)
    assert len(error.message) < 200


def test_a_bad_api_key_has_its_own_words() -> None:
    error = make_error(401, {"code": "BAD_API_KEY_OR_SECRET", "message": "Check api_key/api_secret"})
    assert error.exit_code is ExitCode.UNAUTHENTICATED
    assert "emqxctl keys add" in error.hint
    assert "dashboard user" in error.hint


def test_an_api_key_where_a_login_is_needed_has_its_own_words() -> None:
    error = make_error(
        401, {"code": "API_KEY_NOT_ALLOW", "message": "Please use bearer Token instead, using ..."}
    )
    assert "bearer Token instead" in error.message
    assert "emqxctl keys login" in error.hint


@pytest.mark.parametrize(
    ("operation", "roles"),
    [
        ("GET /nodes", "viewer"),
        ("POST /publish", "publisher"),
        ("DELETE /clients/{clientid}", "administrator"),
    ],
)
def test_a_role_that_does_not_suffice_names_the_one_that_would(operation: str, roles: str) -> None:
    error = make_error(403, {"code": "UNAUTHORIZED_ROLE", "message": "no permission"}, operation)
    assert error.exit_code is ExitCode.FORBIDDEN
    assert roles in error.hint


def test_a_plugin_not_allowed_tells_what_to_type_on_the_node() -> None:
    error = make_error(403, {"code": "FORBIDDEN", "message": "first allow it"}, "POST /plugins/install")
    assert "emqx ctl plugins allow" in error.hint


def test_an_unknown_node_is_not_found_and_a_stopped_one_a_failure() -> None:
    error = make_error(
        500, {"code": "NODE_DOWN", "message": 'bad rpc call <<"n">>, Reason <<"invalid node">>'}
    )
    assert error.message.startswith("node 'n' not found: bad rpc call n, Reason invalid node")
    assert error.exit_code is ExitCode.NOT_FOUND
    assert "emqxctl nodes list" in error.hint
    error = make_error(
        500, {"code": "NODE_DOWN", "message": "bad rpc call 'emqx3@127.0.0.1', Reason nodedown"}
    )
    assert error.exit_code is ExitCode.SERVER


SQL = 'Bad Arguments: #{reason => {parse_error,{"%s",[{\'NAME\',8,"t"}]}}}'


@pytest.mark.parametrize(
    ("message", "operation", "hint"),
    [
        (SQL % '4: syntax error before: \\"FORM\\"', "POST /rules", 'FROM "sensors/#"'),
        ('5: syntax error before: "SELEC"', "POST /rule_test", 'SELECT payload.t AS t FROM "sensors/#"'),
        (SQL % '1: illegal characters \\"#\\"', "POST /rules", "put topics in double quotes"),
        ("action_function_not_supported", "POST /rules", "emqxctl actions list"),
        ('{"value":"lots","reason":"Not a valid bytesize"}', "PUT /configs/global_zone", "64KB or 2MB"),
        ('{"value":"soon","reason":"Not a valid duration"}', "POST /connectors", "30s or 2h"),
        ("bad peerhost", "POST /banned", "banned add peerhost_net"),
        ("id: invalid_listener_id: default", "GET /listeners/{id}", "emqxctl listeners list"),
        ("unknown connector type", "POST /connectors", "emqxctl connectors types"),
        (
            "all files in the archive must be under <backup name> directory",
            "POST /data/files",
            "--name emqx-export",
        ),
    ],
)
def test_the_hint_of_a_common_mistake_says_how_it_is_written(message: str, operation: str, hint: str) -> None:
    assert hint in make_error(400, {"code": "BAD_REQUEST", "message": message}, operation).hint


@pytest.mark.parametrize(
    ("command", "operation", "hint"),
    [
        ("emqxctl users create", "POST /users", "options and their values: emqxctl users create --help"),
        (
            "emqxctl connectors create",
            "POST /connectors",
            "emqxctl connectors create --help; fields: emqxctl explain connectors",
        ),
        ("emqxctl api", "POST /rules", "/api-docs of the dashboard"),
        ("", "POST /rules", "options and their values: emqxctl rules --help"),
    ],
)
def test_the_hint_of_a_refused_body_names_the_page_with_the_options(
    command: str, operation: str, hint: str
) -> None:
    response = make_response(400, {"code": "BAD_REQUEST", "message": "a is wrong"}, operation)
    assert hint in error_from_response(response, NO_SECRETS, command).hint


def test_an_unprintable_id_says_that_rest_cannot_reach_it() -> None:
    value = {"value": "a\x07", "reason": {"expected": "binary()"}, "path": "clientid"}
    error = make_error(
        400, {"code": "BAD_REQUEST", "message": json.dumps(value)}, "DELETE /clients/{clientid}", "a\x07"
    )
    assert "unprintable" in error.hint


def test_an_unknown_code_keeps_status_code_and_message() -> None:
    error = make_error(418, {"code": "TEAPOT", "message": "short and stout"})
    assert (error.code, error.exit_code, error.details["status"]) == ("TEAPOT", ExitCode.REJECTED, 418)
    assert "short and stout" in error.message


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_names_its_target_without_secrets(status: int) -> None:
    error = make_error(status, b"<html>", location="https://u:hunter2@sso.example/login?token=hunter2&next=1")
    assert error.exit_code is ExitCode.UNREACHABLE
    assert "sso.example/login" in error.message
    assert "hunter2" not in f"{error.message}{error.details}"
    assert "profile" in error.hint


@pytest.mark.parametrize("status", [400, 403, 502, 503])
def test_a_proxys_page_is_told_from_emqx(status: int) -> None:
    page = b"<!DOCTYPE html><html><head><title>Bad\nGateway</title></head><body>nginx</body></html>"
    error = make_error(status, page)
    assert "not from EMQX's API: Bad Gateway" in error.message
    assert error.code == "NOT_EMQX"
    assert "proxy" in error.hint


def test_a_bulk_publish_tells_which_messages_failed() -> None:
    items = [{"id": "1"}, {"reason_code": 131, "message": "failed_to_dispatch"}]
    error = make_error(503, items, "POST /publish/bulk")
    assert "1 of 2 messages not published: #2 failed_to_dispatch (131)" in error.message
    assert error.exit_code is ExitCode.SERVER


def test_a_body_cannot_overwrite_our_details() -> None:
    error = make_error(400, {"code": "BAD_REQUEST", "message": "m", "status": 1, "operation": "x"})
    assert (error.details["status"], error.details["operation"]) == (400, "GET /clients")


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"code":"X","message":"' + b"{[" * 50_000 + b'"}',
        b'{"message":' * 900 + b"1" + b"}" * 900,
        b'{"code":"X","message":"' + b"[1," * 9_000 + b'"}',
        b'{"code":"' + b"C" * 9_000 + b'","message":"m"}',
    ],
)
def test_a_hostile_body_is_survived(body: bytes) -> None:
    error = make_error(500, body)
    assert len(error.message) <= 600
    assert len(error.code) <= 60


def test_secrets_of_this_run_are_taken_out() -> None:
    echoed = 'error, function_clause, [{m,[#{<<"authorization">> => <<"Basic b3Bz">>}]}]'
    body = {"code": "INTERNAL_ERROR", "message": echoed + SECRET, "echo": {"password": "hunter2"}}
    error = error_from_response(make_response(500, body), Redactor(literals=[SECRET]))
    assert not re.search(f"{SECRET}|hunter2|b3Bz", f"{error.message} {error.details}")


def test_a_secret_that_was_refused_is_not_repeated() -> None:
    value = {"value": "hunter2", "reason": "too short: hunter2", "path": "root.password"}
    error = make_error(400, {"code": "BAD_REQUEST", "message": json.dumps(value)})
    assert "password" in error.message
    assert "hunter2" not in f"{error.message} {error.details}"


def mismatch(kind: str, *more: dict[str, str]) -> list[dict[str, str]]:
    """Give what EMQX says of one form of a listener: its type is another one."""
    return [{"path": "root.type", "reason": f"Expected: {kind}, got:tcp", "value": "tcp"}, *more]


def union(**forms: object) -> dict[str, object]:
    """Give a refusal of something that has several forms."""
    message = {"reason": "matched_no_union_member", "path": "root", "mismatches": forms}
    return {"code": "BAD_REQUEST", "message": json.dumps(message)}


def test_of_a_thing_with_several_forms_only_the_one_meant_is_told() -> None:
    mistake = {"path": "root.bind", "reason": "bad_port_number", "value": "x"}
    error = make_error(400, union(wss=mismatch("wss", mistake), tcp=mistake, udp=mismatch("udp", mistake)))
    assert error.message == "EMQX rejected GET /clients: bind: bad_port_number (got 'x')"


def test_a_type_that_is_none_of_several_is_told_once() -> None:
    error = make_error(400, union(wss=mismatch("wss"), udp=mismatch("udp")))
    assert error.message == "EMQX rejected GET /clients: type: must be wss or udp (got 'tcp')"


@pytest.mark.parametrize(
    ("status", "code", "words", "operation", "arguments", "hint"),
    [
        (400, "BAD_REQUEST", "rule id already exists", "POST /rules", (), "emqxctl rules update"),
        (400, "ALREADY_EXISTS", "bridge already exists", "POST /actions", (), "emqxctl actions update"),
        (
            *(409, "ALREADY_EXISTS", "User already exists", "POST /authentication/{id}/users", ("jwt",)),
            "emqxctl authentication users update",
        ),
        (
            *(
                400,
                "BAD_REQUEST",
                "Listener name has occupied",
                "POST /gateways/{name}/listeners",
                ("stomp",),
            ),
            "emqxctl gateways listeners update",
        ),
        (
            *(400, "BAD_REQUEST", "duplicated_authz_source_type: http", "POST /authorization/sources", ()),
            "emqxctl authorization sources update",
        ),
        (400, "BAD_REQUEST", "name_already_existed", "POST /api_key", (), "emqxctl api-keys update"),
        (404, "USER_NOT_FOUND", "username_not_found", "GET /users/{username}", ("a",), "emqxctl users list"),
        (404, "NOT_FOUND", "Config key 'a' not found", "GET /configs", (), "emqxctl configs get"),
        (400, "BAD_TOPIC", "Topic already registered", "POST /mqtt/topic_metrics", (), "topic-metrics list"),
        (400, "BAD_REQUEST", "connector_not_found_or_wrong_type", "POST /actions", (), "connectors list"),
        (
            *(
                400,
                "BAD_REQUEST",
                "Forbidden operation, connector not enabled",
                "POST /connectors/{id}/start",
            ),
            *(("http:a",), "emqxctl connectors enable"),
        ),
        (400, "BAD_REQUEST", "{failed_to_start,eaddrinuse}", "POST /listeners", (), "--bind"),
        (404, "BAD_REQUEST", "Server not found", "GET /exhooks/{name}", ("a",), "emqxctl exhooks list"),
        (
            404,
            "TOPIC_NOT_FOUND",
            "Topic not found",
            "GET /mqtt/topic_metrics/{topic}",
            ("a",),
            "metrics list",
        ),
        (
            *(404, "RESOURCE_NOT_FOUND", "Client not found", "GET /gateways/{name}/clients/{clientid}"),
            *(("stomp", "a"), "emqxctl gateways clients list"),
        ),
        (
            *(404, "RESOURCE_NOT_FOUND", "Gateway not loaded", "GET /gateways/{name}/clients", ("coap",)),
            "emqxctl gateways list",
        ),
        (404, "NOT_FOUND", "Telemetry is not enabled", "GET /telemetry/data", (), "telemetry enable"),
    ],
)
def test_the_hint_fits_what_the_server_said(
    status: int, code: str, words: str, operation: str, arguments: tuple[str, ...], hint: str
) -> None:
    assert hint in make_error(status, {"code": code, "message": words}, operation, *arguments).hint


def test_a_gateway_that_keeps_no_users_is_not_called_missing() -> None:
    body = {
        "code": "RESOURCE_NOT_FOUND",
        "message": "Resource not found. path: gateway.stomp.authentication",
    }
    error = make_error(404, body, "GET /gateways/{name}/authentication/users/{uid}", "stomp", "ann")
    assert error.message.startswith("authentication of gateway 'stomp' not found")
    assert "emqxctl gateways authentication create" in error.hint


@pytest.mark.parametrize(
    ("operation", "arguments", "message", "expected", "hint"),
    [
        (
            "GET /exhooks/{name}/hooks",
            ("zz-none",),
            "Server not found",
            "exhook 'zz-none' not found",
            "emqxctl exhooks list",
        ),
        ("POST /data/import", (), "backup file not found", "backup not found", "emqxctl backups list"),
        (
            "POST /plugins/{name}/move",
            ("zz-1.0.0",),
            '#{msg => "bad_info_file",reason => {enoent,"/opt/emqx/plugins/zz-1.0.0/release.json"}}',
            "plugin 'zz-1.0.0' not found",
            "emqxctl plugins list",
        ),
        (
            "DELETE /cluster/{node}/force_leave",
            ("emqx9@127.0.0.1",),
            "node_not_in_cluster",
            "node 'emqx9@127.0.0.1' not found",
            "emqxctl nodes list",
        ),
        (
            "GET /error_codes/{code}",
            ("X",),
            '{"value":"X","reason":"unable_to_convert_to_enum_symbol","path":"code","kind":"validation_error"}',
            "error code 'X' not found",
            "emqxctl error-codes list",
        ),
        (
            "POST /configs_reset/{rootname}",
            ("mqtt",),
            '{"value":"mqtt","reason":"not_a_enum_symbol","path":"rootname","kind":"validation_error"}',
            "configuration root 'mqtt' not found",
            "emqxctl configs get",
        ),
    ],
)
def test_a_missing_object_is_not_found_whatever_the_status(
    operation: str, arguments: tuple[str, ...], message: str, expected: str, hint: str
) -> None:
    error = make_error(400, {"code": "BAD_REQUEST", "message": message}, operation, *arguments)
    assert error.exit_code is ExitCode.NOT_FOUND
    assert error.message.startswith(expected)
    assert hint in error.hint


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            '{"value":"lots","reason":"lots","path":"root.os.cpu_high_watermark","kind":"validation_error"}',
            "os.cpu_high_watermark: must be a percentage, such as 80% (got 'lots')",
        ),
        ('{"value":"x","reason":"x","path":"root.a"}', "a: not a valid value (got 'x')"),
        (
            "throw, #{options => #{indent => 0},reason => unsupported_value,value => {badrpc,nodedown}}, []",
            "throw, the node is down (nodedown)",
        ),
        (
            json.dumps({"path": list(b"exhook.servers"), "expected_data_type": "array", "got": "not_found"}),
            "exhook.servers (expected_data_type: array, got: not_found)",
        ),
    ],
)
def test_words_for_what_only_erlang_understands(message: str, expected: str) -> None:
    error = make_error(500, {"code": "X", "message": message})
    assert error.message.endswith(f": {expected}")
