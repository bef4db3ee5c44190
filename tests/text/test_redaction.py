"""No secret survives in what is shown: headers, JSON of any depth, text, forms, URLs."""

import json
import string
import time
from base64 import b64encode
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from emqxctl.text.redaction import MASK, Redactor, redact_headers, redact_json, redact_text, redact_url
from emqxctl.text.redaction_hocon import redact_hocon

# Letters that no name or mask is made of, so that finding the secret means that it survived.
SECRETS = st.text("QXZ0123456789", min_size=7, max_size=40).map("Q{}".format)
WILD = st.text(st.characters(codec="utf-8", exclude_characters="*"), min_size=6, max_size=30)
SECRET_KEYS = st.sampled_from(
    [
        "password",
        "api_secret",
        "secret",
        "token",
        "authorization",
        "Authorization",
        "bearer",
        "private_key",
        "key_password",
        "sasl_plain",
        "passwd",
        "credential",
        "credentials",
        "access_key",
        "secret_access_key",
        "client_secret",
        "refresh_token",
        "old_pwd",
        "my-password-2",
        "Set-Cookie",
        "cookie",
        "apiSecret",
        "X-API-Key",
    ]
)
PLAIN = st.none() | st.booleans() | st.integers() | st.text(string.ascii_lowercase, max_size=8)


@st.composite
def documents(draw: st.DrawFn) -> tuple[Any, str]:
    """Draw a JSON value with one secret somewhere in it, and the secret."""
    secret = draw(SECRETS)
    value: Any = {draw(SECRET_KEYS): draw(st.sampled_from([secret, [secret], {"x": secret}]))}
    if "uthorization" in next(iter(value)):
        value = {"authorization": f"Basic {secret}"}
    for _ in range(draw(st.integers(0, 8))):
        wrap = draw(st.sampled_from(["list", "object", "string"]))
        if wrap == "list":
            value = [draw(PLAIN), value]
        elif wrap == "object":
            value = {"data": value, "other": draw(PLAIN)}
        else:
            value = {"message": json.dumps(value)}
    return value, secret


@given(documents())
def test_a_secret_does_not_survive_in_json_of_any_depth(drawn: tuple[Any, str]) -> None:
    value, secret = drawn
    assert secret not in json.dumps(redact_json(value))


@given(documents())
def test_a_secret_does_not_survive_in_text_that_is_json(drawn: tuple[Any, str]) -> None:
    value, secret = drawn
    assert secret not in redact_text(json.dumps(value))
    assert secret not in redact_text("answered: " + json.dumps(value))


@given(documents())
def test_redacting_twice_changes_nothing_more(drawn: tuple[Any, str]) -> None:
    once = redact_json(drawn[0])
    assert redact_json(once) == once


@given(st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from("abc"), inner)))
def test_json_without_secrets_stays_as_it_is(value: Any) -> None:
    assert redact_json(value) == value


def test_json_deeper_than_any_of_emqxs_is_masked() -> None:
    value: Any = "deep"
    for _ in range(5000):
        value = [value]
    assert MASK in repr(redact_json(value))


@given(SECRET_KEYS, SECRETS, st.sampled_from(["", "Basic ", "Bearer ", "basic "]))
def test_a_secret_does_not_survive_in_headers(name: str, secret: str, scheme: str) -> None:
    headers = redact_headers({name: scheme + secret, "Accept": "*/*"})
    assert headers == {name: MASK, "Accept": "*/*"}


@given(SECRETS)
def test_a_secret_does_not_survive_in_the_values_of_other_headers(secret: str) -> None:
    redacted = str(
        redact_headers({"Location": f"https://me:{secret}@host/?token={secret}", "X-A": f"Bearer {secret}"})
    )
    assert secret not in redacted


@given(SECRET_KEYS, SECRETS)
def test_a_secret_does_not_survive_in_forms_and_urls(name: str, secret: str) -> None:
    form = urlencode({"user": "ops", name: secret, "more": "1"})
    assert secret not in redact_text(form)
    assert redact_text(form).endswith("more=1")
    url = redact_url(f"https://ops:{secret}@host:1/p/a?{form}#{name}={secret}")
    assert secret not in url
    assert "host:1/p/a?user=ops" in url


