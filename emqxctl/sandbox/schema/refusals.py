"""Error responses that end a request where they are raised."""

from typing import NoReturn

from emqxctl.sandbox.messages import AnswerNow, Json, answer_error, erlang_json


def bad_request(details: Json) -> AnswerNow:
    """Build the 400 whose message is a JSON document."""
    return AnswerNow(answer_error(400, "BAD_REQUEST", erlang_json(details)))


def refuse_with(status: int, code: str, message: Json) -> NoReturn:
    """Stop here with an error. Raises AnswerNow."""
    raise AnswerNow(answer_error(status, code, message))


def refuse_request(message: Json) -> NoReturn:
    """Stop here with a 400 BAD_REQUEST. Raises AnswerNow."""
    refuse_with(400, "BAD_REQUEST", message)
