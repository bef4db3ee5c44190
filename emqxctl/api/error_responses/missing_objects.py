"""Objects that do not exist, which EMQX reports as an invalid request or a failure instead of 404."""

import re
from typing import NamedTuple

from emqxctl.api.error_responses.body import ErrorBody
from emqxctl.api.error_responses.subject import MAX_NAME
from emqxctl.api.response import Response
from emqxctl.text.shortening import shorten


class MissingObject(NamedTuple):
    """How EMQX reports that the object of an operation does not exist: its text, our noun and hint."""

    pattern: str
    noun: str
    hint: str

    def describe(self, response: Response) -> str:
        """Return the message that names the object, by the first argument of the path if there is one."""
        name = f" '{shorten(response.arguments[0], MAX_NAME)}'" if response.arguments else ""
        return f"{self.noun}{name} not found"


MISSING_OBJECTS = {
    "DELETE /cluster/{node}/force_leave": MissingObject(
        "node_not_in_cluster", "node", "list existing ones: emqxctl nodes list"
    ),
    "GET /configs": MissingObject(
        "key: not one of the allowed values", "configuration root", "list all roots: emqxctl configs get"
    ),
    "GET /error_codes/{code}": MissingObject(
        "code: not one of the allowed values", "error code", "list existing ones: emqxctl error-codes list"
    ),
    "GET /exhooks/{name}/hooks": MissingObject(
        "Server not found", "exhook", "list existing ones: emqxctl exhooks list"
    ),
    "GET /schemas/{name}": MissingObject(
        "name: not one of the allowed values", "schema", "schemas are: hotconf, actions, connectors, bridges"
    ),
    "POST /configs_reset/{rootname}": MissingObject(
        "rootname: not one of the allowed values",
        "configuration root",
        "roots that can be reset: emqxctl configs reset --help; all roots: emqxctl configs get",
    ),
    "POST /data/import": MissingObject(
        "backup file not found", "backup", "list existing ones: emqxctl backups list"
    ),
    "POST /plugins/{name}/move": MissingObject(
        "bad_info_file: enoent", "plugin", "list existing ones: emqxctl plugins list"
    ),
}


def find_missing_object(response: Response, body: ErrorBody) -> MissingObject | None:
    """Return the entry of the object that a response reports as missing, None for any other response."""
    entry = MISSING_OBJECTS.get(response.operation)
    return entry if entry is not None and re.search(entry.pattern, body.text) else None
