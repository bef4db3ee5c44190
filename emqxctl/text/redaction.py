"""Secrets masked in headers, JSON, text and URLs, however they are written."""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus

MASK = "******"
MAX_DEPTH = 100  # levels of JSON; deeper values are masked whole, so that no body can exhaust the stack
MIN_SECRET_LENGTH = 4  # characters; a shorter secret would mask parts of ordinary words

# The patterns are text, compiled on first use: that takes longer than the start-up may (9 ms).

# Names that look like a secret but are not: identifiers, algorithms, and where a secret is stored.
HARMLESS_NAMES = r"password_based|password_hash_algorithm|secret_(?:file|command|env)|secret_base64_encoded"
SENSITIVE_WORDS = (  # parts of names, in either spelling
    r"password|passwd|passphrase|secret|credential|cookie|bearer|private[_-]?key|access[_-]?key|account[_-]?key"
    r"|x[_-]api[_-]key|service[_-]account[_-]json|connection[_-]string|signature"
)
SECRET_NAME = (
    rf"(?is)(?!(?:.*[._-])?(?:{HARMLESS_NAMES})$)"
    rf"(?:.*(?:{SENSITIVE_WORDS}).*|.*tokens?|.*authori[sz]ation|(?:.*[._-])?(?:pwd|psk|pin|sasl.*))"
)

# A name, its closing quote, and what comes between it and its value; `is_secret_key` judges the name.
# Possessive repetitions, and starts none of which lies in the match of another, keep the time linear.
PAIR_KEY = (
    r"(?s)(?<![\w.-])(?P<name>[\w.-]++)(?:\\*+[\"'])?(?:>>)?"
    r"\s*+(?:=>|[=:])(?!\s*+(?i:basic/bearer))\s*+"
)
TUPLE_KEY = r"[{\[]\s*+(?:<<)?[\"']?(?P<name>[\w.-]++)[\"']?(?:>>)?\s*+,\s*+(?=<<|[\"'\\])"
PATH_VALUE_KEY = r"\bvalue\s*+=>\s*+"
# A value: a quote, after its backslashes in text that is quoted itself; or brackets; or a word.
QUOTE = r"(?P<open><<)?(?P<slashes>\\*+)(?P<quote>[\"'])"
BRACKETS = r"(?s)(?:<<[\d,\s]*>>|\#?[\[{][^\]}]*+[\]}]?)"
WORD = r"(?i)(?:(?:basic|bearer|digest|negotiate)\s++)?[^\s,;&]+"
HARMLESS_KEY = rf"(?i)(?:^|[.-])(?:{HARMLESS_NAMES})\b"
SECRET_KEY = rf"(?i){SENSITIVE_WORDS}|(?:tokens?|authori[sz]ation)\Z|(?:^|[_-])(?:pwd|psk|sasl[\w-]*)\Z"
HEADER = r"(?i)(?P<key>\b(?:authorization|cookie)\s*:(?!\s*basic/bearer)\s*)(?P<value>[^\r\n\"'<{\[]+)"
# Words that follow "Basic" or "Bearer" in prose; anything else is masked as credentials.
PROSE_WORDS = (
    r"auth\w*|tokens?|realm(?:=\S*)?|scheme|headers?|credentials?|or|and|with|api|access|is|are|not|instead|for"
    r"|to|in|if"
)
SCHEME = (
    rf"(?i)(?P<key>\b(?:basic|bearer|digest|negotiate)\s+)(?!(?:{PROSE_WORDS})(?:[\s,;:!?)\"'\]]|\.\s|\.?$))"
    r"(?P<value>[\w+/=.~%-]+)"
)
USERINFO = r"(?i)(?P<key>[a-z][a-z0-9+.-]{0,20}://)(?P<value>[^\s/?#\"'<>]+)@"
PRIVATE_KEY = r"(?s)-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)"
PATH = r"(?i)path\s*+=>\s*+(?:<<)?\"(?P<path>[^\"]*+)\""


def is_secret(name: str) -> bool:
    """Return whether a field, header or parameter of this name holds a secret."""
    return re.fullmatch(SECRET_NAME, name.strip().replace("-", "_")) is not None


