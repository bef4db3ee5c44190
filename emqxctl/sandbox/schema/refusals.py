"""Refusals that end a request where they are made."""

from typing import NoReturn

from emqxctl.sandbox.messages import AnswerNow, Json, answer_error


def refuse_with(status: int, code: str, message: Json) -> NoReturn:
    """Stop here with an error. Raises AnswerNow."""
    raise AnswerNow(answer_error(status, code, message))


def refuse_request(message: Json) -> NoReturn:
    """Stop here with a 400 BAD_REQUEST. Raises AnswerNow."""
    refuse_with(400, "BAD_REQUEST", message)
