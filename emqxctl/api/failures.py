"""An error answer of EMQX in words: what happened, what to do, which exit code."""

from emqxctl.api.answers import Answer
from emqxctl.api.redaction import Redactor
from emqxctl.errors import EmqxctlError, ServerError


def failure(answer: Answer, redactor: Redactor) -> EmqxctlError:
    """Turn an answer that is no success into an error."""
    return ServerError(redactor.text(answer.text[:300]))
