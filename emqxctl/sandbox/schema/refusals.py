"""Error responses that end a request where they are raised."""

from collections.abc import Mapping
from typing import NoReturn, TypeVar

from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.messages import EarlyResponse, Json, error_response, format_erlang_json, text_response

Key = TypeVar("Key")
Value = TypeVar("Value")


def bad_request(details: Json) -> EarlyResponse:
    """Build the 400 whose message is a JSON document."""
    return EarlyResponse(error_response(400, "BAD_REQUEST", format_erlang_json(details)))


def refuse_with(status: int, code: str, message: Json) -> NoReturn:
    """Stop here with an error. Raises EarlyResponse."""
    raise EarlyResponse(error_response(status, code, message))


def refuse_request(message: Json) -> NoReturn:
    """Stop here with a 400 BAD_REQUEST. Raises EarlyResponse."""
    refuse_with(400, "BAD_REQUEST", message)


def refuse(name: str, *values: object) -> NoReturn:
    """Stop here with an error of `data/errors.json`, its braces filled in. Raises EarlyResponse."""
    status, code, message = read_table("errors")[name]
    refuse_with(status, code, message.format(*values) if values else message)


def refuse_undeclared(name: str, *values: object, codes: tuple[str, ...] = ()) -> NoReturn:
    """Stop here with a code that EMQX did not declare, a 500 of plain text; `codes` are those it declared.

    Raises EarlyResponse.
    """
    text = read_table("texts")[name].format(*values)
    text += (",\n" + " " * len(text)).join(codes) + "]"
    raise EarlyResponse(text_response(text, 500, "application/json"))


def lookup(items: Mapping[Key, Value], key: Key, status: int, code: str, message: Json) -> Value:
    """Return an item by its key. Raises EarlyResponse when there is none."""
    if key not in items:
        refuse_with(status, code, message)
    return items[key]