@given(WILD)
def test_a_wild_secret_does_not_survive_in_an_encoded_form(secret: str) -> None:
    encoded = quote_plus(secret)
    assume(len(encoded) > 6 and encoded not in MASK)
    assert encoded not in redact_text(f"user=ops&password={encoded}&more=1")


@given(SECRET_KEYS, SECRETS)
@pytest.mark.parametrize(
    "form",
    [
        "{key}: {secret}",
        "{key} = {secret}",
        '{key} = "{secret} and {secret}"',
        '"{key}":"{secret}","user":"ops"',
        r"\"{key}\":\"{secret} x\",\"user\":\"ops\"",
        "{key}='{secret} {secret}'",
        '<<"{key}">> => <<"{secret} \\"{secret}">>',
        '{key} => <<"{secret}"/utf8>>, a => b',
        '#{{<<"{key}">> => "{secret}",user => ops}}',
        '{{"{key}","{secret}"}}',
        '{{"{key}",<<"{secret}">>}}',
        '"{key}": ["{secret}", "{secret}"',
        "curl -H '{key}: Basic {secret}' http://host",
        "cluster.{key} = {secret}",
    ],
)
def test_a_secret_does_not_survive_in_text(form: str, key: str, secret: str) -> None:
    redacted = redact_text("before " + form.format(key=key, secret=secret) + " after")
    assert secret not in redacted
    assert redacted.startswith("before ")


@given(SECRETS)
@pytest.mark.parametrize(
    "form",
    [
        "GET / HTTP/1.1\r\nAuthorization: Basic {}\r\nHost: h",
        "Cookie: a=1; session={}; b=2",
        "proxy http://{}:x@host:1/ failed",
        "proxy http://ops:x{}@host:1/ failed",
        "sent Bearer {} there",
        "sent bearer {}, there",
        '#{{path => "a.b.password",reason => short,value => <<"{}">>}}',
    ],
)
def test_credentials_do_not_survive_in_text(form: str, secret: str) -> None:
    assert secret not in redact_text(form.format(secret))


@pytest.mark.parametrize(
    "text",
    [
        "Support authorization: basic/bearer ",
        "Please use bearer Token instead, using API key/secret in users path is not permitted",
        "Missing authorization header. Use Basic auth with API key/secret, or a bearer token.",
        'Basic Realm="emqx-dashboard"',
        "Authenticator 'password_based:built_in_database' does not exist",
        "Bad username or password",
        "Check api_key/api_secret",
        "Token expired, get new token by POST /login",
        'User error: {not_found,{authenticator,<<"password_based:mysql">>}}',
        "plain_import_requires_password_field",
        "The range of password length is 8~64",
        "http://host:18083/api/v5/clients/a%40b?like_clientid=a",
        '[{"reason":"required_field","path":"root.password"}]',
    ],
)
def test_words_without_secrets_stay_as_they_are(text: str) -> None:
    assert redact_text(text) == text
    assert Redactor(["a-secret"]).redact_text(text) == text


def test_what_is_no_secret_stays_under_a_secrets_name() -> None:
    value: dict[str, Any] = {
        "token": None,
        "enable_secret": True,
        "password": "",
        "mechanism": "password_based",
        "tokens": [],
    }
    assert redact_json(value) == value
    assert redact_json({"authorization": {"no_match": "allow"}}) == {"authorization": {"no_match": "allow"}}


def test_a_refused_secret_is_taken_out_of_the_complaint() -> None:
    complaint = {"path": "root.password", "value": "hunter2", "reason": "weak: hunter2", "kind": "x"}
    assert redact_json(complaint) == {
        "path": "root.password",
        "value": MASK,
        "reason": f"weak: {MASK}",
        "kind": "x",
    }
    assert redact_json({"name": "Authorization", "value": "abc"}) == {"name": "Authorization", "value": MASK}


