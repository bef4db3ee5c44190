"""Error responses that end a request where they are raised."""

from collections.abc import Mapping
from typing import NoReturn, TypeVar

from emqxctl.sandbox.messages import EarlyResponse, Json, error_response, format_erlang_json

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


def lookup(items: Mapping[Key, Value], key: Key, status: int, code: str, message: Json) -> Value:
    """Return an item by its key. Raises EarlyResponse when there is none."""
    if key not in items:
        refuse_with(status, code, message)
    return items[key]