def redact_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers with credentials, cookies and tokens masked."""
    return {name: MASK if is_secret(name) else redact_text(value) for name, value in headers.items()}


def redact_text(text: str) -> str:
    """Return text with its secrets masked: HTTP, JSON, Erlang terms, forms, URLs, prose.

    The time is proportional to the length of the text: any MQTT client may choose it.
    """
    if text.lstrip()[:1] in {"{", "["}:
        value, is_json = parse_json(text)
        if is_json:
            try:
                redacted = redact_json(value)
            except RecursionError:  # documents inside strings of documents
                return MASK
            return text if redacted == value else json.dumps(redacted, ensure_ascii=False)
    if "PRIVATE KEY" in text:
        text = re.sub(PRIVATE_KEY, MASK, text)
    text = re.sub(USERINFO, rf"\g<key>{MASK}@", text)
    for key in (PAIR_KEY, TUPLE_KEY):
        text = mask_values(text, key)
    for pattern in (HEADER, SCHEME):
        text = re.sub(pattern, rf"\g<key>{MASK}", text)
    return mask_values(text, PATH_VALUE_KEY) if has_secret_path(text) else text


def mask_values(text: str, key_pattern: str) -> str:
    """Return text with the values after keys masked, if the key's `name` is that of a secret.

    The quotes of a value stay, so that the rest keeps its syntax.
    """
    pieces: list[str] = []
    position = 0
    search = re.compile(key_pattern).search
    match = search(text)
    while match:
        name = match.groupdict().get("name")
        end = match.end()
        if name is None or is_secret_key(name):
            value_end, mask = find_value(text, end)
            if value_end > end:
                pieces += [text[position:end], mask]
                position = end = value_end
        match = search(text, end)
    return "".join([*pieces, text[position:]])


def find_value(text: str, start: int) -> tuple[int, str]:
    """Return where a value ends and its mask; a quoted value without its closing quote ends with the text."""
    quote = re.compile(QUOTE).match(text, start)
    if quote:
        end = find_closing_quote(text, quote.end(), len(quote["slashes"]), quote["quote"])
        mask = f"{quote[0]}{MASK}{quote['slashes']}{quote['quote']}"
        if not quote["open"]:
            return end, mask
        closing = re.compile(r"(?:/utf8)?>>").match(text, end)
        return (closing.end() if closing else end), f"{mask}>>"
    brackets = re.compile(BRACKETS).match(text, start)
    if brackets:
        return brackets.end(), MASK
    word = re.compile(WORD).match(text, start)
    return (word.end() if word else start), MASK


def find_closing_quote(text: str, start: int, slashes: int, quote: str) -> int:
    """Return the position after the quote that closes a text in which quotes are escaped by `slashes`.

    Each escaped backslash before it takes twice as many as one more than an escaped quote has.
    """
    for match in re.compile(rf"(?<!\\)(\\*+){quote}").finditer(text, start):
        if len(match[1]) % (2 * (slashes + 1)) == slashes:
            return match.end()
    return len(text)


def is_secret_key(name: str) -> bool:
    """Return whether a key in text, perhaps with a path before it, is the name of a secret."""
    last_part = name.rpartition(".")[2]
    return re.search(SECRET_KEY, last_part) is not None and not re.search(HARMLESS_KEY, name)


def has_secret_path(text: str) -> bool:
    """Return whether an Erlang term describes a secret field: `#{path => "a.password", value => "x"}`."""
    paths = (match["path"] for match in re.finditer(PATH, text))
    return any(re.search(rf"(?i){SENSITIVE_WORDS}|token", path) for path in paths)


def redact_url(url: str) -> str:
    """Return a URL with its user, password and secret parameters masked."""
    url = re.sub(USERINFO, rf"\g<key>{MASK}@", url)
    return re.sub(r"(?P<key>[?&;#](?P<name>[^=&;#?]*+)=)(?P<value>[^&#]*)", mask_parameter, url)


def mask_parameter(match: re.Match[str]) -> str:
    """Return a query parameter with its value masked if its name is that of a secret."""
    return match["key"] + MASK if is_secret(unquote_plus(match["name"])) else match[0]


def parse_json(text: str) -> tuple[Any, bool]:
    """Parse text as JSON; return the value and whether it was JSON."""
    try:
        return json.loads(text), True
    except (ValueError, RecursionError):
        return None, False


def redact_json(value: Any, mask_text: Callable[[str], str] = redact_text, depth: int = 0) -> Any:  # noqa: ANN401
    """Return a JSON value with its secrets masked, at any depth, also in JSON documents inside strings.

    `mask_text` masks the secrets of a string. Empty values, true, false and null stay under any name.
    """
    if depth > MAX_DEPTH:
        return MASK
    match value:
        case str():
            return mask_text(value)
        case Mapping():
            return {
                mask_text(str(key)): redact_member(str(key), value, mask_text, depth + 1) for key in value
            }
        case list() | tuple():
            return type(value)(redact_json(item, mask_text, depth + 1) for item in value)
        case bool() | None:
            return value
    masked_value = mask_text(str(value))
    return masked_value if MASK in masked_value else value


def redact_member(key: str, members: Mapping[str, Any], mask_text: Callable[[str], str], depth: int) -> Any:  # noqa: ANN401  # JSON is Any
    """Return one member of an object with its secrets masked."""
    value = members[key]
    if value is None or value in ("", [], {}) or isinstance(value, bool):
        return value
    # `authorization` is a header, but also a root of EMQX's configuration.
    if is_secret(key) and not (key == "authorization" and isinstance(value, Mapping)):
        return MASK
    if key.lower() in {"value", "reason", "got"} and describes_secret(members):
        if key.lower() != "reason":
            return MASK
        return mask_in_text(str(members.get("value", "")), redact_json(value, mask_text, depth))
    return redact_json(value, mask_text, depth)


def describes_secret(members: Mapping[str, Any]) -> bool:
    """Return whether an object describes a secret field: `{"path": "root.password", "value": "x"}`."""
    names = [str(members.get(key, "")) for key in ("path", "name", "key", "header", "field", "field_name")]
    return any(is_secret(name.rpartition(".")[2]) for name in names if name)


def mask_in_text(secret: str, value: Any) -> Any:  # noqa: ANN401  # JSON is Any
    """Return the reason why a secret was rejected (`Expected: infinity, got:…`) with the secret masked."""
    return value.replace(secret, MASK) if isinstance(value, str) and secret else value


class Redactor:
    """Masks secrets, and this run's own secrets wherever they occur.

    Its own secrets are found as they are, percent-encoded, escaped as in JSON, and inside base64 (Basic
    authentication).
    """

    def __init__(self, literals: Iterable[str] = ()) -> None:
        """Keep the secrets; their forms are computed on first use."""
        self.literals = [literal for literal in literals if len(literal) >= MIN_SECRET_LENGTH]

    def add_secrets(self, *secrets: str) -> None:
        """Add secrets; they are masked from now on."""
        self.literals += [secret for secret in secrets if len(secret) >= MIN_SECRET_LENGTH]
        for cached_name in ("secret_forms", "base64_fragments"):
            self.__dict__.pop(cached_name, None)

    @cached_property
    def secret_forms(self) -> list[str]:
        """The forms of the secrets in text, longest first."""
        return sorted(
            {form for literal in self.literals for form in list_text_forms(literal)}, key=len, reverse=True
        )

    @cached_property
    def base64_fragments(self) -> list[str]:
        """The fragments of base64 texts that contain a secret."""
        return sorted({form for literal in self.literals for form in list_base64_forms(literal)})

    def mask_known_secrets(self, text: str) -> str:
        """Return text with this run's own secrets masked."""
        for form in self.secret_forms:
            text = text.replace(form, MASK)
        for form in self.base64_fragments:
            if form in text:
                run = rf"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]*{re.escape(form)}[A-Za-z0-9+/_-]*=*"
                text = re.sub(run, MASK, text)
        return text

    def redact_text(self, text: str) -> str:
        """Return text with its secrets masked."""
        return redact_text(self.mask_known_secrets(text))

    def redact_json(self, value: Any) -> Any:  # noqa: ANN401  # JSON is Any
        """Return a JSON value with its secrets masked."""
        return redact_json(value, self.redact_text)

    def redact_headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return headers with their secrets masked."""
        return {name: self.mask_known_secrets(value) for name, value in redact_headers(headers).items()}

    def redact_url(self, url: str) -> str:
        """Return a URL with its secrets masked."""
        return self.mask_known_secrets(redact_url(url))


def list_text_forms(secret: str) -> set[str]:
    """Return the forms of a secret in text: as it is, percent-encoded, escaped as in JSON."""
    raw = secret.encode("utf-8", "surrogatepass")
    escaped = {json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)}
    return {secret, quote(raw, safe=""), quote(raw), quote_plus(raw), *escaped}


def list_base64_forms(secret: str) -> set[str]:
    """Return the base64 characters that only the secret determines, for each offset of its start."""
    raw = secret.encode("utf-8", "surrogatepass")
    forms = set()
    for offset in range(3):
        encoded = b64encode(b"\0" * offset + raw).decode()
        start = (offset * 8 + 5) // 6
        end = (offset + len(raw)) * 8 // 6
        fragment = encoded[start:end]
        forms |= {fragment, fragment.replace("+", "-").replace("/", "_")}
    return {form for form in forms if len(form) >= MIN_SECRET_LENGTH}