@given(WILD, st.text(max_size=5), st.text(max_size=5))
def test_the_runs_own_secret_does_not_survive_as_it_is(secret: str, before: str, after: str) -> None:
    redactor = Redactor(literals=[secret])
    assert secret not in redactor.redact_text(before + secret + after)
    assert secret not in json.dumps(redactor.redact_json({"a": [secret]}), ensure_ascii=False)
    assert secret not in str(redactor.redact_headers({"X-Other": secret}).values())
    redacted = redactor.redact_url(f"http://h/{quote(secret, safe='')}?a={quote_plus(secret)}")
    assert quote(secret, safe="") not in redacted
    assert quote_plus(secret) not in redacted


@given(WILD, st.text(max_size=9), st.text(max_size=9))
def test_the_runs_own_secret_does_not_survive_in_base64(secret: str, before: str, after: str) -> None:
    encoded = b64encode(f"{before}:{secret}{after}".encode()).decode()
    redacted = Redactor(literals=[secret]).redact_text(f"x {encoded} y")
    assert encoded not in redacted
    assert MASK in redacted


def test_literals_too_short_to_be_told_from_words_are_left() -> None:
    assert Redactor(literals=["", "a", "abc"]).redact_text("abc a") == "abc a"


def test_a_number_that_is_the_secret_is_masked() -> None:
    assert Redactor(literals=["123456"]).redact_json({"pin_code": 123456, "n": 5}) == {
        "pin_code": MASK,
        "n": 5,
    }


# What a client may fill its id with to make redaction slow: each of these took minutes once, or could have.
UNITS = (
    *(
        "\\",
        '"',
        "'",
        "secret",
        "secret.",
        "password",
        "token",
        "_sasl",
        "{",
        "[",
        "://",
        "a=",
        "x: ",
        "?",
        "&",
    ),
    *(
        "password=",
        "password: ",
        'password="',
        '\\"password\\":\\"',
        '<<"',
        "{password,",
        "Basic ",
        "cookie:",
    ),
    *('path => "', 'path => "secret', "value => ", "-----BEGIN PRIVATE KEY ", " ", "\n", "AAAA/", "${", "a "),
    *("#", "\\'"),
)
CPU_SECONDS_PER_MEGABYTE = 15.0  # on a slow machine; redaction in quadratic time takes hours


def cpu_seconds(text: str) -> float:
    """Return the CPU time that redacting a text takes, in all the ways it can be."""
    redactor = Redactor(["abcd-secret-1234"])
    started_at = time.process_time()
    redactor.redact_text(text)
    redactor.redact_url(text)
    redact_hocon(text[:200_000])
    return time.process_time() - started_at


@given(
    st.lists(st.sampled_from(UNITS), min_size=1, max_size=3).map("".join),
    st.sampled_from(["", "reason: ", '{"a": "', 'password="']),
    st.sampled_from(["", " end", "YWJjZC1zZWNyZXQtMTIzNA=="]),
)
@settings(max_examples=25)
def test_the_time_is_proportional_to_the_length_of_the_text(unit: str, start: str, end: str) -> None:
    text = f"{start}{unit * (1_000_000 // len(unit))}{end}"
    assert cpu_seconds(text) < CPU_SECONDS_PER_MEGABYTE


@pytest.mark.parametrize("unit", ["\\", '"', "secret", "password="])
def test_the_longest_runs_are_redacted_in_time(unit: str) -> None:
    assert cpu_seconds(unit * (1_000_000 // len(unit))) < CPU_SECONDS_PER_MEGABYTE


@given(st.lists(st.sampled_from(UNITS), max_size=6).map("".join), SECRETS)
def test_no_text_before_a_secret_unmasks_it(before: str, secret: str) -> None:
    assert secret not in redact_text(f"{before}, password={secret}")
    assert secret not in redact_text(f'{before}, "password": "{secret}"')


def test_documents_inside_strings_of_documents_are_masked() -> None:
    text = '"x"'
    for _ in range(8):
        text = "[" * 90 + json.dumps(text) + "]" * 90
    assert MASK in redact_text(text) or redact_text(text) == text


def test_private_keys_are_hidden_in_any_text() -> None:
    secret = "Zx9SECRETz"
    text = f"before\n-----BEGIN EC PRIVATE KEY-----\n{secret}\n-----END EC PRIVATE KEY-----\nafter"
    assert redact_text(text) == f"before\n{MASK}\nafter"
    assert secret not in redact_text(f"-----BEGIN PRIVATE KEY-----\n{secret}")
