"""`emqxctl error-codes`: show the error codes that the server registers."""

from emqxctl.cli.group import new_group
from emqxctl.resource import Column, Resource
from emqxctl.verbs.get import add_get
from emqxctl.verbs.list import add_list

ERROR_CODES = Resource(
    noun="error code", path="/error_codes", key="code", columns=(Column("code"), Column("description"))
)

app = new_group("Show the error codes that the server registers.")
add_list(app, ERROR_CODES, examples=("emqxctl error-codes list",))
add_get(app, ERROR_CODES, examples=("emqxctl error-codes get BAD_REQUEST",))
